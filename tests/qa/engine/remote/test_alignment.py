from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.engine.decode.word_boundaries import span_boundaries
from qa.engine.extraction import SpanConstraint
from qa.engine.protocol import Piece
from qa.engine.remote.alignment import aligned

TEXT = "Meta zahlte 14,3 Milliarden Dollar – das „ist“ die\nStraße nach Süden. Meta schweigt."


def texts(said: str, most_spans: int = 3, text: str = TEXT) -> list[str]:
    constraint = SpanConstraint(text=text, nothing="nothing", most_spans=most_spans)
    found = aligned([Piece(said, -0.5, 4)], constraint)
    return [text[span.start : span.end] for span in found.spans]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("14,3 Milliarden Dollar", ["14,3 Milliarden Dollar"]),
        ('"14,3 milliarden dollar".', ["14,3 Milliarden Dollar"]),
        ("Dollar - das", ["Dollar – das"]),
        ("die STRASSE nach", ["die\nStraße nach"]),
        ("nothing", []),
        ("Nothing.", []),
        ("15 Milliarden", []),
        ("3 Milliarden", []),
        ("Meta paid 14,3 Milliarden", []),
        ("- Meta\n- Süden\n- Norden", ["Meta", "Süden"]),
        ("", []),
    ],
)
def test_what_stands_in_the_text_is_found(said: str, wanted: list[str]) -> None:
    assert texts(said) == wanted


def test_all_places_and_probabilities() -> None:
    constraint = SpanConstraint(text=TEXT, nothing="nothing")
    found = aligned([Piece("Me", -0.5), Piece("ta", -0.1)], constraint)
    assert found.spans[0].places == ((0, 4), (TEXT.rindex("Meta"), TEXT.rindex("Meta") + 4))
    assert found.log_probability == pytest.approx(-0.6)
    assert found.starts == pytest.approx(-0.5)
    assert found.nothing == pytest.approx(math.log(1 - math.exp(-0.5)))


@settings(deadline=None)
@given(said=st.text(st.sampled_from("Meta 14,3-5 „ß\nSS."), max_size=20), text=st.text(max_size=30))
def test_whatever_was_said_spans_stand_in_the_text(said: str, text: str) -> None:
    text += said
    constraint = SpanConstraint(text=text, nothing="nothing", most_spans=2)
    starts, ends = span_boundaries(text)
    for span in aligned([Piece(said, 0.0)], constraint).spans:
        assert all(first in starts and end in ends for first, end in span.places)
