"""The sequences of a context: who gets one, what it begins with, what is thrown away for it.

In: requests to place, to shorten and to keep. Out: sequences of the context, with as much of their
prompt already in them as any other sequence holds. What can fail: nothing; where there is no room,
a request waits. Used by the scheduler's thread alone.

Static prefixes are pinned, and saved to disk, so that the next process reads them back. The
sequence of a closed request stays idle, as a prefix for prompts that begin alike (the same
evidence, the next turn of a conversation), until its cells are wanted: the one used longest ago
goes first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from qa.engine.decode.sampling import Logits
from qa.engine.kv.cells import KVCellTable
from qa.engine.kv.passage_cache import KVBlock
from qa.engine.kv.prefix_cache import evict_prefixes, mark_used
from qa.engine.kv.rotary import Half
from qa.engine.local.binding import BatchRow
from qa.engine.request import Request

# Static prefixes that are kept: of each form of prompt in each language, those used last.
PINNED = 6


class Context(Protocol):
    """What the scheduler needs of :class:`~qa.engine.local.binding.Binding`."""

    spare: int
    """A sequence that no request gets, for what a step computes beside a request's own."""

    def step(self, rows: Sequence[BatchRow], *, adapted: bool = False) -> None:
        """Evaluate rows, all or none; ``adapted``: with the adapter."""
        ...

    def logits(self, row: int) -> Logits:
        """Logits after a row of the last step."""
        ...

    def share(self, source: int, target: int, length: int) -> None:
        """Let a sequence begin as another does."""
        ...

    def truncate(self, sequence: int, length: int) -> None:
        """Shorten a sequence."""
        ...

    def append(self, source: int, target: int, first: int, end: int) -> None:
        """Let a sequence go on as another does, which is then empty."""
        ...

    def rows(self, sequence: int, first: int) -> tuple[Half, Half] | None:
        """Keys and values of a sequence from a position on."""
        ...

    def put_rows(self, sequence: int, first: int, keys: Half, values: Half) -> bool:
        """Let a sequence go on with keys and values."""
        ...

    def save(self, file: Path, sequence: int, tokens: Sequence[int]) -> None:
        """Write a sequence to a file."""
        ...

    def restore(self, file: Path, sequence: int, tokens: Sequence[int]) -> bool:
        """Read a sequence back."""
        ...

    def piece(self, token: int) -> bytes:
        """The bytes of a token."""
        ...

    def ends(self, token: int) -> bool:
        """Whether a token ends an answer."""
        ...


@dataclass(frozen=True)
class Capacity:
    """``cells`` in all, ``kept`` of them at most for idle prefixes; requests open and waiting.

    ``saved_bytes``: what saved prefixes of all models may take on disk.
    """

    cells: int
    kept: int
    requests: int
    waiting: int
    saved_bytes: int = 256 << 20

    @property
    def sequences(self) -> int:
        """Open requests, as many idle prefixes, and the pinned prefixes."""
        return 2 * self.requests + PINNED


class Sequences:
    """All sequences of ``context``; ``states`` is the folder of its saved prefixes, beside which
    those of other models have theirs.
    """

    def __init__(self, context: Context, capacity: Capacity, states: Path) -> None:
        self._context = context
        self._capacity = capacity
        self._states = states
        self._table = KVCellTable(capacity.cells, capacity.sequences)
        self._reserved = 0

    def occupancy(self) -> dict[str, int]:
        """Cells in use: all, of open requests, of idle prefixes."""
        return {
            "cells": self._table.used,
            "open_cells": self._table.owned_by("open"),
            "idle_cells": self._table.owned_by("idle"),
        }

    def tokens(self, request: Request) -> Sequence[int]:
        """What the sequence of ``request`` holds."""
        return self._table.tokens(request.sequence)

    def length(self, request: Request) -> int:
        """How many tokens the sequence of ``request`` holds."""
        return len(self._table.tokens(request.sequence))

    def extend(self, request: Request, tokens: Sequence[int]) -> None:
        """``tokens`` were evaluated behind what was there."""
        self._table.extend(request.sequence, tokens)

    def is_adapted(self, request: Request) -> bool:
        """Whether the adapter acts on the next token of ``request``."""
        return request.adapter_start is not None and self.length(request) >= request.adapter_start

    def truncate(self, request: Request, length: int) -> None:
        """Take back what is beyond ``length``."""
        if length < self.length(request):
            self._table.truncate(request.sequence, length)
            self._context.truncate(request.sequence, length)

    def retain(self, request: Request) -> None:
        """Park a closed request's sequence for prompts that begin alike; its cells can be taken.

        What the adapter computed is cut off. Where idle prefixes hold more than ``Capacity.kept``,
        those used longest ago go at once.
        """
        if request.adapter_start is not None:
            self.truncate(request, request.adapter_start)
        self._table.set_state(request.sequence, "idle")
        while self._table.owned_by("idle") > self._capacity.kept:
            self._drop(self._table.in_state("idle")[0])

    def give_up(self, request: Request) -> None:
        """Forget a closed request's sequence at once."""
        self._drop(request.sequence)

    def put_cached(self, request: Request) -> None:
        """Put in what ``request`` was given, as far as it is not there yet and there is room.

        What is not put in is read.
        """
        end = request.prefix_length
        if self.length(request) < end:
            return
        for block in request.cached_blocks:
            first, end = end, end + block.count
            if self.length(request) >= end:
                continue
            self.truncate(request, first)
            if not self._context.put_rows(request.sequence, first, block.keys, block.values):
                return
            self._table.extend(request.sequence, request.tokens[first:end])

    def branch(self, request: Request, length: int) -> int:
        """Let the spare sequence begin with the first ``length`` tokens of a prompt; its number."""
        self._context.share(request.sequence, self._context.spare, length)
        return self._context.spare

    def drop_branch(self) -> None:
        """Empty the spare sequence."""
        self._context.truncate(self._context.spare, 0)

    def join(self, request: Request, tokens: Sequence[int]) -> None:
        """Let ``request`` go on with the ``tokens`` that were evaluated in the spare sequence."""
        first = self.length(request)
        self._context.append(self._context.spare, request.sequence, first, first + len(tokens))
        self._table.extend(request.sequence, tokens)

    def rows(self, request: Request, first: int) -> KVBlock | None:
        """Keys and values of ``request`` from ``first`` on; None where they cannot be had."""
        found = self._context.rows(request.sequence, first)
        return None if found is None else KVBlock(*found)

    def drop_idle(self) -> bool:
        """Throw all idle prefixes away; whether there were any."""
        idle = self._table.in_state("idle")
        for sequence in idle:
            self._drop(sequence)
        return bool(idle)

    def place(self, request: Request, reserved: int) -> bool:
        """Give ``request`` a sequence that begins as its prompt does; False: not yet.

        ``reserved``: cells that open requests do not hold yet and may come to need.
        """
        self._reserved = reserved
        wanted = request.shareable
        found = self._table.longest_prefix(wanted)
        start = request.tokens[: request.prefix_length]
        if start and (found is None or found[1] < len(start)):
            self._restore(start, keep=found[0] if found else None)
            found = self._table.longest_prefix(wanted)
        # What a prompt shares with an idle prefix may itself be in the way of the rest.
        for prefix in (found, self._table.longest_prefix(wanted, ("open", "pinned")), None):
            keep, shared = prefix or (None, 0)
            if self._make_room(request.limit - shared, keep):
                return self._begin(request, keep, shared)
        if self._table.in_state("open"):
            return False
        self._drop_pinned()
        self._make_room(request.limit, keep=None)
        return self._begin(request, None, 0)

    def shared_length(self, request: Request) -> int:
        """How many tokens of ``request`` some sequence holds already."""
        found = self._table.longest_prefix(request.shareable)
        return found[1] if found else 0

    def _begin(self, request: Request, source: int | None, shared: int) -> bool:
        sequence = self._acquire(keep=source)
        if sequence is None:
            return False
        if source is not None:
            self._table.share(source, sequence, shared)
            self._context.share(source, sequence, shared)
        request.sequence = sequence
        self._table.set_plain(sequence, request.adapter_start)
        return True

    def _make_room(self, cells: int, keep: int | None) -> bool:
        """Throw idle prefixes away, the oldest first, until ``cells`` are free.

        None is thrown away where all of them would not be enough.
        """
        missing = cells + self._reserved + self._table.used - self._table.total
        if missing > self._table.reclaimable(keep):
            return False
        while self._table.total - self._table.used - self._reserved < cells:
            idle = [one for one in self._table.in_state("idle") if one != keep]
            self._drop(idle[0])
        return True

    def _drop_pinned(self) -> None:
        for sequence in self._table.in_state("pinned"):
            self._drop(sequence)

    def _acquire(self, keep: int | None) -> int | None:
        sequence = self._table.acquire()
        if sequence is None:
            for idle in self._table.in_state("idle"):
                if idle != keep:
                    self._drop(idle)
                    return self._table.acquire()
        return sequence

    def _drop(self, sequence: int) -> None:
        self._context.truncate(sequence, 0)
        self._table.release(sequence)

    # --- static prefixes ------------------------------------------------------------------

    def _restore(self, start: list[int], keep: int | None) -> None:
        file = self._file(start)
        if not file.is_file() or not self._make_room(len(start), keep):
            return
        sequence = self._pinnable()
        if sequence is None:
            return
        if self._context.restore(file, sequence, start):
            self._table.extend(sequence, start)
            self._table.set_state(sequence, "pinned")
            mark_used(file)
        else:
            self._table.release(sequence)
            # Cut short, or of another library: it is written again when the start was read.
            file.unlink(missing_ok=True)

    def pin(self, request: Request) -> None:
        """Keep the static prefix of a prompt that was just read, here and on disk."""
        start = request.tokens[: request.prefix_length]
        if any(list(self._table.tokens(one)) == start for one in self._table.in_state("pinned")):
            return
        sequence = self._pinnable()
        if sequence is None:
            return
        self._table.share(request.sequence, sequence, len(start))
        self._context.share(request.sequence, sequence, len(start))
        self._table.set_state(sequence, "pinned")
        file = self._file(start)
        if not file.exists():
            self._context.save(file, sequence, start)
            evict_prefixes(self._states.parent, self._capacity.saved_bytes, keep=file)

    def _pinnable(self) -> int | None:
        pinned = self._table.in_state("pinned")
        if len(pinned) >= PINNED:
            self._drop(pinned[0])
        return self._acquire(keep=None)

    def _file(self, start: list[int]) -> Path:
        name = hashlib.sha256(repr(start).encode()).hexdigest()[:32]
        return self._states / f"{name}.state"
