from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_context import ToyContext, open_request

from qa.engine.cancellation import Cancellation, RequestCancelledError
from qa.engine.decode.sampling import Sampler, Sampling
from qa.engine.kv.sequences import Capacity
from qa.engine.scheduler import Scheduler


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    capacity = Capacity(cells=400, kept=0, requests=1, waiting=5)
    made = Scheduler(ToyContext(capacity.cells, capacity.sequences), capacity, tmp_path)
    yield made
    made.close()


def test_every_call_is_made_once_and_late_ones_at_once() -> None:
    cancellation = Cancellation()
    calls: list[str] = []
    with cancellation.calling(lambda: calls.append("left")):
        pass
    with cancellation.calling(lambda: calls.append("waiting")):
        cancellation.cancel()
        cancellation.cancel()
    with cancellation.calling(lambda: calls.append("late")):
        pass
    assert calls == ["waiting", "late"]
    with pytest.raises(RequestCancelledError):
        cancellation.check()


def test_a_request_that_waits_can_be_cancelled_from_another_thread(scheduler: Scheduler) -> None:
    first = open_request(scheduler, [1, 2, 3], prefix_length=0, room=20)
    cancellation = Cancellation()
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            open_request(scheduler, [4, 5, 6], prefix_length=0, room=20, cancellation=cancellation)
        except RequestCancelledError as error:
            ended.append(error)

    with cancellation.calling(scheduler.nudge):
        waiting = threading.Thread(target=wait)
        waiting.start()
        while not scheduler.occupancy()["waiting"]:
            time.sleep(0.001)
        cancellation.cancel()
        waiting.join(10)
    assert len(ended) == 1
    assert scheduler.occupancy()["waiting"] == 0
    scheduler.release(first)


def test_an_answer_that_is_cancelled_frees_its_cells(scheduler: Scheduler) -> None:
    cancellation = Cancellation()
    request = open_request(
        scheduler, [1, 2, 3], prefix_length=0, room=300, cancellation=cancellation
    )
    pieces = scheduler.answer(request, Sampler(Sampling(), None), 300, (), drafts=False)
    next(pieces)
    with cancellation.calling(scheduler.nudge):
        cancellation.cancel()
    with pytest.raises(RequestCancelledError):
        list(pieces)
    assert scheduler.occupancy()["cells"] == 0
    assert scheduler.occupancy()["open"] == 0
