from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from base.errors import BelegtError
from qa.engine.cancellation import Cancellation
from qa.engine.prefill_backend import Follow, Read, Unread
from qa.engine.request import EngineClosedError, Request
from qa.engine.torch_prefill.service import Prefill, WorkerFactory


def request(start: int = 10) -> Request:
    return Request([], start, 500, None, Future(), Cancellation())


def unread(count: int, held: int = 10, of: Request | None = None) -> Unread:
    return Unread(of or request(), list(range(held)), list(range(count)))


class Worker:
    """Reads everything but what ``refused`` says; fails after ``failing_after`` prompts.

    ``follow``: what a branch comes to.
    """

    def __init__(self) -> None:
        self.refused: set[int] = set()
        self.failing_after: int | None = None
        self.follow: Follow | None = None

    def read(self, unread: Sequence[Unread]) -> Iterator[tuple[Request, Read | None]]:
        for at, one in enumerate(unread):
            if at == self.failing_after:
                raise RuntimeError("no memory")
            yield one.request, None if at in self.refused else Read([], self.follow)


class Made(WorkerFactory):
    def __init__(self, failing: dict[str, Exception] | None = None) -> None:
        self.failing = failing or {}
        self.worker = Worker()
        self.loaded = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def load(self, check: Callable[[], None]) -> None:
        self.loaded += 1
        if "load" in self.failing:
            raise self.failing["load"]
        self.go_on.wait(10)
        check()

    def verify(self) -> Any:
        if "verify" in self.failing:
            raise self.failing["verify"]
        return self.worker


def at_once(call: Callable[[], None]) -> None:
    call()


def ready() -> tuple[Prefill, Worker]:
    making = Made()
    prefill = Prefill(making, "int8")
    prefill.prepare(at_once)
    assert prefill.wait(10)
    return prefill, making.worker


def test_what_was_measured_meanwhile_is_taken_up_once() -> None:
    prefill, measured = Prefill(None, "", "nobody measured it"), Made()
    prefill.prepare(at_once)
    assert "nobody measured it" in prefill.describe()
    prefill.adopt(Prefill(None, "", "it is slower"))
    assert prefill.wait(0)
    prefill.adopt(Prefill(measured, "int8", decodes=True))
    assert not prefill.wait(0)
    assert prefill.decodes
    prefill.adopt(Prefill(Made(), "bfloat16"))
    prefill.prepare(at_once)
    assert prefill.wait(10)
    assert prefill.describe() == "PyTorch (int8)"
    assert measured.loaded == 1
    prefill.close()


def test_it_is_made_ready_once_and_says_so() -> None:
    making = Made()
    prefill = Prefill(making, "int8")
    assert "not ready" in prefill.describe()
    assert not prefill.accepts(unread(200))
    assert not prefill.wait(0)
    for _ in range(3):
        prefill.prepare(at_once)
    assert prefill.wait(10)
    assert (making.loaded, prefill.describe()) == (1, "PyTorch (int8)")
    assert prefill.accepts(unread(200))
    prefill.close()


def test_what_is_off_never_begins() -> None:
    prefill = Prefill(None, "", "BELEGT_PREFILL is llama")
    prefill.prepare(at_once)
    assert prefill.wait(0)
    assert prefill.describe() == "llama.cpp (BELEGT_PREFILL is llama)"
    assert not prefill.accepts(unread(200))
    prefill.close()


@pytest.mark.parametrize("where", ["load", "verify"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BelegtError("there is too little memory."), "llama.cpp (there is too little memory)"),
        (OSError(28, "No space"), "OSError"),
        (RuntimeError("no such operator"), "no such operator"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_what_does_not_hold_switches_it_off_with_the_reason(
    where: str, error: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    prefill = Prefill(Made({where: error}), "int8")
    prefill.prepare(at_once)
    assert prefill.wait(10)
    assert reason in prefill.describe()
    assert not prefill.accepts(unread(200))
    assert len(caplog.records) == 1
    prefill.close()


def test_an_engine_that_is_closed_ends_it_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    def closed(_: Callable[[], None]) -> None:
        raise EngineClosedError("The engine was closed.")

    prefill = Prefill(Made(), "int8")
    prefill.prepare(closed)
    assert prefill.wait(10)
    making = Made()
    making.go_on.clear()
    second = Prefill(making, "int8")
    second.prepare(at_once)
    threading.Timer(0.05, making.go_on.set).start()
    second.close()
    second.prepare(at_once)
    assert making.loaded == 1
    assert not second.accepts(unread(200))
    assert not caplog.records


def test_it_leaves_starts_alone() -> None:
    prefill, _ = ready()
    assert prefill.accepts(unread(1))
    assert not prefill.accepts(unread(200, held=9)), "of the static prefix one token is missing"
    none = request(start=0)
    assert not prefill.accepts(unread(200, held=prefill.skips - 1, of=none)), "attention gathers"
    assert prefill.accepts(unread(200, held=prefill.skips, of=none))


def test_a_refused_prompt_is_llamas_from_then_on() -> None:
    prefill, worker = ready()
    worker.refused = {1}
    first, second = unread(60), unread(70)
    assert prefill.read([first, second]).keys() == {first.request}
    assert prefill.accepts(unread(60, of=first.request))
    assert not prefill.accepts(unread(60, of=second.request))
    assert "PyTorch" in prefill.describe()


def test_what_was_handed_over_before_a_failure_counts(caplog: pytest.LogCaptureFixture) -> None:
    prefill, worker = ready()
    worker.failing_after = 1
    first, second = unread(60), unread(70)
    assert prefill.read([first, second]).keys() == {first.request}
    assert "no memory" in prefill.describe()
    assert not prefill.accepts(unread(60))
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_requests_that_are_gone_are_forgotten() -> None:
    prefill, worker = ready()
    worker.refused = {0}
    prefill.read([unread(60)])
    gc.collect()
    assert len(prefill._refused) == 0


def test_what_follows_is_handed_over_when_it_is_asked_for() -> None:
    prefill, worker = ready()
    logits = np.zeros(3, dtype=np.float32)
    worker.follow = lambda: logits
    (read,) = prefill.read([unread(60)]).values()
    assert read.follow is not None
    assert read.follow() is logits
    assert "PyTorch" in prefill.describe()


def test_what_follows_and_fails_is_llamas_to_read(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> None:
        raise MemoryError

    prefill, worker = ready()
    worker.follow = failing
    (read,) = prefill.read([unread(60)]).values()
    assert read.follow is not None
    assert read.follow() is None
    assert "MemoryError" in prefill.describe()
    assert len(caplog.records) == 1
