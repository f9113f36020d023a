from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from evaluation_samples import info, record

from base.errors import BelegtError, UsageError
from eval.run_folder import ANSWERS, INFO, RunFolder, append


def test_records_come_back_as_they_went_in(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.begin(info())
    written = [record("a"), record("b", answered=False)]
    with folder.appending() as stream:
        for one in written:
            append(stream, one)
    assert folder.records() == written


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_torn_last_line_is_dropped_and_overwritten(tmp_path: Path, kept: int) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(info())
    with folder.appending() as stream:
        append(stream, record("a"))
    whole = (tmp_path / ANSWERS).read_bytes()
    (tmp_path / ANSWERS).write_bytes(whole + whole[:kept])
    assert [one.question.id for one in folder.records()] == ["a"]
    with folder.appending() as stream:
        append(stream, record("b"))
    assert [one.question.id for one in folder.records()] == ["a", "b"]


def test_a_run_of_something_else_is_not_continued(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(info())
    with pytest.raises(UsageError, match=r"another seed \(7, now 8\); give another --out"):
        folder.begin(info(seed=8))
    assert folder.info() == info()


def test_what_may_differ_between_two_processes_does(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(info())
    later = info(started="2026-11-22T10:00:00+00:00", commit="another")
    assert folder.begin(later) == info()


def test_two_processes_do_not_write_the_same_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(info())
    with folder.appending():
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            told = pool.apply(_try_to_write, (str(tmp_path),))
    assert "Another process is writing the run" in told


def _try_to_write(folder: str) -> str:
    try:
        with RunFolder(Path(folder)).appending():
            return ""
    except BelegtError as error:
        return str(error)


def test_what_is_no_run_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a run: it has no"):
        RunFolder(tmp_path).info()
    (tmp_path / INFO).write_text("{}")
    with pytest.raises(UsageError, match="is not the description of a run"):
        RunFolder(tmp_path).info()


def test_a_line_that_is_no_record_is_named(tmp_path: Path) -> None:
    (tmp_path / ANSWERS).write_text('{"question": 1}\n')
    with pytest.raises(UsageError, match="line 1 is not a record of a run"):
        RunFolder(tmp_path).records()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        RunFolder(tmp_path / "file" / "run").begin(info())


def test_answers_to_nobody_knows_what_are_not_taken_up(tmp_path: Path) -> None:
    (tmp_path / ANSWERS).write_bytes(record("a").model_dump_json().encode() + b"\n")
    with pytest.raises(UsageError, match="nobody knows what was asked"):
        RunFolder(tmp_path).begin(info())


def test_the_last_answer_to_a_question_counts(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(info())
    with folder.appending() as stream:
        for one in (record("a", reply=None, error="Away."), record("b"), record("a")):
            append(stream, one)
    assert folder.records() == [record("a"), record("b")]
