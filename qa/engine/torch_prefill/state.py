"""The state of one sequence as llama.cpp writes it, taken apart and put together again.

In: bytes of ``llama_state_seq_get_data``. Out: positions, keys and values of each cell, and bytes
for ``llama_state_seq_set_data``. What can fail: bytes of another layout
(:class:`StateLayoutError`).

The layout is that of llama.cpp's ``llama_kv_cache::state_write`` with flash attention (values not
transposed) and keys and values in float16, little-endian: 16 bytes of head, of which the last four
are the number of cells; for each cell its position, the number of its sequences (1) and the
sequence, u32 each; u32 whether values are transposed (0), u32 layers; for each layer i32 type (1 is
float16), u64 bytes of a row, and the rows of keys, after rotary embedding; the same for values. It
belongs to a version of the library, so nothing is taken for granted: what is not exactly so is
refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from base.errors import BelegtError
from qa.engine.kv.rotary import Half

_HEAD = 12
_COUNT = struct.Struct("<I")
_CELL = np.dtype([("position", "<u4"), ("sequences", "<u4"), ("sequence", "<u4")])
_KIND = struct.Struct("<II")
_LAYER = struct.Struct("<iQ")
_FLOAT16 = 1
_HALF = np.dtype("<f2")

Bytes: TypeAlias = "bytes | memoryview"


class StateLayoutError(BelegtError):
    """A state that is not written as this module knows it."""


@dataclass(frozen=True)
class SequenceState:
    """``keys``, ``values``: float16 (layers, cells, width); ``positions``: int64 (cells,).

    ``head``: what stands before the number of cells, which is the library's own affair.
    """

    head: bytes
    sequence: int
    positions: NDArray[np.int64]
    keys: Half
    values: Half

    def in_order(self) -> SequenceState:
        """The same with cells in the order of their positions."""
        if (np.diff(self.positions) > 0).all():
            return self
        order = np.argsort(self.positions, kind="stable")
        return SequenceState(
            self.head,
            self.sequence,
            self.positions[order],
            self.keys[:, order],
            self.values[:, order],
        )


def parse_state(data: Bytes) -> SequenceState:
    """Take a state apart. Raises StateLayoutError."""
    try:
        return _parse(data)
    except (struct.error, ValueError) as error:
        raise StateLayoutError(
            f"the library's state of a sequence is cut short ({error})"
        ) from error


def _parse(data: Bytes) -> SequenceState:
    count = _COUNT.unpack_from(data, _HEAD)[0]
    at = _HEAD + _COUNT.size
    cells = np.frombuffer(data, _CELL, count, at)
    at += cells.nbytes
    if not (cells["sequences"] == 1).all():
        raise StateLayoutError("the library writes a cell with several sequences")
    if np.unique(cells["sequence"]).size > 1:
        raise StateLayoutError("the library writes several sequences")
    transposed, layers = _KIND.unpack_from(data, at)
    at += _KIND.size
    if transposed:
        raise StateLayoutError("the library keeps values transposed")
    parts = []
    for _ in range(2):
        rows, at = _rows(data, at, layers, count)
        parts.append(rows)
    if at != len(data):
        raise StateLayoutError(f"the library's state has {len(data) - at} bytes more than is known")
    keys, values = parts
    positions = cells["position"].astype(np.int64)
    sequence = int(cells["sequence"][0]) if count else 0
    return SequenceState(bytes(data[:_HEAD]), sequence, positions, keys, values)


def _rows(data: Bytes, at: int, layers: int, count: int) -> tuple[Half, int]:
    kind, width = _LAYER.unpack_from(data, at)
    if kind != _FLOAT16 or width % _HALF.itemsize:
        raise StateLayoutError("the library keeps keys and values in another format than float16")
    # All layers are alike, so that one view holds them all.
    layer = np.dtype([("head", "V", _LAYER.size), ("rows", _HALF, (count, width // 2))])
    found = np.frombuffer(data, layer, layers, at)
    if any(one.tobytes() != _LAYER.pack(kind, width) for one in found["head"]):
        raise StateLayoutError("the library's layers differ from each other")
    return found["rows"], at + found.nbytes


def serialise(state: SequenceState) -> bytes:
    """Put a state together; the inverse of :func:`parse`."""
    layers, count, width = state.keys.shape
    cells = np.empty(count, _CELL)
    cells["position"] = state.positions
    cells["sequences"] = 1
    cells["sequence"] = state.sequence
    parts = [state.head, _COUNT.pack(count), cells.tobytes(), _KIND.pack(0, layers)]
    head = _LAYER.pack(_FLOAT16, width * _HALF.itemsize)
    for rows in (state.keys, state.values):
        layer = np.dtype([("head", "V", _LAYER.size), ("rows", _HALF, (count, width))])
        filled = np.empty(layers, layer)
        filled["head"] = np.void(head)
        filled["rows"] = rows
        parts.append(filled.tobytes())
    return b"".join(parts)


class StateContext(Protocol):
    """What a transfer needs of :class:`~qa.engine.local.binding.Binding`."""

    def state(self, sequence: int) -> Bytes:
        """All that is kept of a sequence."""
        ...

    def set_state(self, sequence: int, data: Bytes) -> bool:
        """Make a sequence what a state says."""
        ...

    def append(self, source: int, target: int, first: int, end: int) -> None:
        """Let a sequence go on as another does, which is then empty."""
        ...


def go_on(context: StateContext, sequence: int, state: SequenceState) -> bool:
    """Let ``sequence`` go on with ``state``, by way of the sequence that it names, which is empty.

    False where the library does not take it.
    """
    if not context.set_state(state.sequence, serialise(state)):
        return False
    first, count = int(state.positions[0]), len(state.positions)
    context.append(state.sequence, sequence, first, first + count)
    return True
