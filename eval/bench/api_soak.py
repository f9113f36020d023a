"""Streams of which a third are left: do the others complete, and does anything grow?

In: a server, questions, how long. Out: an :class:`Outcome`. Nothing can fail; what went wrong is
in it.

What each question gets alone is found first, then the load runs for a fifth of the time to warm
up. From then on nothing may grow. Greedy answers may part from those given alone where two tokens
are all but equally likely (:mod:`eval.bench.comparison`); over HTTP no probabilities are told, so
the share that parts is what is judged.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import httpx

from eval.bench.api_client import LEFT, Reply, ask, new_client
from eval.bench.api_server import Held, ServerProcess

_LEAVING = 1 / 3
_WARM = 0.2
MOST_GROWTH_MB = 64.0
MOST_PARTED = 0.05
"""Share of answers that may part at a tie; with the tiny model about 1 in 100 does."""
_MOST_QUESTIONS = 24


@dataclass
class Outcome:
    """What came of all requests; ``before`` and ``after`` are of a server at rest."""

    streams: int
    statuses: Counter[int] = field(default_factory=Counter)
    parted: int = 0
    examples: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    answered: int = 0
    questions: int = 0
    before: Held | None = None
    after: Held | None = None
    seconds: float = 0.0

    def note(self, alone: tuple[Any, ...], reply: Reply) -> None:
        """Count one reply."""
        self.statuses[reply.status] += 1
        if reply.is_whole:
            self.first_s.append(reply.first_s)
            if reply.said != alone:
                self.parted += 1
                self.examples.append(f"{alone} | {reply.said}")
        elif reply.status != LEFT:
            self.failures.append(f"{reply.status}: {reply.error}")

    def faults(self) -> list[str]:
        """What must not be, a sentence each."""
        found = [f"A request failed: {one}" for one in self.failures[:5]]
        if self.parted > MOST_PARTED * self.statuses[200]:
            found.append(f"{self.parted} answers were not those given alone.")
        found += [f"For example: {one}" for one in self.examples[:3]] if found else []
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
        whole = self.statuses[200]
        return (
            f"{self.statuses.total()} requests of {self.streams} clients in {self.seconds:.0f} s: "
            f"{whole} complete, {self.statuses[LEFT]} left, {len(self.failures)} failed; "
            f"{self.answered} of {self.questions} questions have an answer that stands its checks."
            f"\n{self.parted} of {whole} parted from the answer given alone."
            f"\nFirst sentence or word after {median(self.first_s or [0.0]):.2f} s (median)."
            f"\nAt rest before: {self.before}\nAt rest after:  {self.after}"
        )


async def soak(
    server: ServerProcess, questions: Sequence[str], seconds: float, streams: int, seed: int
) -> Outcome:
    """So many clients for so long, every third request left at a random moment."""
    outcome = Outcome(streams)
    asked = list(questions)[:_MOST_QUESTIONS]
    async with new_client(server) as client:
        alone = {one: await ask(client, one) for one in asked}
        outcome.questions = len(asked)
        outcome.answered = sum(
            one.said is not None and one.said[0] == "answered" for one in alone.values()
        )
        usual = median(one.total_s for one in alone.values())
        run = _Run(client, alone, usual * streams, outcome, seed)
        await run.go(seconds * _WARM, streams)
    outcome.before = await asyncio.to_thread(server.held_at_rest)
    async with new_client(server) as client:
        run = _Run(client, alone, usual * streams, outcome, seed + 1)
        await run.go(seconds * (1 - _WARM), streams)
    outcome.after = await asyncio.to_thread(server.held_at_rest)
    outcome.seconds = seconds
    return outcome


@dataclass
class _Run:
    client: httpx.AsyncClient
    alone: dict[str, Reply]
    longest_s: float
    outcome: Outcome
    seed: int

    async def go(self, seconds: float, streams: int) -> None:
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(streams):
                group.create_task(self._ask_on(until, random.Random(f"{self.seed} {number}")))

    async def _ask_on(self, until: float, numbers: random.Random) -> None:
        while time.monotonic() < until:
            question, alone = numbers.choice(list(self.alone.items()))
            leaves = numbers.random() < _LEAVING
            after = numbers.uniform(0.0, self.longest_s) if leaves else None
            reply = await ask(self.client, question, after)
            assert alone.said is not None, f"alone it failed: {alone.error}"
            self.outcome.note(alone.said, reply)
