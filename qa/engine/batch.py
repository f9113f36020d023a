"""Prompts that are read together, and what each leads to as it is done.

In: requests that nobody has queued yet. Out: their numbers, each as soon as its prompt was read and
its answer, where it has one, is complete. What can fail: what ends any of the requests; the others
end with it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue

from qa.engine.decode.sampling import Chooser
from qa.engine.decode.text_stream import TextStream
from qa.engine.protocol import Piece
from qa.engine.request import Answering, Request
from qa.engine.scheduler import Scheduler


class Batch:
    """Requests of one caller."""

    def __init__(self, scheduler: Scheduler, requests: Sequence[Request]) -> None:
        self._scheduler = scheduler
        self._requests = requests
        self._ends: SimpleQueue[tuple[int, BaseException | None]] = SimpleQueue()

    def answer(self, number: int, sampler: Chooser, limit: int, *, drafts: bool) -> None:
        """Let an answer of at most ``limit`` tokens follow a prompt; its text is not kept."""
        self._requests[number].answer = Answering(
            sampler, TextStream(()), limit, _Output(number, self._ends), drafts=drafts
        )

    def done(self) -> Generator[int, None, None]:
        """Numbers of requests that are done; closing the iterator ends the others."""
        for number, request in enumerate(self._requests):
            request.awaited = False
            request.prompt_ready.add_done_callback(self._told(number, last=request.answer is None))
        try:
            self._scheduler.submit(self._requests)
            for _ in self._requests:
                number, error = self._ends.get()
                if error is not None:
                    raise error
                self._scheduler.release(self._requests[number])
                yield number
        finally:
            for request in self._requests:
                self._scheduler.release(request)

    def _told(self, number: int, *, last: bool) -> Callable[[Future[int]], None]:
        """Hears that a prompt was read, or why not; ``last``: nothing follows it."""

        def told(opened: Future[int]) -> None:
            error = opened.exception()
            if error is not None or last:
                self._ends.put((number, error))

        return told


class _Output:
    """Hears that an answer is complete, or why not."""

    def __init__(self, number: int, ends: SimpleQueue[tuple[int, BaseException | None]]) -> None:
        self._number = number
        self._ends = ends

    def put(self, item: Piece | BaseException | None) -> None:
        """Pass on what ends the answer."""
        if not isinstance(item, Piece):
            self._ends.put((self._number, item))
