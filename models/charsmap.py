"""Pack a table of replacements into the character map of SentencePiece.

In: code points with their replacement text. Out: the bytes that ``tokenizers`` reads as
``normalizers.Precompiled``: u32 size of the trie in bytes, the trie as a darts double array of
u32 units, and the replacements, each ended by NUL. What can fail: a table too large for 21-bit
offsets, a BelegtError; no encoder's table comes near.

A unit of the double array holds (from the low end) an 8-bit label, bit 8 "a value hangs here",
and from bit 10 the offset; the children of a node at position p lie at ``p ^ offset ^ byte``,
its value at ``p ^ offset``, with bit 31 set.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from base.errors import BelegtError

VALUE_BIT = 1 << 31
HAS_VALUE = 1 << 8
OFFSET_SHIFT = 10
MAX_OFFSET = 1 << 21
BLOCK = 256
"""A child lies in the block of 256 units of its base, so whole blocks keep every look-up inside."""


class _Node:
    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.value: int | None = None


def build_charsmap(table: Mapping[int, str]) -> bytes:
    """Return the packed map for ``table`` (code point to replacement, which may be empty)."""
    root = _Node()
    replacements = bytearray()
    for code_point, text in sorted(table.items()):
        node = root
        for byte in chr(code_point).encode():
            node = node.children.setdefault(byte, _Node())
        node.value = len(replacements)
        replacements += text.encode() + b"\0"
    units = _double_array(root)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(replacements)


def _double_array(root: _Node) -> list[int]:
    taken: dict[int, int] = {0: 0}
    bases: set[int] = set()
    lowest = 1
    waiting = [(root, 0)]
    while waiting:
        node, position = waiting.pop()
        labels = sorted(node.children) + ([0] if node.value is not None else [])
        while lowest in taken and lowest in bases:
            lowest += 1
        base = lowest
        while base in bases or any(base ^ label in taken for label in labels):
            base += 1
        bases.add(base)
        if position ^ base >= MAX_OFFSET:
            raise BelegtError(f"The normalisation table is too large: {len(taken):,} units.")
        taken[position] |= (position ^ base) << OFFSET_SHIFT
        if node.value is not None:
            taken[position] |= HAS_VALUE
            taken[base] = VALUE_BIT | node.value
        for label, child in node.children.items():
            taken[base ^ label] = label
            waiting.append((child, base ^ label))
    size = (max(taken) // BLOCK + 1) * BLOCK
    return [taken.get(position, 0) for position in range(size)]
