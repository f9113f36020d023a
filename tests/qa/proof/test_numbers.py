from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.proof.numbers import find, mend_scales, missing, readings


def values(text: str, language: Language = "de") -> list[set[Decimal]]:
    return [set(number.values) for number in find(text, language)]


def decimals(*texts: str) -> set[Decimal]:
    return {Decimal(text).normalize() for text in texts}


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("14", {"14"}),
        ("14,3", {"14.3"}),
        ("14.3", {"14.3"}),
        ("1.500", {"1500", "1.5"}),
        ("1,500", {"1500", "1.5"}),
        ("1.500.000", {"1500000"}),
        ("1.500,25", {"1500.25"}),
        ("1,500.25", {"1500.25"}),
        ("1'500", {"1500"}),
        ("1\u00a0500", {"1500"}),
        ("0,5", {"0.5"}),
    ],
)
def test_readings(digits: str, expected: set[str]) -> None:
    assert {value.normalize() for value in readings(digits)} == decimals(*expected)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("14,3 Milliarden Dollar", "de", "14300000000"),
        ("14.3 billion dollars", "en", "14300000000"),
        ("$14.3bn", "en", "14300000000"),
        ("14,3 Mrd. Euro", "de", "14300000000"),
        ("14,3\u00a0Mrd.\u00a0Euro", "de", "14300000000"),
        ("3 Mio.", "de", "3000000"),
        ("a 65-million deal", "en", "65000000"),
        ("2 Billionen", "de", "2000000000000"),
        ("2 trillion", "en", "2000000000000"),
        ("200 Tausend", "de", "200000"),
        ("49 Prozent", "de", "49"),
        ("870 Millionen.", "de", "870000000"),
        ("drei Teams", "de", "3"),
        ("Twelve people", "en", "12"),
    ],
)
def test_numbers_with_their_scale(text: str, language: Language, expected: str) -> None:
    assert values(text, language) == [decimals(expected)]


@pytest.mark.parametrize(
    "text", ["", "Keine Zahl.", "GPT4o", "v1.2x", "einmal", "Dreieck", "Achtung"]
)
def test_text_without_numbers(text: str) -> None:
    assert values(text) == []


def test_spans_are_those_of_number_and_scale() -> None:
    text = "Es waren 14,3 Milliarden, nicht 15 Dollar, sagten drei."
    assert [text[one.start : one.end] for one in find(text, "de")] == [
        "14,3 Milliarden",
        "15",
        "drei",
    ]


@pytest.mark.parametrize("text", ["Es sind 14,3 Milliarden.", "Es kostet 5 Euro."])
def test_a_full_stop_is_no_part_of_a_number(text: str) -> None:
    (number,) = find(text, "de")
    assert not text[number.start : number.end].endswith(".")


AMOUNTS = st.decimals(Decimal("0.1"), Decimal(9999), places=1)
PAIRS = [("Millionen", "million"), ("Milliarden", "billion"), ("Billionen", "trillion")]


def german(amount: Decimal) -> str:
    return f"{amount:,}".translate(str.maketrans(",.", ".,"))


@given(AMOUNTS, st.sampled_from(PAIRS))
def test_both_languages_agree_about_an_amount(amount: Decimal, pair: tuple[str, str]) -> None:
    (one,) = find(f"Es waren {german(amount)} {pair[0]} Dollar.", "de")
    (other,) = find(f"It was {amount:,} {pair[1]} dollars.", "en")
    assert one.agrees(other)
    assert other.agrees(one)


@given(AMOUNTS, st.sampled_from(PAIRS), st.sampled_from(PAIRS))
def test_another_scale_does_not_agree(
    amount: Decimal, one: tuple[str, str], other: tuple[str, str]
) -> None:
    (a,) = find(f"{german(amount)} {one[0]}", "de")
    (b,) = find(f"{amount:,} {other[1]}", "en")
    # With one decimal place no digits can be read two ways.
    assert a.agrees(b) == (one == other)


@given(st.integers(0, 10**9))
def test_a_whole_number_agrees_with_its_grouped_form(amount: int) -> None:
    (plain,) = find(str(amount), "de")
    for mark in ".,'\u00a0\u202f":
        (grouped,) = find(f"{amount:,}".replace(",", mark), "de")
        assert plain.agrees(grouped)


@given(st.text(max_size=60), st.sampled_from(["de", "en"]))
def test_any_text(text: str, language: Language) -> None:
    found = find(text, language)
    assert [one.start for one in found] == sorted(one.start for one in found)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        assert one.values
        assert one.agrees(one)
    assert missing(found, found) == []


def test_missing_numbers() -> None:
    claim = find("14,3 Milliarden für 49 Prozent", "de")
    assert missing(claim, find("14.3 billion for 49 percent", "en")) == []
    assert missing(claim, find("14.3 billion", "en")) == [claim[1]]
    assert missing([], claim) == []
    assert missing(claim, []) == claim


@pytest.mark.parametrize(
    ("text", "sources", "expected"),
    [
        ("14,3 Millionen Dollar", "14,3 Milliarden", "14,3 Milliarden Dollar"),
        ("Es kostete 14,3 Millionen.", "14,3 Milliarden", "Es kostete 14,3 Milliarden."),
        ("Es kostete 14,3 Mio.", "14,3 Milliarden", "Es kostete 14,3 Milliarden."),
        ("14,3 Mio. Dollar", "14,3 Milliarden", "14,3 Milliarden Dollar"),
        ("1 Million Dollar", "1 Milliarde", "1 Milliarde Dollar"),
        ("14,3 Milliarden", "14,3 Milliarden", "14,3 Milliarden"),
        ("14,3 Dollar", "14,3 Milliarden", "14,3 Dollar"),
        ("14,3 Millionen", "14,3 Milliarden und 14,3 Billionen", "14,3 Millionen"),
        ("14,3 Millionen", "15 Milliarden", "14,3 Millionen"),
        ("14,3 Millionen", "", "14,3 Millionen"),
        ("2 Millionen und 3 Millionen", "2 und 3 Mrd.; 2 Mrd.", "2 Millionen und 3 Milliarden"),
        ("49 Millionen", "49 Prozent", "49 Millionen"),
    ],
)
def test_scales_are_mended_where_there_is_no_doubt(text: str, sources: str, expected: str) -> None:
    assert mend_scales(text, "de", find(sources, "de")) == expected


def test_a_scale_is_mended_into_the_language_of_the_answer() -> None:
    sources = find("14,3 Milliarden Dollar", "de")
    assert mend_scales("It paid 14.3 million dollars.", "en", sources) == (
        "It paid 14.3 billion dollars."
    )


AFTER = st.sampled_from([".", " Euro.", ""])


@given(AMOUNTS, st.sampled_from(PAIRS), st.sampled_from(PAIRS), AFTER)
def test_mending_makes_numbers_agree_and_leaves_the_rest(
    amount: Decimal, said: tuple[str, str], held: tuple[str, str], after: str
) -> None:
    sources = find(f"It was {amount:,} {held[1]} dollars", "en")
    text = f"Es waren {german(amount)} {said[0]}{after}"
    mended = mend_scales(text, "de", sources)
    assert missing(find(mended, "de"), sources) == []
    assert mended.startswith(f"Es waren {german(amount)} ")
    assert mended.endswith(after)
    assert mend_scales(mended, "de", sources) == mended


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["de", "en"]))
def test_mending_any_text(text: str, sources: str, language: Language) -> None:
    held = find(sources, language)
    mended = mend_scales(text, language, held)
    assert len(missing(find(mended, language), held)) <= len(missing(find(text, language), held))
