from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from toy_context import VOCABULARY, ToyContext, open_request, said

from base.errors import BelegtError, UsageError
from qa.engine import steps
from qa.engine.decode.sampling import Logits, Sampler, Sampling
from qa.engine.kv.sequences import Capacity
from qa.engine.protocol import Piece
from qa.engine.request import EngineBusyError, Request
from qa.engine.scheduler import Scheduler
from qa.engine.steps import CHUNK

START = [1, 2, 3, 4, 5]
CAPACITY = Capacity(cells=400, kept=100, requests=4, waiting=50)


def made(folder: Path, capacity: Capacity = CAPACITY) -> tuple[Scheduler, ToyContext]:
    context = ToyContext(capacity.cells, capacity.sequences)
    return Scheduler(context, capacity, folder), context


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Scheduler, ToyContext]]:
    scheduler, context = made(tmp_path)
    yield scheduler, context
    scheduler.close()


def answered(
    scheduler: Scheduler, request: Request, limit: int = 20, *, drafts: bool = True
) -> list[int]:
    pieces = scheduler.answer(request, Sampler(Sampling(), None), limit, (), drafts=drafts)
    return [int(token) for token in "".join(piece.text for piece in pieces).split()]


def asked(
    scheduler: Scheduler, prompt: list[int], limit: int = 20, *, drafts: bool = True
) -> list[int]:
    request = open_request(scheduler, [*START, *prompt], prefix_length=len(START), room=limit)
    try:
        return answered(scheduler, request, limit, drafts=drafts)
    finally:
        scheduler.release(request)


def talking(scheduler: Scheduler) -> Iterator[Piece]:
    """An answer that goes on for long."""
    prompt = next(one for one in prompts(40, seed=8) if len(said([*START, *one], 200)) == 200)
    request = open_request(scheduler, [*START, *prompt], prefix_length=len(START), room=200)
    return scheduler.answer(request, Sampler(Sampling(), None), 200, (), drafts=False)


def streaming(folder: Path) -> tuple[Scheduler, ToyContext, Iterator[Piece]]:
    """A scheduler in which an answer is growing."""
    scheduler, context = made(folder)
    context.seconds = 0.002
    stream = talking(scheduler)
    next(stream)
    return scheduler, context, stream


def prompts(count: int, longest: int = 60, seed: int = 5) -> list[list[int]]:
    dice = random.Random(seed)
    common = [dice.randrange(1, VOCABULARY) for _ in range(longest)]
    found = []
    for _ in range(count):
        shared = common[: dice.randrange(longest // 2)]
        own = [dice.randrange(1, VOCABULARY) for _ in range(dice.randrange(1, longest // 2))]
        found.append([*shared, *own])
    return found


@pytest.mark.parametrize("drafts", [True, False])
def test_one_request_says_what_the_model_says(
    running: tuple[Scheduler, ToyContext], drafts: bool
) -> None:
    for prompt in prompts(30):
        expected = said([*START, *prompt], 20)
        assert asked(running[0], prompt, drafts=drafts) == expected


def test_drafts_save_steps_and_change_no_word(tmp_path: Path) -> None:
    taken = {}
    for drafts in (True, False):
        scheduler, context = made(tmp_path / str(drafts))
        for prompt in prompts(30):
            asked(scheduler, prompt, 40, drafts=drafts)
        taken[drafts] = len(context.steps)
        scheduler.close()
    assert taken[True] < 0.9 * taken[False]


def test_many_at_once_say_what_each_says_alone(running: tuple[Scheduler, ToyContext]) -> None:
    questions = prompts(200)
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda prompt: asked(running[0], prompt), questions))
    assert found == [said([*START, *prompt], 20) for prompt in questions]
    held = running[0].occupancy()
    assert (held["open"], held["waiting"], held["open_cells"]) == (0, 0, 0)
    assert held["cells"] == running[1].used()


def test_requests_share_steps(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler, context = running
    requests = [
        open_request(scheduler, [*START, *one], prefix_length=5, room=30) for one in prompts(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        said_by = list(pool.map(lambda one: answered(scheduler, one, 30, drafts=False), requests))
    tokens = sum(map(len, said_by))
    for one in requests:
        scheduler.release(one)
    assert max(context.steps[4:]) > 1
    assert len(context.steps) < 4 + tokens


def test_a_long_prompt_does_not_stop_an_answer(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path, Capacity(cells=2000, kept=0, requests=2, waiting=5))
    context.seconds = 0.002
    pieces = talking(scheduler)
    next(pieces)
    before = len(context.steps)
    dice = random.Random(1)
    long = open_request(
        scheduler, [dice.randrange(1, 40) for _ in range(900)], prefix_length=0, room=1
    )
    during = context.steps[before:]
    assert max(during) <= CHUNK + 1
    assert len(during) >= 900 // CHUNK
    assert len(list(pieces)) == 199
    scheduler.release(long)
    scheduler.close()


@pytest.mark.parametrize("then", [[], [7, 8]])
def test_who_was_just_told_something_is_in_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: list[int]
) -> None:
    monkeypatch.setattr(steps, "PATIENCE_S", 5.0)
    scheduler, context, stream = streaming(tmp_path)
    check = [9] if then else []
    second = open_request(
        scheduler,
        [*START, 11, 12],
        prefix_length=len(START),
        room=30,
        probe=check,
        continuation=then,
    )
    before = len(context.steps)
    if then:
        scheduler.probe(second, check, lambda logits: [0.0])
        scheduler.read(second, then)
    pieces = scheduler.answer(second, Sampler(Sampling(), None), 3, (), drafts=False)
    time.sleep(0.1)
    assert len(context.steps) == before
    assert next(pieces).text.strip() == str(said([*START, 11, 12, *then], 1)[0])
    assert next(stream).text
    scheduler.release(second)
    scheduler.close()


def test_who_does_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PATIENCE_S", 0.05)
    scheduler, _, stream = streaming(tmp_path)
    second = open_request(scheduler, [*START, 11, 12], prefix_length=len(START), room=30)
    assert len([next(stream) for _ in range(100)]) == 100
    scheduler.release(second)
    scheduler.close()


def test_a_probe_is_taken_back(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler = running[0]
    request = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=40)
    before = scheduler.logits(request).copy()

    def highest(logits: Logits) -> list[float]:
        return [float(logits.argmax())]

    assert scheduler.probe(request, [9, 10], highest) == [said([*START, 7, 8, 9, 10], 1)[0]]
    assert (scheduler.logits(request) == before).all()
    assert answered(scheduler, request) == said([*START, 7, 8], 20)
    scheduler.release(request)


def test_reading_on_is_reading_at_once(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler = running[0]
    request = open_request(scheduler, [*START, 7], prefix_length=5, room=40)
    scheduler.read(request, [8, 9])
    scheduler.read(request, [])
    assert answered(scheduler, request) == said([*START, 7, 8, 9], 20)
    scheduler.release(request)


def test_what_begins_alike_is_read_once(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler, _ = running
    evidence = [11, 12, 13, 14, 15, 16, 17, 18]
    asked(scheduler, [*evidence, 20])
    request = open_request(scheduler, [*START, *evidence, 21, 22], prefix_length=5, room=5)
    assert request.evaluated == 2
    scheduler.release(request)


def test_a_start_is_kept_and_saved(tmp_path: Path) -> None:
    evaluated = []
    for _ in range(2):
        scheduler, _ = made(tmp_path, Capacity(cells=400, kept=0, requests=4, waiting=5))
        for prompt in ([7, 8], [9]):
            request = open_request(scheduler, [*START, *prompt], prefix_length=5, room=5)
            evaluated.append(request.evaluated)
            scheduler.release(request)
        scheduler.close()
    assert evaluated == [7, 1, 2, 1]


def test_more_starts_than_are_kept(running: tuple[Scheduler, ToyContext]) -> None:
    for number in [*range(1, 8), *range(1, 8)]:
        start = [number] * 6
        request = open_request(running[0], [*start, 9, 10], prefix_length=6, room=20)
        assert answered(running[0], request) == said([*start, 9, 10], 20)
        running[0].release(request)


def test_idle_prefixes_make_room(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, Capacity(cells=120, kept=120, requests=2, waiting=50))
    for prompt in prompts(60, longest=80):
        assert asked(scheduler, prompt, 10) == said([*START, *prompt], 10)
    scheduler.close()


def test_a_prompt_that_fits_only_alone(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, Capacity(cells=60, kept=60, requests=2, waiting=5))
    dice = random.Random(2)
    long = [dice.randrange(1, 40) for _ in range(48)]
    for prompt in ([7, 8], long, [9], long[:20], long):
        assert asked(scheduler, prompt, 5) == said([*START, *prompt], 5)
    scheduler.close()


def test_more_than_was_reserved_is_one_sentence(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler = running[0]
    request = open_request(scheduler, [*START, 7], prefix_length=5, room=3)
    with pytest.raises(UsageError, match="BELEGT_CONTEXT_TOKENS higher"):
        scheduler.read(request, [1, 2, 3, 4])
    scheduler.release(request)
    request = open_request(scheduler, [*START, 7], prefix_length=5, room=3)
    with pytest.raises(UsageError, match="BELEGT_CONTEXT_TOKENS higher"):
        while True:
            answered(scheduler, request, 100)
    scheduler.release(request)


def test_a_full_queue_refuses(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, Capacity(cells=100, kept=0, requests=1, waiting=2))
    first = open_request(scheduler, [1, 2], prefix_length=0, room=5)
    with ThreadPoolExecutor(2) as pool:
        later = [
            pool.submit(open_request, scheduler, [3, 4], prefix_length=0, room=5) for _ in range(2)
        ]
        while scheduler.occupancy()["waiting"] < 2:
            time.sleep(0.001)
        with pytest.raises(EngineBusyError, match="2 requests wait already"):
            open_request(scheduler, [5], prefix_length=0, room=5)
        scheduler.release(first)
        for one in later:
            scheduler.release(one.result())
    assert scheduler.occupancy()["open"] == 0
    scheduler.close()


def test_a_deadline_ends_what_waits_and_what_runs(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, Capacity(cells=100, kept=0, requests=1, waiting=2))
    first = open_request(scheduler, [1, 2], prefix_length=0, room=5)
    with pytest.raises(BelegtError, match="took longer than it was allowed to"):
        open_request(scheduler, [3], prefix_length=0, room=5, deadline=time.monotonic())
    scheduler.release(first)
    assert scheduler.occupancy() == dict.fromkeys(
        ("cells", "open_cells", "idle_cells", "open", "waiting"), 0
    )
    scheduler.close()


def test_a_step_that_fails_costs_nobody_else(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler, context = running
    context.failing = True
    with pytest.raises(BelegtError, match="as told"):
        asked(scheduler, [7, 8])
    assert asked(scheduler, [7, 8]) == said([*START, 7, 8], 20)


def test_abandoned_answers_free_their_cells(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler = running[0]
    request = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=40)
    pieces = scheduler.answer(request, Sampler(Sampling(), None), 40, (), drafts=True)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    scheduler.release(request)
    held = scheduler.occupancy()
    assert (held["open"], held["open_cells"]) == (0, 0)


def test_an_abandoned_answer_leaves_the_prompt_as_it_was(
    running: tuple[Scheduler, ToyContext],
) -> None:
    scheduler, context = running
    context.seconds = 0.01
    request = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=40)
    for taken in (1, 3, 5):
        pieces = scheduler.answer(request, Sampler(Sampling(), None), 40, (), drafts=True)
        for _ in range(taken):
            next(pieces)
        pieces.close()  # type: ignore[attr-defined]
    assert answered(scheduler, request) == said([*START, 7, 8], 20)
    with pytest.raises(BelegtError, match="complete; read something"):
        scheduler.read(request, [])
    assert scheduler.occupancy()["open"] == 1, "the others, and the engine, go on"
    scheduler.release(request)


def test_what_a_sampler_raises_is_its_callers(running: tuple[Scheduler, ToyContext]) -> None:
    class Broken(Sampler):
        def choose(self, logits: Logits) -> tuple[int, float]:
            raise ZeroDivisionError

    scheduler, _ = running
    request = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=40)
    with pytest.raises(ZeroDivisionError):
        next(scheduler.answer(request, Broken(Sampling(), None), 20, (), drafts=True))
    assert answered(scheduler, request) == said([*START, 7, 8], 20), "the engine goes on"
    scheduler.release(request)


def test_what_a_probe_raises_is_its_callers(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler, _ = running
    request = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=40)

    def broken(logits: Logits) -> list[float]:
        raise ZeroDivisionError

    for tokens in ([9], []):
        with pytest.raises((ZeroDivisionError, BelegtError)):
            scheduler.probe(request, tokens, broken)
    assert asked(scheduler, [7, 8]) == said([*START, 7, 8], 20)


def test_one_thing_at_a_time(running: tuple[Scheduler, ToyContext]) -> None:
    scheduler, context = running
    context.seconds = 0.005
    request = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=40)
    pieces = scheduler.answer(request, Sampler(Sampling(), None), 20, (), drafts=False)
    first = next(pieces)
    with pytest.raises(BelegtError, match="still at work"):
        scheduler.probe(request, [9], lambda _: [])
    rest = "".join(piece.text for piece in (first, *pieces))
    assert [int(token) for token in rest.split()] == said([*START, 7, 8], 20)
    scheduler.release(request)


def test_who_waits_for_a_request_that_is_released_is_told(
    tmp_path: Path,
) -> None:
    scheduler, context = made(tmp_path, Capacity(cells=3000, kept=0, requests=2, waiting=5))
    request = open_request(scheduler, [*START, 7], prefix_length=5, room=2000)
    context.seconds = 0.2
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scheduler.read, request, [1] * 1500)
        time.sleep(0.05)
        scheduler.release(request)
        with pytest.raises(BelegtError, match="closed before it was done"):
            waiting.result(timeout=5)
    scheduler.close()


def test_a_released_answer_does_not_pass_for_a_whole_one(
    running: tuple[Scheduler, ToyContext],
) -> None:
    scheduler, context = running
    context.seconds = 0.01
    request = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=40)
    pieces = scheduler.answer(request, Sampler(Sampling(), None), 40, (), drafts=False)
    next(pieces)
    scheduler.release(request)
    with pytest.raises(BelegtError, match="closed before it was done"):
        list(pieces)


def test_a_short_prompt_does_not_wait_for_a_long_one(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path, Capacity(cells=3000, kept=0, requests=3, waiting=5))
    context.seconds = 0.003
    talking = open_request(scheduler, [*START, 7, 8], prefix_length=5, room=400)
    pieces = scheduler.answer(talking, Sampler(Sampling(), None), 400, (), drafts=False)
    next(pieces)
    dice = random.Random(1)
    with ThreadPoolExecutor(2) as pool:
        long = pool.submit(
            open_request,
            scheduler,
            [dice.randrange(1, 40) for _ in range(1500)],
            prefix_length=0,
            room=1,
        )
        time.sleep(0.02)
        short = open_request(scheduler, [3, 4, 5], prefix_length=0, room=1)
        assert not long.done()
        scheduler.release(short)
        scheduler.release(long.result())
    scheduler.release(talking)
    scheduler.close()


def test_prompts_that_begin_alike_wait_for_the_first_of_them(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path, Capacity(cells=3000, kept=0, requests=6, waiting=9))
    context.seconds = 0.02
    common = [1 + at % 37 for at in range(200)]
    with ThreadPoolExecutor(5) as pool:
        found = [
            pool.submit(open_request, scheduler, [*common, 38, at], prefix_length=200, room=5)
            for at in range(5)
        ]
        requests = [one.result() for one in found]
    assert sorted(one.evaluated for one in requests)[:4] == [2, 2, 2, 2]
    for one in requests:
        scheduler.release(one)
    scheduler.close()


def test_a_request_that_must_wait_throws_nothing_away(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, Capacity(cells=200, kept=100, requests=3, waiting=9))
    asked(scheduler, [9] * 40, 5)
    idle = scheduler.occupancy()["idle_cells"]
    assert idle > 40
    first = open_request(scheduler, [8] * 60, prefix_length=0, room=60)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(open_request, scheduler, [7] * 60, prefix_length=0, room=60)
        while scheduler.occupancy()["waiting"] < 1:
            time.sleep(0.001)
        assert scheduler.occupancy()["idle_cells"] == idle
        scheduler.release(first)
        scheduler.release(second.result())
    scheduler.close()


def test_what_never_fits_is_refused_at_once(running: tuple[Scheduler, ToyContext]) -> None:
    with pytest.raises(UsageError, match="BELEGT_CONTEXT_TOKENS higher"):
        open_request(running[0], [1] * 400, prefix_length=0, room=1)


def test_closing_fails_what_is_in_progress(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path, Capacity(cells=100, kept=0, requests=1, waiting=2))
    open_request(scheduler, [1, 2], prefix_length=0, room=5)
    told: list[str] = []

    def wait() -> None:
        try:
            open_request(scheduler, [3], prefix_length=0, room=5)
        except BelegtError as error:
            told.append(str(error))

    waiter = threading.Thread(target=wait)
    waiter.start()
    while scheduler.occupancy()["waiting"] < 1:
        time.sleep(0.001)
    scheduler.close()
    waiter.join()
    assert told == ["The engine was closed."]
    with pytest.raises(BelegtError, match="closed"):
        open_request(scheduler, [1], prefix_length=0, room=1)


def test_thousands_of_requests_and_random_cancellations_leak_nothing(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path, Capacity(cells=300, kept=80, requests=6, waiting=4000))

    def one(job: tuple[int, list[int]]) -> bool:
        number, prompt = job
        dice = random.Random(number)
        request = open_request(scheduler, [*START, *prompt], prefix_length=5, room=30)
        try:
            if dice.random() < 0.3:
                return True
            if dice.random() < 0.3:
                scheduler.probe(request, [1, 2], lambda logits: [float(logits[0])])
            pieces = scheduler.answer(request, Sampler(Sampling(), None), 20, (), drafts=True)
            if dice.random() < 0.3:
                for _ in range(dice.randrange(4)):
                    next(pieces, None)
                return True
            text = "".join(piece.text for piece in pieces)
            return [int(token) for token in text.split()] == said([*START, *prompt], 20)
        finally:
            scheduler.release(request)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(one, enumerate(prompts(4000, longest=40))))
    held = scheduler.occupancy()
    assert (held["open"], held["waiting"], held["open_cells"]) == (0, 0, 0)
    assert held["idle_cells"] <= 80
    assert held["cells"] == context.used()
    scheduler.close()
