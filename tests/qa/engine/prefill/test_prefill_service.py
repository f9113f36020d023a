from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from models.errors import BelegtError
from qa.engine.cancellation import Cancellation
from qa.engine.prefill.service import MINIMUM, Making, Prefill
from qa.engine.prefill.worker import Chunk
from qa.engine.reader import Branch, Unread
from qa.engine.request import EngineClosed, Request


def request(start: int = 10) -> Request:
    return Request([], start, 500, None, Future(), Cancellation())


def unread(count: int, held: int = 10, of: Request | None = None) -> Unread:
    return Unread(of or request(), held, list(range(count)))


class Worker:
    """Reads everything but what ``refused`` says; fails after ``failing_after`` prompts."""

    def __init__(self) -> None:
        self.chunks: list[list[Chunk]] = []
        self.refused: set[int] = set()
        self.failing_after: int | None = None

    def read(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Request, int]]:
        self.chunks.append(list(chunks))
        for at, one in enumerate(chunks):
            if at == self.failing_after:
                raise RuntimeError("no memory")
            yield one.request, 0 if at in self.refused else len(one.tokens)


class Made(Making):
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


def test_it_is_made_ready_once_and_says_so() -> None:
    making = Made()
    prefill = Prefill(making, "int8")
    assert "not ready" in prefill.describe()
    assert not prefill.takes(unread(200))
    assert not prefill.wait(0)
    for _ in range(3):
        prefill.prepare(at_once)
    assert prefill.wait(10)
    assert (making.loaded, prefill.describe()) == (1, "PyTorch (int8)")
    assert prefill.takes(unread(200))
    prefill.close()


def test_what_is_off_never_begins() -> None:
    prefill = Prefill(None, "", "BELEGT_PREFILL is llama")
    prefill.prepare(at_once)
    assert prefill.wait(0)
    assert prefill.describe() == "llama.cpp (BELEGT_PREFILL is llama)"
    assert not prefill.takes(unread(200))
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
    assert not prefill.takes(unread(200))
    assert len(caplog.records) == 1
    prefill.close()


def test_an_engine_that_is_closed_ends_it_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    def closed(_: Callable[[], None]) -> None:
        raise EngineClosed("The engine was closed.")

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
    assert not second.takes(unread(200))
    assert not caplog.records


def test_it_takes_what_pays_and_leaves_starts_alone() -> None:
    prefill, _ = ready()
    assert prefill.takes(unread(MINIMUM))
    assert not prefill.takes(unread(MINIMUM - 1))
    assert not prefill.takes(unread(200, held=9)), "of the constant start one token is missing"
    assert not prefill.takes(unread(200, held=0, of=request(start=0))), "where attention gathers"
    assert prefill.takes(unread(200, held=1, of=request(start=0)))


def test_chunks_are_bounded_the_first_first() -> None:
    prefill, worker = ready()
    first, second, third = unread(60), unread(70), unread(80)
    assert prefill.read([first, second, third], 100) == {first.request: 60, second.request: 40}
    (chunks,) = worker.chunks
    assert [(one.held, len(one.tokens), one.room) for one in chunks] == [(10, 60, 70), (10, 40, 80)]


def test_a_refused_prompt_is_llamas_from_then_on() -> None:
    prefill, worker = ready()
    worker.refused = {1}
    first, second = unread(60), unread(70)
    assert prefill.read([first, second], 500) == {first.request: 60, second.request: 0}
    assert prefill.takes(unread(60, of=first.request))
    assert not prefill.takes(unread(60, of=second.request))
    assert "PyTorch" in prefill.describe()


def test_what_was_handed_over_before_a_failure_counts(caplog: pytest.LogCaptureFixture) -> None:
    prefill, worker = ready()
    worker.failing_after = 1
    first, second = unread(60), unread(70)
    assert prefill.read([first, second], 500) == {first.request: 60}
    assert "no memory" in prefill.describe()
    assert not prefill.takes(unread(60))
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_requests_that_are_gone_are_forgotten() -> None:
    prefill, worker = ready()
    worker.refused = {0}
    prefill.read([unread(60)], 500)
    worker.chunks.clear()
    gc.collect()
    assert len(prefill._refused) == 0


def test_a_branch_is_read_with_the_last_of_a_prompt_or_not_at_all() -> None:
    prefill, worker = ready()
    branch = Branch(40, [1, 2, 3], lambda: 9)
    for most, wanted in ((63, True), (62, False), (40, False)):
        asked = replace(unread(60), branch=branch)
        prefill.read([asked], most)
        ((chunk,),) = worker.chunks
        worker.chunks.clear()
        assert (chunk.branch is branch) == wanted
        assert not chunk.more, "what is left is llama.cpp's"
    prefill.read([replace(unread(60), branch=branch)], 60 - MINIMUM)
    assert worker.chunks[-1][0].more
