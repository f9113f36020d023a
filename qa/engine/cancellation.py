"""Ending work from another thread.

In: calls to make once somebody has lost interest. Out: each made exactly once, in the thread that
cancels, or at once where that has happened already. Nothing can fail here; what was cancelled ends
with :class:`RequestCancelledError`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from base.errors import BelegtError


class RequestCancelledError(BelegtError):
    """Nobody waits for the result any more."""

    def __init__(self) -> None:
        super().__init__("The request was cancelled.")


class Cancellation:
    """Handed to whoever works; cancelled by whoever asked. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._calls: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether it has happened."""
        return self._cancelled

    def cancel(self) -> None:
        """Make the calls; a second time does nothing."""
        with self._lock:
            self._cancelled = True
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def check(self) -> None:
        """Raise RequestCancelledError if it has happened."""
        if self._cancelled:
            raise RequestCancelledError

    @contextmanager
    def calling(self, call: Callable[[], None]) -> Iterator[None]:
        """While the context lasts, ``call`` is what cancelling does."""
        with self._lock:
            waits = not self._cancelled
            if waits:
                self._calls.append(call)
        if not waits:
            call()
        try:
            yield
        finally:
            with self._lock:
                if call in self._calls:
                    self._calls.remove(call)
