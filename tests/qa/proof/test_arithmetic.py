"""Values that follow from others, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.proof.checks import check_statement
from qa.proof.quantities import Quantity
from qa.proof.values import find_values

WAGE = "Der Zaun kostete 4.300 Euro, davon zahlte der Kreis 2.750 Euro."
VOTE = "The motion passed by 57 votes to 38; twelve members stayed away."
SHIP = "Of the 480 passengers, 160 left the ship in Bergen, the remaining ones in Oslo."
LOAN = "Die Bank gewährte 36.000 Franken, ein Viertel des Erbetenen, rückzahlbar in neun Raten."
CLOCK = "Die Fahrt beginnt um 8.40 Uhr und dauert 95 Minuten."


def value_reasons(
    quote: str, statement: str, quote_language: Language, language: Language
) -> list[str]:
    check = check_statement(statement, language, quote, quote_language)
    return [reason for reason in check.reasons if reason.startswith("value")]


@pytest.mark.parametrize(
    ("quote", "quote_language", "statement", "language"),
    [
        (WAGE, "de", "1.550 Euro des Zauns zahlte der Kreis nicht.", "de"),
        (VOTE, "en", "The motion passed with a majority of 19 votes.", "en"),
        (VOTE, "en", "In total 95 votes were cast.", "en"),
        (SHIP, "en", "A third of the passengers left the ship in Bergen.", "en"),
        (SHIP, "en", "320 Fahrgäste gingen nicht in Bergen von Bord.", "de"),
        (LOAN, "de", "Erbeten hatte er 144.000 Franken.", "de"),
        (LOAN, "de", "Each instalment comes to 4,000 francs.", "en"),
        (CLOCK, "de", "Die Fahrt endet um 10.15 Uhr.", "de"),
        (
            "The fee was paid on 9 March, three days after the letter had arrived.", "en",
            "The letter arrived on 6 March.", "en",
        ),
        (
            "The audit began in May 2021 and was closed eight months later.", "en",
            "Die Prüfung wurde im Januar 2022 geschlossen.", "de",
        ),
        (
            "Der Anteil stieg um 2,4 Prozentpunkte auf 31,9 Prozent.", "de",
            "Zuvor lag der Anteil bei 29,5 Prozent.", "de",
        ),
        (
            "Der Kaffee kostet jetzt 3,80 statt 3,45 Euro.", "de",
            "Der Kaffee ist um 35 Cent teurer geworden.", "de",
        ),
        (
            "Die Zahl der Mitglieder stieg von 410 auf 1.290.", "de",
            "Die Zahl der Mitglieder hat sich mehr als verdreifacht.", "de",
        ),
        ("Nine in ten of those asked agreed.", "en", "90 percent of those asked agreed.", "en"),
        ("Nur jeder Vierte war zufrieden.", "de", "Only 25 percent were satisfied.", "en"),
        ("Zufrieden waren 58 Prozent.", "de", "Deutlich mehr als die Hälfte war zufrieden.", "de"),
        (
            "The hall cost 7.4 million euros, of which the state paid 2.6 million.", "en",
            "Das Land zahlte 2,6 Millionen Euro für die Halle.", "de",
        ),
        ("The repair cost 1,300,000 euros.", "en", "The repair cost 1.3m euros.", "en"),
        ("At most 96 people fit in.", "en", "Fewer than a hundred people fit in.", "en"),
        ("The choir sang in Bath and York.", "en", "The two concerts were in Bath and York.", "en"),
    ],
)  # fmt: skip
def test_what_follows_is_no_reason(
    quote: str, quote_language: Language, statement: str, language: Language
) -> None:
    assert value_reasons(quote, statement, quote_language, language) == []


@pytest.mark.parametrize(
    ("quote", "quote_language", "statement", "language"),
    [
        (WAGE, "de", "1.650 Euro des Zauns zahlte der Kreis nicht.", "de"),
        (VOTE, "en", "The motion passed with a majority of 29 votes.", "en"),
        (SHIP, "en", "Half of the passengers left the ship in Bergen.", "en"),
        (LOAN, "de", "Erbeten hatte er 72.000 Franken.", "de"),
        (CLOCK, "de", "Die Fahrt endet um 10.05 Uhr.", "de"),
        (
            "The fee was paid on 9 March, three days after the letter had arrived.", "en",
            "The letter arrived on 5 March.", "en",
        ),
        (
            "Die Zahl der Mitglieder stieg von 410 auf 690.", "de",
            "Die Zahl der Mitglieder hat sich mehr als verdreifacht.", "de",
        ),
        ("Nine in ten of those asked agreed.", "en", "80 percent of those asked agreed.", "en"),
        ("Zufrieden waren 48 Prozent.", "de", "Deutlich mehr als die Hälfte war zufrieden.", "de"),
        ("Three concerts were in Bath.", "en", "The two concerts were in Bath.", "en"),
    ],
)  # fmt: skip
def test_what_does_not_follow_is_one(
    quote: str, quote_language: Language, statement: str, language: Language
) -> None:
    assert value_reasons(quote, statement, quote_language, language)


@pytest.mark.parametrize("span", ["99999999999 years", "99999999999 days", "90,000 months"])
def test_a_span_beyond_every_calendar_gives_nothing(span: str) -> None:
    quote = f"On 3 May 2020, {span} later, it ended."
    assert value_reasons(quote, "It ended on 3 May 2024.", "en", "en")


@given(st.integers(120, 9_000), st.integers(101, 9_000))
def test_any_difference_of_told_amounts_follows(one: int, two: int) -> None:
    quote = f"Gefordert waren {one + two} Euro, bewilligt wurden {two} Euro."
    assert value_reasons(quote, f"Es fehlen {one} Euro.", "de", "de") == []


@given(st.integers(1, 9), st.sampled_from([10, 100]))
def test_so_many_in_a_round_number_are_a_share(many: int, whole: int) -> None:
    words = {10: "ten", 100: "a hundred"}
    spelled = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][many - 1]
    found = find_values(f"{spelled} in {words[whole]} agreed", "en").all()
    shares = [one for one in found if isinstance(one, Quantity) and one.dimension == "share"]
    assert [share.number.preferred * whole for share in shares] == [many]
