from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from evaluation_samples import ScriptedSystem, write_set

from base.errors import UsageError
from eval.metrics.overlap import OverlapJudge
from eval.questionset import find_set
from eval.record import QuestionRecord, RunInfo
from eval.run_folder import ANSWERS, INFO, RunFolder
from eval.runner import RunPlan, begin, finish
from eval.scoring import score, summarise

TESTS = Path(__file__).resolve().parent.parent


def nothing(record: QuestionRecord) -> None:
    pass


def run(file: Path, out: Path, system: ScriptedSystem, plan: RunPlan | None = None) -> RunInfo:
    begun = begin(find_set(str(file)), system, plan or RunPlan(), out)
    return finish(begun, system, out.parent / "corpora", nothing)


def test_every_question_gets_a_line(tmp_path: Path) -> None:
    system, out = ScriptedSystem(), tmp_path / "run"
    done = run(write_set(tmp_path / "set", 5), out, system)
    records = RunFolder(out).records()
    assert [one.question.id for one in records] == ["q1", "q2", "q3", "q4", "q5"]
    assert all(one.ranking and one.reply for one in records)
    assert (done.questions, done.documents, done.parts, done.pair) == (5, 5, "both", "en-en")
    assert done.ended is not None
    assert done.peak_memory_mb is not None
    assert RunFolder(out).info() == done


@pytest.mark.parametrize("parts", ["retrieval", "answers"])
def test_half_a_run(tmp_path: Path, parts: str) -> None:
    system, out = ScriptedSystem(), tmp_path / "run"
    plan = RunPlan(parts=parts)  # type: ignore[arg-type]
    run(write_set(tmp_path / "set", 3), out, system, plan)
    for record in RunFolder(out).records():
        assert (record.ranking is None) == (parts == "answers")
        assert (record.reply is None) == (parts == "retrieval")


def test_what_is_done_is_not_asked_again(tmp_path: Path) -> None:
    file, out = write_set(tmp_path / "set", 6), tmp_path / "run"
    run(file, out, ScriptedSystem())
    lines = (out / ANSWERS).read_bytes().splitlines(keepends=True)
    (out / ANSWERS).write_bytes(b"".join(lines[:4]) + lines[4][:30])
    system = ScriptedSystem()
    run(file, out, system)
    assert system.asked == ["q5", "q6"]
    again = ScriptedSystem()
    run(file, out, again)
    assert (again.asked, again.prepared) == ([], [])


def test_a_question_that_fails_is_recorded_and_the_run_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(write_set(tmp_path / "set", 4, failing=frozenset({2})), out, ScriptedSystem())
    records = RunFolder(out).records()
    assert [one.error for one in records] == [None, "It was asked to fail.", None, None]
    assert [one.reply is None for one in records] == [False, True, False, False]


def test_a_run_says_who_read_its_prompts(tmp_path: Path) -> None:
    file, out = write_set(tmp_path / "set", 4), tmp_path / "run"
    system = ScriptedSystem()
    system.reader, system.failing = "PyTorch (int8)", frozenset({"q3"})
    assert run(file, out, system).prefill == "PyTorch (int8)"
    again = ScriptedSystem()
    again.reader = "llama.cpp (too little memory)"
    assert run(file, out, again).prefill == "PyTorch (int8); then llama.cpp (too little memory)"


def test_what_failed_is_asked_again(tmp_path: Path) -> None:
    file, out = write_set(tmp_path / "set", 4), tmp_path / "run"
    away = ScriptedSystem()
    away.failing = frozenset({"q2", "q3"})
    run(file, out, away)
    again = ScriptedSystem()
    run(file, out, again)
    assert again.asked == ["q2", "q3"]
    records = RunFolder(out).records()
    assert [one.question.id for one in records] == ["q1", "q2", "q3", "q4"]
    assert all(one.error is None for one in records)


def test_a_commit_that_asked_nothing_is_not_named(tmp_path: Path) -> None:
    file, out = write_set(tmp_path / "set", 2), tmp_path / "run"
    done = run(file, out, ScriptedSystem())
    RunFolder(out).finish(done.model_copy(update={"commit": "old"}))
    assert run(file, out, ScriptedSystem()).commit == "old"


def test_a_limit_takes_the_same_questions_every_time(tmp_path: Path) -> None:
    file = write_set(tmp_path / "set", 30)
    chosen = []
    for name in ("one", "two"):
        run(file, tmp_path / name, ScriptedSystem(), RunPlan(limit=5))
        chosen.append([one.question.id for one in RunFolder(tmp_path / name).records()])
    assert chosen[0] == chosen[1]
    assert len(set(chosen[0])) == 5
    run(file, tmp_path / "three", ScriptedSystem(), RunPlan(limit=5, seed=8))
    assert [one.question.id for one in RunFolder(tmp_path / "three").records()] != chosen[0]


def test_a_changed_set_is_another_run(tmp_path: Path) -> None:
    run(write_set(tmp_path / "set", 3), tmp_path / "run", ScriptedSystem())
    with pytest.raises(UsageError, match="give another --out"):
        run(write_set(tmp_path / "set", 4), tmp_path / "run", ScriptedSystem())


def test_the_folders_name_says_what_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = find_set(str(write_set(tmp_path / "set", 3)))
    first = begin(found, ScriptedSystem(), RunPlan(), None).folder.folder
    assert first.name.startswith("samples-scripted-")
    assert begin(found, ScriptedSystem(), RunPlan(), None).folder.folder == first
    assert begin(found, ScriptedSystem(), RunPlan(limit=2), None).folder.folder != first


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from corpus.language import detect
from evaluation_samples import ScriptedSystem
from eval.questionset import find_set
from eval.runner import RunPlan, begin, finish
detect("What does it cost?")  # its models load with the first text
system, out = ScriptedSystem(delay=0.01), Path({out!r})
run = begin(find_set({file!r}), system, RunPlan(), out)
print("begun", flush=True)
finish(run, system, out.parent / "corpora", lambda record: None)
"""


def test_ten_kills_at_random_change_nothing(tmp_path: Path) -> None:
    file, out, whole = write_set(tmp_path / "set", 60), tmp_path / "killed", tmp_path / "whole"
    code = CHILD.format(tests=str(TESTS), out=str(out), file=str(file))
    dice = random.Random(3)
    for _ in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", code], cwd=TESTS.parent, stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(dice.uniform(0.0, 0.08))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    assert 0 < len(RunFolder(out).records()) < 60
    subprocess.run([sys.executable, "-c", code], cwd=TESTS.parent, check=True, capture_output=True)
    run(file, whole, ScriptedSystem())
    killed, straight = (RunFolder(folder).records() for folder in (out, whole))
    assert killed == straight
    judge = OverlapJudge()
    first, second = (
        summarise(RunFolder(whole).info(), [score(one, judge) for one in records])
        for records in (killed, straight)
    )
    assert first == second
    assert not (out / f"{INFO}.partial").exists()
