"""Ten times what a server can serve: is everybody answered or told to come back?

In: a server, questions, how long, how much more. Out: an :class:`OverloadOutcome`. Nothing can
fail; what went wrong is in it.

Capacity is what so many clients get answered in a second as are served at once. The overload begins
with ``times`` as many clients at one moment as there are places, and goes on with ``times`` as many
questions a second as capacity; who waits when it is over goes away. From then on, until a
question takes its usual time again, the server recovers.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import httpx

from eval.bench.api_client import LEFT, ApiReply, new_client, post_question
from eval.bench.api_server import Held, ServerProcess

RECOVERY_S = 5.0
MOST_GROWTH_MB = 256.0
_USUAL = 1.5
"""So many times its median alone is still a question's usual time."""
_EACH = 3
"""So many questions each client asks one after the other, for the capacity."""
_ALONE = 8
_LOOK_S = 2.0


@dataclass
class OverloadOutcome:
    """What came of all requests; memory in MB, at rest before and its peak meanwhile."""

    capacity: float
    usual_s: float
    times: float
    before: Held
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    refusal_s: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    halfway_mb: float = 0.0
    end_mb: float = 0.0
    recovery_s: float = 0.0
    seconds: float = 0.0
    after: Held | None = None

    def note(self, reply: ApiReply) -> None:
        """Count one reply."""
        self.statuses[reply.status] += 1
        if reply.status == 429:
            self.refusal_s.append(reply.total_s)
            if not (reply.retry_after or "").isdigit():
                self.wrong.append(f"429 with Retry-After {reply.retry_after!r}")
        elif reply.status not in (200, LEFT):
            self.wrong.append(f"{reply.status}: {reply.error}")

    def faults(self) -> list[str]:
        """What must not be, a sentence each."""
        found = [f"Neither answered nor refused: {one}" for one in self.wrong[:5]]
        if self.peak_mb - self.before.memory_mb > MOST_GROWTH_MB:
            found.append(f"Memory rose by {self.peak_mb - self.before.memory_mb:.0f} MB.")
        if self.recovery_s > RECOVERY_S:
            found.append(f"Recovery took {self.recovery_s:.1f} s.")
        if self.after is not None and (self.after.requests or self.after.cells):
            found.append(f"Left behind: {self.after}.")
        return found

    def report(self) -> str:
        """What was done, in words."""
        return (
            f"Capacity {self.capacity:.1f} answers a second; alone one takes {self.usual_s:.2f} s."
            f"\n{self.statuses.total()} requests in {self.seconds:.0f} s at {self.times:g} times "
            f"that: {self.statuses[200]} answered, {self.statuses[429]} refused with 429 "
            f"(median after {1000 * median(self.refusal_s or [0.0]):.0f} ms), {self.statuses[LEFT]}"
            f" still waiting at the end, {len(self.wrong)} neither."
            f"\nMemory {self.before.memory_mb:.0f} MB before, {self.halfway_mb:.0f} MB halfway, "
            f"{self.end_mb:.0f} MB at the end, at most {self.peak_mb:.0f} MB."
            f"\nRecovered after {self.recovery_s:.1f} s."
            f"\nAt rest before: {self.before}\nAt rest after:  {self.after}"
        )


async def overload(
    server: ServerProcess,
    questions: Sequence[str],
    seconds: float,
    times: float,
    seed: int,
) -> OverloadOutcome:
    """Ask ``times`` as much as the server can answer, for ``seconds``."""
    numbers = random.Random(seed)
    places = server.settings.requests + server.settings.waiting_requests
    async with new_client(server) as client:
        alone = [await post_question(client, questions[0]) for _ in range(_ALONE)]
        usual = median(one.total_s for one in alone[1:])
        capacity = await _capacity(client, questions, server.settings.requests)
        before = await asyncio.to_thread(server.held_at_rest)
        outcome = OverloadOutcome(capacity, usual, times, before, seconds=seconds)
        watching = asyncio.create_task(_watch(server, outcome))
        flood = _Flood(client, questions, outcome, numbers)
        await flood.come(round(times * places))
        outcome.recovery_s = await _recovery(client, questions[0], usual)
        watching.cancel()
    outcome.after = await asyncio.to_thread(server.held_at_rest)
    outcome.end_mb = outcome.after.memory_mb
    return outcome


async def _capacity(client: httpx.AsyncClient, questions: Sequence[str], clients: int) -> float:
    async def ask_all(number: int) -> int:
        replies = [
            await post_question(client, questions[(number + clients * turn) % len(questions)])
            for turn in range(_EACH)
        ]
        return sum(one.is_whole for one in replies)

    began = time.monotonic()
    answered = await asyncio.gather(*(ask_all(number) for number in range(clients)))
    return max(sum(answered), 1) / (time.monotonic() - began)


@dataclass
class _Flood:
    """Clients that come faster than they are served."""

    client: httpx.AsyncClient
    questions: Sequence[str]
    outcome: OverloadOutcome
    numbers: random.Random
    began: float = field(default_factory=time.monotonic)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def come(self, at_first: int) -> None:
        """``at_first`` at one moment, then so many a second; all have left when it ends."""
        for _ in range(at_first):
            self._begin()
        while self._left_s() > 0:
            rate = self.outcome.times * self.outcome.capacity
            await asyncio.sleep(self.numbers.expovariate(rate))
            self._begin()
        if self.tasks:
            await asyncio.wait(self.tasks)

    def _left_s(self) -> float:
        return max(0.0, self.began + self.outcome.seconds - time.monotonic())

    def _begin(self) -> None:
        task = asyncio.create_task(self._ask())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _ask(self) -> None:
        question = self.numbers.choice(self.questions)
        self.outcome.note(await post_question(self.client, question, self._left_s()))


async def _recovery(client: httpx.AsyncClient, question: str, usual: float) -> float:
    """Seconds until a question was asked that took its usual time."""
    began = time.monotonic()
    while True:
        asked = time.monotonic()
        reply = await post_question(client, question)
        if reply.is_whole and reply.total_s <= _USUAL * usual:
            return asked - began
        if asked - began > 10 * RECOVERY_S:
            return asked - began
        await asyncio.sleep(0.05)


async def _watch(server: ServerProcess, outcome: OverloadOutcome) -> None:
    began = time.monotonic()
    while True:
        held = await asyncio.to_thread(server.held)
        outcome.peak_mb = max(outcome.peak_mb, held.memory_mb)
        if time.monotonic() - began < outcome.seconds / 2:
            outcome.halfway_mb = held.memory_mb
        await asyncio.sleep(_LOOK_S)
