"""What somebody else evaluates: a reader that puts tokens into the toy context itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from toy_context import VOCABULARY, ToyContext, following, logits_of, open_request, said

from qa.engine.decode.sampling import Logits, Sampler, Sampling
from qa.engine.kv.sequences import Capacity
from qa.engine.prefill_backend import Follow, Read, Unread
from qa.engine.request import Answering, Request
from qa.engine.scheduler import Scheduler
from qa.engine.steps import CHUNK, READER_CHUNK

START = [1, 2, 3, 4, 5]
CAPACITY = Capacity(cells=2000, kept=200, requests=4, waiting=50)


class ToyBackend:
    """Takes what stands behind a start; refuses every ``refusing``-th prompt or answer, each time
    another. ``writes``: answers as well. ``follows``: whether what is read beside a prompt's end
    finds room.
    """

    def __init__(self, context: ToyContext) -> None:
        self.context = context
        self.decodes = True
        self.refusing = 0
        self.follows = True
        self.branched = 0
        self.forgotten = 0
        self.seconds = 0.0
        self.prompts: list[int] = []
        self.answers: list[int] = []
        self._refused: set[Request] = set()
        self._seen = 0

    @property
    def skips(self) -> int:
        return 2

    def accepts(self, unread: Unread) -> bool:
        return (
            len(unread.held) >= max(2, unread.request.prefix_length)
            and unread.request not in self._refused
        )

    def read(self, unread: Sequence[Unread]) -> dict[Request, Read]:
        found = {}
        time.sleep(self.seconds)
        self.prompts.append(sum(len(one.tokens) for one in unread if not answers(one)))
        self.answers.append(sum(len(one.tokens) for one in unread if answers(one)))
        for one in unread:
            self._seen += 1
            if self.refusing and self._seen % self.refusing == 0:
                self._refused.add(one.request)
            else:
                found[one.request] = self._read(one)
        return found

    def forget(self, request: Request) -> None:
        self.forgotten += 1

    def _read(self, one: Unread) -> Read:
        held = self.context.tokens(one.request.sequence)
        assert held == list(one.held)
        self.context.put(one.request.sequence, len(held), one.tokens)
        whole = [*held, *one.tokens]
        ends = range(len(whole) - one.wanted + 1, len(whole) + 1)
        logits = [logits_of(following(whole[:end])) for end in ends]
        return Read(logits, self._follow(one, whole) if one.branch else None)

    def _follow(self, one: Unread, whole: list[int]) -> Follow:
        branch, sequence = one.branch, one.request.sequence
        assert branch is not None

        def follow() -> Logits | None:
            self.branched += 1
            if not self.follows:
                return None
            self.context.put(sequence, branch.at, branch.tokens)
            return logits_of(following([*whole[: branch.at], *branch.tokens]))

        return follow


def answers(unread: Unread) -> bool:
    return isinstance(unread.request.work, Answering)


def made(folder: Path) -> tuple[Scheduler, ToyContext, ToyBackend]:
    context = ToyContext(CAPACITY.cells, CAPACITY.sequences)
    reader = ToyBackend(context)
    return Scheduler(context, CAPACITY, folder, reader), context, reader


def prompt(length: int, seed: int = 3) -> list[int]:
    return [(seed * at * at + at) % (VOCABULARY - 1) + 1 for at in range(length)]


def asked(
    scheduler: Scheduler, tokens: list[int], limit: int = 20, *, drafts: bool = True
) -> list[int]:
    request = open_request(scheduler, [*START, *tokens], prefix_length=len(START), room=limit)
    try:
        pieces = scheduler.answer(request, Sampler(Sampling(), None), limit, (), drafts=drafts)
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
        assert scheduler.occupancy()["cells"] == context.used()
    assert sum(reader.prompts)
    assert (reader.refusing == 1) == (sum(reader.answers) == 0)
    scheduler.close()


def test_the_context_reads_the_start_alone(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    assert len(asked(scheduler, prompt(100, 5))) == 20
    assert context.steps == [len(START)]
    assert sum(reader.prompts) == 100
    assert sum(reader.answers) >= 20
    scheduler.close()


def test_the_context_reads_the_beginning_where_there_is_no_start(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    request = open_request(scheduler, prompt(100, 5), prefix_length=0, room=5)
    scheduler.release(request)
    assert context.steps == [2]
    assert sum(reader.prompts) == 98
    scheduler.close()


def test_a_start_is_read_in_short_chunks_while_others_stream(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    context.seconds = reader.seconds = 0.01
    long = next(
        one for one in (prompt(10, seed) for seed in range(1, 99)) if len(said(one, 900)) == 900
    )
    first = open_request(scheduler, long, prefix_length=len(START), room=900)
    stream = scheduler.answer(first, Sampler(Sampling(), None), 900, (), drafts=True)
    next(stream)
    before = len(context.steps)
    second = open_request(scheduler, prompt(300, 7), prefix_length=250, room=5)
    assert sum(context.steps[before:]) >= 249
    assert max(context.steps[before:]) <= CHUNK
    for request in (first, second):
        scheduler.release(request)
    scheduler.close()


def test_an_answer_without_drafts_is_the_contexts(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    assert len(asked(scheduler, prompt(100, 5), drafts=False)) == 20
    assert context.steps == [len(START), *[1] * 20]
    assert not sum(reader.answers)
    scheduler.close()


def test_answers_are_the_contexts_where_the_reader_writes_none(tmp_path: Path) -> None:
    scheduler, _, reader = made(tmp_path)
    reader.decodes = False
    assert asked(scheduler, prompt(100, 5)) == said([*START, *prompt(100, 5)], 20)
    assert sum(reader.prompts) == 100
    assert not sum(reader.answers)
    scheduler.close()


def test_many_at_once_say_what_each_says_alone(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    reader.refusing = 5
    wanted = [prompt(30 + 11 * seed, seed) for seed in range(1, 16)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: asked(scheduler, one), wanted))
    assert found == [said([*START, *one], 20) for one in wanted]
    assert scheduler.occupancy()["open"] == 0
    assert scheduler.occupancy()["cells"] == context.used()
    assert reader.forgotten == len(wanted)
    scheduler.close()


def test_chunks_are_short_while_others_stream(tmp_path: Path) -> None:
    scheduler, context, reader = made(tmp_path)
    first = open_request(scheduler, [*START, *prompt(10)], prefix_length=len(START), room=400)
    context.seconds = 0.01
    stream = scheduler.answer(first, Sampler(Sampling(), None), 400, (), drafts=False)
    next(stream)
    reader.prompts.clear()
    second = open_request(scheduler, [*START, *prompt(300, 7)], prefix_length=len(START), room=5)
    assert sum(reader.prompts) >= 290
    assert max(reader.prompts) == READER_CHUNK
    for request in (first, second):
        scheduler.release(request)
    scheduler.close()


def checked(scheduler: Scheduler, tokens: list[int], then: list[int]) -> tuple[int, list[int]]:
    """What is said after a check, and after what follows it."""
    check, whole = [7, *tokens[:2]], [*START, *tokens]
    request = open_request(
        scheduler, whole, prefix_length=len(START), room=40, probe=check, continuation=then
    )
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


@pytest.mark.parametrize("follows", [True, False])
def test_what_follows_the_check_is_read_elsewhere_too(tmp_path: Path, follows: bool) -> None:
    scheduler, context, reader = made(tmp_path)
    reader.follows = follows
    asked(scheduler, prompt(3))
    for count, then in enumerate(([4, 5, 6], [9]), 1):
        tokens = prompt(20, 5 + len(then))
        assert checked(scheduler, tokens, then) == expected(tokens, then)
        assert reader.branched == count
        assert scheduler.occupancy()["cells"] == context.used()
    assert context.steps == [len(START)]
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
    assert scheduler.occupancy()["cells"] == context.used()
    scheduler.close()
