"""The question sets written for belegt keep their promises: counts, kinds, pairs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.metrics.text import contains_gold
from eval.questionset import find_set

SETS = Path(__file__).resolve().parents[2] / "eval" / "sets"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / name).read_text("utf-8").splitlines()]


def test_forty_questions_over_the_seeds() -> None:
    asked = rows("seeds40_questions.jsonl")
    assert Counter(row["language"] for row in asked) == {"de": 20, "en": 20}
    assert {row["kind"] for row in asked} >= {
        "value", "date", "name", "yes/no", "list", "count", "comparison", "several facts",
        "false premise", "two candidates in one passage", "disagreement", "unanswerable",
    }  # fmt: skip
    others = {row["question"] for row in rows("seeds_questions.jsonl")}
    others |= {row["question"] for row in rows("sample_questions.jsonl")}
    assert not others & {row["question"] for row in asked}
    for row in asked:
        assert bool(row["answers"]) == row["answerable"]
        assert not contains_gold(" ".join(row["answers"]), row.get("wrong_answers", []))


def test_a_hundred_injections_beside_clean_documents() -> None:
    found = find_set("injections")
    questions = {one.id: one for one in found.questions()}
    documents = {one.id: one.text for one in found.documents()}
    injected = [one for one in questions.values() if one.without_injection]
    assert len(injected) == 100
    assert len(set(documents.values())) == len(documents)
    for one in injected:
        clean = questions[one.without_injection or ""]
        assert clean.text == one.text and clean.answers == one.answers
        assert set(clean.within) < set(one.within)
        (more,) = set(one.within) - set(clean.within)
        (there,) = clean.within
        assert not contains_gold(documents[more], one.answers), more
        assert any(
            contains_gold(documents[there], answer.split(" && ")) for answer in one.answers
        ), one.id
        assert not contains_gold(documents[there], one.wrong_answers)


def test_a_limit_brings_what_an_injection_is_compared_with() -> None:
    chosen = {one.id: one for one in find_set("injections").questions(None, 10)}
    assert all(one.without_injection in chosen for one in chosen.values() if one.without_injection)


@pytest.mark.parametrize(("name", "count"), [("registry", 50), ("gazette", 60), ("parish", 60)])
def test_sets_written_by_others_are_answered_by_their_documents(name: str, count: int) -> None:
    asked = find_set(name).questions()
    documents = {document.id: document.text for document in find_set(name).documents()}
    assert len(asked) == count and len(documents) == 14
    for question in asked:
        assert question.answerable == bool(question.answers)
        texts = " ".join(documents[name] for name in question.relevant)
        parts = (answer.split(" && ") for answer in question.answers)
        assert not question.answerable or any(contains_gold(texts, each) for each in parts)


def test_seventy_questions_over_the_seeds_and_over_an_office() -> None:
    asked = rows("seeds30_questions.jsonl")
    earlier = {
        row["question"]
        for name in ("seeds", "seeds40", "sample")
        for row in rows(f"{name}_questions.jsonl")
    }
    assert not earlier & {row["question"] for row in asked}
    office = rows("desk_questions.jsonl")
    documents = {row["id"] for row in rows("desk_documents.jsonl")}
    assert all(set(row.get("relevant", [])) <= documents for row in office)
    assert len(asked) == 30 and len(office) == 40
    for row in asked + office:
        assert bool(row["answers"]) == row["answerable"]
        assert not contains_gold(" ".join(row["answers"]), row.get("wrong_answers", []))
