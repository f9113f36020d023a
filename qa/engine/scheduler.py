"""One context, many requests: who is waiting, who is open, and the thread that serves them.

In: requests that read, probe and answer, from any thread. Out: futures and streams of pieces. What
can fail, each one sentence: a queue that is full (:class:`EngineBusyError`), a request past its
deadline, a prompt that never fits, a step that the library refuses (which ends the requests that
had a part in it); what happens to one request otherwise is its own.

One thread owns the context and takes one step after the other (``steps``); a new request joins
between two of them. Everything else calls in by an inbox, so no state needs a lock.

A request owns a sequence while it is open and has reserved the cells it may come to need, so a
request that was admitted is never short of them. When it closes, its sequence stays as a prefix
for others (idle) until the cells are wanted; that of a request of the background is dropped.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

from base.errors import BelegtError
from qa.engine.cancellation import RequestCancelledError
from qa.engine.decode.sampling import Chooser, Logits
from qa.engine.decode.text_stream import TextStream
from qa.engine.kv.cells import common_prefix
from qa.engine.kv.passage_cache import KVBlock
from qa.engine.kv.sequences import Capacity, Context, Sequences
from qa.engine.prefill_backend import NoPrefillBackend, PrefillBackend
from qa.engine.protocol import Piece
from qa.engine.request import (
    Answering,
    DeadlinePassedError,
    EngineBusyError,
    EngineClosedError,
    Prefilling,
    Request,
)
from qa.engine.steps import Steps

# Tokens that another prompt must be about to read, for one that begins alike to wait for it.
WORTH_WAITING = 32
_TICK_S = 0.5


class Scheduler:
    """Runs requests over one context until it is closed."""

    def __init__(
        self,
        context: Context,
        capacity: Capacity,
        states: Path,
        reader: PrefillBackend | None = None,
    ) -> None:
        self._capacity = capacity
        self._sequences = Sequences(context, capacity, states)
        self._reader = reader or NoPrefillBackend()
        self._steps = Steps(context, self._sequences, self._reader, self._fail)
        self._inbox: deque[tuple[Callable[[], None], Callable[[Exception], None]]] = deque()
        self._wake = threading.Condition()
        self._waiting: deque[Request] = deque()
        self._open: list[Request] = []
        self._calls = itertools.count(1)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="belegt-engine", daemon=True)
        self._thread.start()

    # --- called from any thread -----------------------------------------------------------

    def open(self, request: Request) -> None:
        """Queue a prompt and wait until it is read; ``request`` can then go on.

        Raises EngineBusyError, or UsageError for a prompt that never fits. What cancels must
        ``nudge``.
        """
        try:
            self.submit([request])
            request.prompt_ready.result()
        except BaseException:
            self.release(request)
            raise

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue prompts, which are then read together, as far as there is room.

        Returns at once; ``prompt_ready`` of each tells that it was read, or why not. Raises
        UsageError for a prompt that never fits.
        """
        call = next(self._calls)
        for request in requests:
            request.call = call
            if request.limit > self._capacity.cells:
                raise request.too_long()

        def queue() -> None:
            for request in requests:
                try:
                    self._queue(request)
                except EngineBusyError as error:
                    self._fail(request, error)

        self._post(queue)

    def read(self, request: Request, tokens: Sequence[int]) -> None:
        """Evaluate ``tokens`` after what was read."""
        result: Future[list[float]] = Future()
        self._post(lambda: self._steps.read_on(request, tokens, result), result.set_exception)
        result.result()

    def probe(
        self, request: Request, tokens: Sequence[int], finish: Callable[[Logits], list[float]]
    ) -> list[float]:
        """What ``finish`` makes of the logits after ``tokens``, which are then taken back."""
        if request.probe_logits is not None and list(tokens) == list(request.probe):
            return finish(request.probe_logits)
        result: Future[list[float]] = Future()

        def begin() -> None:
            self._steps.drop_continuation(request)
            before, length = request.logits, self._sequences.length(request)

            def back(logits: Logits) -> list[float]:
                try:
                    return finish(logits)
                finally:
                    self._sequences.truncate(request, length)
                    request.logits = before

            self._steps.read(request, tokens, result, back)

        self._post(begin, result.set_exception)
        return result.result()

    def answer(
        self, request: Request, sampler: Chooser, limit: int, stop: Sequence[str], *, drafts: bool
    ) -> Iterator[Piece]:
        """Pieces of text as they are chosen, at most ``limit`` tokens; ends before any ``stop``."""
        output: SimpleQueue[Piece | BaseException | None] = SimpleQueue()
        work = Answering(sampler, TextStream(stop), limit, output, drafts=drafts)
        self._post(lambda: self._steps.answer(request, work), output.put)
        try:
            while (piece := output.get()) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            with contextlib.suppress(EngineClosedError):
                self._post(lambda: self._steps.abandon(request, work))

    def logits(self, request: Request) -> Logits:
        """After the last token that was read; float32 (vocabulary,)."""
        assert request.logits is not None, "a request that was opened has read something"
        return request.logits

    def rows(self, request: Request, first: int) -> KVBlock | None:
        """What was computed of ``request`` from position ``first`` on; None where nobody can say.

        Raises what ended it.
        """
        result: Future[KVBlock | None] = Future()

        def fetch() -> None:
            request.ready()
            result.set_result(self._sequences.rows(request, first))

        self._post(fetch, result.set_exception)
        return result.result()

    def release(self, request: Request) -> None:
        """Close a request at whatever point it is; its cells are there for whoever wants them."""
        with contextlib.suppress(EngineClosedError):
            self._post(lambda: self._release(request))

    def nudge(self) -> None:
        """Look now for requests that were cancelled."""
        with contextlib.suppress(EngineClosedError):
            self._post(lambda: None)

    def between_steps(self, call: Callable[[], None]) -> None:
        """Have the thread that owns the context make a call. Raises EngineClosedError."""
        self._post(call)

    def occupancy(self) -> dict[str, int]:
        """Cells in use and requests by state, as of the next step."""
        result: Future[dict[str, int]] = Future()

        def count() -> None:
            result.set_result(
                {
                    **self._sequences.occupancy(),
                    "open": sum(not one.background for one in self._open),
                    "waiting": sum(not one.background for one in self._waiting),
                }
            )

        self._post(count, result.set_exception)
        return result.result()

    @property
    def runs(self) -> bool:
        """Whether its thread still serves; it ends when it is closed, or by an error."""
        return self._thread.is_alive() and not self._closing

    def close(self) -> None:
        """Fail what is in progress and stop the thread."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _post(
        self, call: Callable[[], None], failed: Callable[[Exception], None] | None = None
    ) -> None:
        """Have ``call`` run between two steps; its caller is told by ``failed`` what it raised."""
        with self._wake:
            if self._closing:
                raise EngineClosedError("The engine was closed.")
            self._inbox.append((call, failed or _raise_error))
            self._wake.notify()

    # --- the scheduler's thread -----------------------------------------------------------

    def _run(self) -> None:
        reason: BaseException = EngineClosedError("The engine was closed.")
        try:
            self._serve()
        except BaseException as error:
            reason = error
            raise
        finally:
            # Nobody may be left waiting for a thread that is gone.
            with self._wake:
                self._closing = True
            self._take_calls()
            for request in [*self._waiting, *self._open]:
                self._fail(request, reason)

    def _serve(self) -> None:
        while True:
            with self._wake:
                while not (self._inbox or self._closing or self._has_work()):
                    self._wake.wait(_TICK_S if self._waiting else None)
                    if self._waiting:
                        break
                if self._closing:
                    return
            self._take_calls()
            self._await_callers()
            self._expire()
            self._admit()
            self._steps.take(self._open)

    def _take_calls(self) -> None:
        for _ in range(len(self._inbox)):
            call, failed = self._inbox.popleft()
            try:
                call()
            except Exception as error:  # noqa: BLE001 - it is the caller's, and told to the caller
                failed(error)

    def _await_callers(self) -> None:
        """Let those go on who were just told something, so that the next step is theirs too."""
        while not self._closing:
            awaited = [one.wait_until for one in self._open if not one.cancellation.cancelled]
            left = max(awaited, default=0.0) - time.monotonic()
            if left <= 0:
                return
            with self._wake:
                self._wake.wait_for(lambda: self._inbox or self._closing, left)
            self._take_calls()

    def _has_work(self) -> bool:
        return any(one.work is not None for one in self._open)

    def _queue(self, request: Request) -> None:
        for one in [*self._waiting, *self._open]:
            if request.background:
                raise EngineBusyError("Somebody asks; what nobody waits for is read later.")
            if one.background:
                self._fail(one, EngineBusyError("Somebody asks; the rest is read later."))
        # Whoever was let in with one question must not fail over the passages it is asked of.
        served = {one.call for one in self._open}
        waiting = {one.call for one in self._waiting} - served
        places = self._capacity.requests + self._capacity.waiting - len(served | waiting)
        if places <= 0 and request.call not in served | waiting:
            raise EngineBusyError(f"{len(waiting)} requests wait already; try again in a moment.")
        self._waiting.append(request)

    def _admit(self) -> None:
        for request in list(self._waiting):
            if len(self._open) >= self._capacity.requests:
                return
            if self._soon_shared(request):
                continue
            reserved = sum(one.limit - self._sequences.length(one) for one in self._open)
            if not self._sequences.place(request, reserved):
                return
            self._waiting.remove(request)
            self._open.append(request)
            self._sequences.put_cached(request)
            tokens = request.tokens[self._sequences.length(request) :]
            request.evaluated = len(tokens)

            def finish_opening(logits: Logits, request: Request = request) -> list[float]:
                if request.probe:
                    request.probe_logits, request.logits = logits, None
                    self._sequences.truncate(request, len(request.tokens))
                request.prompt_ready.set_result(request.evaluated)
                return []

            request.work = Prefilling([*tokens, *request.probe], Future(), finish_opening)

    def _soon_shared(self, request: Request) -> bool:
        """Whether a prompt that is being read will soon have read much of this one as well."""
        reading = [
            one
            for one in self._open
            if isinstance(one.work, Prefilling) and not one.prompt_ready.done()
        ]
        if not reading:
            return False
        soon = max(common_prefix(one.plain, request.shareable) for one in reading)
        there = self._sequences.shared_length(request)
        # What was cached is put behind the prefix, once that is there.
        if there >= request.prefix_length:
            there = max(there, request.cached_length)
        return soon >= there + WORTH_WAITING

    # --- ends -----------------------------------------------------------------------------

    def _expire(self) -> None:
        now = time.monotonic()
        for request in [*self._waiting, *self._open]:
            if request.cancellation.cancelled:
                self._fail(request, RequestCancelledError())
            elif request.deadline is not None and now > request.deadline:
                self._fail(
                    request, DeadlinePassedError("The request took longer than it was allowed to.")
                )

    def _fail(self, request: Request, error: BaseException) -> None:
        request.end(error)
        self._release(request)

    def _release(self, request: Request) -> None:
        if request.closed:
            return
        request.closed = True
        request.end(BelegtError("The request was closed before it was done."))
        self._reader.forget(request)
        if request in self._waiting:
            self._waiting.remove(request)
        if request in self._open:
            self._open.remove(request)
            if request.background:
                self._sequences.give_up(request)
            else:
                self._sequences.retain(request)


def _raise_error(error: Exception) -> None:
    raise error
