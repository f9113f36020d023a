"""Nearest vectors: a seam of a few verbs, and FAISS behind it.

In: passage ids with unit vectors. Out: ids by falling inner product. The index is derived: its
file carries the identity and generation of the database it was made from and a checksum, so
that a missing, torn or stale file is told from a good one (:class:`StaleIndexError`) and made again
from the vectors in the database.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

FILE = "dense.faiss"
_FORMAT = "belegt-dense-1"


class StaleIndexError(Exception):
    """The file on disk cannot stand for the database's present state; the text says why."""


class DenseDescription(BaseModel):
    """The head of a saved index, and what ``describe`` reports."""

    model_config = ConfigDict(frozen=True)

    format: str = _FORMAT
    kind: str
    dimension: int
    count: int
    identity: str
    generation: int
    checksum: str = ""


class DenseIndex(Protocol):
    """Search by inner product over passages.

    ``add`` replaces nothing: an id must be new. ``delete`` ignores ids that are not there.
    ``search`` takes float32 (dimension,) and returns at most ``k`` ids (int64) and scores
    (float32), best first, only among ``allowed`` (int64, any order) where that is given.
    """

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add passages: int64 (n,), float32 (n, dimension)."""
        ...

    def delete(self, ids: Sequence[int]) -> None:
        """Forget passages."""
        ...

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """The nearest passages."""
        ...

    def count(self) -> int:
        """How many passages are in it."""
        ...

    def save(self, folder: Path, identity: str, generation: int) -> None:
        """Write it so that an interruption leaves the old file."""
        ...

    def describe(self) -> DenseDescription:
        """What it is, and which state of which database it stands for."""
        ...


class FaissIndex:
    """Exact inner product search by FAISS (IndexFlatIP behind an id map)."""

    def __init__(
        self, dimension: int, index: Any = None, *, identity: str = "", generation: int = -1
    ):
        import faiss

        self._index = (
            index if index is not None else faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        )
        self._dimension = dimension
        self._identity = identity
        self._generation = generation

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add passages: int64 (n,), float32 (n, dimension)."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)

    def delete(self, ids: Sequence[int]) -> None:
        """Forget passages."""
        import faiss

        if len(ids):
            self._index.remove_ids(faiss.IDSelectorBatch(np.asarray(ids, dtype=np.int64)))

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """The nearest passages; see :class:`DenseIndex`."""
        import faiss

        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(allowed, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
            k = min(k, len(allowed))
        k = min(k, self.count())
        if k == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        scores, ids = self._index.search(vector.reshape(1, -1), k, params=parameters)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def count(self) -> int:
        """How many passages are in it."""
        return int(self._index.ntotal)

    def describe(self) -> DenseDescription:
        """What it is, and which state of which database it stands for."""
        return DenseDescription(
            kind="faiss.IndexFlatIP",
            dimension=self._dimension,
            count=self.count(),
            identity=self._identity,
            generation=self._generation,
        )

    def save(self, folder: Path, identity: str, generation: int) -> None:
        """Write ``dense.faiss``: temporary file, fsync, rename."""
        import faiss

        self._identity, self._generation = identity, generation
        body = faiss.serialize_index(self._index).tobytes()
        checksum = hashlib.sha256(body).hexdigest()
        head = self.describe().model_copy(update={"checksum": checksum})
        # A server's reader may be making the index again while its writer saves a newer one.
        temporary = folder / f"{FILE}.{os.getpid()}-{threading.get_ident()}.partial"
        try:
            with temporary.open("wb") as stream:
                stream.write(head.model_dump_json().encode() + b"\n" + body)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(folder / FILE)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, folder: Path, identity: str, generation: int) -> FaissIndex:
        """Read ``dense.faiss``; StaleIndexError unless it is whole and of just this state."""
        import faiss

        try:
            data = (folder / FILE).read_bytes()
        except FileNotFoundError:
            raise StaleIndexError("the file is missing") from None
        line, _, body = data.partition(b"\n")
        try:
            head = DenseDescription.model_validate(json.loads(line))
        except (ValueError, ValidationError):
            raise StaleIndexError("the file is not a dense index") from None
        if head.format != _FORMAT or hashlib.sha256(body).hexdigest() != head.checksum:
            raise StaleIndexError("the file is damaged")
        if (head.identity, head.generation) != (identity, generation):
            raise StaleIndexError("the file is from another state of the corpus")
        index = faiss.deserialize_index(np.frombuffer(body, dtype=np.uint8))
        return cls(head.dimension, index, identity=identity, generation=generation)
