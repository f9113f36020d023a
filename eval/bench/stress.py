"""Thousands of requests at once, a third of them given up: does anything leak, hang or go wrong?

In: how many requests, and optionally for how long. Out: a report, and the exit code 1 where cells
or memory are not given back, a request hangs, one fails that should not, or an answer among others
is not the one given alone. What can fail: a missing model (one sentence).

    python -m eval.bench.stress [--requests 10000] [--threads 16] [--seconds N]

The tiny model (``belegt models pull smollm2-135m-instruct``) answers prompts of a few to several
hundred tokens. Those that are given up are cancelled while they wait, are read or answered, are
left in the middle of their answer, or run out of time. What each prompt gets alone is found first.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from tqdm import tqdm

from base.errors import BelegtError, UsageError
from base.settings import load_settings
from eval.bench.comparison import TokenComparison, token_pieces
from eval.bench.memory import resident
from eval.questionset import find_set
from qa.engine.cancellation import Cancellation, RequestCancelledError
from qa.engine.local.llama import LlamaEngine, load_engine
from qa.engine.protocol import Piece, Segment

MODEL = "smollm2-135m-instruct"
WAYS = ("cancelled", "left", "out of time")
"""How a request is given up."""
_GIVEN_UP = 1 / 3
# Longer than any queue of so short requests; a request that is not over then hangs.
_PATIENCE_S = 120.0
_LISTEN_S = 0.5
# Requests after which memory must not grow any more.
_WARM = 200


@dataclass(frozen=True)
class Order:
    """A prompt and how many tokens its answer may have."""

    prompt: str
    limit: int


@dataclass
class StressOutcome:
    """What came of all requests."""

    requests: int = 0
    given_up: Counter[str] = field(default_factory=Counter)
    answers: TokenComparison = field(default_factory=TokenComparison)
    failures: list[str] = field(default_factory=list)
    hung: bool = False
    leaked_cells: int = 0
    growth_mb: float = 0.0
    seconds: float = 0.0

    def faults(self, most_growth_mb: float) -> list[str]:
        """What must not be, a sentence each."""
        found = [f"A request failed: {one}" for one in self.failures[:5]]
        if self.hung:
            found.append(f"A request was not over after {_PATIENCE_S:g} s.")
        if self.leaked_cells:
            found.append(f"{self.leaked_cells} cells were not given back.")
        if self.growth_mb > most_growth_mb:
            found.append(f"Memory grew by {self.growth_mb:.0f} MB.")
        if self.answers.wrong:
            found.append(f"{self.answers.wrong} answers were not those given alone.")
        return found


def main() -> int:
    """Run, report; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.stress")
    parser.add_argument("--requests", type=int, default=10_000, metavar="N")
    parser.add_argument("--threads", type=int, default=16, metavar="N")
    parser.add_argument("--seconds", type=float, metavar="N", help="stop after so long")
    parser.add_argument("--seed", type=int, default=7, metavar="N")
    args = parser.parse_args()
    try:
        if args.requests < 1 or args.threads < 1:
            raise UsageError("--requests and --threads must be 1 or more.")
        settings = load_settings(llm=MODEL, cells=4096, kept_cells=512)
        engine = load_engine(settings)
        engine.prepare_prefill()
        try:
            outcome = stress(engine, args.requests, args.threads, args.seed, args.seconds)
        finally:
            # A scheduler that hangs cannot be joined; the process ends without it.
            threading.Thread(target=engine.close, daemon=True).start()
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    print(report_stress(outcome))
    faults = outcome.faults(most_growth_mb=64.0)
    print("\n".join(faults) or "No leak, no hang, no wrong answer.")
    return 1 if faults else 0


def report_stress(outcome: StressOutcome) -> str:
    """What was done, in words."""
    ways = ", ".join(f"{count} {way}" for way, count in sorted(outcome.given_up.items()))
    answers = outcome.answers
    gap = max(answers.gaps, default=0.0)
    return (
        f"{outcome.requests} requests in {outcome.seconds:.0f} s, of them "
        f"{ways or 'none given up'}."
        f"\n{len(answers.gaps)} of {answers.tokens} tokens differ from those chosen alone "
        f"({1000 * answers.rate:.2f} in 1,000), none certain by more than {gap:.3f} nats."
        f"\nMemory grew by {outcome.growth_mb:.1f} MB after the first {_WARM} requests."
    )


def orders(random_numbers: random.Random, count: int) -> list[Order]:
    """Prompts of three to about four hundred tokens, more short ones; every third begins alike.

    They are cut from the sample corpus: after words that make no sense the model has no opinion,
    and what it says next is a matter of rounding.
    """
    texts = [one.text.split() for one in find_set("sample").documents()]
    begun = " ".join(texts[0][:40])
    found = []
    for at in range(count):
        words = random_numbers.choice(texts)
        size = min(len(words), round(3 + 2 ** (7.6 * random_numbers.random() ** 1.5)))
        first = random_numbers.randrange(len(words) - size + 1)
        text = " ".join(words[first : first + size])
        prompt = text if at % 3 else f"{begun} {text}"
        found.append(Order(prompt, random_numbers.randint(2, 16)))
    return found


def stress(
    engine: LlamaEngine,
    requests: int,
    threads: int,
    seed: int,
    seconds: float | None = None,
    *,
    distinct: int = 100,
) -> StressOutcome:
    """``requests`` from so many ``threads`` over ``distinct`` prompts; fewer when time is over."""
    numbers = random.Random(seed)
    prompts = orders(numbers, min(distinct, requests))
    alone = [_answer(engine, one) for one in tqdm(prompts, desc="alone", disable=None)]
    pinned = _pinned_cells(engine)
    run = _StressRun(
        engine, prompts, alone, seed, None if seconds is None else time.monotonic() + seconds
    )
    started = time.monotonic()
    run.go(requests, threads)
    run.outcome.seconds = time.monotonic() - started
    if not run.outcome.hung:
        run.outcome.leaked_cells = _leaked_cells(engine, pinned)
    return run.outcome


def _answer(engine: LlamaEngine, order: Order, deadline: float | None = None) -> list[Piece]:
    with engine.prefill([Segment(order.prompt)], deadline=deadline) as session:
        return token_pieces(session.generate(order.limit, ()))


def _pinned_cells(engine: LlamaEngine) -> int:
    held = engine.occupancy()
    return held["cells"] - held["idle_cells"]


def _leaked_cells(engine: LlamaEngine, pinned: int) -> int:
    """Cells that no request can be using any more, beside those kept on purpose."""
    held = engine.occupancy()
    return (
        held["open_cells"] + held["open"] + held["waiting"] + max(0, _pinned_cells(engine) - pinned)
    )


class _StressRun:
    """Threads that take numbers of requests until there are no more."""

    def __init__(
        self,
        engine: LlamaEngine,
        prompts: Sequence[Order],
        alone: Sequence[list[Piece]],
        seed: int,
        until: float | None,
    ) -> None:
        self._engine = engine
        self._prompts = prompts
        self._alone = alone
        self._seed = seed
        self._until = until
        self._numbers: Iterator[int] = itertools.count()
        self._done: SimpleQueue[int] = SimpleQueue()
        self._lock = threading.Lock()
        self.outcome = StressOutcome()

    def go(self, requests: int, threads: int) -> None:
        """All requests, or those begun before the time was over."""
        self._numbers = iter(range(requests))
        running = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for one in running:
            one.start()
        base: float | None = None
        heard = time.monotonic()
        with tqdm(total=requests, desc="requests", disable=None) as progress:
            while any(one.is_alive() for one in running) and not self.outcome.hung:
                try:
                    self._done.get(timeout=_LISTEN_S)
                except Empty:
                    self.outcome.hung = time.monotonic() - heard > _PATIENCE_S
                    continue
                heard = time.monotonic()
                progress.update()
                if base is None and progress.n >= min(_WARM, requests // 2):
                    base = resident().get("resident_mb", 0.0)
        now = resident().get("resident_mb", 0.0)
        self.outcome.growth_mb = 0.0 if base is None else max(0.0, now - base)

    def _work(self) -> None:
        while True:
            with self._lock:
                number = next(self._numbers, None)
            if number is None or (self._until is not None and time.monotonic() > self._until):
                return
            try:
                self._one(random.Random(self._seed * 1_000_003 + number))
            except Exception as error:  # noqa: BLE001 - it is reported, and the others go on
                self._note(failure=f"{type(error).__name__}: {error}")
            self._done.put(number)

    def _one(self, numbers: random.Random) -> None:
        at = numbers.randrange(len(self._prompts))
        order = self._prompts[at]
        if numbers.random() < _GIVEN_UP:
            way = numbers.choice(WAYS)
            self._give_up(order, way, numbers)
            self._note(way=way)
            return
        pieces = _answer(self._engine, order, time.monotonic() + _PATIENCE_S)
        with self._lock:
            self.outcome.requests += 1
            self.outcome.answers.add(self._alone[at], pieces)

    def _give_up(self, order: Order, way: str, numbers: random.Random) -> None:
        """Lose interest at a moment that is anywhere between queueing and the last token."""
        prompt = [Segment(order.prompt)]
        if way == "left":
            enough = numbers.randrange(order.limit)
            with self._engine.prefill(prompt) as session:
                for _ in itertools.islice(session.generate(order.limit, ()), enough):
                    pass
            return
        soon = numbers.uniform(0.0, 0.3)
        if way == "out of time":
            try:
                _answer(self._engine, order, time.monotonic() + soon)
            except BelegtError as error:
                if "longer than it was allowed" not in str(error):
                    raise
            return
        cancellation = Cancellation()
        timer = threading.Timer(soon, cancellation.cancel)
        timer.start()
        try:
            with self._engine.prefill(prompt, cancellation=cancellation) as session:
                list(session.generate(order.limit, ()))
        except RequestCancelledError:
            pass
        finally:
            timer.cancel()

    def _note(self, *, way: str | None = None, failure: str | None = None) -> None:
        with self._lock:
            self.outcome.requests += 1
            if way is not None:
                self.outcome.given_up[way] += 1
            if failure is not None:
                self.outcome.failures.append(failure)


if __name__ == "__main__":
    sys.exit(main())
