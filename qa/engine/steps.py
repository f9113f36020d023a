"""The work of open requests, and the steps that do it for all of them together.

In: what a request is to read or to answer. Out: with each step, tokens in sequences, results of
futures and pieces in streams. What can fail: a request that cannot go on, or is full; a step that
the library refuses, which fails every request that had a part in it. Used by the scheduler's
thread alone.

A step mixes a decode row (with drafted rows behind it) for every answer in progress with a chunk
of the prompts that are being read: continuous batching. A long prompt never stops those who
stream, as the chunk is short while there are any. Where there is a reader, prompts behind their
static prefix and answers with drafts are its work, in one pass; the rest are rows of the context.
Tokens that the adapter acts on are read in steps of their own, because it acts on whole steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

from base.errors import BelegtError
from qa.engine.decode.branch import ContinuationBranch
from qa.engine.decode.sampling import Logits
from qa.engine.decode.step_cost import NETWORK_ROW, StepCost
from qa.engine.decode.writing import Writer, costs_of_drafts
from qa.engine.kv.sequences import Context, Sequences
from qa.engine.local.binding import BATCH, BatchRow, ContextFullError
from qa.engine.prefill_backend import Branch, PrefillBackend, Read, Unread
from qa.engine.request import Answering, EvaluatedPart, Prefilling, Request

# Prompt rows in a step while answers stream; each of those waits that long for its next token.
CHUNK = 64
# The same of a reader, which reads twice as fast; a question with its check fits into one.
READER_CHUNK = 96
# Tokens in a step while nobody waits for it; whoever comes meanwhile waits for that step.
BACKGROUND = 32
# Rows that drafts may add to a step, shared by all answers in it; a reader's rows cost less.
DRAFT_ROWS = 8
READER_DRAFT_ROWS = 24
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
        reader: PrefillBackend,
        fail: Callable[[Request, BaseException], None],
    ) -> None:
        self._context = context
        self._sequences = sequences
        self._reader = reader
        self._fail = fail
        self._costs = {adapted: StepCost() for adapted in (False, True)}
        self._reader_cost = StepCost(NETWORK_ROW)
        self._branch = ContinuationBranch(context, sequences)
        self._writer = Writer(context, sequences, fail)
        self.answer, self.abandon = self._writer.answer, self._writer.abandon

    def read(
        self,
        request: Request,
        tokens: Sequence[int],
        result: Future[list[float]],
        finish: Callable[[Logits], list[float]],
    ) -> None:
        """Begin to evaluate ``tokens``; ``result`` gets what ``finish`` makes of the logits."""
        request.require_rest()
        request.wait_until = 0.0
        if not tokens:
            result.set_result(finish(request.ready()))
        elif self._sequences.length(request) + len(tokens) > request.limit:
            raise request.too_long()
        else:
            request.work = Prefilling(list(tokens), result, finish)

    def read_on(self, request: Request, tokens: Sequence[int], result: Future[list[float]]) -> None:
        """Begin to evaluate ``tokens``, unless that was done ahead."""
        if request.continuation_logits is not None and list(tokens) == list(request.continuation):
            request.require_rest()
            request.logits, request.continuation_logits = request.continuation_logits, None
            request.wait_until = time.monotonic() + PATIENCE_S
            result.set_result([])
        else:
            self.drop_continuation(request)
            self.read(request, tokens, result, lambda _: [])

    def drop_continuation(self, request: Request) -> None:
        """Take back what was read ahead and is not what follows."""
        if request.continuation_logits is not None:
            request.require_rest()
            request.continuation_logits = None
            self._sequences.truncate(request, len(request.tokens))

    def take(self, requests: Sequence[Request]) -> None:
        """A part for each of the open ``requests`` that has work, in one step of each kind."""
        self._read_elsewhere(requests)
        for adapted in (False, True):
            self._step(requests, adapted=adapted)

    def _step(self, requests: Sequence[Request], *, adapted: bool) -> None:
        rows: list[BatchRow] = []
        kind = [one for one in requests if one.work and self._sequences.is_adapted(one) == adapted]
        parts = list(self._answer_rows(kind, rows, self._costs[adapted]))
        answering = len(rows)
        most = min(BATCH - len(rows), CHUNK) if _answering(requests) else _alone(requests)
        parts += self._prompt_rows(kind, rows, most)
        if not rows:
            self._branch.drop()
            return
        began = time.perf_counter()
        try:
            self._evaluate(rows, adapted=adapted)
        except BelegtError as error:
            for part in parts:
                self._fail(part.request, error)
            self._branch.drop()
            return
        if answering == len(rows):
            self._costs[adapted].learn(answering, time.perf_counter() - began)
        for part in parts:
            self._try_to_settle(part)
        self._branch.drop()

    def _evaluate(self, rows: list[BatchRow], *, adapted: bool) -> None:
        try:
            self._context.step(rows, adapted=adapted)
        except ContextFullError:
            # By the mirror there is room; only idle prefixes can be in the way.
            if not self._sequences.drop_idle():
                raise
            self._context.step(rows, adapted=adapted)

    def _read_elsewhere(self, requests: Sequence[Request]) -> None:
        """One pass of the reader over what it takes."""
        unread = list(self._answers_elsewhere(requests))
        answering = len(unread)
        most = READER_CHUNK if _answering(requests) else _alone(requests)
        unread += self._prompts_elsewhere(requests, most)
        if not unread:
            return
        began = time.perf_counter()
        read = self._reader.read(unread)
        if answering == len(unread) == len(read):
            rows = sum(len(one.tokens) for one in unread)
            self._reader_cost.learn(rows, time.perf_counter() - began)
        for one in unread:
            if one.request in read:
                self._try_to_settle(_part(one, read[one.request]))

    def _answers_elsewhere(self, requests: Sequence[Request]) -> Iterator[Unread]:
        answering = [one for one in _answering(requests) if self._answers_there(*one)]
        for request, work in answering:
            costs = costs_of_drafts(self._reader_cost, READER_DRAFT_ROWS, len(answering))
            tokens = self._writer.rows(request, work, costs)
            yield self._unread(request, tokens, wanted=len(tokens))

    def _answers_there(self, request: Request, work: Answering) -> bool:
        """Of one without drafts each row is a step, which costs llama.cpp less."""
        drafts = work.lookup is not None
        return drafts and self._reader.decodes and self._accepted(request)

    def _accepted(self, request: Request) -> bool:
        """Whether the next tokens are the reader's; it has no adapter."""
        return not self._sequences.is_adapted(request) and self._reader.accepts(
            self._unread(request)
        )

    def _before_adapter(self, request: Request, most: int) -> int:
        """How many of the next ``most`` tokens are of the same kind as the first."""
        left = (request.adapter_start or 0) - self._sequences.length(request)
        return min(most, left) if left > 0 else most

    def _prompts_elsewhere(self, requests: Sequence[Request], most: int) -> Iterator[Unread]:
        left = most
        for request, work in self._reading(requests):
            if not self._accepted(request):
                continue
            if not left:
                work.passed_over += 1
                continue
            tokens = work.tokens[work.done : work.done + self._before_adapter(request, left)]
            left -= len(tokens)
            ends = len(tokens) == work.left
            branch = None
            beside = request.has_continuation and request.adapter_start is None
            if ends and beside and len(request.continuation) <= left:
                left -= len(request.continuation)
                branch = Branch(len(request.tokens), request.continuation)
            yield self._unread(request, tokens, wanted=int(ends), branch=branch)

    def _unread(
        self,
        request: Request,
        tokens: Sequence[int] = (),
        wanted: int = 0,
        branch: Branch | None = None,
    ) -> Unread:
        return Unread(request, self._sequences.tokens(request), tokens, wanted, branch)

    def _answer_rows(
        self, requests: Sequence[Request], rows: list[BatchRow], cost: StepCost
    ) -> Iterator[EvaluatedPart]:
        answering = [one for one in _answering(requests) if not self._answers_there(*one)]
        for request, work in answering:
            costs = costs_of_drafts(cost, DRAFT_ROWS, len(answering))
            tokens = self._writer.rows(request, work, costs)
            yield self._rows(request, tokens, rows, every=True)

    def _reading(self, requests: Sequence[Request]) -> list[tuple[Request, Prefilling]]:
        """The shortest first, so that a check does not wait for a book; but nobody for ever."""
        reading = [(one, one.work) for one in requests if isinstance(one.work, Prefilling)]
        return sorted(reading, key=lambda one: one[1].left - AGE * one[1].passed_over)

    def _prompt_rows(
        self, requests: Sequence[Request], rows: list[BatchRow], most: int
    ) -> Iterator[EvaluatedPart]:
        left = most
        for request, work in self._reading(requests):
            if self._accepted(request):
                continue
            if not left:
                work.passed_over += 1
                continue
            # A start is always evaluated by itself: the same steps whether it was kept or not.
            ahead = max(request.prefix_length, self._reader.skips) - self._sequences.length(request)
            chunk = self._before_adapter(request, min(left, ahead) if ahead > 0 else left)
            tokens = work.tokens[work.done : work.done + chunk]
            left -= len(tokens)
            last = len(tokens) == work.left
            first = len(rows)
            yield self._rows(request, tokens, rows, every=False, last=last)
            if last:
                left -= self._branch.add(request, first, rows, left)

    def _rows(
        self,
        request: Request,
        tokens: list[int],
        rows: list[BatchRow],
        *,
        every: bool,
        last: bool = True,
    ) -> EvaluatedPart:
        held, first = self._sequences.length(request), len(rows)
        for at, token in enumerate(tokens):
            wanted = every or (last and at == len(tokens) - 1)
            rows.append(BatchRow(token, held + at, request.sequence, wanted))
        return EvaluatedPart(request, tokens, lambda at: self._context.logits(first + at))

    def _try_to_settle(self, part: EvaluatedPart) -> None:
        try:
            self._settle(part)
        except Exception as error:  # noqa: BLE001 - told to the one whose answer it ends
            self._fail(part.request, error)

    def _settle(self, part: EvaluatedPart) -> None:
        request, work = part.request, part.request.work
        self._sequences.extend(request, part.tokens)
        if isinstance(work, Prefilling):
            work.done += len(part.tokens)
            if 0 <= self._sequences.length(request) - request.prefix_length < len(part.tokens):
                self._sequences.pin(request)
            if not work.left:
                request.logits = part.logits(len(part.tokens) - 1).copy()
                found = work.finish(request.logits)
                self._join(part)
                request.work = None
                if request.awaited:
                    request.wait_until = time.monotonic() + PATIENCE_S
                work.result.set_result(found)
                self._begin_answer(request)
        elif isinstance(work, Answering):
            self._writer.verify(part, work)

    def _begin_answer(self, request: Request) -> None:
        """Go on with what was to follow the prompt."""
        answer, request.answer = request.answer, None
        if answer is not None:
            try:
                self._writer.answer(request, answer)
            except Exception as error:
                answer.output.put(error)
                raise

    def _join(self, part: EvaluatedPart) -> None:
        """Let a request go on with what was read beside the end of its prompt, if anything was."""
        request = part.request
        if part.follow is None:
            self._branch.join(request)
        elif (logits := part.follow()) is not None:
            request.continuation_logits = logits
            self._sequences.extend(request, request.continuation)


def _part(unread: Unread, read: Read) -> EvaluatedPart:
    skipped = len(unread.tokens) - unread.wanted
    return EvaluatedPart(
        unread.request, unread.tokens, lambda at: read.logits[at - skipped], read.follow
    )


def _answering(requests: Sequence[Request]) -> list[tuple[Request, Answering]]:
    return [(one, one.work) for one in requests if isinstance(one.work, Answering)]


def _alone(requests: Sequence[Request]) -> int:
    """Prompt rows in a step while nobody streams."""
    return BACKGROUND if any(one.background for one in requests) else BATCH
