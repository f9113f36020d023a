from __future__ import annotations

from found_spans import reading

from qa.dialogue.asked import Asked
from qa.pipeline.compose import SHORT, compose
from qa.pipeline.group import group
from qa.pipeline.quotation import LONGEST


def said(
    *readings: object, language: str = "de", kind: str = "plain", **asked: object
) -> tuple[str, list[str]]:
    grouping = group(list(readings), {}, Asked(kind=kind, **asked))  # type: ignore[arg-type]
    introduction, statements = compose(grouping, language, kind)  # type: ignore[arg-type]
    return introduction, [statement.text for statement in statements]


def test_a_short_sentence_speaks_for_itself() -> None:
    text = "Meta zahlte 14,3 Milliarden Dollar."
    assert said(reading(text, "14,3 Milliarden Dollar")) == ("", [text])


def test_what_leans_on_the_sentence_before_comes_with_its_answer() -> None:
    text = "Meta kaufte Anteile. Sie kosteten 14,3 Milliarden Dollar."
    assert said(reading(text, "14,3 Milliarden Dollar"))[1] == [f"14,3 Milliarden Dollar: „{text}“"]


def test_a_whole_sentence_is_not_said_before_its_quotation() -> None:
    text = "Das Museum liegt in Riva. Es wurde 2019 geschlossen."
    assert said(reading(text, "Es wurde 2019 geschlossen."))[1] == [f"„{text}“"]


def test_a_long_sentence_is_cut_round_its_answer() -> None:
    text = "Wort " * 200 + "zahlte 5 Euro" + " Wort" * 200 + "."
    (statement,) = said(reading(text, "5 Euro"))[1]
    assert statement.startswith("5 Euro: „")
    assert SHORT < len(statement) < LONGEST + 60
    assert "zahlte 5 Euro" in statement


def test_another_language_is_quoted_in_its_own_words() -> None:
    span = reading("Meta paid 14.3 billion dollars.", "14.3 billion dollars", language="en")
    assert said(span)[1] == [
        "14,3 Milliarden Dollar: „Meta paid 14.3 billion dollars.“ (im Original englisch)"
    ]


def test_sides_are_shown_newest_first_with_source_and_date() -> None:
    introduction, statements = said(
        reading("Es kostet 5 Euro.", "5 Euro", name="a", source="Amt", date="2024-01-01"),
        reading("Es kostet 7 Euro.", "7 Euro", name="b", source="Bote", date="2025-01-01"),
    )
    assert introduction
    assert [text.split(":")[0] for text in statements] == [
        "7 Euro (Bote, 2025-01-01)",
        "5 Euro (Amt, 2024-01-01)",
    ]


def test_a_count_is_never_made_of_what_happened_to_be_found() -> None:
    introduction, statements = said(
        reading("Der Vertrag mit Nordbau endet 2026.", "Nordbau", name="a"),
        reading("Der Vertrag mit Südbau endet 2026.", "Südbau", name="b"),
        kind="count",
    )
    assert "Zahl" in introduction
    assert len(statements) == 2


def test_items_that_their_sentence_denies_or_plans_are_quoted_once() -> None:
    text = "Geplant sind Filialen in Ulm und Köln."
    assert said(reading(text, "Ulm", "Köln"))[1] == [f"„{text}“"]
    text = "Es gibt Filialen in Ulm und Köln."
    assert said(reading(text, "Ulm", "Köln"))[1] == ["Ulm", "Köln"]


def test_numbers_in_a_row_are_quoted_since_they_do_not_say_of_what() -> None:
    text = "Der Umsatz stieg von 5 Euro auf 7 Euro."
    assert said(reading(text, "5 Euro", "7 Euro"), sort="number")[1] == [f"„{text}“"]


def test_numbers_of_different_years_are_no_disagreement_and_say_so() -> None:
    introduction, statements = said(
        reading("2023 betrug der Umsatz 5 Euro.", "5 Euro", name="a"),
        reading("2024 betrug der Umsatz 7 Euro.", "7 Euro", name="b"),
        sort="number",
    )
    assert "Zeiten" in introduction
    assert len(statements) == 2


def test_a_count_that_sources_state_differently_is_a_disagreement() -> None:
    introduction, statements = said(
        reading("Das Werk hat 300 Mitarbeiter.", "300", name="a"),
        reading("Das Werk hat 350 Mitarbeiter.", "350", name="b"),
        kind="count",
        sort="number",
    )
    assert "verschiedene Angaben" in introduction
    assert len(statements) == 2


def test_what_is_planned_is_rendered_before_its_quotation_and_what_is_denied_is_not() -> None:
    plan = reading("Meta plans to pay 5 billion dollars.", "5 billion dollars", language="en")
    assert said(plan)[1] == [
        "5 Milliarden Dollar: „Meta plans to pay 5 billion dollars.“ (im Original englisch)"
    ]
    denial = reading("Meta never paid 5 billion dollars.", "5 billion dollars", language="en")
    assert said(denial)[1] == ["„Meta never paid 5 billion dollars.“ (im Original englisch)"]
