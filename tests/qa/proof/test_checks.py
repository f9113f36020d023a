"""The check on hand-written pairs: minimal falsifications, and right paraphrases."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Language
from qa.proof.checks import FEATURES, check_statement
from qa.proof.support import Pair, prove, prove_pairs

FILES = sorted((Path(__file__).parent / "data").glob("pairs_*.jsonl"))


@cache
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for file in FILES for line in file.read_text("utf-8").splitlines()]


def shares(*, same: bool) -> tuple[float, float]:
    """False accepted, right rejected."""
    chosen = [row for row in rows() if (row["quote_language"] == row["statement_language"]) == same]
    fields = ("quote", "statement", "quote_language", "statement_language")
    proofs = prove_pairs([Pair(**{name: row[name] for name in fields}) for row in chosen])
    judged = list(zip(chosen, proofs, strict=True))
    false = [proof.supported for row, proof in judged if not row["supported"]]
    right = [not proof.supported for row, proof in judged if row["supported"]]
    return sum(false) / len(false), sum(right) / len(right)


@pytest.mark.parametrize(
    ("same", "false_accepted", "right_rejected"), [(True, 0.05, 0.12), (False, 0.05, 0.15)]
)
def test_the_hand_written_pairs(same: bool, false_accepted: float, right_rejected: float) -> None:
    accepted, rejected = shares(same=same)
    assert accepted <= false_accepted
    assert rejected <= right_rejected


@pytest.mark.parametrize(
    ("quote", "statement", "language", "sort"),
    [
        ("Es kamen 50 Prozent.", "Es kamen 50 Euro.", "de", "value"),
        ("Die Firma kaufte das Werk nicht.", "Die Firma kaufte das Werk.", "de", "negation"),
        ("Some schools closed.", "All schools closed.", "en", "quantity word"),
        ("Das Werk soll schließen.", "Das Werk schloss.", "de", "plan told as fact"),
        ("Das Werk schloss.", "Das Werk soll schließen.", "de", "fact told as plan"),
        ("Anna besuchte Ben.", "Ben besuchte Anna.", "de", "roles"),
        ("Yesterday Anna Vogt left.", "Yesterday Ben Vogt left.", "en", "name"),
        ("The shop closed in May.", "The shop closes in May.", "en", "tense"),
        ("Er kam vor der Feier.", "Er kam nach der Feier.", "de", "preposition"),
        (
            "Der Umsatz stieg 2023 auf 5 Millionen und 2024 auf 7 Millionen.",
            "Der Umsatz stieg 2024 auf 5 Millionen.",
            "de",
            "another value",
        ),
    ],
)
def test_the_reason_names_the_fault(
    quote: str, statement: str, language: Language, sort: str
) -> None:
    proof = prove(quote, statement, language, language)
    assert not proof.supported
    assert sort in [reason.partition(":")[0] for reason in proof.reasons]


def test_the_question_excuses_nothing() -> None:
    quote, question = "Meta zahlte 14,3 Milliarden.", "Zahlte Meta 15 Milliarden?"
    check = check_statement("Meta zahlte 15 Milliarden.", "de", quote, "de", question=question)
    assert check.supported_by_code is False


def test_every_feature_is_there() -> None:
    check = check_statement("Meta zahlte.", "de", "Meta zahlte 3 Euro.", "de", cosine=0.9)
    assert set(check.features) == set(FEATURES)


class Yes:
    def __init__(self, odds: float) -> None:
        self.odds = odds
        self.asked: list[Pair] = []

    def score(self, pairs: Any) -> list[float]:
        self.asked += pairs
        return [self.odds] * len(pairs)


def test_a_scorer_decides_what_code_leaves_open_and_excuses_no_value() -> None:
    quote = "Der Rat hat den Plan der Siedlung gebilligt, sie kostet 3 Euro."
    yes, no = Yes(8.0), Yes(-8.0)
    open_statement = "Der Plan der Siedlung fand Gnade vor dem Rat."
    assert prove(quote, open_statement, "de", "de", scorer=yes).supported
    assert not prove(quote, open_statement, "de", "de", scorer=no).supported
    assert not prove(quote, "Der Plan kostet 4 Euro.", "de", "de", scorer=yes).supported
    assert len(yes.asked) == 1, "what code has decided is not asked"


def test_empty_texts_prove_nothing() -> None:
    assert not prove("", "Meta zahlte.").supported
    assert not prove("Meta zahlte.", "  ").supported


TEXTS = st.text(max_size=80)
LANGUAGES = st.sampled_from(["de", "en"])


@given(TEXTS, TEXTS, LANGUAGES, LANGUAGES)
@settings(deadline=None, max_examples=60)
def test_any_texts(quote: str, statement: str, one: Language, two: Language) -> None:
    proof = prove(quote, statement, one, two)
    assert 0.0 <= proof.score <= 1.0
    assert proof.supported == (not proof.reasons)
