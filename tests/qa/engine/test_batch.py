from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_context import END, VOCABULARY, ToyContext, said

from base.errors import UsageError
from qa.engine.batch import Batch
from qa.engine.cancellation import Cancellation, RequestCancelledError
from qa.engine.decode.sampling import Logits, Sampler, Sampling
from qa.engine.kv.sequences import Capacity
from qa.engine.request import DeadlinePassedError, EngineBusyError, Request, new_request
from qa.engine.scheduler import Scheduler

START = [1, 2, 3, 4, 5]
PROMPTS = [[*START, *range(10 + at, 20 + 2 * at)] for at in range(6)]


class Recorder:
    """A sampler that writes down what it chose."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self._sampler = Sampler(Sampling(), None)

    def choose(self, logits: Logits) -> tuple[int, float]:
        token, chance = self._sampler.choose(logits)
        self.tokens.append(token)
        return token, chance


def made(folder: Path, **more: int) -> tuple[Scheduler, ToyContext]:
    capacity = Capacity(**({"cells": 600, "kept": 100, "requests": 6, "waiting": 50} | more))
    context = ToyContext(capacity.cells, capacity.sequences)
    return Scheduler(context, capacity, folder), context


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Scheduler, ToyContext]]:
    scheduler, context = made(tmp_path)
    yield scheduler, context
    scheduler.close()


def requests(**options: object) -> list[Request]:
    return [
        new_request(prompt, prefix_length=len(START), room=30, **options)  # type: ignore[arg-type]
        for prompt in PROMPTS
    ]


def answered(scheduler: Scheduler, batch: Batch, count: int) -> list[list[int]]:
    samplers = [Recorder() for _ in range(count)]
    for number, sampler in enumerate(samplers):
        batch.answer(number, sampler, 20, drafts=True)
    assert sorted(batch.done()) == list(range(count))
    return [[token for token in one.tokens if token != END][:20] for one in samplers]


def test_prompts_that_are_read_together_say_what_each_says_alone(
    running: tuple[Scheduler, ToyContext],
) -> None:
    scheduler, context = running
    found = answered(scheduler, Batch(scheduler, requests()), len(PROMPTS))
    assert found == [said(prompt, 20) for prompt in PROMPTS]
    held = scheduler.occupancy()
    assert (held["open"], held["open_cells"], held["cells"]) == (0, 0, context.used())


def test_prompts_behind_a_known_prefix_are_read_in_one_step(
    running: tuple[Scheduler, ToyContext],
) -> None:
    scheduler, context = running
    list(Batch(scheduler, requests()[:1]).done())
    before = len(context.steps)
    list(Batch(scheduler, requests()[1:]).done())
    assert len(context.steps) == before + 1


def test_more_than_find_a_place_come_one_after_the_other(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, requests=2)
    found = answered(scheduler, Batch(scheduler, requests()), len(PROMPTS))
    assert found == [said(prompt, 20) for prompt in PROMPTS]
    scheduler.close()


def test_logits_of_prompts_without_answers(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler, _ = running
    asked = requests()
    for number in Batch(scheduler, asked).done():
        wanted = said(PROMPTS[number], 1) or [END]
        assert int(scheduler.logits(asked[number]).argmax()) == wanted[0]


def test_who_stops_to_look_frees_what_is_held(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler, _ = running
    with contextlib.closing(Batch(scheduler, requests()).done()) as done:  # type: ignore[type-var]
        next(done)
    assert scheduler.occupancy()["open"] == 0


def test_a_deadline_ends_all(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    context.seconds = 0.05
    batch = Batch(scheduler, requests(deadline=time.monotonic() + 0.02))
    with pytest.raises(DeadlinePassedError):
        answered(scheduler, batch, len(PROMPTS))
    assert scheduler.occupancy()["open"] == 0
    scheduler.close()


def test_cancelling_ends_all(running: tuple[Scheduler, ToyContext]) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(RequestCancelledError):
        list(Batch(running[0], requests(cancellation=cancellation)).done())
    assert running[0].occupancy()["open"] == 0


def test_a_prompt_that_never_fits_is_one_sentence(running: tuple[Scheduler, ToyContext]) -> None:
    long = new_request([VOCABULARY - 1] * 599, prefix_length=0, room=30)
    with pytest.raises(UsageError, match="BELEGT_CONTEXT_TOKENS"):
        list(Batch(running[0], [*requests(), long]).done())


def test_a_full_queue_refuses_all(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, requests=1, waiting=2)
    before = requests()[:3]
    for request in before:
        scheduler.submit([request])
    before[0].prompt_ready.result()
    with pytest.raises(EngineBusyError, match="2 requests wait already"):
        list(Batch(scheduler, requests()).done())
    for request in before:
        scheduler.release(request)
    assert scheduler.occupancy()["open"] == 0
    scheduler.close()


def test_what_is_asked_together_has_one_place_in_the_queue(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, requests=1, waiting=1)
    batch = Batch(scheduler, requests())
    assert len(answered(scheduler, batch, len(PROMPTS))) == len(PROMPTS)
    scheduler.close()
