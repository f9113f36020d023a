from __future__ import annotations

from found_spans import reading

from qa.pipeline.compose import LONGEST, SHORT, compose
from qa.pipeline.group import group


def said(*readings: object, language: str = "de", kind: str = "plain") -> tuple[str, list[str]]:
    grouping = group(list(readings), {}, every=kind != "plain")  # type: ignore[arg-type]
    introduction, statements = compose(grouping, language, kind)  # type: ignore[arg-type]
    return introduction, [statement.text for statement in statements]


def test_a_short_sentence_speaks_for_itself() -> None:
    text = "Meta zahlte 14,3 Milliarden Dollar."
    assert said(reading(text, "14,3 Milliarden Dollar")) == ("", [text])


def test_what_leans_on_the_sentence_before_comes_with_its_answer() -> None:
    text = "Meta kaufte Anteile. Sie kosteten 14,3 Milliarden Dollar."
    assert said(reading(text, "14,3 Milliarden Dollar"))[1] == [
        "14,3 Milliarden Dollar: „Sie kosteten 14,3 Milliarden Dollar.“"
    ]


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
