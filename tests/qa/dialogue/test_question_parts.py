from __future__ import annotations

import pytest

from corpus.document import Language
from qa.dialogue.question_parts import question_kind, split_question


@pytest.mark.parametrize(
    ("question", "language", "parts"),
    [
        (
            "Wie hoch war der Umsatz 2024, und wie viel zahlte Meta?",
            "de",
            ["Wie hoch war der Umsatz 2024?", "Wie viel zahlte Meta?"],
        ),
        (
            "Who founded the firm and when was it sold?",
            "en",
            ["Who founded the firm?", "When was it sold?"],
        ),
        ("Wer leitet es? Wo liegt das Amt?", "de", ["Wer leitet es?", "Wo liegt das Amt?"]),
        ("Wer und wann?", "de", ["Wer und wann?"]),
        ("Wer sind Anna und Bernd?", "de", ["Wer sind Anna und Bernd?"]),
        ("What did he say and do?", "en", ["What did he say and do?"]),
    ],
)
def test_each_thing_asked_for_is_a_question_of_its_own(
    question: str, language: Language, parts: list[str]
) -> None:
    assert split_question(question, language) == parts


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Wie viele Verträge enden 2026?", "de", "count"),
        ("How many contracts end?", "en", "count"),
        ("Welche Verträge enden 2026?", "de", "list"),
        ("What are the steps to replace the filter?", "en", "list"),
        ("Welche Farbe hat das Haus?", "de", "plain"),
        ("Who leads it?", "en", "plain"),
        ("What is the price of the stake?", "en", "plain"),
        ("What was paid?", "en", "plain"),
        ("What does it cost?", "en", "plain"),
        ("Which company owns the plant?", "en", "plain"),
        ("Which address has the office?", "en", "plain"),
        ("What happens when it rains?", "en", "plain"),
        ("Which new contracts were signed?", "en", "list"),
        ("Welche Version haben Kunden?", "de", "plain"),
        ("Welche Strafe drohte den Tätern?", "de", "plain"),
        ("Wie viele Verträge enden 2026? Wer leitet das Amt?", "de", "plain"),
        ("Welche Verträge enden 2026? Und 2027?", "de", "list"),
    ],
)
def test_kinds(question: str, language: Language, kind: str) -> None:
    assert question_kind(question, language) == kind
