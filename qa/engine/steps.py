"""The work of open requests, and the steps of the context that do it for all of them together.

In: what a request is to read or to answer. Out: with each step, tokens in sequences, results of
futures and pieces in streams. What can fail: a request that cannot go on, or is full; a step that
the library refuses, which fails every request that had a part in it. Used by the scheduler's
thread alone.

A step mixes a decode row (with drafted rows behind it) for every answer in progress with a chunk
of the prompts that are being read: continuous batching. A long prompt never stops those who
stream, as the chunk is short while there are any.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

from models.errors import BelegtError
from qa.engine.binding import BATCH, ContextFull, Row
from qa.engine.cost import StepCost
from qa.engine.fork import Fork
from qa.engine.lookup import Lookup
from qa.engine.protocol import Piece
from qa.engine.reader import Reader, Unread
from qa.engine.request import Answering, Part, Reading, Request
from qa.engine.sampling import Logits
from qa.engine.sequences import Context, Sequences

# Prompt rows in a step while answers stream; each of those waits that long for its next token.
CHUNK = 64
# Tokens in a step while nobody waits for it; whoever comes meanwhile waits for that step.
BACKGROUND = 32
# Rows that drafts may add to a step, shared by all answers in it.
DRAFT_ROWS = 8
# How long (seconds) a caller who was just told something is awaited before the next step begins: to
# miss it costs whoever asks a whole step, and they need a few milliseconds.
PATIENCE_S = 0.02
# Tokens by which a prompt that was passed over in a step gets ahead of a shorter one.
AGE = 16


class Steps:
    """Works on ``context``; ``fail`` is told which request ends before it is done, and why."""

    def __init__(
        self,
        context: Context,
        sequences: Sequences,
        reader: Reader,
        fail: Callable[[Request, BaseException], None],
    ) -> None:
        self._context = context
        self._sequences = sequences
        self._reader = reader
        self._fail = fail
        self._cost = StepCost()
        self._fork = Fork(context, sequences)

    def read(
        self,
        request: Request,
        tokens: Sequence[int],
        result: Future[list[float]],
        finish: Callable[[Logits], list[float]],
    ) -> None:
        """Begin to evaluate ``tokens``; ``result`` gets what ``finish`` makes of the logits."""
        request.require_rest()
        request.due = 0.0
        if not tokens:
            result.set_result(finish(request.ready()))
        elif self._sequences.length(request) + len(tokens) > request.limit:
            raise request.too_long()
        else:
            request.work = Reading(list(tokens), result, finish)

    def read_on(self, request: Request, tokens: Sequence[int], result: Future[list[float]]) -> None:
        """Begin to evaluate ``tokens``, unless that was done ahead."""
        if request.ahead is not None and list(tokens) == list(request.then):
            request.require_rest()
            request.logits, request.ahead = request.ahead, None
            request.due = time.monotonic() + PATIENCE_S
            result.set_result([])
        else:
            self.forget_ahead(request)
            self.read(request, tokens, result, lambda _: [])

    def forget_ahead(self, request: Request) -> None:
        """Take back what was read ahead and is not what follows."""
        if request.ahead is not None:
            request.require_rest()
            request.ahead = None
            self._sequences.truncate(request, len(request.tokens))

    def answer(self, request: Request, work: Answering, *, drafts: bool) -> None:
        """Begin an answer, with its first token."""
        logits = request.ready()
        request.due = 0.0
        held = self._sequences.tokens(request)
        work.lookup = Lookup(held) if drafts else None
        work.begun = len(held)
        request.work = work
        self._choose(request, work, logits, len(held))

    def abandon(self, request: Request, work: Answering) -> None:
        """Where the answer goes on, end it; the prompt is there again as it was before."""
        if request.work is work:
            request.work = None
            self._sequences.truncate(request, work.begun)

    def take(self, requests: Sequence[Request]) -> None:
        """One step with a part for each of the open ``requests`` that has work."""
        self._read_elsewhere(requests)
        rows: list[Row] = []
        parts = list(self._answer_rows(requests, rows))
        answering = len(rows)
        parts += self._prompt_rows(requests, rows)
        if not rows:
            self._fork.drop()
            return
        began = time.perf_counter()
        try:
            self._evaluate(rows)
        except BelegtError as error:
            for part in parts:
                self._fail(part.request, error)
            self._fork.drop()
            return
        if answering == len(rows):
            self._cost.learn(answering, time.perf_counter() - began)
        for part in parts:
            try:
                self._settle(part)
            except Exception as error:  # noqa: BLE001 - told to the one whose answer it ends
                self._fail(part.request, error)
        self._fork.drop()

    def _evaluate(self, rows: list[Row]) -> None:
        try:
            self._context.step(rows)
        except ContextFull:
            # By the mirror there is room; only idle prefixes can be in the way.
            if not self._sequences.drop_idle():
                raise
            self._context.step(rows)

    def _answer_rows(self, requests: Sequence[Request], rows: list[Row]) -> Iterator[Part]:
        answering = [one for one in requests if isinstance(one.work, Answering)]
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

    def _reading(self, requests: Sequence[Request]) -> list[tuple[Request, Reading]]:
        """The shortest first, so that a check does not wait for a book; but nobody for ever."""
        reading = [(one, one.work) for one in requests if isinstance(one.work, Reading)]
        return sorted(reading, key=lambda one: one[1].left - AGE * one[1].passed_over)

    def _unread(self, request: Request, work: Reading) -> Unread:
        return Unread(request, self._sequences.length(request), work.tokens[work.done : -1])

    def _read_elsewhere(self, requests: Sequence[Request]) -> None:
        """Let the reader go on with the prompts that it takes."""
        unread = [self._unread(*one) for one in self._reading(requests)]
        taken = [one for one in unread if self._reader.takes(one)]
        if not taken:
            return
        answering = any(isinstance(one.work, Answering) for one in requests)
        most = CHUNK if answering else _alone(requests)
        taken = self._fork.offer(taken, most)
        read = self._reader.read(taken, most)
        for one in taken:
            work = one.request.work
            assert isinstance(work, Reading), "it is being read"
            count = self._fork.settle(one, read.get(one.request, 0))
            if count:
                self._sequences.extend(one.request, one.tokens[:count])
                work.done += count
            else:
                work.passed_over += 1

    def _prompt_rows(self, requests: Sequence[Request], rows: list[Row]) -> Iterator[Part]:
        left = min(BATCH - len(rows), CHUNK) if rows else _alone(requests)
        for request, work in self._reading(requests):
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
            part = self._rows(request, tokens, rows, every=False, last=last)
            if last:
                left -= self._fork.add(request, part.first, rows, left)
            yield part

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
                self._fork.join(request)
                request.work = None
                request.due = time.monotonic() + PATIENCE_S
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
            self._fail(request, request.too_long())
        else:
            work.following = token
            if work.lookup is not None:
                work.lookup.append(token)

    def _finish(self, request: Request, work: Answering) -> None:
        if rest := work.stream.finish():
            work.output.put(Piece(rest, 0.0, tokens=0))
        work.output.put(None)
        request.work, request.logits = None, None


def _alone(requests: Sequence[Request]) -> int:
    """Prompt rows in a step while nobody streams."""
    return BACKGROUND if any(one.background for one in requests) else BATCH
