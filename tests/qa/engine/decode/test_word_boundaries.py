from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.engine.decode.word_boundaries import span_boundaries


def can_be_cut(text: str, span: str) -> bool:
    starts, ends = span_boundaries(text)
    at = text.index(span)
    return at in starts and at + len(span) in ends


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Meta zahlte 14,3 Milliarden Dollar.", "14,3 Milliarden Dollar"),
        ("Meta zahlte 14,3 Milliarden Dollar.", "14,3"),
        ("Meta zahlte 14,3 Milliarden Dollar.", "Dollar."),
        ("(seit 1939–1945)", "1945"),
        ("(seit 1939-1945)", "1939"),
        ("bei -5 Grad", "-5 Grad"),
        ("rund 85 m² groß", "85 m²"),
        ("er sagte „nein“ dazu", "nein"),
        ("und/oder", "oder"),
        ("1. Eintrag\n2. Eintrag", "Eintrag"),
        ("kostet $5", "$5"),
        ("50%", "50"),
    ],
)
def test_whole_words_and_numbers_are_spans(text: str, span: str) -> None:
    assert can_be_cut(text, span)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Meta zahlte 14,3 Milliarden", "3 Milliarden"),
        ("Meta zahlte 14,3 Milliarden", "14"),
        ("Meta zahlte 14,3 Milliarden", "14,"),
        ("am 12.06.2025", "06.2025"),
        ("um 10:30 Uhr", "30 Uhr"),
        ("1/2 Liter", "2 Liter"),
        ("14\u202f000 Euro", "000 Euro"),
        ("bei -5 Grad", "5 Grad"),
        ("bei −5 Grad", "5 Grad"),
        ("a debt of -$5", "$5"),
        ("about .5 percent", "5 percent"),
        ("non-voting shares", "voting shares"),
        ("they don't pay", "don"),
        ("85 m²", "85 m"),
        ("Wahabiten", "Wahab"),
        ("cafe\u0301 Central", "cafe"),
        ("Bun\u00addes\u00adtag", "tag"),
        ("10\u207b\u00b3 Meter", "10"),
    ],
)
def test_what_would_say_something_else_is_no_span(text: str, span: str) -> None:
    assert not can_be_cut(text, span)


@given(st.text(max_size=60))
def test_boundaries_lie_in_the_text_and_touch_no_white_space(text: str) -> None:
    starts, ends = span_boundaries(text)
    assert starts == sorted(set(starts))
    assert ends == sorted(set(ends))
    assert all(not text[at].isspace() for at in starts)
    assert all(not text[at - 1].isspace() for at in ends)
    if text.strip():
        assert len(text) - len(text.lstrip()) in starts
        assert len(text.rstrip()) in ends
