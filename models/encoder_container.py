"""Read the ``E5S1`` container: a BERT encoder with 4-bit matrices and its tokenizer, as data.

In: the path of one file. Out: an :class:`EncoderContainer` (sizes, pieces with scores, table of
normalisation, tensors unpacked to float32 on demand). What can fail: another or a cut-off file,
a tensor that is missing or of another size; each a BelegtError that names the file. Nothing in
the file is executed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from base.errors import BelegtError

MAGIC = b"E5S1"
VERSION = 1
FLOAT32, Q4_0 = 0, 1
Q4_BLOCK = 32
Q4_BLOCK_BYTES = 18
"""One f16 scale and 16 bytes of two 4-bit weights each."""
Q4_ZERO = 8


class Sizes(NamedTuple):
    """Shape of the network, in the order in which the head of the file lists it."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float
    block: int


class SpecialTokens(NamedTuple):
    """Piece ids with a meaning of their own."""

    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class _Tensor:
    kind: int
    elements: int
    offset: int
    size: int


@dataclass(frozen=True)
class EncoderContainer:
    """Everything the file says; piece ids are rows of the embedding matrix."""

    path: Path
    sizes: Sizes
    special: SpecialTokens
    pieces: list[str] = field(repr=False)
    scores: list[float] = field(repr=False)
    normalisation: dict[int, str] = field(repr=False)
    _tensors: dict[str, _Tensor] = field(repr=False)
    _data: bytes = field(repr=False)

    def tensor(self, name: str, *shape: int) -> npt.NDArray[np.float32]:
        """Return tensor ``name`` as float32 of ``shape``; BelegtError if it has another size."""
        entry = self._tensors.get(name)
        if entry is None or entry.elements != int(np.prod(shape)):
            found = "is missing" if entry is None else f"has {entry.elements:,} elements"
            raise BelegtError(f"Tensor '{name}' of {self.path} {found}; pull the model again.")
        if entry.kind == Q4_0:
            values = _unpack_q4(self._data, entry)
        else:
            values = np.frombuffer(self._data, "<f4", entry.elements, entry.offset).copy()
        return values.reshape(shape)


class _ByteReader:
    """Sequential little-endian reading; running over the end is a struct.error."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def whole(self, layout: str) -> Iterator[int]:
        return (int(value) for value in self.take(layout))

    def raw(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise struct.error("past the end")
        self.at += size
        return self.data[self.at - size : self.at]


def read_container(path: Path) -> EncoderContainer:
    """Parse the container at ``path``; BelegtError if it is another kind of file or cut off."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise BelegtError(f"{path} is not an E5S1 encoder container; pull the model again.")
    reader = _ByteReader(data)
    reader.at = len(MAGIC)
    try:
        (version,) = reader.whole("I")
        if version != VERSION:
            raise BelegtError(f"{path} is an E5S1 container of version {version}, known is 1.")
        sizes = _read_sizes(reader)
        special, pieces, scores = _read_tokenizer(reader)
        normalisation = _read_normalisation(reader)
        tensors = _read_directory(reader)
    except (struct.error, ValueError) as error:
        raise BelegtError(f"{path} is damaged ({error}); pull the model again.") from None
    if any(tensor.offset + tensor.size > len(data) for tensor in tensors.values()):
        raise BelegtError(f"{path} is cut off at {len(data):,} bytes; pull the model again.")
    return EncoderContainer(path, sizes, special, pieces, scores, normalisation, tensors, data)


def _read_sizes(reader: _ByteReader) -> Sizes:
    hidden, layers, heads, feed_forward, vocabulary, positions, types = reader.whole("7i")
    (epsilon,) = reader.take("f")
    (block,) = reader.whole("i")
    if block != Q4_BLOCK:
        raise ValueError(f"blocks of {block} weights, known are {Q4_BLOCK}")
    # The file keeps single precision; the shortest decimal is what its writer meant (1e-12).
    shortest = float(str(np.float32(epsilon)))
    return Sizes(hidden, layers, heads, feed_forward, vocabulary, positions, types, shortest, block)


def _read_tokenizer(reader: _ByteReader) -> tuple[SpecialTokens, list[str], list[float]]:
    count, *special = reader.whole("5i")
    (blob_size,) = reader.whole("Q")
    offsets = np.frombuffer(reader.raw(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.raw(4 * count), "<f4").tolist()
    blob = reader.raw(blob_size)
    pieces = [blob[start:end].decode() for start, end in pairwise(offsets)]
    return SpecialTokens(*special), pieces, scores


def _read_normalisation(reader: _ByteReader) -> dict[int, str]:
    count, _size = reader.whole("iI")
    table: dict[int, str] = {}
    for _ in range(count):
        code_point, length = reader.whole("IB")
        table[code_point] = "".join(map(chr, reader.whole(f"{length}I")))
    return table


def _read_directory(reader: _ByteReader) -> dict[str, _Tensor]:
    (count,) = reader.whole("i")
    tensors: dict[str, _Tensor] = {}
    for _ in range(count):
        (length,) = reader.whole("H")
        name = reader.raw(length).decode()
        kind, elements, offset, size = reader.whole("BIQQ")
        if kind not in (FLOAT32, Q4_0):
            raise ValueError(f"tensor '{name}' has the unknown type {kind}")
        tensors[name] = _Tensor(kind, elements, offset, size)
    return tensors


def _unpack_q4(data: bytes, entry: _Tensor) -> npt.NDArray[np.float32]:
    """Byte j of a block holds weight j in its low and weight j + 16 in its high nibble."""
    blocks = np.frombuffer(data, np.uint8, entry.size, entry.offset).reshape(-1, Q4_BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    weights = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32)
    weights -= Q4_ZERO
    weights *= scale
    return weights.reshape(-1)
