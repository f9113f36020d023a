from __future__ import annotations

import datetime
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.proof.clock import ClockTime
from qa.proof.dates import Date
from qa.proof.follows import match_values
from qa.proof.quantities import Quantity
from qa.proof.values import find_values

GERMAN_MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
ENGLISH_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def follows(
    stated: str, held: str, stated_language: Language = "de", held_language: Language = "de"
) -> bool:
    matches = match_values(find_values(stated, stated_language), find_values(held, held_language))
    assert matches, stated
    return all(match.follows for match in matches)


@pytest.mark.parametrize(
    ("stated", "stated_language", "held", "held_language"),
    [
        ("14.3 billion", "en", "14,3 Milliarden", "de"),
        ("85 Quadratmeter", "de", "85 m²", "de"),
        ("85 square metres", "en", "85 m²", "de"),
        ("€5m", "en", "fünf Millionen Euro", "de"),
        ("minus 5 Grad", "de", "-5 °C", "de"),
        ("50 %", "de", "half of them", "en"),
        ("2,41 km", "de", "2,410 metres", "en"),
        ("zwei Wochen", "de", "14 Tage", "de"),
        ("mehr als 14 Milliarden", "de", "14,3 Milliarden", "de"),
        ("rund 15 Milliarden", "de", "14,8 Milliarden", "de"),
        ("mindestens 40", "de", "40 or more", "en"),
        ("half an hour", "en", "30 Minuten", "de"),
        ("2:30 pm", "en", "14.30 Uhr", "de"),
        ("14:30 Uhr", "de", "halb drei", "de"),
        ("Viertel nach drei", "de", "15:15 Uhr", "de"),
        ("am 31.03.2028", "de", "on March 31, 2028", "en"),
        ("im März 2028", "de", "2028-03-31", "en"),
        ("in the 1990s", "en", "1994", "de"),
        ("im 20. Jahrhundert", "de", "in 1994", "en"),
        ("Anfang 2025", "de", "in February 2025", "en"),
        ("im dritten Quartal 2024", "de", "Q3 2024", "en"),
        ("am Freitag", "de", "31.03.2028", "de"),
        ("dienstags", "de", "on Tuesdays", "en"),
        ("twenty-one people", "en", "21 Personen", "de"),
        ("in the third place", "en", "auf dem dritten Platz", "de"),
    ],
)
def test_what_follows(
    stated: str, stated_language: Language, held: str, held_language: Language
) -> None:
    assert follows(stated, held, stated_language, held_language)


@pytest.mark.parametrize(
    ("stated", "held", "language"),
    [
        ("12.06.2019", "12.06.2025", "de"),
        ("5 Grad", "-5 Grad", "de"),
        ("50 Euro", "50 Prozent", "de"),
        ("300 million", "300 m", "en"),
        ("85 million", "85 m²", "en"),
        ("14,3 Millionen", "14,3 Milliarden", "de"),
        ("weniger als 40 Leute", "mindestens 40 Leute", "de"),
        ("mehr als 5.100 Bäume", "mehr als 1.500 Bäume", "de"),
        ("40 Leute", "über 40 Leute", "de"),
        ("8 pm", "8 am", "en"),
        ("20 Uhr", "8 Uhr", "de"),
        ("bis 2019", "seit 2019", "de"),
        ("before 2019", "after 2019", "en"),
        ("im Mai 2024", "im Juni 2024", "de"),
        ("am 3. Mai", "am 13. Mai", "de"),
        ("Ende 2025", "Anfang 2025", "de"),
    ],
)
def test_what_does_not_follow(stated: str, held: str, language: Language) -> None:
    assert not follows(stated, held, language, language)


@given(st.dates(datetime.date(1600, 1, 1), datetime.date(2199, 12, 31)))
def test_a_date_is_one_however_it_is_written(date: datetime.date) -> None:
    german, english = GERMAN_MONTHS[date.month - 1], ENGLISH_MONTHS[date.month - 1]
    forms: list[tuple[str, Language]] = [
        (f"am {date.day}. {german} {date.year}", "de"),
        (f"am {date.day:02}.{date.month:02}.{date.year}", "de"),
        (date.isoformat(), "en"),
        (f"on {english} {date.day}, {date.year}", "en"),
        (f"on {date.day} {english} {date.year}", "en"),
    ]
    for text, language in forms:
        (found,) = find_values(text, language).dates
        assert (found.year, found.month, found.day) == (date.year, date.month, date.day), text


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_is_one_however_it_is_written(hour: int, minute: int) -> None:
    twelve = hour % 12 or 12
    half = "am" if hour < 12 else "pm"
    forms: list[tuple[str, Language]] = [
        (f"um {hour}:{minute:02} Uhr", "de"),
        (f"um {hour}.{minute:02} Uhr", "de"),
        (f"at {twelve}:{minute:02} {half}", "en"),
    ]
    for text, language in forms:
        (found,) = find_values(text, language).clocks
        assert found.minutes == {hour * 60 + minute}, text


@given(st.text(max_size=80), st.sampled_from(["de", "en"]))
def test_values_of_any_text_stand_in_it_and_prove_themselves(text: str, language: Language) -> None:
    values = find_values(text, language)
    found = values.all()
    assert all(0 <= value.start < value.end <= len(text) for value in found)
    assert all(isinstance(value, Quantity | Date | ClockTime) for value in found)
    assert all(match.follows for match in match_values(values, values))


@given(st.sampled_from(["fünf Äpfel", "zwölf Jahre", "fünfundzwanzig Gäste", "am 3. März 2020"]))
def test_the_form_of_umlauts_changes_nothing(text: str) -> None:
    parted = unicodedata.normalize("NFD", text)
    one, two = find_values(text, "de").all(), find_values(parted, "de").all()
    assert len(one) == len(two) == 1
    assert (
        unicodedata.normalize("NFC", parted[two[0].start : two[0].end])
        == (text[one[0].start : one[0].end])
    )


def test_amounts_are_in_basic_units() -> None:
    (quantity,) = find_values("1,5 km", "de").quantities
    assert quantity.amounts() == {Decimal(1500).normalize()}


@pytest.mark.parametrize(
    ("text", "language", "counts"),
    [
        ("Es geht um 1500 Euro.", "de", True),
        ("Es stieg von 1200 Tonnen.", "de", True),
        ("by 2000 dollars", "en", True),
        ("in 2019 tons were shipped", "en", False),
        ("Seit 2019 gilt es.", "de", False),
    ],
)
def test_a_figure_before_a_unit_is_an_amount(text: str, language: Language, counts: bool) -> None:
    values = find_values(text, language)
    assert bool(values.quantities) == counts
    assert bool(values.dates) != counts


@pytest.mark.parametrize(
    ("text", "language", "dimension"),
    [
        ("eine 49-prozentige Beteiligung", "de", "share"),
        ("ein 49%iger Anteil", "de", "share"),
        ("49 per cent of it", "en", "share"),
        ("ein 5-tägiges Treffen", "de", "time"),
        ("nach 3-stündiger Sitzung", "de", "time"),
        ("einem 12-jährigen Kind", "de", "months"),
    ],
)
def test_units_as_adjectives(text: str, language: Language, dimension: str) -> None:
    [quantity] = find_values(text, language).quantities
    assert quantity.dimension == dimension


@pytest.mark.parametrize(
    ("text", "language", "amount"),
    [
        ("about 1000 billion euros", "en", 10**12),
        ("1500 million dollars", "en", 1500 * 10**6),
        ("um 1500 Mio. Euro", "de", 1500 * 10**6),
        ("gegen 1200 Tausend Euro", "de", 1200 * 10**3),
        ("rund 2019 Milliarden", "de", 2019 * 10**9),
    ],
)
def test_a_figure_before_a_unit_of_scale_is_no_year(
    text: str, language: Language, amount: int
) -> None:
    found = find_values(text, language)
    assert not found.dates
    assert [quantity.number.preferred for quantity in found.quantities] == [amount]


@pytest.mark.parametrize(
    ("text", "language"),
    [("In 2019 millions of people left.", "en"), ("Im Jahr 2019 tausend Mal gesehen", "de")],
)
def test_a_year_before_a_unit_of_scale_stays_one(text: str, language: Language) -> None:
    assert [date.said()["year"] for date in find_values(text, language).dates] == [2019]
