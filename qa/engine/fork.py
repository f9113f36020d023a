"""What follows a prompt's check, read beside the check in a sequence of its own.

In: a request whose prompt is about to end, with a check and what follows it. Out: rows or a branch
that read both in one step, then one sequence that goes on with what follows the check. Nothing can
fail; what was not read in a step is given up at its end and read later.

There is one sequence for this, so one request in a step has it: its prompt is shared, then the one
goes on with the check, which is taken back, and the other with what follows. Used by ``steps``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.engine.binding import Row
from qa.engine.reader import Branch, Unread
from qa.engine.request import Request
from qa.engine.sequences import Context, Sequences


class Fork:
    """The second sequence of at most one request; empty between two steps."""

    def __init__(self, context: Context, sequences: Sequences) -> None:
        self._context = context
        self._sequences = sequences
        self._request: Request | None = None
        self._sequence = -1
        # How much of what follows is there, and where in the step the last of it is.
        self._read = 0
        self._row: int | None = None

    def offer(self, unread: Sequence[Unread], most: int) -> list[Unread]:
        """The same, one of them with what is to be read beside it: what follows but for its last.

        It is the first that can be read to its end with that within ``most`` tokens.
        """
        found = list(unread)
        for at, one in enumerate(found):
            # The last token is left to llama.cpp, as its logits are wanted.
            beside = len(one.request.then) - 1
            fits = len(one.tokens) + beside <= most
            if beside > 0 and fits and self._free_for(one.request):
                found[at] = replace(one, branch=self._branch(one.request))
                break
        return found

    def settle(self, unread: Unread, count: int) -> int:
        """How many of the ``count`` tokens that were read are the prompt's own."""
        if self._request is not unread.request:
            return count
        self._read = max(0, count - len(unread.tokens))
        if not self._read:
            self.drop()
        return min(count, len(unread.tokens))

    def add(self, request: Request, first: int, rows: list[Row], room: int) -> int:
        """Put what follows the check behind the rows of a prompt's end, which begin at ``first``.

        Returns how many rows that were: none where another request has the sequence, or where they
        are more than ``room``.
        """
        if self._request is not request:
            if len(request.then) > room or not self._free_for(request):
                return 0
            self._share(request, first, rows)
        left = request.then[self._read :]
        if len(left) > room:
            return 0
        begin = len(request.tokens) + self._read
        for at, token in enumerate(left):
            rows.append(Row(token, begin + at, self._sequence, at == len(left) - 1))
        self._row = len(rows) - 1
        return len(left)

    def join(self, request: Request) -> None:
        """Let ``request`` go on, behind its prompt, with what follows its check."""
        if self._request is request and self._row is not None:
            request.ahead = self._context.logits(self._row).copy()
            self._sequences.join(request, request.then)

    def drop(self) -> None:
        """Empty the sequence; whoever had it has it no more."""
        if self._request is not None:
            self._request, self._read, self._row = None, 0, None
            self._sequences.drop_fork()

    def _free_for(self, request: Request) -> bool:
        opening = not request.opened.done() and self._request is None
        return bool(opening and request.then and request.check)

    def _begin(self, request: Request, length: int) -> int:
        self._request = request
        self._sequence = self._sequences.fork(request, length)
        return self._sequence

    def _branch(self, request: Request) -> Branch:
        at = len(request.tokens)
        return Branch(at, request.then[:-1], lambda: self._begin(request, at))

    def _share(self, request: Request, first: int, rows: list[Row]) -> None:
        """Have the rows of the prompt itself, which begin at ``first``, go into both sequences."""
        end = len(request.tokens)
        self._begin(request, min(self._sequences.length(request), end))
        for at in range(first, len(rows)):
            if rows[at].position < end:
                rows[at] = rows[at]._replace(also=self._sequence)
