"""One context, many requests: continuous batching.

In: requests that read, probe and answer, from any thread. Out: futures and streams of pieces. What
can fail, each one sentence: a queue that is full (:class:`EngineBusy`), a request past its
deadline, a context that is full, a step that the library refuses (which ends the requests that had
a part in it); what happens to one request otherwise is its own.

One thread owns the context. Each of its steps mixes a decode row (with drafted rows behind it) for
every answer in progress with a chunk of the prompts that are being read, so a new request joins
between two steps and a long prompt never stops those who stream: the chunk is short while there
are any. Everything else calls in by an inbox, so no state needs a lock.

A request owns a sequence while it is open and has reserved the cells it may come to need, so a
request that was admitted is never short of them. When it closes, its sequence stays as a prefix
for others (idle) until the cells are wanted.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

from models.errors import BelegtError, UsageError
from qa.engine.binding import BATCH, ContextFull, Row
from qa.engine.cancellation import Cancellation, Cancelled
from qa.engine.cells import common_prefix
from qa.engine.cost import StepCost
from qa.engine.lookup import Lookup
from qa.engine.protocol import Piece
from qa.engine.reader import NoReader, Reader, Unread
from qa.engine.request import (
    Answering,
    DeadlinePassed,
    EngineBusy,
    EngineClosed,
    Part,
    Reading,
    Request,
)
from qa.engine.sampling import Logits, Sampler
from qa.engine.sequences import Capacity, Context, Sequences
from qa.engine.stream import TextStream

# Prompt rows in a step while answers stream; each of those waits that long for its next token.
CHUNK = 64
# Rows that drafts may add to a step, shared by all answers in it.
DRAFT_ROWS = 8
# Tokens by which a prompt that was passed over in a step gets ahead of a shorter one.
AGE = 16
# Tokens that another prompt must be about to read, for one that begins alike to wait for it.
WORTH_WAITING = 32
_TICK_S = 0.5


class Scheduler:
    """Runs requests over one context until it is closed."""

    def __init__(
        self, context: Context, capacity: Capacity, states: Path, reader: Reader | None = None
    ) -> None:
        self._context = context
        self._reader = reader or NoReader()
        self._capacity = capacity
        self._sequences = Sequences(context, capacity, states)
        self._inbox: deque[tuple[Callable[[], None], Callable[[Exception], None]]] = deque()
        self._wake = threading.Condition()
        self._waiting: deque[Request] = deque()
        self._open: list[Request] = []
        self._closing = False
        self._cost = StepCost()
        self._thread = threading.Thread(target=self._run, name="belegt-engine", daemon=True)
        self._thread.start()

    # --- called from any thread -----------------------------------------------------------

    def open(
        self,
        tokens: Sequence[int],
        *,
        start: int,
        room: int,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> Request:
        """Queue a prompt, of which the first ``start`` tokens are a constant start.

        ``room``: tokens that may be read or said after it. Waits until the prompt is read. Raises
        EngineBusy, or UsageError for a prompt that never fits. What cancels must ``nudge``.
        """
        request = Request(
            list(tokens),
            start,
            len(tokens) + room,
            deadline,
            opened=Future[int](),
            cancellation=cancellation or Cancellation(),
        )
        if request.limit > self._capacity.cells:
            raise self._full(request)
        try:
            self._post(lambda: self._queue(request), request.opened.set_exception)
            request.opened.result()
        except BaseException:
            self.release(request)
            raise
        return request

    def read(self, request: Request, tokens: Sequence[int]) -> None:
        """Evaluate ``tokens`` after what was read."""
        self._work(request, tokens, lambda _: [])

    def probe(
        self, request: Request, tokens: Sequence[int], finish: Callable[[Logits], list[float]]
    ) -> list[float]:
        """What ``finish`` makes of the logits after ``tokens``, which are then taken back."""
        result: Future[list[float]] = Future()

        def begin() -> None:
            before, length = request.logits, self._sequences.length(request)

            def back(logits: Logits) -> list[float]:
                try:
                    return finish(logits)
                finally:
                    self._sequences.truncate(request, length)
                    request.logits = before

            self._read(request, tokens, result, back)

        self._post(begin, result.set_exception)
        return result.result()

    def _work(
        self, request: Request, tokens: Sequence[int], finish: Callable[[Logits], list[float]]
    ) -> None:
        result: Future[list[float]] = Future()
        self._post(lambda: self._read(request, tokens, result, finish), result.set_exception)
        result.result()

    def answer(
        self, request: Request, sampler: Sampler, limit: int, stop: Sequence[str], *, drafts: bool
    ) -> Iterator[Piece]:
        """Pieces of text as they are chosen, at most ``limit`` tokens; ends before any ``stop``."""
        output: SimpleQueue[Piece | BaseException | None] = SimpleQueue()
        work = Answering(sampler, TextStream(stop), None, limit, output)

        def begin() -> None:
            logits = self._ready(request)
            held = self._sequences.tokens(request)
            work.lookup = Lookup(held) if drafts else None
            work.begun = len(held)
            request.work = work
            self._choose(request, work, logits, len(held))

        def stopped() -> None:
            # Abandoned: the prompt is there again as it was before the answer.
            if request.work is work:
                request.work = None
                self._sequences.truncate(request, work.begun)

        self._post(begin, output.put)
        try:
            while (piece := output.get()) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            with contextlib.suppress(EngineClosed):
                self._post(stopped)

    def logits(self, request: Request) -> Logits:
        """After the last token that was read; float32 (vocabulary,)."""
        assert request.logits is not None, "a request that was opened has read something"
        return request.logits

    def release(self, request: Request) -> None:
        """Close a request at whatever point it is; its cells are free for others at once."""
        with contextlib.suppress(EngineClosed):
            self._post(lambda: self._release(request))

    def nudge(self) -> None:
        """Look now for requests that were cancelled."""
        with contextlib.suppress(EngineClosed):
            self._post(lambda: None)

    def between_steps(self, call: Callable[[], None]) -> None:
        """Have the thread that owns the context make a call. Raises EngineClosed."""
        self._post(call)

    def held(self) -> dict[str, int]:
        """Cells in use and requests by state, as of the next step."""
        result: Future[dict[str, int]] = Future()

        def count() -> None:
            result.set_result(
                {
                    **self._sequences.held(),
                    "open": len(self._open),
                    "waiting": len(self._waiting),
                }
            )

        self._post(count, result.set_exception)
        return result.result()

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
                raise EngineClosed("The engine was closed.")
            self._inbox.append((call, failed or _unexpected))
            self._wake.notify()

    # --- the scheduler's thread -----------------------------------------------------------

    def _run(self) -> None:
        reason: BaseException = EngineClosed("The engine was closed.")
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
            self._expire()
            self._admit()
            self._step()

    def _take_calls(self) -> None:
        for _ in range(len(self._inbox)):
            call, failed = self._inbox.popleft()
            try:
                call()
            except Exception as error:  # noqa: BLE001 - it is the caller's, and told to the caller
                failed(error)

    def _has_work(self) -> bool:
        return any(one.work is not None for one in self._open)

    def _queue(self, request: Request) -> None:
        # Those that will find a free place in the next step do not wait.
        free = self._capacity.requests - len(self._open)
        if len(self._waiting) >= self._capacity.waiting + free:
            raise EngineBusy(f"{len(self._waiting)} requests wait already; try again in a moment.")
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
            tokens = request.tokens[self._sequences.length(request) :]
            request.evaluated = len(tokens)

            def opened(_: Logits, request: Request = request) -> list[float]:
                request.opened.set_result(request.evaluated)
                return []

            request.work = Reading(tokens, Future(), opened)

    def _soon_shared(self, request: Request) -> bool:
        """Whether a prompt that is being read will soon have read much of this one as well."""
        reading = [
            one for one in self._open if isinstance(one.work, Reading) and not one.opened.done()
        ]
        if not reading:
            return False
        soon = max(common_prefix(one.tokens, request.tokens[:-1]) for one in reading)
        return soon >= self._sequences.shared(request) + WORTH_WAITING

    # --- steps ----------------------------------------------------------------------------

    def _read(
        self,
        request: Request,
        tokens: Sequence[int],
        result: Future[list[float]],
        finish: Callable[[Logits], list[float]],
    ) -> None:
        logits = self._ready(request)
        if not tokens:
            result.set_result(finish(logits))
        elif self._sequences.length(request) + len(tokens) > request.limit:
            raise self._full(request)
        else:
            request.work = Reading(list(tokens), result, finish)

    def _ready(self, request: Request) -> Logits:
        """The logits that a request goes on from; raises where it cannot go on."""
        if request.closed:
            raise request.error or BelegtError("The request was closed.")
        if request.work is not None:
            raise BelegtError("The request is still at work; wait for that, or close the answer.")
        if request.logits is None:
            raise BelegtError("The answer is complete; read something before the next one.")
        return request.logits

    def _full(self, request: Request) -> UsageError:
        return UsageError(
            f"The prompt and what follows it need more than the {request.limit} tokens of the "
            "context; ask a shorter question or set BELEGT_CONTEXT_TOKENS higher."
        )

    def _step(self) -> None:
        self._read_elsewhere()
        rows: list[Row] = []
        parts = list(self._answer_rows(rows))
        answering = len(rows)
        parts += self._prompt_rows(rows)
        if not rows:
            return
        began = time.perf_counter()
        try:
            self._evaluate(rows)
        except BelegtError as error:
            for part in parts:
                self._fail(part.request, error)
            return
        if answering == len(rows):
            self._cost.learn(answering, time.perf_counter() - began)
        for part in parts:
            try:
                self._settle(part)
            except Exception as error:  # noqa: BLE001 - told to the one whose answer it ends
                self._fail(part.request, error)

    def _evaluate(self, rows: list[Row]) -> None:
        try:
            self._context.step(rows)
        except ContextFull:
            # By the mirror there is room; only idle prefixes can be in the way.
            if not self._sequences.drop_idle():
                raise
            self._context.step(rows)

    def _answer_rows(self, rows: list[Row]) -> Iterator[Part]:
        answering = [one for one in self._open if isinstance(one.work, Answering)]
        count = len(answering)
        room = DRAFT_ROWS // count if count else 0
        costs = [self._cost.of(count + more) for more in range(room + 1)]
        for request in answering:
            work = request.work
            assert isinstance(work, Answering)
            assert work.following is not None, "an answer without a next token is over"
            held = self._sequences.length(request)
            work.draft = []
            if work.lookup is not None:
                most = min(work.left, request.limit - held - 1)
                work.draft = work.lookup.draft(costs[: most + 1])
            tokens = [work.following, *work.draft]
            yield self._rows(request, tokens, rows, every=True)

    def _reading(self) -> list[tuple[Request, Reading]]:
        """The shortest first, so that a check does not wait for a book; but nobody for ever."""
        reading = [(one, one.work) for one in self._open if isinstance(one.work, Reading)]
        return sorted(reading, key=lambda one: one[1].left - AGE * one[1].passed_over)

    def _unread(self, request: Request, work: Reading) -> Unread:
        return Unread(request, self._sequences.length(request), work.tokens[work.done : -1])

    def _read_elsewhere(self) -> None:
        """Let the reader go on with the prompts that it takes."""
        unread = [self._unread(*one) for one in self._reading()]
        taken = [one for one in unread if self._reader.takes(one)]
        if not taken:
            return
        answering = any(isinstance(one.work, Answering) for one in self._open)
        read = self._reader.read(taken, CHUNK if answering else BATCH)
        for one in taken:
            work, count = one.request.work, read.get(one.request, 0)
            assert isinstance(work, Reading), "it is being read"
            if count:
                self._sequences.extend(one.request, one.tokens[:count])
                work.done += count
            else:
                work.passed_over += 1

    def _prompt_rows(self, rows: list[Row]) -> Iterator[Part]:
        left = min(BATCH - len(rows), CHUNK) if rows else BATCH
        for request, work in self._reading():
            if self._reader.takes(self._unread(request, work)):
                continue
            if not left:
                work.passed_over += 1
                continue
            # A start is always evaluated by itself: the same steps whether it was kept or not.
            ahead = request.start - self._sequences.length(request)
            most = min(left, ahead) if ahead > 0 else left
            tokens = work.tokens[work.done : work.done + most]
            left -= len(tokens)
            last = len(tokens) == work.left
            yield self._rows(request, tokens, rows, every=False, last=last)

    def _rows(
        self,
        request: Request,
        tokens: list[int],
        rows: list[Row],
        *,
        every: bool,
        last: bool = True,
    ) -> Part:
        held = self._sequences.length(request)
        part = Part(request, len(rows), tokens)
        for at, token in enumerate(tokens):
            wanted = every or (last and at == len(tokens) - 1)
            rows.append(Row(token, held + at, request.sequence, wanted))
        return part

    def _settle(self, part: Part) -> None:
        request, work = part.request, part.request.work
        self._sequences.extend(request, part.tokens)
        if isinstance(work, Reading):
            work.done += len(part.tokens)
            if 0 <= self._sequences.length(request) - request.start < len(part.tokens):
                self._sequences.pin(request)
            if not work.left:
                request.logits = self._context.logits(part.first + len(part.tokens) - 1).copy()
                found = work.finish(request.logits)
                request.work = None
                work.result.set_result(found)
        elif isinstance(work, Answering):
            self._verify(request, work, part)

    def _verify(self, request: Request, work: Answering, part: Part) -> None:
        """Say what follows the rows of a step, as far as the draft was what would be said."""
        before = self._sequences.length(request) - len(part.tokens)
        accepted = 0
        for at in range(len(part.tokens)):
            self._choose(request, work, self._context.logits(part.first + at), before + 1 + at)
            if at == len(work.draft) or work.following != work.draft[at]:
                break
            accepted += 1
        if work.lookup is not None:
            work.lookup.judge(len(work.draft), accepted)
        self._sequences.truncate(request, before + 1 + accepted)

    def _choose(self, request: Request, work: Answering, logits: Logits, held: int) -> None:
        """Choose and say one token; ``following`` is None, and the work done, where it ends.

        ``held``: tokens of the sequence up to the one that ``logits`` are of.
        """
        work.following = None
        if not work.left:
            self._finish(request, work)
            return
        token, chance = work.sampler.choose(logits)
        if self._context.ends(token):
            self._finish(request, work)
            return
        work.left -= 1
        work.output.put(Piece(work.stream.push(self._context.piece(token)), chance))
        if work.stream.stopped:
            self._finish(request, work)
        elif held >= request.limit:
            self._fail(request, self._full(request))
        else:
            work.following = token
            if work.lookup is not None:
                work.lookup.append(token)

    def _finish(self, request: Request, work: Answering) -> None:
        if rest := work.stream.finish():
            work.output.put(Piece(rest, 0.0, tokens=0))
        work.output.put(None)
        request.work, request.logits = None, None

    # --- ends -----------------------------------------------------------------------------

    def _expire(self) -> None:
        now = time.monotonic()
        for request in [*self._waiting, *self._open]:
            if request.cancellation.cancelled:
                self._fail(request, Cancelled())
            elif request.deadline is not None and now > request.deadline:
                self._fail(
                    request, DeadlinePassed("The request took longer than it was allowed to.")
                )

    def _fail(self, request: Request, error: BaseException) -> None:
        request.end(error)
        self._release(request)

    def _release(self, request: Request) -> None:
        if request.closed:
            return
        request.closed = True
        request.end(BelegtError("The request was closed before it was done."))
        if request in self._waiting:
            self._waiting.remove(request)
        if request in self._open:
            self._open.remove(request)
            self._sequences.keep(request)


def _unexpected(error: Exception) -> None:
    raise error
