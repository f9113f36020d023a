"""Exact search over vectors in memory, which grow without disturbing who searches.

In: ids with unit vectors. Out: the nearest by falling inner product. Nothing can fail.

Rows are only ever appended, behind what earlier states know of, and a deleted row is marked in a
copy of the marks. So a copy shares the vectors, costs next to nothing, and both can be searched
while either changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.store import Ids, Vectors

Marks = NDArray[np.bool_]


class _Buffer:
    """Rows that several states share; ``used`` is what the longest of them knows."""

    def __init__(self, ids: Ids, vectors: Vectors, used: int) -> None:
        self.ids = ids
        self.vectors = vectors
        self.used = used


class ExactRows:
    """Ids, int64 (n,), and vectors, float32 (n, dimension), of which some are deleted."""

    def __init__(self, ids: Ids, vectors: Vectors) -> None:
        self._buffer = _Buffer(ids, vectors, len(ids))
        self._length = len(ids)
        self._alive: Marks = np.ones(len(ids), dtype=np.bool_)

    @classmethod
    def empty(cls, dimension: int) -> ExactRows:
        """No rows yet."""
        return cls(np.zeros(0, np.int64), np.zeros((0, dimension), np.float32))

    @property
    def ids(self) -> Ids:
        """Ids of the rows that are not deleted, int64, in the order they came."""
        return self._buffer.ids[: self._length][self._alive]

    @property
    def vectors(self) -> Vectors:
        """Vectors of the same rows."""
        return self._buffer.vectors[: self._length][self._alive]

    def __len__(self) -> int:
        return int(np.count_nonzero(self._alive))

    def copy(self) -> ExactRows:
        """The same state, to be changed by itself."""
        twin = object.__new__(ExactRows)
        twin._buffer, twin._length, twin._alive = self._buffer, self._length, self._alive
        return twin

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Append rows."""
        if not len(ids):
            return
        first, last = self._length, self._length + len(ids)
        if self._buffer.used != first or last > len(self._buffer.ids):
            self._move(last)
        self._buffer.ids[first:last] = ids
        self._buffer.vectors[first:last] = vectors
        self._buffer.used = self._length = last
        self._alive = np.concatenate([self._alive, np.ones(len(ids), dtype=np.bool_)])

    def _move(self, needed: int) -> None:
        """To a buffer of its own, with room to double."""
        room = max(2 * needed, 64)
        dimension = self._buffer.vectors.shape[1]
        ids, vectors = np.zeros(room, np.int64), np.zeros((room, dimension), np.float32)
        ids[: self._length] = self._buffer.ids[: self._length]
        vectors[: self._length] = self._buffer.vectors[: self._length]
        self._buffer = _Buffer(ids, vectors, self._length)

    def delete(self, ids: Ids) -> None:
        """Mark rows as deleted; where most are, the rest moves together."""
        gone = np.isin(self._buffer.ids[: self._length], ids)
        self._alive = self._alive & ~gone
        if 2 * len(self) < self._length:
            kept_ids, kept = self.ids, self.vectors
            self._buffer = _Buffer(kept_ids, kept, len(kept_ids))
            self._length, self._alive = len(kept_ids), np.ones(len(kept_ids), dtype=np.bool_)

    def search(self, vector: Vectors, k: int, allowed: Marks | None) -> tuple[Ids, Vectors]:
        """The ``k`` nearest; ``allowed`` marks passage ids, those beyond its end are not."""
        import faiss

        ids = self._buffer.ids[: self._length]
        wanted = self._alive
        if allowed is not None:
            inside = ids < len(allowed)
            wanted = wanted & inside
            wanted[inside] &= allowed[ids[inside]]
        k = min(k, int(np.count_nonzero(wanted)))
        if k <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        selector = None if bool(wanted.all()) else bitmap(wanted)
        rows, scores = np.zeros((1, k), np.int64), np.zeros((1, k), np.float32)
        question = np.ascontiguousarray(vector.reshape(1, -1), dtype=np.float32)
        faiss.knn_inner_product(
            faiss.swig_ptr(question),
            faiss.swig_ptr(self._buffer.vectors),
            question.shape[1],
            1,
            self._length,
            k,
            faiss.swig_ptr(scores),
            faiss.swig_ptr(rows),
            selector,
        )
        return ids[rows[0]], scores[0]


def bitmap(marks: Marks) -> Any:
    """What FAISS asks whether a number is wanted: one bit each."""
    import faiss

    # The stubs know the C++ signature only; FAISS takes the array's length itself.
    return faiss.IDSelectorBitmap(np.packbits(marks, bitorder="little"))  # type: ignore[call-arg, arg-type]
