"""Prompts that somebody else reads: by a reader that puts tokens into the toy context itself."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from toy_context import VOCABULARY, ToyContext, following, said

from qa.engine.reader import Unread
from qa.engine.request import Request
from qa.engine.sampling import Sampler, Sampling
from qa.engine.scheduler import Scheduler
from qa.engine.sequences import Capacity
from qa.engine.steps import CHUNK

START = [1, 2, 3, 4, 5]
CAPACITY = Capacity(cells=2000, kept=200, requests=4, waiting=50)
MINIMUM = 8


class Reader:
    """Takes what is long enough; refuses every ``refusing``-th prompt. ``most``: of each call.

    ``branches``: what becomes of them: read, left alone, or begun and then given up.
    """

    def __init__(self, context: ToyContext) -> None:
        self.context = context
        self.refusing = 0
        self.branches = "read"
        self.branched = 0
        self.calls: list[tuple[int, int]] = []
        self._refused: set[Request] = set()
        self._seen = 0

    def takes(self, unread: Unread) -> bool:
        return len(unread.tokens) >= MINIMUM and unread.request not in self._refused

    def read(self, unread: Sequence[Unread], most: int) -> dict[Request, int]:
        found, left = {}, most
        for one in unread:
            self._seen += 1
            if self.refusing and self._seen % self.refusing == 0:
                self._refused.add(one.request)
                found[one.request] = 0
            elif left:
                found[one.request] = min(left, len(one.tokens))
                left -= found[one.request]
                tokens = one.tokens[: found[one.request]]
                self.context.put(one.request.sequence, one.held, tokens)
                if one.branch and len(tokens) == len(one.tokens) and self.branches != "left":
                    fork = one.branch.fork()
                    if self.branches == "read":
                        self.context.put(fork, one.branch.at, one.branch.tokens)
                        found[one.request] += len(one.branch.tokens)
                        self.branched += 1
        self.calls.append((most, most - left))
        return found


def made(folder: Path) -> tuple[Scheduler, ToyContext, Reader]:
    context = ToyContext(CAPACITY.cells, CAPACITY.sequences)
    reader = Reader(context)
    return Scheduler(context, CAPACITY, folder, reader), context, reader


def prompt(length: int, seed: int = 3) -> list[int]:
    return [(seed * at * at + at) % (VOCABULARY - 1) + 1 for at in range(length)]


def asked(scheduler: Scheduler, tokens: list[int], limit: int = 20) -> list[int]:
    request = scheduler.open([*START, *tokens], start=len(START), room=limit)
    try:
        pieces = scheduler.answer(request, Sampler(Sampling(), None), limit, (), drafts=True)
        return [int(token) for token in "".join(piece.text for piece in pieces).split()]
    finally:
        scheduler.release(request)


@pytest.mark.parametrize("refusing", [0, 1, 2])
def test_answers_are_the_same_whoever_reads(tmp_path: Path, refusing: int) -> None:
    scheduler, context, reader = made(tmp_path)
    reader.refusing = refusing
    for seed in range(1, 12):
        tokens = prompt(10 + 20 * seed, seed)
        assert asked(scheduler, tokens) == said([*START, *tokens], 20)
        assert scheduler.held()["cells"] == context.used()
    assert reader.calls
    scheduler.close()


def test_only_the_last_token_is_left_to_the_context(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    asked(scheduler, prompt(100), limit=1)
    assert [read for _, read in reader.calls] == [len(START) + 99]
    assert context.steps[0] == 1
    scheduler.close()


def test_many_at_once_say_what_each_says_alone(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    reader.refusing = 5
    wanted = [prompt(30 + 11 * seed, seed) for seed in range(1, 16)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: asked(scheduler, one), wanted))
    assert found == [said([*START, *one], 20) for one in wanted]
    assert scheduler.held()["open"] == 0
    assert scheduler.held()["cells"] == context.used()
    scheduler.close()


def test_chunks_are_short_while_others_stream(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    first = scheduler.open([*START, *prompt(10)], start=len(START), room=400)
    context.seconds = 0.01
    stream = scheduler.answer(first, Sampler(Sampling(), None), 400, (), drafts=False)
    next(stream)
    reader.calls.clear()
    second = scheduler.open([*START, *prompt(300, 7)], start=len(START), room=5)
    streamed = [read for most, read in reader.calls if most == CHUNK]
    assert sum(read for _, read in reader.calls) >= 290
    assert streamed
    assert max(streamed) <= CHUNK
    for request in (first, second):
        scheduler.release(request)
    scheduler.close()


def checked(scheduler: Scheduler, tokens: list[int], then: list[int]) -> tuple[int, list[int]]:
    """What is said after a check, and after what follows it."""
    check, whole = [7, *tokens[:2]], [*START, *tokens]
    request = scheduler.open(whole, start=len(START), room=40, check=check, then=then)
    try:
        (stated,) = scheduler.probe(request, check, lambda logits: [float(logits.argmax())])
        scheduler.read(request, then)
        pieces = scheduler.answer(request, Sampler(Sampling(), None), 20, (), drafts=True)
        return int(stated), [int(one) for one in "".join(piece.text for piece in pieces).split()]
    finally:
        scheduler.release(request)


def expected(tokens: list[int], then: list[int]) -> tuple[int, list[int]]:
    whole = [*START, *tokens]
    return following([*whole, 7, *tokens[:2]]), said([*whole, *then], 20)


@pytest.mark.parametrize("branches", ["read", "left", "given up"])
def test_what_follows_the_check_is_read_elsewhere_too(tmp_path: Path, branches: str) -> None:
    scheduler, context, reader = made(tmp_path)
    reader.branches = branches
    asked(scheduler, prompt(3))
    for then in ([4, 5, 6], [9]):
        tokens, before = prompt(20, 5 + len(then)), len(context.steps)
        assert checked(scheduler, tokens, then) == expected(tokens, then)
        # The last token of the check, and the last of what follows it.
        assert context.steps[before] == (2 if branches == "read" else 1 + len(then))
        assert scheduler.held()["cells"] == context.used()
    assert reader.branched == (branches == "read")
    scheduler.close()


def test_many_with_branches_say_what_each_says_alone(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    reader.refusing = 7
    wanted = [(prompt(10 + 9 * seed, seed), [seed, 3, 4][: seed % 4]) for seed in range(1, 30)]
    wanted = [(tokens, then) for tokens, then in wanted if then]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: checked(scheduler, *one), wanted))
    assert found == [expected(*one) for one in wanted]
    assert reader.branched
    assert scheduler.held()["cells"] == context.used()
    scheduler.close()
