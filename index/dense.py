"""The seam of dense search: nearest vectors among the passages that filters leave.

In: passages with unit vectors, and the facts that filters look at. Out: ids by falling inner
product. What can fail: what is derived from the database may be missing or of another state, which
:class:`StaleIndexError` says; whoever opens it makes it again from the database.

Two implementations stand behind it, FAISS in this process (:mod:`index.faiss_index`) and Milvus
(:mod:`index.milvus_index`); one test body holds for both (``tests/index/test_dense.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from corpus.change_log import Entries
from corpus.document import Language
from corpus.filters import Filters
from corpus.store import CorpusStore, Ids, Vectors

LOCAL = "local"


class StaleIndexError(Exception):
    """What is on disk cannot stand for the database's present state; the text says why."""


class DenseDescription(BaseModel):
    """What an index is."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="Which search stands behind it.")
    dimension: int = Field(description="Numbers of a vector.")
    count: int = Field(description="Passages in it.")
    passage: int = Field(description="Id of the last passage that was taken in.")
    removal: int = Field(description="Number of the last removal that was followed.")
    recall: float = Field(
        description="Share of the ten nearest that were found when the index was built."
    )


class DenseIndex(Protocol):
    """Search by inner product over passages. Questions may come from many threads at once.

    ``add``: ids must be new, except to an index that says otherwise. ``delete`` ignores ids that
    are not there. ``search`` takes float32 (dimension,) of unit length and returns at most ``k``
    ids (int64) and inner products (float32), best first, of passages that pass ``filters``; how
    many of the truly nearest are among them is ``describe().recall``.
    """

    def add(self, entries: Entries) -> None:
        """Take passages in."""
        ...

    def delete(self, ids: Sequence[int]) -> None:
        """Forget passages."""
        ...

    def search(
        self, vector: Vectors, k: int, filters: Filters | None = None
    ) -> tuple[Ids, Vectors]:
        """The nearest passages."""
        ...

    def count(self, language: Language | None = None) -> int:
        """How many passages are in it, of one language or of all."""
        ...

    def languages(self) -> dict[Language, int]:
        """How many passages of each language are in it; none with 0."""
        ...

    def save(self) -> None:
        """Keep what was added and deleted, so that an interruption leaves the old state."""
        ...

    def describe(self) -> DenseDescription:
        """What it is, and how far it has followed the database."""
        ...

    def followed(self, store: CorpusStore) -> DenseIndex:
        """An index of the present state of ``store``; this one stays as it is for its readers."""
        ...

    def close(self) -> None:
        """Release what it holds elsewhere."""
        ...
