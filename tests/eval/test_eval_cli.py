from __future__ import annotations

import json
from pathlib import Path

import pytest
from evaluation_samples import ScriptedSystem, write_set

import eval.systems
from eval.cli import BELOW
from eval.command import main


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is asked is scripted; sets, runs, scores and reports are the real ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(eval.systems, "make_system", lambda *names, **options: ScriptedSystem())


def figures(text: str) -> dict[str, float]:
    return {one["name"]: one["value"] for one in json.loads(text)["figures"]}


def test_a_run_ends_in_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_set(tmp_path / "set", 6)
    assert main(["eval", "run", str(file), "--out", "a"]) == 0
    shown = capsys.readouterr()
    assert "gold_contained" in shown.out
    assert "The run is in 'a'" in shown.err
    assert main(["eval", "report", "a", "--json"]) == 0
    found = figures(capsys.readouterr().out)
    assert found["gold_contained"] == pytest.approx(4 / 6)
    assert found["wrongly_refused"] == pytest.approx(2 / 6)
    assert found["ndcg@10"] == 1.0


def test_a_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(write_set(tmp_path / "set", 6))
    assert main(["eval", "run", file, "--out", "a", "--fail-under", "gold_contained=0.6"]) == 0
    assert main(["eval", "run", file, "--out", "a", "--fail-under", "gold_contained=0.7"]) == BELOW
    assert "gold_contained of samples is 0.6667, below 0.7" in capsys.readouterr().err
    assert main(["eval", "report", "a", "--markdown", "--fail-under", "wrongly_refused=0.4"]) == 0
    assert main(["eval", "report", "a", "--markdown", "--fail-under", "wrongly_refused=0.3"]) == (
        BELOW
    )
    assert "wrongly_refused of samples is 0.3333, above 0.3" in capsys.readouterr().err
    assert main(["eval", "report", "a", "--markdown", "--fail-under", "beauty=1"]) == 2
    assert "'beauty', which this run does not measure" in capsys.readouterr().err


def test_two_runs_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(write_set(tmp_path / "set", 6))
    main(["eval", "run", file, "--out", "a"])
    main(["eval", "run", file, "--out", "b", "--limit", "4"])
    capsys.readouterr()
    assert main(["eval", "compare", "a", "b"]) == 0
    assert "4 questions in both" in capsys.readouterr().out


def test_a_report_is_one_file(tmp_path: Path) -> None:
    file = str(write_set(tmp_path / "set", 3))
    main(["eval", "run", file, "--out", "a"])
    assert main(["eval", "report", "a", "--out", "report.html"]) == 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_the_sets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "sets", "--json"]) == 0
    names = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert names["sample"]["present"] is True
    assert {"xquad", "germanquad", "ramdocs", "squad2-unanswerable"} <= names.keys()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "nothing"], "There is no set 'nothing'"),
        (["run", "sample", "--limit", "0"], "--limit is 0; it must be at least 1"),
        (["run", "sample", "--pair", "xx-yy"], "has no pair 'xx-yy'"),
        (["run", "sample", "--fail-under", "crag"], "--fail-under is 'crag'"),
        (["run", "sample", "--fail-under", "crag=nan"], "--fail-under is 'crag=nan'"),
        (["run", "sample", "--fail-under", "=1"], "--fail-under is '=1'"),
        (["report", "."], "is not a run"),
        (["compare", ".", "."], "is not a run"),
    ],
)
def test_bad_use_is_one_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", *arguments]) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_an_absent_set_is_left_out_cleanly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_set(tmp_path / "set", 3)
    (tmp_path / "set" / "documents.jsonl").unlink()
    assert main(["eval", "run", str(file)]) == 2
    assert "not on this machine" in capsys.readouterr().err


def test_failures_and_progress_are_told_beside_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(write_set(tmp_path / "set", 3, failing=frozenset({2})))
    assert main(["eval", "run", file, "--out", "a", "--json"]) == 0
    shown = capsys.readouterr()
    assert figures(shown.out)["failed"] == pytest.approx(1 / 3)
    assert "Question 'q2' failed: It was asked to fail." in shown.err


def test_an_unfinished_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(write_set(tmp_path / "set", 3))
    main(["eval", "run", file, "--out", "a"])
    lines = (tmp_path / "a" / "answers.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "a" / "answers.jsonl").write_text(lines[0])
    capsys.readouterr()
    assert main(["eval", "report", "a", "--markdown"]) == 0
    assert "is unfinished: 1 of 3 questions" in capsys.readouterr().err


def test_the_folder_of_an_empty_run_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(write_set(tmp_path / "set", 3))
    main(["eval", "run", file, "--out", "a"])
    (tmp_path / "a" / "answers.jsonl").write_text("")
    assert main(["eval", "report", "a"]) == 2
    assert "no answered question yet" in capsys.readouterr().err


def test_several_sets_are_run_by_one_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[ScriptedSystem] = []

    def make(*names: object, **options: object) -> ScriptedSystem:
        made.append(ScriptedSystem())
        return made[-1]

    monkeypatch.setattr(eval.systems, "make_system", make)
    files = []
    for name in ("one", "two"):
        file = write_set(tmp_path / name, 6)
        file.write_text(file.read_text("utf-8").replace('"samples"', f'"{name}"'), "utf-8")
        files.append(str(file))
    gone = write_set(tmp_path / "gone", 3)
    (tmp_path / "gone" / "documents.jsonl").unlink()
    command = ["eval", "run", *files, str(gone), "--limit", "4", "--out", "runs", "--json"]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert [json.loads(line)["info"]["set"] for line in shown.out.splitlines()] == ["one", "two"]
    assert "The data of the set 'samples' is not here; left out." in shown.err
    assert (tmp_path / "runs" / "two" / "answers.jsonl").is_file()
    assert len(made) == 1
    assert len(made[0].asked) == 8
    # The same command goes on with both, and has nothing left to ask.
    assert main(command) == 0
    assert made[1].asked == []
    assert main(["eval", "run", str(gone)]) == 2
    assert "is not on this machine" in capsys.readouterr().err
