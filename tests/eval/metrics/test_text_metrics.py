from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import SHARED

from corpus.document import Language
from eval.metrics.text import (
    all_gold_no_wrong,
    contains_gold,
    exact_match,
    normalise,
    normalised_tokens,
    token_f1,
    without_markers,
)

FIXTURES = SHARED / "eval" / "metric_fixtures"
WORDS = st.lists(st.sampled_from(["der", "Hund", "the", "dog", "3,5", "–"]), max_size=6).map(
    " ".join
)
LANGUAGES = st.sampled_from(["de", "en"])


def rows(file: Path) -> list[dict[str, Any]]:
    if not file.is_file():
        pytest.skip("the fixtures are not on this machine")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def printed(score: float) -> float:
    """The fixtures give six digits."""
    return round(score, 6)


def test_every_english_row_is_the_squad_scripts() -> None:
    found = rows(FIXTURES / "squad_em_f1_en.jsonl")
    assert len(found) == 1190
    for row in found:
        assert exact_match(row["prediction"], row["answers"], "en") == row["em"], row
        assert printed(token_f1(row["prediction"], row["answers"], "en")) == row["f1"], row


def test_every_german_row_with_gold_answers_is_the_mlqa_and_the_squad_scripts() -> None:
    asked = rows(SHARED / "eval" / "germanquad" / "questions_de.jsonl")
    gold = {row["id"]: row["answers"] for row in asked}
    # The fixture has all 2,204 questions; gold answers are here for the development half.
    found = [row for row in rows(FIXTURES / "mlqa_em_f1_de.jsonl") if row["id"] in gold]
    assert len(found) == len(gold) == 1114
    languages: list[tuple[Language, str]] = [("de", "mlqa_de"), ("en", "squad")]
    for row in found:
        answers = gold[row["id"]]
        for language, script in languages:
            assert exact_match(row["prediction"], answers, language) == row[f"{script}_em"], row
            f1 = token_f1(row["prediction"], answers, language)
            assert printed(f1) == row[f"{script}_f1"], row


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The „Deal“ – an end!", "en", ["„deal“", "–", "end"]),
        ("Das „Ende“ – einer Reise!", "de", ["ende", "reise"]),
        ("Das a and the", "de", ["a", "and", "the"]),
        ("14,3 $", "de", ["143"]),
        ("", "de", []),
    ],
)
def test_tokens_follow_the_language(text: str, language: Language, expected: list[str]) -> None:
    assert normalised_tokens(text, language) == expected


def test_f1_by_hand() -> None:
    assert token_f1("red red dog", ["red dog"], "en") == pytest.approx(0.8)
    assert token_f1("cat", ["a dog", "cat and dog"], "en") == pytest.approx(0.5)
    assert token_f1("", ["dog"], "en") == token_f1("dog", [], "en") == 0.0
    assert exact_match("dog", [], "en") == 0.0


@given(WORDS, WORDS, LANGUAGES)
def test_f1_is_symmetric_and_1_only_for_the_same_tokens(
    first: str, second: str, language: Language
) -> None:
    score = token_f1(first, [second], language)
    assert score == pytest.approx(token_f1(second, [first], language))
    assert 0.0 <= score <= 1.0
    same = (
        sorted(normalised_tokens(first, language))
        == sorted(normalised_tokens(second, language))
        != []
    )
    assert (score == pytest.approx(1.0)) == same
    assert score >= exact_match(first, [second], language) * same


@given(WORDS, st.lists(WORDS, min_size=1, max_size=3), WORDS, LANGUAGES)
def test_another_gold_answer_never_lowers_a_score(
    text: str, answers: list[str], more: str, language: Language
) -> None:
    assert token_f1(text, [*answers, more], language) >= token_f1(text, answers, language)
    assert exact_match(text, [*answers, more], language) >= exact_match(text, answers, language)


def test_markers_are_taken_out_with_their_space() -> None:
    assert without_markers("Gelb. [1][12] Rot [2].") == "Gelb. Rot."


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Die 14,3 Milliarden Dollar. [1][12]", "14·3 milliarden dollar"),
        ("The „Deal“ – an end!", "deal end"),
        ("  ", ""),
    ],
)
def test_normalised(text: str, plain: str) -> None:
    assert normalise(text) == plain


@given(st.text(max_size=60))
def test_normalising_again_changes_nothing_but_articles(text: str) -> None:
    once = normalise(text)
    assert once == " ".join(once.split())
    assert contains_gold(text, [text]) == bool(once)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["14,3 Milliarden"], True),
        (["15", "die Milliarden Dollar"], True),
        (["4,3 Milliarden"], False),
        (["Milli"], False),
        (["", "der"], False),
        ([], False),
    ],
)
def test_a_gold_answer_counts_as_whole_words(answers: list[str], expected: bool) -> None:
    assert contains_gold("Meta zahlte 14,3 Milliarden Dollar. [1]", answers) is expected


@pytest.mark.parametrize(
    ("text", "answers", "wrong", "expected"),
    [
        ("1963 [1] and 1956. [2]", ["1963", "1956"], ["1998"], True),
        ("1963. [1]", ["1963", "1956"], [], False),
        ("1963, 1956 or 1998?", ["1963", "1956"], ["1998"], False),
        # A wrong answer within a gold one, the same as one, and around one.
        ("He played American football.", ["American football"], ["Football"], True),
        ("American football, not football.", ["American football"], ["Football"], False),
        ("In 1860.", ["1860"], ["1860"], True),
        ("The 1998 World Cup.", ["1998"], ["1998 World Cup"], False),
        ("Anything.", [], ["1998"], False),
        ("", ["1963"], [], False),
        ("Anything.", [""], [], False),
    ],
)
def test_a_conflict_needs_every_gold_answer_and_no_wrong_one(
    text: str, answers: list[str], wrong: list[str], expected: bool
) -> None:
    assert all_gold_no_wrong(text, answers, wrong) is expected


@given(WORDS, st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=3))
def test_the_strict_match_is_stricter_than_a_gold_answer_contained(
    text: str, answers: list[str], wrong: list[str]
) -> None:
    if all_gold_no_wrong(text, answers, wrong):
        assert all(contains_gold(text, [answer]) for answer in answers)
        assert all_gold_no_wrong(text, answers, [])
