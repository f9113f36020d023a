"""Streams of which a third are left: do the others complete, and does anything grow?

In: a server, questions, how long. Out: an :class:`SoakOutcome`. Nothing can fail; what went wrong
is in it.

What each question gets alone is found first, then the load runs for a fifth of the time to warm
up. From then on nothing may grow. Greedy answers may part from those given alone where two tokens
are all but equally likely (:mod:`eval.bench.comparison`); the server tells how likely they were.
An answer that then strays into the other language is begun again by belegt and is another one
altogether: such answers are counted, and not compared.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import get_args

import httpx

from base.errors import BelegtError
from corpus.document import Language
from eval.bench.api_client import LEFT, ApiReply, new_client, post_question
from eval.bench.api_server import Held, ServerProcess
from eval.bench.comparison import TokenComparison
from qa.engine.protocol import Piece
from qa.pipeline import prompt

_LEAVING = 1 / 3
_WARM = 0.2
MOST_GROWTH_MB = 64.0
_MOST_QUESTIONS = 24


@dataclass
class SoakOutcome:
    """What came of all requests; ``before`` and ``after`` are of a server at rest."""

    streams: int
    statuses: Counter[int] = field(default_factory=Counter)
    answers: TokenComparison = field(default_factory=TokenComparison)
    wrong: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    answered: int = 0
    begun_again: int = 0
    questions: int = 0
    before: Held | None = None
    after: Held | None = None
    seconds: float = 0.0

    def note(self, reply: ApiReply) -> None:
        """Count one reply."""
        self.statuses[reply.status] += 1
        if reply.is_whole:
            self.first_s.append(reply.first_s)
        elif reply.status != LEFT:
            self.failures.append(f"{reply.status}: {reply.error}")

    def faults(self) -> list[str]:
        """What must not be, a sentence each."""
        found = [f"A request failed: {one}" for one in self.failures[:5]]
        found += [f"An answer is not the one given alone: {one}" for one in self.wrong[:5]]
        if self.answers.wrong:
            found.append(f"{self.answers.wrong} answers parted where nothing was a tie.")
        return found + self._growth()

    def _growth(self) -> list[str]:
        assert self.before is not None, "the run is over"
        assert self.after is not None, "the run is over"
        found = [
            f"{what} grew from {before} to {after}."
            for what, before, after in (
                ("Cells", 0, self.after.cells),
                ("Requests", 0, self.after.requests),
                ("Tasks", self.before.tasks, self.after.tasks),
                ("File handles", self.before.handles, self.after.handles),
            )
            if after > before
        ]
        # A thread for each answer at once is the most there may be; then they are used again.
        if self.after.threads > self.before.threads + self.streams:
            found.append(f"Threads grew from {self.before.threads} to {self.after.threads}.")
        if self.after.memory_mb - self.before.memory_mb > MOST_GROWTH_MB:
            found.append(f"Memory grew by {self.after.memory_mb - self.before.memory_mb:.0f} MB.")
        return found

    def report(self) -> str:
        """What was done, in words."""
        whole, widest = self.statuses[200], max(self.answers.gaps, default=0.0)
        return (
            f"{self.statuses.total()} requests of {self.streams} clients in {self.seconds:.0f} s: "
            f"{whole} complete, {self.statuses[LEFT]} left, {len(self.failures)} failed; "
            f"{self.answered} of {self.questions} questions have an answer that stands its checks."
            f"\n{len(self.answers.gaps)} answers parted from those given alone, at tokens none of "
            f"which was certain by more than {widest:.3f} nats; {self.begun_again} others strayed "
            "into the other language and were begun again."
            f"\nFirst sentence or word after {median(self.first_s or [0.0]):.2f} s (median)."
            f"\nAt rest before: {self.before}\nAt rest after:  {self.after}"
        )


async def soak(
    server: ServerProcess, questions: Sequence[str], seconds: float, streams: int, seed: int
) -> SoakOutcome:
    """So many clients for so long, every third request left at a random moment."""
    outcome = SoakOutcome(streams)
    async with new_client(server) as client:
        every = [await _alone(server, client, one) for one in list(questions)[:_MOST_QUESTIONS]]
        alone = [one for one in every if not _is_begun_again(one.reply)]
        outcome.questions = len(alone)
        outcome.answered = sum(one.answered for one in alone)
        usual = median(one.reply.total_s for one in alone)
        run = _SoakRun(server, client, alone, usual * streams, outcome, seed)
        await run.go(seconds * _WARM, streams)
    outcome.before = await asyncio.to_thread(server.held_at_rest)
    async with new_client(server) as client:
        run = _SoakRun(server, client, alone, usual * streams, outcome, seed + 1)
        await run.go(seconds * (1 - _WARM), streams)
    outcome.after = await asyncio.to_thread(server.held_at_rest)
    outcome.seconds = seconds
    return outcome


@dataclass(frozen=True)
class _Alone:
    """What a question gets while nobody else asks."""

    question: str
    reply: ApiReply
    pieces: list[Piece]

    @property
    def answered(self) -> bool:
        return self.reply.said is not None and "answered" in self.reply.said


def _is_begun_again(reply: ApiReply) -> bool:
    return reply.draft.startswith(tuple(prompt.load(one).opening for one in get_args(Language)))


async def _alone(server: ServerProcess, client: httpx.AsyncClient, question: str) -> _Alone:
    reply = await post_question(client, question)
    if not reply.is_whole:
        raise BelegtError(f"'{question}' alone got no answer ({reply.status}: {reply.error}).")
    return _Alone(question, reply, await asyncio.to_thread(server.said, reply.draft))


@dataclass
class _SoakRun:
    server: ServerProcess
    client: httpx.AsyncClient
    alone: Sequence[_Alone]
    longest_s: float
    outcome: SoakOutcome
    seed: int

    async def go(self, seconds: float, streams: int) -> None:
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(streams):
                group.create_task(self._ask_on(until, random.Random(f"{self.seed} {number}")))

    async def _ask_on(self, until: float, numbers: random.Random) -> None:
        while time.monotonic() < until:
            alone = numbers.choice(self.alone)
            leaves = numbers.random() < _LEAVING
            after = numbers.uniform(0.0, self.longest_s) if leaves else None
            reply = await post_question(self.client, alone.question, after)
            self.outcome.note(reply)
            if reply.is_whole:
                await self._compare(alone, reply)

    async def _compare(self, alone: _Alone, reply: ApiReply) -> None:
        if reply.draft == alone.reply.draft:
            self.outcome.answers.add(alone.pieces, alone.pieces)
            if reply.said != alone.reply.said:
                self.outcome.wrong.append(f"{alone.reply.said} | {reply.said}")
            return
        if _is_begun_again(reply):
            self.outcome.begun_again += 1
            return
        pieces = await asyncio.to_thread(self.server.said, reply.draft)
        if not pieces:
            self.outcome.wrong.append(f"nobody said '{reply.draft}'")
        self.outcome.answers.add(alone.pieces, pieces)
