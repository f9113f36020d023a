"""An adapter that acts from a token on: what it computed is nobody else's, and the other way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from toy_context import VOCABULARY, ToyContext, open_request, said

from qa.engine.decode.sampling import Sampler, Sampling
from qa.engine.kv.sequences import Capacity
from qa.engine.scheduler import Scheduler

START = [1, 2, 3, 4, 5]
PASSAGE = [11, 12, 13, 14, 15, 16]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Scheduler, ToyContext]]:
    capacity = Capacity(cells=600, kept=300, requests=6, waiting=50)
    context = ToyContext(capacity.cells, capacity.sequences)
    scheduler = Scheduler(context, capacity, tmp_path)
    yield scheduler, context
    scheduler.close()


def asked(
    scheduler: Scheduler, prompt: list[int], adapter_start: int | None, *, drafts: bool = True
) -> list[int]:
    request = open_request(
        scheduler, prompt, prefix_length=len(START), room=20, adapter_start=adapter_start
    )
    pieces = scheduler.answer(request, Sampler(Sampling(), None), 20, (), drafts=drafts)
    found = [int(token) for token in "".join(piece.text for piece in pieces).split()]
    scheduler.release(request)
    return found


@pytest.mark.parametrize("drafts", [True, False])
def test_the_adapter_acts_from_its_token_on(
    running: tuple[Scheduler, ToyContext], drafts: bool
) -> None:
    dice = random.Random(3)
    for _ in range(30):
        tail = [dice.randrange(1, VOCABULARY) for _ in range(dice.randrange(1, 9))]
        prompt = [*START, *PASSAGE, *tail]
        # The same prompt with and without, in either order, and with other boundaries.
        boundaries = [None, len(START) + len(PASSAGE), len(START)]
        dice.shuffle(boundaries)
        for start in boundaries:
            assert asked(running[0], prompt, start, drafts=drafts) == said(prompt, 20, start)


def test_what_the_adapter_did_not_compute_is_shared(
    running: tuple[Scheduler, ToyContext],
) -> None:
    scheduler, context = running
    prompt, start = [*START, *PASSAGE, 21, 22, 23], len(START) + len(PASSAGE)
    asked(scheduler, prompt, start)
    before = len(context.steps)
    request = open_request(scheduler, prompt, prefix_length=len(START), room=5, adapter_start=start)
    assert request.evaluated == 3
    assert context.steps[before:] == [3]
    scheduler.release(request)
    plain = open_request(scheduler, prompt, prefix_length=len(START), room=5)
    assert plain.evaluated == 3
    scheduler.release(plain)


def test_both_kinds_at_once_say_what_each_says_alone(
    running: tuple[Scheduler, ToyContext],
) -> None:
    dice = random.Random(4)
    asks = []
    for _ in range(80):
        tail = [dice.randrange(1, VOCABULARY) for _ in range(dice.randrange(1, 40))]
        start = dice.choice([None, len(START) + len(PASSAGE)])
        asks.append(([*START, *PASSAGE, *tail], start))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda ask: asked(running[0], *ask), asks))
    assert found == [said(prompt, 20, start) for prompt, start in asks]
    assert running[0].occupancy()["cells"] == running[1].used()
