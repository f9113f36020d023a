from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from corpus.document import Language
from qa.proof.render import render_in
from qa.proof.values import find_values


@pytest.mark.parametrize(
    ("text", "written", "rendered"),
    [
        ("14,3 Milliarden US-Dollar", "de", "14.3 billion US dollars"),
        ("about 15 billion dollars", "en", "rund 15 Milliarden Dollar"),
        ("13. Juni 2025", "de", "13 June 2025"),
        ("March 3, 2027", "en", "3. März 2027"),
        ("1,200 m²", "en", "1.200 m²"),
        ("rund 49 Prozent", "de", "about 49 percent"),
    ],
)
def test_a_value_is_written_as_the_other_language_writes_it(
    text: str, written: Language, rendered: str
) -> None:
    assert render_in(text, written, "en" if written == "de" else "de") == rendered


@pytest.mark.parametrize(
    "text",
    [
        "Berlin",
        "49 Prozent der Anteile",
        "im Jahr 1943",
        "1.2.3 Euro",
        "12.5.28",
        "5 Pfund",
        "bis 5 Euro",
        "1,500",
        "0049,5",
    ],
)
def test_what_is_not_known_for_certain_stays_as_it_is(text: str) -> None:
    assert render_in(text, "de", "en") == text


NUMBERS = st.decimals(
    min_value=0, max_value=10**12, places=2, allow_nan=False, allow_infinity=False
)
UNITS = st.sampled_from(
    ["", " Milliarden Euro", " Millionen Dollar", " Prozent", " km", " Quadratmeter", " Tage", " %"]
)
BOUNDS = st.sampled_from(["", "rund ", "mehr als ", "höchstens ", "mindestens ", "fast ", "-"])


@example(Decimal("999.50"), 0, " Milliarden Euro", "rund ", False)
@given(NUMBERS, st.sampled_from([0, 1, 2]), UNITS, BOUNDS, st.booleans())
def test_what_is_rendered_reads_as_the_same_value(
    number: Decimal, places: int, unit: str, bound: str, grouped: bool
) -> None:
    digits = f"{number:{',' if grouped else ''}.{places}f}"
    text = f"{bound}{digits.replace(',', '_').replace('.', ',').replace('_', '.')}{unit}"
    rendered = render_in(text, "de", "en")
    # A bare figure of four digits may be a year.
    assume(find_values(text, "de").quantities)
    (there,) = find_values(rendered, "en").quantities
    (here,) = find_values(text, "de").quantities
    assert there.intervals() == here.intervals()
    assert there.dimension == here.dimension
    assert find_values(render_in(rendered, "en", "de"), "de").quantities[0].intervals() == (
        here.intervals()
    )


def test_one_of_something_is_written_as_one() -> None:
    assert render_in("1 billion euros", "en", "de") == "1 Milliarde Euro"
    assert render_in("1 Euro", "de", "en") == "1 euro"


def test_the_same_language_changes_nothing() -> None:
    assert render_in("14,3 Milliarden", "de", "de") == "14,3 Milliarden"
