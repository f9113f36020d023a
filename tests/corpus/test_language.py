from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.language import DEFAULT, detect, detect_with_confidence, possible_languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wer ist CEO?", "de"),
        ("Was ist die Ivy League?", "de"),
        ("Wer leitet Meta?", "de"),
        ('Wer schrieb "The Catcher in the Rye"?', "de"),
        ("wie viel zahlt meta", "de"),
        ("Umsatz Scale AI 2024", "de"),
        ("Who runs Meta?", "en"),
        ("Where did Tesla die?", "en"),
        ("how much did meta pay", "en"),
        ("revenue Scale AI 2024", "en"),
    ],
)
def test_short_questions(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "2025", "???", "\n"])
def test_no_hint_is_the_default_and_says_so(text: str) -> None:
    assert detect_with_confidence(text) == (DEFAULT, 0.5)


def test_confidence_grows_with_the_text() -> None:
    long = detect_with_confidence("Der Konzern hat die Beteiligung im Sommer gekauft. " * 10)
    assert long.language == "de"
    assert long.confidence > 0.99


def test_an_english_menu_does_not_decide_for_a_german_page() -> None:
    text = "menu close search subscribe share\n" * 20 + "Der Konzern hat die Firma gekauft.\n" * 200
    assert detect(text) == "de"


def test_threads_share_one_detector() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(detect, ["Wer hat das Haus gebaut?"] * 64))
    assert found == {"de"}


@given(st.text(max_size=300))
def test_arbitrary_text(text: str) -> None:
    language, confidence = detect_with_confidence(text)
    assert language in {"de", "en"}
    assert 0.5 <= confidence <= 1.0


@pytest.mark.parametrize(
    ("name", "field", "language", "floor"),
    [
        ("xquad/questions_de.jsonl", "question", "de", 0.995),
        ("xquad/questions_en.jsonl", "question", "en", 0.995),
        ("germanquad/questions_de.jsonl", "question", "de", 0.995),
        ("germanquad/questions_de_perturbed.jsonl", "question", "de", 0.995),
        ("squad2/xquad_linked_unanswerable_en.jsonl", "question", "en", 0.99),
        ("xquad/documents_de.jsonl", "text", "de", 1.0),
        ("xquad/documents_en.jsonl", "text", "en", 1.0),
        ("germanquad/documents_de.jsonl", "text", "de", 1.0),
        ("legalquad_de/documents_de.jsonl", "text", "de", 1.0),
    ],
)
def test_accuracy(
    read_set: Callable[[str], list[dict[str, Any]]],
    name: str,
    field: str,
    language: str,
    floor: float,
) -> None:
    rows = read_set(name)
    right = sum(detect(row[field]) == language for row in rows)
    assert right / len(rows) >= floor


@pytest.mark.parametrize(
    ("question", "languages"),
    [
        ("Wie ist die deadline for the tender Nordkai?", {"de", "en"}),
        ("Nordkai deadline?", {"de", "en"}),
        ("VPN Timeout", {"de", "en"}),
        ("Budget 2025", {"de", "en"}),
        ("", {"de", "en"}),
        ("Wie lang ist die Frist?", {"de"}),
        ("Woran erkennt man es?", {"de"}),
        ("When does the tenancy end?", {"en"}),
        ("Wer schrieb „The End of the World“?", {"de"}),
        ("Wie lang ist die Frist? " * 20 + "For the tender?", {"de"}),
    ],
)
def test_a_question_may_be_in_both_languages(question: str, languages: set[str]) -> None:
    found = possible_languages(question)
    assert set(found) == languages
    assert found[0] == detect(question)
