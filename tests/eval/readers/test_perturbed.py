from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.readers import SetSource, perturbed


@pytest.fixture
def source(tmp_path: Path) -> SetSource:
    original = {"id": "q1", "question": "Wer?", "answers": ["Wang"], "doc_id": "d1"}
    (tmp_path / "original.jsonl").write_text(json.dumps(original))
    return SetSource(tmp_path / "changed.jsonl", "x", "de", originals=tmp_path / "original.jsonl")


def write(source: SetSource, *rows: dict[str, str]) -> None:
    source.path.write_text("\n".join(json.dumps(row) for row in rows))


def test_a_changed_question_keeps_all_but_its_words(source: SetSource) -> None:
    changes = {"typo": "Wre?", "lower": "wer?"}
    write(source, *({"id": "q1", "perturbation": k, "question": v} for k, v in changes.items()))
    found = [one.question for one in perturbed.questions(source)]
    assert [(one.id, one.kind, one.text) for one in found] == [
        ("q1/typo", "typo", "Wre?"),
        ("q1/lower", "lower", "wer?"),
    ]
    assert {(one.answers, *one.relevant) for one in found} == {(("Wang",), "d1")}


def test_an_unknown_original_is_named(source: SetSource) -> None:
    write(source, {"id": "q2", "perturbation": "typo", "question": "Wre?"})
    with pytest.raises(UsageError, match=r"changed\.jsonl', line 1: there is no question 'q2'"):
        list(perturbed.questions(source))


def test_without_originals_nothing_is_asked(source: SetSource) -> None:
    with pytest.raises(UsageError, match="'originals'"):
        list(perturbed.questions(SetSource(source.path, "x")))
