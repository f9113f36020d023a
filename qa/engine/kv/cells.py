"""Which tokens' keys and values lie in which sequence, and what may be thrown away.

In: what the scheduler does to sequences of the context. Out: exact counts of cells in use, the
longest prefix that any sequence already holds, and the sequence that was used longest ago. What
can fail: nothing; asking for more than there is returns None or False, and the caller waits.

llama.cpp copies a prefix from one sequence to another by letting both own the same cells. So a
cell is free when no sequence owns it any more, and two sequences that computed the same tokens
each for itself own two cells for each. Both are mirrored here, cell by cell, because the library
does not tell.

A sequence is *open* while a request works in it, *pinned* while it holds a static prefix, and
otherwise *idle*: kept for a request that begins alike until its cells are wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

State = Literal["free", "open", "idle", "pinned"]


@dataclass
class _Sequence:
    """One sequence: its tokens, the cell of each, what it is for, when it was last used.

    ``plain``: of how many of its first tokens no adapter acted; None where of all.
    """

    state: State = "free"
    tokens: list[int] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    used: int = 0
    plain: int | None = None


class KVCellTable:
    """Mirror of one context of ``cells`` cells and ``sequences`` sequences."""

    def __init__(self, cells: int, sequences: int) -> None:
        self.total = cells
        self._rows = [_Sequence() for _ in range(sequences)]
        self._owners: dict[int, int] = {}
        self._next = 0
        self._clock = 0

    @property
    def used(self) -> int:
        """Cells that some sequence owns."""
        return len(self._owners)

    def owned_by(self, *states: State) -> int:
        """Cells that at least one sequence in one of ``states`` owns."""
        found = {cell for row in self._rows if row.state in states for cell in row.cells}
        return len(found)

    def tokens(self, sequence: int) -> Sequence[int]:
        """What ``sequence`` holds, in order."""
        return self._rows[sequence].tokens

    def in_state(self, state: State) -> list[int]:
        """Sequences in ``state``, the one used longest ago first."""
        found = [at for at, row in enumerate(self._rows) if row.state == state]
        return sorted(found, key=lambda at: self._rows[at].used)

    def acquire(self) -> int | None:
        """Open a free sequence; None where all are taken."""
        for at, row in enumerate(self._rows):
            if row.state == "free":
                row.state = "open"
                self._touch(row)
                return at
        return None

    def reclaimable(self, keep: int | None) -> int:
        """Cells that would be free if all idle sequences but ``keep`` were given up."""
        wanted = [row for at, row in enumerate(self._rows) if row.state != "idle" or at == keep]
        held = {cell for row in wanted for cell in row.cells}
        return self.used - len(held)

    def longest_prefix(
        self, tokens: Sequence[int], states: Sequence[State] = ("open", "idle", "pinned")
    ) -> tuple[int, int] | None:
        """The sequence that begins most like ``tokens``, and how many tokens they share."""
        best: tuple[int, int] | None = None
        for at, row in enumerate(self._rows):
            if row.state not in states:
                continue
            shared = common_prefix(row.tokens[: row.plain], tokens)
            if shared and (best is None or shared > best[1]):
                best = at, shared
        return best

    def share(self, source: int, target: int, length: int) -> None:
        """Let the empty ``target`` own the first ``length`` cells of ``source`` too."""
        held, wanted = self._rows[source], self._rows[target]
        wanted.tokens = held.tokens[:length]
        wanted.cells = held.cells[:length]
        for cell in wanted.cells:
            self._owners[cell] += 1
        self._touch(held)

    def extend(self, sequence: int, tokens: Sequence[int]) -> None:
        """Append tokens that were evaluated into cells of their own."""
        row = self._rows[sequence]
        fresh = range(self._next, self._next + len(tokens))
        self._next += len(tokens)
        self._owners.update(dict.fromkeys(fresh, 1))
        row.tokens.extend(tokens)
        row.cells.extend(fresh)
        self._touch(row)

    def truncate(self, sequence: int, length: int) -> None:
        """Give up what ``sequence`` holds beyond ``length`` tokens."""
        row = self._rows[sequence]
        for cell in row.cells[length:]:
            self._owners[cell] -= 1
            if not self._owners[cell]:
                del self._owners[cell]
        del row.cells[length:]
        del row.tokens[length:]

    def set_plain(self, sequence: int, length: int | None) -> None:
        """Say that only the first ``length`` tokens of ``sequence`` are computed as all others."""
        self._rows[sequence].plain = length

    def set_state(self, sequence: int, state: Literal["open", "idle", "pinned"]) -> None:
        """Say what ``sequence`` is for from now on."""
        self._rows[sequence].state = state
        self._touch(self._rows[sequence])

    def release(self, sequence: int) -> None:
        """Give up all that ``sequence`` holds, and the sequence itself."""
        self.truncate(sequence, 0)
        self._rows[sequence].state = "free"
        self._rows[sequence].plain = None

    def _touch(self, row: _Sequence) -> None:
        self._clock += 1
        row.used = self._clock


def common_prefix(one: Sequence[int], two: Sequence[int]) -> int:
    """How many tokens both begin with."""
    length = min(len(one), len(two))
    if list(one[:length]) == list(two[:length]):
        return length
    for at in range(length):
        if one[at] != two[at]:
            return at
    return length
