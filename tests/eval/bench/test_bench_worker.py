"""Processes that measure, and what happens when they cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from base.errors import BelegtError, UsageError
from base.settings import Settings
from eval.bench.worker import BenchWorker

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def findable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parents[2])]))


def started(settings: Settings, folder: Path, job: str = "scripted") -> BenchWorker:
    return BenchWorker(job, settings, folder / "log", module="bench_jobs")


def test_calls_and_results(settings: Settings, tmp_path: Path) -> None:
    with started(settings, tmp_path) as worker:
        assert worker.call("add", one=2, other=3) == 5
        assert worker.call("add", one="ü", other="\n") == "ü\n"
        assert worker.call("process") != os.getpid()


def test_errors_keep_their_kind_and_the_process_goes_on(settings: Settings, tmp_path: Path) -> None:
    with started(settings, tmp_path) as worker:
        with pytest.raises(UsageError, match="cannot be asked"):
            worker.call("refuse")
        with pytest.raises(BelegtError, match="did not work") as raised:
            worker.call("fail")
        assert not isinstance(raised.value, UsageError)
        assert worker.call("add", one=1, other=1) == 2


def test_a_job_that_cannot_be_made_says_so(settings: Settings, tmp_path: Path) -> None:
    with (
        started(settings, tmp_path, "absent") as worker,
        pytest.raises(UsageError, match="pip install"),
    ):
        worker.call("add", one=1, other=1)


def test_a_process_that_ends_early_names_its_log(settings: Settings, tmp_path: Path) -> None:
    with started(settings, tmp_path) as worker:
        with pytest.raises(BelegtError, match="ended early") as raised:
            worker.call("die")
        assert str(tmp_path / "log") in str(raised.value)
        with pytest.raises(BelegtError, match="ended early"):
            worker.call("add", one=1, other=1)


def test_the_job_is_closed_at_the_end(settings: Settings, tmp_path: Path) -> None:
    with started(settings, tmp_path) as worker:
        worker.call("process")
    assert "closed" in (tmp_path / "log").read_text()


def test_an_operation_that_breaks_leaves_its_trace(settings: Settings, tmp_path: Path) -> None:
    with started(settings, tmp_path) as worker, pytest.raises(BelegtError, match="ended early"):
        worker.call("add", one=1, other="x")
    assert "TypeError" in (tmp_path / "log").read_text()
