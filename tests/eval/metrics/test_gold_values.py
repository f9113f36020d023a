from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Language
from eval.metrics.values import (
    AnswerNumber,
    Moment,
    TimeOfDay,
    Value,
    holds,
    nothing_but_values,
    values,
)

GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
ENGLISH = "January February March April May June July August September October November December"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("14,3 Milliarden US-Dollar", "de", [AnswerNumber(14.3e9, "dollar")]),
        ("$14.3 billion", "en", [AnswerNumber(14.3e9, "dollar")]),
        ("drei Billionen", "de", [AnswerNumber(3e12)]),
        ("three trillion", "en", [AnswerNumber(3e12)]),
        ("1.500 Euro", "de", [AnswerNumber(1500.0, "euro")]),
        ("1.500 km", "en", [AnswerNumber(1.5, "kilometre")]),
        ("120 000 Dollar", "de", [AnswerNumber(120000.0, "dollar")]),
        ("85 m²", "de", [AnswerNumber(85.0, "square metre")]),
        ("85 square metres", "en", [AnswerNumber(85.0, "square metre")]),
        ("300 m", "en", [AnswerNumber(300.0, "metre")]),
        ("-5 Grad", "de", [AnswerNumber(-5.0, "degree")]),
        ("minus five degrees", "en", [AnswerNumber(-5.0, "degree")]),
        ("49 Prozent", "de", [AnswerNumber(49.0, "%")]),
        ("49%", "en", [AnswerNumber(49.0, "%")]),
        ("Llama-4", "en", [AnswerNumber(4.0)]),
        ("14.30 Uhr", "de", [TimeOfDay(14, 30)]),
        ("14 Uhr 30", "de", [TimeOfDay(14, 30)]),
        ("2:30 pm", "en", [TimeOfDay(14, 30)]),
        ("am 12.06.2025", "de", [Moment(2025, 6, 12)]),
        ("am 12.6.25", "de", [Moment(2025, 6, 12)]),
        ("on the 3rd of May", "en", [Moment(None, 5, 3)]),
        ("in May 2025", "en", [Moment(2025, 5)]),
        ("it may rain", "en", []),
        ("2025-06-13", "en", [Moment(2025, 6, 13)]),
        ("im Jahr 2024", "de", [Moment(2024)]),
        ("2.000 Leute", "de", [AnswerNumber(2000.0)]),
        ("ein Hund", "de", []),
        ("zwölf Hunde", "de", [AnswerNumber(12.0)]),
    ],
)
def test_what_is_read(text: str, language: Language, expected: list[Value]) -> None:
    assert list(values(text, language)) == expected


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_a_date_is_the_same_however_it_is_written(day: date, one: int, two: int) -> None:
    writings: list[tuple[str, Language]] = [
        (f"{day.day}. {GERMAN.split()[day.month - 1]} {day.year}", "de"),
        (day.strftime("%d.%m.%Y"), "de"),
        (f"{ENGLISH.split()[day.month - 1]} {day.day}, {day.year}", "en"),
        (day.isoformat(), "en"),
    ]
    assert (
        values(*writings[one]) == values(*writings[two]) == (Moment(day.year, day.month, day.day),)
    )


@settings(deadline=None)
@given(st.integers(10, 10**9))
def test_a_number_is_the_same_in_both_languages(number: int) -> None:
    english = f"{number:,} euros"
    assert values(english, "en") == values(english.replace(",", ".").replace("s", ""), "de")
    assert values(english, "en") == (AnswerNumber(float(number), "euro"),)


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["de", "en"]))
def test_anything_can_be_read(text: str, language: Language) -> None:
    values(text, language)


def test_what_is_held() -> None:
    there = values("Am 12. Juni 2025 zahlte Meta 14,3 Milliarden Dollar, um 14:30 Uhr.", "de")
    assert holds(there, Moment(2025, 6))
    assert holds(there, AnswerNumber(14.3e9))
    assert holds(there, TimeOfDay(2, 30))
    assert not holds(there, Moment(2025, 7))
    assert not holds(there, AnswerNumber(14.3e9, "euro"))
    assert not holds(there, AnswerNumber(-14.3e9))
    assert not holds(values("im Juni", "de"), Moment(2025, 6))


def test_nothing_but_values() -> None:
    assert nothing_but_values("rund 14,3 Milliarden Euro", "de") == (AnswerNumber(14.3e9, "euro"),)
    assert nothing_but_values("weniger als zwölf", "de") is None
    assert nothing_but_values("Meta", "de") is None
