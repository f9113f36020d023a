"""A GGUF file without its arrays, which are the vocabulary.

In: a file. Out: the ``gguf`` package's reader of it, with all tensors and all metadata but arrays.
What can fail: what that reader raises. It turns each of some 300,000 entries of a vocabulary into
objects, which takes it 8 s of computing; here they are passed over.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gguf import GGUFReader

_ARRAY = struct.Struct("<IQ")
_LENGTH = struct.Struct("<Q")


def open_gguf(file: Path) -> GGUFReader:
    """The reader of ``file``."""
    from gguf import GGUFReader, GGUFValueType

    class PassingOver(GGUFReader):
        def _get_field_parts(self, orig_offs: int, raw_type: int) -> tuple[int, Any, Any, Any]:
            if raw_type != GGUFValueType.ARRAY or self.byte_order != "I":
                return super()._get_field_parts(orig_offs, raw_type)
            size = _array_bytes(self.data.data, int(orig_offs), self.gguf_scalar_to_np)
            if size is None:
                return super()._get_field_parts(orig_offs, raw_type)
            return size, [], [], [GGUFValueType.ARRAY]

    return PassingOver(file)


def _array_bytes(data: memoryview, start: int, scalars: dict[Any, Any]) -> int | None:
    """Bytes of the array that begins at ``start``; None where it holds arrays itself."""
    from gguf import GGUFValueType

    kind, count = _ARRAY.unpack_from(data, start)
    if kind in scalars:
        return _ARRAY.size + int(count) * int(scalars[kind]().nbytes)
    if kind != GGUFValueType.STRING:
        return None
    at = start + _ARRAY.size
    for _ in range(count):
        at += _LENGTH.size + _LENGTH.unpack_from(data, at)[0]
    return at - start
