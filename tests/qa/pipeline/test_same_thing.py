from __future__ import annotations

from found_spans import reading

from qa.dialogue.asked import Asked, asked_of
from qa.pipeline.extract import FoundSpan
from qa.pipeline.same_thing import (
    are_of_other_times,
    is_of_other_name,
    is_of_other_year,
    is_of_same_thing,
)

PAID = "Wie viel zahlte man für Scale AI?"


def span(text: str, answer: str, **facts: str) -> FoundSpan:
    return reading(text, answer, **facts).spans[0]  # type: ignore[arg-type]


def test_another_name_is_another_thing() -> None:
    asked = asked_of(PAID, "de")
    best = span("Meta zahlte 14,3 Milliarden Dollar für Scale AI.", "14,3 Milliarden Dollar")
    other = span("Meta zahlte 19 Milliarden Dollar für WhatsApp.", "19 Milliarden Dollar")
    same = span("Für Scale zahlte Meta 15 Milliarden Dollar.", "15 Milliarden Dollar")
    assert not is_of_same_thing(other, best, asked)
    assert is_of_same_thing(same, best, asked)


def test_a_text_that_gives_both_values_holds_them_apart() -> None:
    asked = asked_of(PAID, "de")
    text = "Meta zahlte 14,3 Milliarden Dollar. Scale ist 29 Milliarden Dollar wert."
    best = span(text, "14,3 Milliarden Dollar")
    other = span("Scale wird mit 29 Milliarden Dollar bewertet.", "29 Milliarden Dollar")
    more = span("Scale kostete 15 Milliarden Dollar.", "15 Milliarden Dollar")
    assert not is_of_same_thing(other, best, asked)
    assert is_of_same_thing(more, best, asked)


def test_another_year_than_is_asked_for() -> None:
    asked = Asked(sort="number", years=frozenset({2024}))
    assert is_of_other_year(span("2023 waren es 5 Euro.", "5 Euro"), asked)
    assert not is_of_other_year(span("2024 waren es 5 Euro.", "5 Euro"), asked)
    assert not is_of_other_year(span("Es waren 5 Euro.", "5 Euro"), asked)
    headed = span("Nach 2023 waren es 5 Euro.", "5 Euro", title="Bericht 2024")
    assert not is_of_other_year(headed, asked)


def test_numbers_each_with_years_of_their_own_are_of_other_times() -> None:
    asked = Asked(sort="number")
    first, second = span("2023 waren es 5 Euro.", "5 Euro"), span("2024 waren es 7.", "7")
    assert are_of_other_times([first, second], asked)
    assert not are_of_other_times([first, span("Es waren 7 Euro.", "7 Euro")], asked)
    assert not are_of_other_times([first, span("2023 waren es 7 Euro.", "7 Euro")], asked)


def test_what_is_far_off_must_say_what_is_asked() -> None:
    asked = asked_of(PAID, "de")
    best = span("Man zahlte 15 Milliarden Dollar für Scale AI.", "15 Milliarden Dollar")
    value = span("Der Wert von Scale AI stieg auf 29 Milliarden Dollar.", "29 Milliarden Dollar")
    paid = span("Für Scale AI zahlte man 29 Milliarden Dollar.", "29 Milliarden Dollar")
    near = span("Der Preis von Scale AI war 14,8 Milliarden Dollar.", "14,8 Milliarden Dollar")
    assert not is_of_same_thing(value, best, asked)
    assert is_of_same_thing(paid, best, asked)
    assert is_of_same_thing(near, best, asked)
    english = span(
        "It lifted the value of Scale AI to 29 billion dollars.",
        "29 billion dollars",
        language="en",
    )
    assert not is_of_same_thing(english, best, asked)


def test_a_date_of_another_year_must_say_what_is_asked() -> None:
    asked = asked_of("Wann übernahm Meta Anteile an Scale AI?", "de")
    best = span("Meta übernahm im Juni 2025 Anteile an Scale AI.", "Juni 2025")
    round_ = span("Scale AI sammelte im Mai 2024 Geld ein.", "Mai 2024")
    taken = span("Scale AI gehört seit der Übernahme im Mai 2024 Meta.", "Mai 2024")
    near = span("Scale AI gehört Meta seit Juli 2025.", "Juli 2025")
    assert not is_of_same_thing(round_, best, asked)
    assert is_of_same_thing(taken, best, asked)
    assert is_of_same_thing(near, best, asked)


def test_what_an_older_text_planned_does_not_contradict_what_came_of_it() -> None:
    asked = asked_of("Wann wurde die Halle eröffnet?", "de")
    opened = span("Die Halle wurde am 18. Oktober eröffnet.", "18. Oktober", date="2025-10-20")
    planned = span("Die Halle soll im April eröffnet werden.", "April", date="2023-03-15")
    later = span("Die Halle soll im April eröffnet werden.", "April", date="2026-03-15")
    assert not is_of_same_thing(planned, opened, asked)
    assert is_of_same_thing(later, opened, asked)


def test_a_side_shares_a_word_with_the_question_or_the_answer_or_is_near() -> None:
    asked = asked_of("Wann kam der Brief an?", "de")
    best = span("Der Brief kam im März 2021 an.", "März 2021")
    assert is_of_same_thing(span("Im Mai 2021 kam ein Brief.", "Mai 2021"), best, asked)
    other = span("Das Verfahren wurde am 28. Mai 2021 eingestellt.", "28. Mai 2021")
    assert not is_of_same_thing(other, best, asked)
    paid = span("Meta wandte 14,3 Milliarden auf.", "14,3 Milliarden")
    near = span("Von 14,8 Milliarden ist die Rede.", "14,8 Milliarden")
    away = span("Von 10 Milliarden ist die Rede.", "10 Milliarden")
    wanted = asked_of("Wie viel zahlte Meta?", "de")
    assert is_of_same_thing(near, paid, wanted)
    assert not is_of_same_thing(away, paid, wanted)


def test_what_is_many_times_as_much_is_of_another_thing_whatever_is_shared() -> None:
    asked = asked_of(PAID, "de")
    best = span("Man zahlte 15 Milliarden Dollar für Scale AI.", "15 Milliarden Dollar")
    earned = span("Man zahlte Scale AI 870 Millionen Dollar.", "870 Millionen Dollar")
    assert not is_of_same_thing(earned, best, asked)
    # Of a few, more were counted later.
    dead = asked_of("Wie viele Tote gab es in Adorf?", "de")
    few = span("In Adorf gab es 3 Tote.", "3 Tote")
    more = span("In Adorf gab es 17 Tote.", "17 Tote")
    assert is_of_same_thing(more, few, dead)


def test_a_value_listed_in_order_is_of_the_name_of_its_place() -> None:
    text = "Anna Berg und Tom Kurz gründeten sie im Alter von 22 respektive 19 Jahren."
    asked = asked_of("Wie alt war Tom Kurz bei der Gründung?", "de")
    assert is_of_other_name(span(text, "22"), asked)
    assert not is_of_other_name(span(text, "19 Jahren"), asked)
    assert not is_of_other_name(span(text, "22 respektive 19"), asked)
    assert not is_of_other_name(span(text, "22"), asked_of("Wie alt war die Gründerin?", "de"))


def test_two_ages_of_one_person_are_of_two_times() -> None:
    best = span("Tom Kurz gründete die Firma mit 19 Jahren.", "19 Jahren")
    later = span("Gründer Tom Kurz (28) hat die Firma verlassen.", "28")
    demanded = span("Gründer der Firma Kurz müssen 28 Jahre alt sein.", "28 Jahre")
    age = asked_of("Wie alt war Tom Kurz bei der Gründung der Firma?", "de")
    must = asked_of("Wie alt muss ein Gründer der Firma Kurz sein?", "de")
    assert not is_of_same_thing(later, best, age)
    assert is_of_same_thing(demanded, best, must)
