"""Answers: what is drafted, chosen and said of each.

In: an answer in the making, what a step costs, the logits of its rows. Out: rows for the next step,
and pieces of text. What can fail: an answer that needs more tokens than its request may hold. Used
by ``steps``, in the scheduler's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qa.engine.decode.lookup import PromptLookup
from qa.engine.decode.sampling import Logits
from qa.engine.decode.step_cost import StepCost
from qa.engine.kv.sequences import Context, Sequences
from qa.engine.protocol import Piece
from qa.engine.request import Answering, EvaluatedPart, Request


class Writer:
    """``fail`` is told which request ends before it is done, and why."""

    def __init__(
        self,
        context: Context,
        sequences: Sequences,
        fail: Callable[[Request, BaseException], None],
    ) -> None:
        self._context = context
        self._sequences = sequences
        self._fail = fail

    def answer(self, request: Request, work: Answering) -> None:
        """Begin an answer, with its first token."""
        logits = request.ready()
        request.wait_until = 0.0
        held = self._sequences.tokens(request)
        work.lookup = PromptLookup(held) if work.drafts else None
        work.begun = len(held)
        request.work = work
        try:
            self._choose(request, work, logits, len(held))
        except Exception:
            # Its caller is told; the next step must not go on with it.
            request.work = None
            raise

    def abandon(self, request: Request, work: Answering) -> None:
        """Where the answer goes on, end it; the prompt is there again as it was before."""
        if request.work is work:
            request.work = None
            self._sequences.truncate(request, work.begun)

    def rows(self, request: Request, work: Answering, costs: Sequence[float]) -> list[int]:
        """The next token of an answer, and what is drafted behind it.

        ``costs``: of a step with 0, 1, 2 ... drafted rows, at most as many as it may have.
        """
        assert work.following is not None, "an answer without a next token is over"
        work.draft = []
        if work.lookup is not None:
            most = min(work.left, request.limit - self._sequences.length(request) - 1)
            work.draft = work.lookup.draft(costs[: most + 1])
        return [work.following, *work.draft]

    def verify(self, part: EvaluatedPart, work: Answering) -> None:
        """Say what follows the rows of a step, as far as the draft was what would be said."""
        request = part.request
        before = self._sequences.length(request) - len(part.tokens)
        accepted = 0
        for at in range(len(part.tokens)):
            self._choose(request, work, part.logits(at), before + 1 + at)
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
            _finish(request, work)
            return
        token, chance = work.sampler.choose(logits)
        if self._context.ends(token):
            _finish(request, work)
            return
        work.left -= 1
        work.output.put(Piece(work.stream.push(self._context.piece(token)), chance))
        if work.stream.stopped:
            _finish(request, work)
        elif held >= request.limit:
            self._fail(request, request.too_long())
        else:
            work.following = token
            if work.lookup is not None:
                work.lookup.append(token)


def costs_of_drafts(cost: StepCost, rows: int, answers: int) -> list[float]:
    """Of a step with so many ``answers`` that draft 0, 1, 2 ... tokens each, of ``rows`` in all."""
    return [cost.of(answers * (1 + each)) for each in range(rows // answers + 1)]


def _finish(request: Request, work: Answering) -> None:
    if rest := work.stream.finish():
        work.output.put(Piece(rest, 0.0, tokens=0))
    work.output.put(None)
    request.work, request.logits = None, None
