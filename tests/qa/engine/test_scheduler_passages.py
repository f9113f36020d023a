"""Prompts of passages that were read before: what is put in instead of being read."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_context import VOCABULARY, ToyContext, following, open_request, said

from base.errors import BelegtError
from qa.engine.decode.sampling import Logits, Sampler, Sampling
from qa.engine.kv.passage_cache import KVBlock
from qa.engine.kv.sequences import Capacity
from qa.engine.request import EngineBusyError, Request
from qa.engine.scheduler import Scheduler
from qa.engine.steps import BACKGROUND

START = [1, 2, 3, 4, 5]
CAPACITY = Capacity(cells=600, kept=100, requests=4, waiting=50)


def rows(tokens: list[int]) -> KVBlock:
    """Of the toy context, whose keys are its tokens."""
    found = np.array(tokens, dtype=np.float16).reshape(1, -1, 1)
    return KVBlock(found, found)


def made(folder: Path) -> tuple[Scheduler, ToyContext]:
    context = ToyContext(CAPACITY.cells, CAPACITY.sequences)
    return Scheduler(context, CAPACITY, folder), context


def opened(
    scheduler: Scheduler, passages: list[list[int]], question: list[int], room: int = 40
) -> Request:
    tokens = [*START, *(token for one in passages for token in one), *question]
    given_rows = [rows(one) for one in passages]
    return open_request(
        scheduler, tokens, prefix_length=len(START), room=room, cached_blocks=given_rows
    )


def answered(scheduler: Scheduler, request: Request, limit: int = 20) -> list[int]:
    pieces = scheduler.answer(request, Sampler(Sampling(), None), limit, (), drafts=True)
    return [int(token) for token in "".join(piece.text for piece in pieces).split()]


def begin(scheduler: Scheduler) -> None:
    """Have the static prefix read."""
    scheduler.release(open_request(scheduler, [*START, 9], prefix_length=len(START), room=1))


PASSAGES = [[6, 7, 8, 9] * 5, [10, 11, 12] * 6, [13, 14] * 9]
QUESTION = [20, 21, 22]
WHOLE = [*START, *PASSAGES[0], *PASSAGES[1], *PASSAGES[2], *QUESTION]


def test_only_the_question_is_read(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    begin(scheduler)
    before = len(context.steps)
    request = opened(scheduler, PASSAGES, QUESTION)
    assert request.evaluated == len(QUESTION)
    assert context.steps[before:] == [len(QUESTION)]
    assert answered(scheduler, request) == said(WHOLE, 20)
    scheduler.release(request)
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


@pytest.mark.parametrize("refusing", [False, True])
def test_without_its_start_or_a_place_everything_is_read(tmp_path: Path, refusing: bool) -> None:
    scheduler, context = made(tmp_path)
    context.refusing = refusing
    if refusing:
        begin(scheduler)
    request = opened(scheduler, PASSAGES, QUESTION)
    assert request.evaluated == len(WHOLE) - (len(START) if refusing else 0)
    assert answered(scheduler, request) == said(WHOLE, 20)
    scheduler.release(request)
    scheduler.close()


@settings(max_examples=40)
@given(
    data=st.lists(
        st.tuples(
            st.lists(st.integers(0, 4), max_size=3), st.lists(st.integers(1, 39), min_size=1)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_answers_are_those_of_the_whole_prompt_whatever_is_there_already(
    tmp_path_factory: pytest.TempPathFactory, data: list[tuple[list[int], list[int]]]
) -> None:
    scheduler, context = made(tmp_path_factory.mktemp("states"))
    begin(scheduler)
    texts = [[1 + (at * seed) % 38 for at in range(8 + 9 * seed)] for seed in range(1, 6)]
    with ThreadPoolExecutor(4) as pool:

        def ask(order: tuple[list[int], list[int]]) -> None:
            passages, question = [texts[at] for at in order[0]], order[1][:20]
            request = opened(scheduler, passages, question, room=20)
            prompt = [*START, *(token for one in passages for token in one), *question]
            assert answered(scheduler, request) == said(prompt, 20)
            scheduler.release(request)

        list(pool.map(ask, data))
    held = scheduler.occupancy()
    assert (held["open"], held["open_cells"]) == (0, 0)
    assert held["cells"] == context.used()
    scheduler.close()


def test_a_check_is_read_with_its_prompt_and_taken_back(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    begin(scheduler)
    before = len(context.steps)
    check = [30, 31, 32]
    request = open_request(
        scheduler, [*START, 7, 8], prefix_length=len(START), room=40, probe=check
    )

    assert scheduler.probe(request, check, highest) == [said([*START, 7, 8, *check], 1)[0]]
    assert len(context.steps) == before + 1
    with pytest.raises(BelegtError, match="read something"):
        answered(scheduler, request)
    assert scheduler.probe(request, [33], highest) == [said([*START, 7, 8, 33], 1)[0]]
    scheduler.read(request, [34])
    assert answered(scheduler, request) == said([*START, 7, 8, 34], 20)
    scheduler.release(request)
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


def highest(logits: Logits) -> list[float]:
    return [float(logits.argmax())]


@pytest.mark.parametrize("then", [[34, 35], [36]])
def test_what_follows_the_check_is_read_beside_it(tmp_path: Path, then: list[int]) -> None:
    scheduler, context = made(tmp_path)
    begin(scheduler)
    check, prompt = [30, 31, 32], [*START, 7, 8]
    before = len(context.steps)
    request = open_request(
        scheduler, prompt, prefix_length=len(START), room=40, probe=check, continuation=then
    )
    assert scheduler.probe(request, check, highest) == [said([*prompt, *check], 1)[0]]
    with pytest.raises(BelegtError, match="read something"):
        answered(scheduler, request)
    scheduler.read(request, then)
    assert context.steps[before:] == [2 + len(check) + len(then)]
    assert answered(scheduler, request) == said([*prompt, *then], 20)
    scheduler.release(request)
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


def test_without_room_for_the_check_it_is_read_when_asked_for(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    begin(scheduler)
    check, prompt = [30, 31, 32], [*START, 7, 8]
    request = open_request(
        scheduler, prompt, prefix_length=len(START), room=4, probe=check, continuation=[34, 35]
    )
    assert scheduler.probe(request, check, highest) == [said([*prompt, *check], 1)[0]]
    scheduler.read(request, [34, 35])
    assert answered(scheduler, request, limit=2) == said([*prompt, 34, 35], 2)
    scheduler.release(request)
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


def test_what_was_read_ahead_for_nothing_is_taken_back(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    begin(scheduler)
    check, prompt = [30, 31, 32], [*START, 7, 8]
    for other in ("read", "probe", "release"):
        request = open_request(
            scheduler, prompt, prefix_length=len(START), room=40, probe=check, continuation=[33]
        )
        if other == "probe":
            assert scheduler.probe(request, [34], highest) == [said([*prompt, 34], 1)[0]]
            scheduler.read(request, [33])
            assert answered(scheduler, request) == said([*prompt, 33], 20)
        elif other == "read":
            scheduler.read(request, [35, 36])
            assert answered(scheduler, request) == said([*prompt, 35, 36], 20)
        scheduler.release(request)
        assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


def test_many_at_once_with_checks_say_what_each_says_alone(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    dice = np.random.default_rng(5)
    asked = [[int(one) for one in dice.integers(1, 39, dice.integers(1, 90))] for _ in range(80)]

    def ask(question: list[int]) -> tuple[list[float], list[int]]:
        check, then = [question[0], 3, 2], [4, question[-1]]
        prompt = [*START, *question]
        request = open_request(
            scheduler, prompt, prefix_length=5, room=40, probe=check, continuation=then
        )
        try:
            stated = scheduler.probe(request, check, highest)
            scheduler.read(request, then)
            return stated, answered(scheduler, request)
        finally:
            scheduler.release(request)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, asked))
    for question, (stated, answer) in zip(asked, found, strict=True):
        prompt = [*START, *question]
        assert stated == [following([*prompt, question[0], 3, 2])]
        assert answer == said([*prompt, 4, question[-1]], 20)
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


def test_a_step_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    context.failing = True
    with pytest.raises(BelegtError):
        open_request(
            scheduler, [*START, 7, 8], prefix_length=5, room=40, probe=[30, 31], continuation=[33]
        )
    request = open_request(
        scheduler, [*START, 7, 8], prefix_length=5, room=40, probe=[30, 31], continuation=[33]
    )
    scheduler.read(request, [33])
    assert answered(scheduler, request) == said([*START, 7, 8, 33], 20)
    scheduler.release(request)
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


def test_what_was_read_can_be_taken_away_and_put_elsewhere(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path)
    request = open_request(scheduler, [*START, *PASSAGES[0]], prefix_length=len(START), room=1)
    found = scheduler.rows(request, len(START))
    assert found is not None
    assert [int(one) for one in found.keys.flatten()] == PASSAGES[0]
    scheduler.release(request)
    with pytest.raises(BelegtError):
        scheduler.rows(request, 0)
    scheduler.close()


def test_the_background_is_busy_while_anybody_is_there(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path)
    request = open_request(scheduler, [*START, 7], prefix_length=len(START), room=5)
    with pytest.raises(EngineBusyError):
        open_request(scheduler, [*START, 8], prefix_length=len(START), room=1, background=True)
    scheduler.release(request)
    quiet = open_request(scheduler, [*START, 8], prefix_length=len(START), room=1, background=True)
    assert scheduler.occupancy()["open"] == 0
    scheduler.release(quiet)
    scheduler.close()


def test_the_background_gives_way_to_whoever_comes(tmp_path: Path) -> None:
    scheduler, context = made(tmp_path)
    begin(scheduler)
    context.seconds = 0.02
    dice = np.random.default_rng(3)
    long = [int(token) for token in dice.integers(1, VOCABULARY, 400)]
    ended: list[BaseException] = []

    def read() -> None:
        try:
            open_request(
                scheduler, [*START, *long], prefix_length=len(START), room=1, background=True
            )
        except EngineBusyError as error:
            ended.append(error)

    thread = threading.Thread(target=read)
    before = len(context.steps)
    thread.start()
    while len(context.steps) < before + 2:
        pass
    request = open_request(scheduler, [*START, 7, 8], prefix_length=len(START), room=40)
    thread.join()
    assert ended
    assert max(context.steps[before:]) <= BACKGROUND
    assert sum(context.steps[before:]) < 400
    context.seconds = 0.0
    assert answered(scheduler, request) == said([*START, 7, 8], 20)
    scheduler.release(request)
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()


def test_the_background_takes_no_place_of_what_others_may_share(tmp_path: Path) -> None:
    scheduler, _ = made(tmp_path)
    scheduler.release(
        open_request(scheduler, [*START, *range(6, 26)], prefix_length=len(START), room=1)
    )
    idle = scheduler.occupancy()["idle_cells"]
    for seed in range(5):
        tokens = [*START, *[1 + (at * seed) % 38 for at in range(60)]]
        quiet = open_request(scheduler, tokens, prefix_length=len(START), room=1, background=True)
        scheduler.release(quiet)
    assert scheduler.occupancy()["idle_cells"] == idle
    scheduler.close()
