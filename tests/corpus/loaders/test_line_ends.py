"""Lines of a PDF that stand by themselves stay lines, and running text stays whole."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_layouts import (
    ADDRESSES,
    FORMS,
    KINDS,
    LISTS,
    POEMS,
    TEXTS,
    MadeLayout,
    Page,
    Setting,
    made_lines,
    made_running,
    setting_of,
    some_words,
)
from reportlab.pdfbase.pdfmetrics import stringWidth

from corpus.document import Document
from corpus.loaded import Block
from corpus.loaders.assemble import assemble, lay_out
from corpus.loaders.pdf.loader import PdfLoader
from corpus.passages import build_passages

EACH = 15
SENTENCE_ENDS = (".", "!", "?")
PLAIN = Setting("de", "Helvetica", 11.0, 14 / 11, justified=False, hyphenated=False)


def blocks_of(made: MadeLayout, folder: Path) -> tuple[Block, ...]:
    file = folder / "a.pdf"
    file.write_bytes(made.content)
    (document,) = PdfLoader().load(file)
    document.check()
    return document.blocks


def breaks(made: MadeLayout, folder: Path) -> Iterator[tuple[str, bool, str, bool]]:
    """Each line, whether it goes on, what stands behind it in the text, whether its block ends."""
    text, regions, _ = lay_out(blocks_of(made, folder))
    ends = {region.end for region in regions}
    at = 0
    for (line, goes_on), (after, _) in zip(made.lines, made.lines[1:], strict=False):
        start = text.find(line, at)
        assert start >= 0, f"{line!r} is not in the text of {made.about}"
        at = start + len(line)
        between = text[at : text.find(after, at)]
        assert not between.strip(), f"{between!r} stands between {line!r} and {after!r}"
        yield line, goes_on, between, at in ends


def known_words(seed: int) -> Page:
    """A page with a paragraph of running text, which tells how wide its column is."""
    dice = random.Random(seed)
    page = Page(setting_of(dice))
    page.running(some_words(dice, page.setting.language, 4) * 2)
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_lines_that_stand_by_themselves_are_not_run_together(tmp_path: Path, kind: str) -> None:
    run_together = parted = lines = 0
    for seed in range(EACH):
        for line, goes_on, between, is_last in breaks(made_lines(seed, kind), tmp_path):
            parted += goes_on and is_last
            # Behind a full line that ends a sentence nothing tells whether a paragraph begins.
            if not goes_on and not line.endswith(SENTENCE_ENDS):
                lines += 1
                run_together += between == " "
    assert parted == 0
    assert run_together <= 0.05 * lines


@pytest.mark.parametrize("kind", [kind for kind in TEXTS if kind != "two columns"])
def test_running_text_is_one_paragraph_however_it_is_set(tmp_path: Path, kind: str) -> None:
    broken = running = 0
    for seed in range(EACH):
        for line, goes_on, between, is_last in breaks(made_running(seed, kind), tmp_path):
            # Where a sentence ends early in its line, a paragraph may end as well.
            if goes_on and not line.endswith(SENTENCE_ENDS):
                running += 1
                broken += is_last or between != ("\n" if line.endswith("-") else " ")
    assert running > 5 * EACH
    assert broken <= 0.02 * running


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    # Centred lines of one length might as well be a paragraph that is set in.
    kind=st.sampled_from([(FORMS, "left"), (LISTS, "left"), (POEMS, "left"), (LISTS, "centre")]),
    gap=st.sampled_from([0.0, 1.0, 2.0, 14.0]),
)
def test_a_short_line_below_running_text_is_never_joined(
    tmp_path: Path, seed: int, kind: tuple[dict[str, list[str]], str], gap: float
) -> None:
    page = known_words(seed)
    texts, align = kind
    setting = page.setting
    short = [
        text
        for text in texts[setting.language]
        if stringWidth(text, setting.font, setting.size) < 0.55 * setting.width
    ]
    page.skip(gap)
    page.alone(short, align)
    made = page.made("short lines")
    for line, goes_on, between, is_last in breaks(made, tmp_path):
        assert not (goes_on and is_last) or line.endswith(SENTENCE_ENDS), (line, made.about)
        assert goes_on or between != " " or line.endswith(SENTENCE_ENDS), (line, made.about)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    set_in=st.sampled_from([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (0.0, 24.0), (0.0, 40.0)]),
)
def test_running_text_is_joined_and_its_hyphens_are_undone(
    tmp_path: Path, seed: int, set_in: tuple[float, float]
) -> None:
    indent, inset = set_in
    page = known_words(seed)
    dice = random.Random(seed)
    words = some_words(dice, page.setting.language, 3)
    page.skip(page.setting.size)
    page.running(words, inset, inset, indent * page.setting.size)
    content = page.made("")
    texts = [block.text.replace("-\n", "") for block in blocks_of(content, tmp_path)]
    assert " ".join(words) in " ".join(" ".join(texts).split()), page.setting
    for line, goes_on, _, is_last in breaks(content, tmp_path):
        # Where a sentence ends early in its line, a paragraph may end as well.
        assert not (goes_on and is_last) or line.endswith(SENTENCE_ENDS), (line, page.setting)


def made(texts: Sequence[str], running: Sequence[str] = (), setting: Setting = PLAIN) -> MadeLayout:
    page = Page(setting)
    page.alone(texts)
    if running:
        page.running(running)
    return page.made("")


def read(content: MadeLayout, folder: Path) -> Document:
    blocks_of(content, folder)
    (document,) = PdfLoader().load(folder / "a.pdf")
    return assemble(document, folder / "a.pdf")


def test_an_invoice_keeps_its_lines_together_in_a_passage_and_apart_in_sentences(
    tmp_path: Path,
) -> None:
    lines = ["Rechnungsnummer: 2025-117", "Datum: 3. März 2025", "Kunde: Stadtwerke Musterfeld"]
    document = read(made(lines), tmp_path)
    assert document.text == "\n".join(lines)
    assert [region.role for region in document.regions] == ["list_item"] * 3
    (passage,) = build_passages(
        document, lambda texts: [len(text.split()) for text in texts], 200, 1
    )
    assert [document.text[span.start : span.end] for span in passage.sentences] == lines


def test_no_line_of_an_address_is_taken_for_furniture(tmp_path: Path) -> None:
    lines = ["Stadtwerke Musterfeld GmbH", "Kontakt", "Gartenstraße 12", "28195 Bremen"]
    document = read(made(lines), tmp_path)
    assert document.text == "\n".join(lines)
    assert {region.role for region in document.regions} == {"paragraph"}
    assert len({region.table for region in document.regions}) == 1


def test_a_title_in_the_type_of_the_text_is_a_paragraph_of_its_own(tmp_path: Path) -> None:
    words = "Die Werkstatt bleibt bis zum Ende des Monats geschlossen, weil die Heizung " * 3
    blocks = blocks_of(made(["Aus der Werkstatt"], words.split()), tmp_path)
    assert [block.text for block in blocks] == ["Aus der Werkstatt", words.strip()]


def test_a_heading_of_two_lines_is_one_and_shows_both(tmp_path: Path) -> None:
    page = Page(Setting("de", "Helvetica-Bold", 14.0, 1.2, justified=False, hyphenated=False))
    page.alone(["Rechnung", "Stadtwerke Musterfeld"])
    page.setting.font, page.setting.size = "Helvetica", 10.0
    page.running(some_words(random.Random(1), "de"))
    heading = blocks_of(page.made(""), tmp_path)[0]
    assert (heading.role, heading.text) == ("heading", "Rechnung\nStadtwerke Musterfeld")


def test_a_day_at_the_start_of_a_line_begins_no_list(tmp_path: Path) -> None:
    page = Page(PLAIN)
    before = "Die Mitglieder haben sich auf ihrer Versammlung in der neuen Turnhalle, also am"
    page.setting.width = stringWidth(before, PLAIN.font, PLAIN.size) + 2
    page.running(f"{before} 3. März 2025, auf einen Haushalt geeinigt.".split())
    (block,) = blocks_of(page.made(""), tmp_path)
    assert "also am 3. März 2025" in block.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_letter_is_read_from_the_top(tmp_path: Path, language: str) -> None:
    page = Page(PLAIN)
    page.alone(ADDRESSES[language][0])
    page.skip(14)
    page.alone(["Bremen, 3. 3. 2025"], "right")
    page.skip(14)
    page.alone(FORMS[language][:2])
    page.skip(14)
    page.running(some_words(random.Random(3), language))
    lines = [line for line, _ in page.lines]
    text, _, _ = lay_out(blocks_of(page.made(""), tmp_path))
    places = [text.find(line) for line in lines]
    assert -1 not in places and places == sorted(places)


def test_a_line_set_in_pieces_is_one_line(tmp_path: Path) -> None:
    page = Page(PLAIN)
    y = page.y
    for x, piece in ((70, "Kommentare mit"), (210, "/* und */ werden"), (350, "ohne Ausnahme von")):
        page.canvas.setFont(PLAIN.font, PLAIN.size)
        page.canvas.drawString(x, y, piece)
    page.y -= 14
    page.running(["dem", "Programm", "nicht", "gelesen", "und", "auch", "nicht", "gezählt."])
    (block,) = blocks_of(page.made(""), tmp_path)
    assert block.text == (
        "Kommentare mit /* und */ werden ohne Ausnahme von dem Programm nicht gelesen und auch "
        "nicht gezählt."
    )


def test_lines_in_lower_case_do_not_make_others_run_on(tmp_path: Path) -> None:
    page = Page(PLAIN)
    page.running(some_words(random.Random(2), "de"))
    page.skip(8)
    page.alone(["begin", "value: integer, size: integer, name: text", "x := 1", "call print(x)"])
    page.skip(8)
    page.alone(["Stadt Musterfeld", "Amt für Bauordnung", "Postfach 10 20 30"])
    address = blocks_of(page.made(""), tmp_path)[-3:]
    assert [block.text for block in address] == [line for line, _ in page.lines[-3:]]


def test_a_justified_line_of_one_word_ends_no_paragraph(tmp_path: Path) -> None:
    setting = Setting("de", "Helvetica", 11.0, 1.27, justified=True, hyphenated=False, width=150.0)
    page = Page(setting)
    text = (
        "Für den Bau ist die Stadt Bremen zuständig. Straßenbeleuchtung Gehwegreinigung und der "
        "Dienst im Winter sind Sache der Eigentümer am Ort."
    )
    page.running(text.split())
    (block,) = blocks_of(page.made(""), tmp_path)
    assert block.text == text
