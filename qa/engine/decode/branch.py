"""What follows a prompt's check, read beside the check in a sequence of its own.

In: a request whose prompt is about to end, with a check and what follows it. Out: rows that read
both in one step, then one sequence that goes on with what follows the check. Nothing can fail; what
was not read in a step is given up at its end and read later.

There is one sequence for this, so one request in a step has it: its prompt is shared, then the one
goes on with the check, which is taken back, and the other with what follows. Used by ``steps``.
"""

from __future__ import annotations

from qa.engine.kv.sequences import Context, Sequences
from qa.engine.local.binding import BatchRow
from qa.engine.request import Request


class ContinuationBranch:
    """The second sequence of at most one request; empty between two steps."""

    def __init__(self, context: Context, sequences: Sequences) -> None:
        self._context = context
        self._sequences = sequences
        self._request: Request | None = None
        # Where in the step the last of what follows is.
        self._row: int | None = None

    def add(self, request: Request, first: int, rows: list[BatchRow], room: int) -> int:
        """Put what follows the check behind the rows of a prompt's end, which begin at ``first``.

        Returns how many rows that were: none where another request has the sequence, or where they
        are more than ``room``.
        """
        if (
            self._request is not None
            or not request.has_continuation
            or len(request.continuation) > room
        ):
            return 0
        self._request, end = request, len(request.tokens)
        sequence = self._sequences.branch(request, min(self._sequences.length(request), end))
        # The rows of the prompt itself go into both sequences.
        for at in range(first, len(rows)):
            if rows[at].position < end:
                rows[at] = rows[at]._replace(also=sequence)
        for at, token in enumerate(request.continuation):
            rows.append(BatchRow(token, end + at, sequence, at == len(request.continuation) - 1))
        self._row = len(rows) - 1
        return len(request.continuation)

    def join(self, request: Request) -> None:
        """Let ``request`` go on, behind its prompt, with what follows its check."""
        if self._request is request and self._row is not None:
            request.continuation_logits = self._context.logits(self._row).copy()
            self._sequences.join(request, request.continuation)

    def drop(self) -> None:
        """Empty the sequence; whoever had it has it no more."""
        if self._request is not None:
            self._request, self._row = None, None
            self._sequences.drop_branch()
