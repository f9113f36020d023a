from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.readers import SetAbsentError, SetSource, cases


def write(folder: Path, **more: object) -> SetSource:
    (folder / "01-price").mkdir()
    (folder / "01-price" / "a.txt").write_text("Der Filter kostet neun Euro.\n", "utf-8")
    (folder / "01-price" / "b.txt").write_text("Der Schlauch kostet zwei Euro.\n", "utf-8")
    (folder / "CASES.md").write_text("Not a case.\n", "utf-8")
    row = {
        "case": "01-price",
        "add": "01-price",
        "question": "Was kosten Filter und Schlauch?",
        "expect": "answered",
        "must_have_one_of": ["neun&zwei"],
        "must_not_have": ["elf"],
        "mark": "top",
    }
    (folder / "questions.jsonl").write_text(json.dumps(row | more) + "\n", "utf-8")
    return SetSource(folder, "cases")


def test_a_question_is_asked_over_its_own_case(tmp_path: Path) -> None:
    source = write(tmp_path)
    (found,) = cases.questions(source)
    assert found.question.within == ("01-price/a.txt", "01-price/b.txt")
    assert found.question.answers == ("neun && zwei",)
    assert found.question.wrong_answers == ("elf",)
    assert [one.document.id for one in cases.documents(source)] == [*found.question.within]
    assert tmp_path / "CASES.md" not in set(cases.files(source))


def test_what_is_not_there_is_not_answerable(tmp_path: Path) -> None:
    (found,) = cases.questions(write(tmp_path, expect="not_found", must_have_one_of=["9"]))
    assert not found.question.answerable
    assert found.question.answers == ()


def test_a_file_that_cannot_be_loaded_fails_its_case_only(tmp_path: Path) -> None:
    source = write(tmp_path)
    (tmp_path / "01-price" / "b.txt").write_bytes(b"")
    first, second = cases.documents(source)
    assert "neun Euro" in first.document.text
    assert "b.txt" in second.document.text


def test_a_missing_case_is_named(tmp_path: Path) -> None:
    source = write(tmp_path, add="02-nothing")
    with pytest.raises(SetAbsentError, match="02-nothing"):
        list(cases.questions(source))
    (tmp_path / "02-nothing").mkdir()
    with pytest.raises(UsageError, match="line 1: the folder '02-nothing' holds no file"):
        list(cases.questions(source))
