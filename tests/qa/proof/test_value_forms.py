"""Values that are written, shared, rounded or told in other forms, and what still differs."""

from __future__ import annotations

import pytest

from corpus.document import Language
from qa.proof.checks import check_statement
from qa.proof.support import sorts_of
from qa.proof.values import find_values


def wrong_values(
    quote: str, statement: str, quote_language: Language = "en", language: Language = "en"
) -> bool:
    check = check_statement(statement, language, quote, quote_language)
    return "value" in sorts_of(check)


GERMAN_AND_ENGLISH: tuple[Language, Language] = ("de", "en")
ENGLISH_AND_GERMAN: tuple[Language, Language] = ("en", "de")

FOLLOWS: list[tuple[str, str, tuple[Language, Language]]] = [
    (
        "The pool opened in March 2019 and shut in October of the same year.",
        "The pool shut in October 2019.",
        ("en", "en"),
    ),
    (
        "Im zweiten Halbjahr 2022 kamen 310 Gäste.",
        "In the second half of 2022, 310 guests came.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Im Schuljahr 2024/25 fehlten 12 Lehrer.",
        "Im Schuljahr 2024/25 fehlten 12.",
        ("de", "de"),
    ),
    (
        "An Samstagen ist zu.",
        "It is closed on Saturdays.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Die Fahrt dauert viereinhalb Stunden.",
        "The trip takes four and a half hours.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "The power was off for 90 minutes.",
        "The power was off for an hour and a half.",
        ("en", "en"),
    ),
    (
        "Der Eintritt kostet 4,50 Euro.",
        "Der Eintritt kostet vier Euro fünfzig.",
        ("de", "de"),
    ),
    (
        "The fine was 750,000 euros.",
        "The fine was three quarters of a million euros.",
        ("en", "en"),
    ),
    (
        "Notice is six months.",
        "The notice period is half a year.",
        ("en", "en"),
    ),
    (
        "Der Verein zahlt monatlich 300 Euro.",
        "The club pays 300 euros a month.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Es kamen doppelt so viele wie 2021.",
        "Twice as many came as in 2021.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Anträge werden mit dem Märzlauf erstattet.",
        "Claims are refunded with the March run.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Of 5.1 million francs the canton paid 2 million and the city 1.6 million; "
        "donors gave the remainder.",
        "Donors gave 1.5 million francs.",
        ("en", "en"),
    ),
    (
        "The invoice is dated 3 February.",
        "The invoice is dated 03.02.",
        ("en", "en"),
    ),
    (
        "The bells were first heard in 1911.",
        "The bells were heard for the first time in 1911.",
        ("en", "en"),
    ),
    (
        "Der Verein will die Zahl von 40 Plätzen verdoppeln.",
        "The number of 40 places has doubled.",
        GERMAN_AND_ENGLISH,
    ),
]


@pytest.mark.parametrize(("quote", "statement", "languages"), FOLLOWS)
def test_it_follows(quote: str, statement: str, languages: tuple[Language, Language]) -> None:
    assert not wrong_values(quote, statement, *languages)


DIFFERS: list[tuple[str, str, tuple[Language, Language]]] = [
    (
        "The invoice is dated 3 February.",
        "The date on the invoice is 03.04.",
        ("en", "en"),
    ),
    (
        "The levy lapses at the end of 2031.",
        "The levy lapses on 31 December 2032.",
        ("en", "en"),
    ),
    (
        "The levy lapses at the end of 2031.",
        "The levy lapses on 30 November 2031.",
        ("en", "en"),
    ),
    (
        "The pool opened in March 2019 and shut in October of the same year.",
        "The pool shut in October 2020.",
        ("en", "en"),
    ),
    (
        "Im zweiten Halbjahr 2022 kamen 310 Gäste.",
        "In the first half of 2022, 310 guests came.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "The power was off for 90 minutes.",
        "The power was off for two hours and a half.",
        ("en", "en"),
    ),
    (
        "Ausgaben von höchstens 940 Euro sind erlaubt.",
        "Ausgaben über 940 Euro sind erlaubt.",
        ("de", "de"),
    ),
    (
        "Im Westen fielen höchstens 30 Liter, im Osten mehr als 90.",
        "Im Westen fielen mindestens 30 Liter.",
        ("de", "de"),
    ),
    (
        "Der Verein zahlt monatlich 300 Euro.",
        "The club pays 300 euros a week.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "The crew finished fourth.",
        "Die Mannschaft kam auf Platz fünf.",
        ENGLISH_AND_GERMAN,
    ),
    (
        "Es ist die drittgrößte Orgel des Landes.",
        "It is the second largest organ in the country.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "The lease begins on 1 May 2022 and runs for three years.",
        "The lease ends on 30 April 2026.",
        ("en", "en"),
    ),
    (
        "The launch slipped from Monday to Thursday.",
        "The launch came five days later.",
        ("en", "en"),
    ),
    (
        "Imports tripled from a base of 200 tonnes.",
        "Imports reached 800 tonnes.",
        ("en", "en"),
    ),
    (
        "The tour took nine weeks.",
        "The tour took more than three months.",
        ("en", "en"),
    ),
    (
        "Small firms have fewer than ten employees; the fee is 12.40 pounds, later 13.10.",
        "Small firms have more than ten employees.",
        ("en", "en"),
    ),
    (
        "The rate rose by 10 percent to 330 euros.",
        "The rate rose to 363 euros.",
        ("en", "en"),
    ),
    (
        "A double ticket costs 40 euros.",
        "A double ticket costs 80 euros.",
        ("en", "en"),
    ),
    (
        "The fine of 70 euros is due within 21 days.",
        "The fine is 1,470 euros.",
        ("en", "en"),
    ),
    (
        "Im Norden erhielt sie 30 Prozent, im Süden 40 Prozent.",
        "Im Norden erhielt sie 75 Prozent.",
        ("de", "de"),
    ),
    (
        "The brass band plays in October, marching as ever.",
        "The band plays in March.",
        ("en", "en"),
    ),
    (
        "Juliane Roth heiratet im Mai.",
        "Juliane Roth heiratet im Juli.",
        ("de", "de"),
    ),
    (
        "Der Verein schied im Viertelfinale aus.",
        "Der Verein wurde Vierter.",
        ("de", "de"),
    ),
    (
        "The fee is 90 euros, as section 6.",
        "The fee is 6 euros.",
        ("en", "en"),
    ),
    (
        "Admission is 7 euros; the show is in hall 12.",
        "Der Eintritt beträgt 12 Euro.",
        ENGLISH_AND_GERMAN,
    ),
    (
        "She finished third in the race.",
        "She finished first in the race.",
        ("en", "en"),
    ),
    (
        "Zunächst wurde der dritte Abschnitt gebaut.",
        "Der erste Abschnitt wurde gebaut.",
        ("de", "de"),
    ),
    (
        "The tenant pays 410 euros a month and may leave at the end of any year.",
        "The tenant pays 410 euros a year.",
        ("en", "en"),
    ),
    (
        "Der Bericht ist drei Monate nach dem 3. Mai 2026 fällig.",
        "Der Bericht ist am 2. August 2026 fällig.",
        ("de", "de"),
    ),
    (
        "The survey was done in late June 2026.",
        "The survey was done on 30 June 2026.",
        ("en", "en"),
    ),
    (
        "Das Bad öffnet montags und samstags.",
        "Das Bad öffnet fünf Tage lang.",
        ("de", "de"),
    ),
    (
        "Bei einer Rechnung über 300 Euro prüfen zwei.",
        "Eine Rechnung von 300 Euro prüfen zwei.",
        ("de", "de"),
    ),
    (
        "Am Sonntag liefen über 700 mit.",
        "Am Sonntag liefen genau 700 mit.",
        ("de", "de"),
    ),
    (
        "Zwei Feiertage fallen aus.",
        "They are closed for four days.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Das Amt prüft im ersten Halbjahr, im dritten Quartal zahlt es.",
        "Das Amt zahlt im zweiten Halbjahr.",
        ("de", "de"),
    ),
    (
        "Die Leihfrist ist höchstens 28 Tage, die Verlängerung mindestens 7 Tage.",
        "Die Leihfrist ist 21 Tage.",
        ("de", "de"),
    ),
    (
        "Of the staff 40 percent are in Ely, 25 percent in Ash and 20 percent in Orme; "
        "the rest travel.",
        "The rest, 35 percent, travel.",
        ("en", "en"),
    ),
    (
        "Im Jahr 2026 kamen 300 Kinder.",
        "Im Schuljahr 2026/27 kamen 300 Kinder.",
        ("de", "de"),
    ),
    (
        "The shop opened in 2019 in a house of 1954 and shut at the end of that year.",
        "The shop shut at the end of 1954.",
        ("en", "en"),
    ),
    (
        "The mineral is found in spring water.",
        "Das Mineral wird im Frühjahr gefunden.",
        ENGLISH_AND_GERMAN,
    ),
    (
        "The lease was extended by five more years.",
        "The lease ran for five years.",
        ("en", "en"),
    ),
    (
        "Die Junioren siegten in Köln.",
        "In June they won in Cologne.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Das Oktoberfest zog Gäste an.",
        "It drew guests in October.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "She was elected for the second time in 2019.",
        "She was first elected in 2019.",
        ("en", "en"),
    ),
    (
        "Die Karte kostet 300 Euro im Jahr 2025.",
        "The card costs 300 euros a year.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Letzten Monat zahlte er 300 Euro Strafe.",
        "He pays a fine of 300 euros a month.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "Sie kam auf Platz vier.",
        "It worked out in the fourth year.",
        GERMAN_AND_ENGLISH,
    ),
    (
        "The bridge is closed until late May 2026.",
        "The bridge is closed until 31 May 2026.",
        ("en", "en"),
    ),
    (
        "45 percent is sand, 30 percent clay, the rest peat.",
        "26 percent is clay.",
        ("en", "en"),
    ),
    (
        "Admission is 12 euros; the number of guests was 450.",
        "Admission rose to 450 euros.",
        ("en", "en"),
    ),
]


@pytest.mark.parametrize(("quote", "statement", "languages"), DIFFERS)
def test_it_does_not_follow(
    quote: str, statement: str, languages: tuple[Language, Language]
) -> None:
    assert wrong_values(quote, statement, *languages)


def test_figures_of_a_decimal_are_no_day_and_month_in_english() -> None:
    (value,) = find_values("It fell from 4.7. Fuel is dear.", "en").all()
    assert value in find_values("It fell from 4.7. Fuel is dear.", "en").quantities
    assert find_values("It fell on 04.07. Fuel is dear.", "en").dates
    assert find_values("The ticket costs €10.05. It is dear.", "en").quantities


@pytest.mark.parametrize(
    ("text", "language", "amounts"),
    [
        ("The ticket costs 40 euros and a half portion 9 euros.", "en", [40, 0.5, 9]),
        ("For 50 dollars ten of the seats were sold.", "en", [50, 10]),
        ("Von den 80 Euro 30 sofort zu zahlen.", "de", [80, 30]),
    ],
)
def test_numbers_side_by_side_are_not_joined(
    text: str, language: Language, amounts: list[float]
) -> None:
    found = find_values(text, language).quantities
    assert [float(quantity.number.preferred) for quantity in found] == amounts


def test_a_german_preposition_is_no_half_of_the_day() -> None:
    values = find_values("Man nahm Stoff-9 am 17. Januar 2024 auf.", "de")
    assert not values.clocks
    assert [date.day for date in values.dates] == [17]
