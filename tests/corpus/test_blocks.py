from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocks import blocks, is_heading

WRAPPED = """\
Die Firma hat im letzten Sommer eine sehr große Beteiligung verkauft,
und niemand weiß genau, wie viel dafür am Ende gezahlt wurde, denn die
Berichte nennen verschiedene Summen, die sich nicht vereinbaren lassen
und auch nicht erklärt werden."""


def texts(text: str) -> list[str]:
    return [text[block.start : block.end] for block in blocks(text)]


def test_a_line_is_a_paragraph_in_saved_web_text() -> None:
    first = "Ein langer Absatz, der auf einer einzigen Zeile steht und nicht umbrochen ist. " * 3
    paragraph = first.strip()
    assert texts(f"menu\nclose\n\n{first}\n{first}") == ["menu", "close", paragraph, paragraph]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    assert texts(f"Titel\n\n{WRAPPED}\n\n{WRAPPED}") == ["Titel", WRAPPED, WRAPPED]


def test_a_list_below_wrapped_text_is_not_joined() -> None:
    items = ["- erster Punkt der Liste", "- zweiter Punkt der Liste", "1. dritter Punkt"]
    assert texts("\n".join([WRAPPED, *items]))[1:] == items


def test_a_title_and_a_byline_stay_apart() -> None:
    lines = ["Ein Titel, der fast so lang wie seine Unterzeile ist", "Unterzeile von Erika Muster"]
    assert texts("\n".join(lines)) == lines


def test_a_line_broken_in_the_middle_of_a_sentence_goes_on() -> None:
    text = "Dies ist ein Satz, der ohne erkennbaren Grund mitten\nin der Zeile umbrochen wurde."
    assert texts(text) == [text]


def test_a_date_stamp_before_the_text_is_its_own_block() -> None:
    assert texts(" date 2025-06 Es ist so.\nUnd so.") == ["date 2025-06", "Es ist so.", "Und so."]


@pytest.mark.parametrize("line", ["Fazit", "Was ist Scale AI?", "Analyse und Kontext"])
def test_headings(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line", ["Das ist ein Satz.", "- ein Punkt", "a | b", "klein geschrieben", "x" * 200]
)
def test_no_headings(line: str) -> None:
    assert not is_heading(line)


@given(st.text(max_size=400) | st.text(alphabet="aB. \n\t-1\u2028", max_size=400))
def test_blocks_cover_everything_but_white_space(text: str) -> None:
    last = 0
    for block in blocks(text):
        assert last <= block.start < block.end
        assert not text[last : block.start].strip()
        piece = text[block.start : block.end]
        assert piece == piece.strip()
        last = block.end
    assert not text[last:].strip()
