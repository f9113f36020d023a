from __future__ import annotations

import pytest
from found_spans import reading

from corpus.document import Language
from qa.dialogue.asked import Asked, asked_of
from qa.pipeline.extract import FoundSpan
from qa.pipeline.relation import is_another_sort, relation


def span(text: str, answer: str, language: Language = "de") -> FoundSpan:
    return reading(text, answer, language=language).spans[0]


def related(first: str, second: str, **asked: object) -> str:
    one, two = (span(f"Es geht um {words}.", words) for words in (first, second))
    return relation(one, two, Asked(**asked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2019", "14,3 Milliarden"),
        ("85 m²", "85 m"),
        ("5 Euro", "5 Dollar"),
        ("3 Prozent", "3 Prozentpunkte"),
        ("Hans Peter Schmidt", "Hans Peter Müller"),
        ("2019 Bau eines Hauses", "2020 Umzug nach Ulm"),
    ],
)
def test_what_is_of_another_kind_does_not_compare(first: str, second: str) -> None:
    assert related(first, second) == related(second, first) == "unlike"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("50 Cent", "0,60 Euro"),
        ("14,3 Milliarden", "29 Milliarden Dollar"),
        ("3,5 Prozent", "-3,5 Prozent"),
        ("300 Mitarbeiter", "350 Beschäftigte"),
        ("Version 3", "Version 4"),
        ("1.500 Euro", "1,5 Euro"),
    ],
)
def test_one_measure_of_one_thing_differs(first: str, second: str) -> None:
    assert related(first, second) == related(second, first) == "different"


@pytest.mark.parametrize(
    ("first", "second"),
    [("1.500 Euro", "1500 Euro"), ("1,500 Euro", "1500 Euro"), ("5 km", "5000 m")],
)
def test_other_writing_of_a_value_is_the_same(first: str, second: str) -> None:
    assert related(first, second) == related(second, first) == "same"


def test_values_are_read_in_their_sentence() -> None:
    more = span("Das Werk hat mehr als 100 Mitarbeiter.", "100")
    assert relation(more, span("Das Werk hat 90 Mitarbeiter.", "90")) == "different"
    assert relation(more, span("Das Werk hat 110 Mitarbeiter.", "110")) == "rounded"


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        (("Grillen ist nicht erlaubt.", "nicht erlaubt"), ("Grillen ist erlaubt.", "erlaubt")),
        (("Grillen ist nicht erlaubt.", "erlaubt"), ("Grillen ist erlaubt.", "erlaubt")),
        (("Es kostet nicht 5 Euro.", "5 Euro"), ("Es kostet 5 Euro.", "5 Euro")),
    ],
)
def test_a_denial_is_the_opposite(denied: tuple[str, str], said: tuple[str, str]) -> None:
    assert relation(span(*denied), span(*said)) == "different"
    assert relation(span(*denied), span(*denied)) == "same"


def test_what_counts_something_else_is_no_side() -> None:
    asked = {"question": "Wie viele Mitarbeiter gibt es?", "sort": "number"}
    assert related("3 Mitarbeiter", "5 Standorte", **asked) == "unlike"
    assert related("3 Mitarbeiter", "5 Beschäftigte", **asked) == "different"
    assert related("3 Mitarbeiter", "5", **asked) == "different"


def test_figures_of_four_digits_count_where_a_number_is_asked_for() -> None:
    first = span("The firm has 1500 employees.", "1500 employees", "en")
    second = span("The firm has 1,600 employees.", "1,600 employees", "en")
    assert relation(first, second, Asked(language="en", sort="number")) == "different"


def test_a_number_in_the_name_of_who_was_asked_for_decides_nothing() -> None:
    assert related("König Ludwig 14", "Königin Anna 2", sort="person") == "unlike"


@pytest.mark.parametrize(
    ("question", "text", "answer", "another"),
    [
        ("Wie viel musste sie zahlen?", "Von 61.500 Geräten fehlen 3.", "61.500", True),
        ("Wie viel musste sie zahlen?", "Es dauerte zwei Jahre.", "zwei Jahre", True),
        ("Wie viel musste sie zahlen?", "Es waren 150.000 Euro.", "150.000 Euro", False),
        ("Wie viel musste sie zahlen?", "Strafe: 150.000", "150.000", False),
        ("Wie viel musste sie zahlen?", "Es waren 14,3 Milliarden.", "14,3 Milliarden", False),
        ("Wie viel musste sie zahlen?", "Sie zahlte nichts.", "nichts", False),
        ("Wie viele Jahre bekam er?", "Er zahlte 5 Euro.", "5 Euro", True),
        ("Wie viele Jahre bekam er?", "Er bekam drei Jahre.", "drei Jahre", False),
        ("Welcher Anteil wurde verkauft?", "Es waren 5 Millionen Euro.", "5 Millionen Euro", True),
        ("Welcher Anteil wurde verkauft?", "Es waren 49 Prozent.", "49 Prozent", False),
        ("Hat sie gestanden?", "Er bekam neun Monate.", "neun Monate", True),
        ("Hat sie gestanden?", "Sie hat gestanden.", "gestanden", False),
        ("Warum wurde sie verurteilt?", "Es war zu viel.", "zu viel", True),
        ("Wie viele Leute kamen?", "Es kamen die Nachbarn.", "die Nachbarn", True),
        ("Wie viele Leute kamen?", "Es kam niemand.", "niemand", False),
        ("Wie viele Leute kamen?", "Es kamen die meisten.", "die meisten", False),
        ("Wie oft erscheint sie?", "Sie erscheint monatlich.", "monatlich", False),
        ("Welche Bezahlung gibt es?", "Es gibt Handschuhe.", "Handschuhe", True),
        ("Welches Gehalt gibt es?", "Ein zweistelliger Betrag.", "zweistelliger Betrag", False),
        ("Wie alt war er da?", "Fünf Jahre nach der Gründung ging er.", "Fünf Jahre", True),
        ("Wie alt war er da?", "Er leitete sie seit neun Jahren.", "neun Jahren", True),
        ("Wie alt war er da?", "Mit 19 Jahren gründete er sie.", "19 Jahren", False),
        ("Wie alt war er da?", "Er war 19.", "19", False),
        ("Wie alt war er da?", "Er zahlte 19 Euro.", "19 Euro", True),
        ("Warum wurde sie verurteilt?", "Sie log vor Gericht.", "Sie log vor Gericht", False),
    ],
)
def test_an_answer_is_of_the_measure_that_is_asked_for(
    question: str, text: str, answer: str, another: bool
) -> None:
    assert is_another_sort(span(text, answer), asked_of(question, "de")) == another


@pytest.mark.parametrize(
    ("question", "text", "answer", "is_none"),
    [
        ("Was waren die Ursachen des Einsturzes?", "Es gab drei Ursachen.", "drei Ursachen", True),
        ("Was waren die Ursachen des Einsturzes?", "Es gab drei Risse.", "drei Risse", False),
        ("Wie viele Ursachen hatte der Einsturz?", "Es gab drei Ursachen.", "drei Ursachen", False),
        ("Welche Ursachen hatte der Einsturz?", "Es gab drei Ursachen.", "drei", True),
        ("Welche Ursache hatte der Einsturz?", "Es gab drei Risse.", "drei", False),
        ("Welche Mitglieder fehlten im März?", "Da waren 15 von 18.", "15 von 18", True),
        ("Welche Räume waren im März frei?", "Es waren die Räume 12 und 14.", "12 und 14", False),
        ("Welche Personen durften nicht teilnehmen?", "Teil nahmen 612.", "612", True),
        ("Welche Linien halten am Markt?", "Es halten 12 und 14.", "12", False),
    ],
)
def test_how_many_there_are_is_not_which_they_are(
    question: str, text: str, answer: str, *, is_none: bool
) -> None:
    assert is_another_sort(span(text, answer), asked_of(question, "de")) == is_none
