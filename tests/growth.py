"""How work grows with its input, for tests that nothing takes more than its length in time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

RUNS = 3
TRIES = 5
LEAST_S = 0.004
"""What takes less is not told apart from the clock."""


def grows_at_most(times: float, work: Callable[[str], object], short: str, long: str) -> bool:
    """Whether `work` takes at most `times` as long for `long` as for `short`.

    Other work on the machine slows some tries; what grows too fast does so in every one.
    """
    return any(
        least_seconds(work, long) <= times * max(least_seconds(work, short), LEAST_S)
        for _ in range(TRIES)
    )


def least_seconds(work: Callable[[str], object], text: str) -> float:
    """The least seconds of CPU that `work` takes of this thread for `text`, of a few runs.

    Garbage is not collected meanwhile: in a whole test run the collector would go through what
    thousands of tests have left, as often as the work makes objects, and be timed for it.
    """
    best = float("inf")
    for _ in range(RUNS):
        gc.disable()
        try:
            began = time.thread_time()
            work(text)
            best = min(best, time.thread_time() - began)
        finally:
            gc.enable()
    return best
