"""Dense search in this process, by FAISS.

In: the database of a corpus. Out: the nearest passages of its present state. What can fail: files
of an earlier state may be missing or damaged, as StaleIndexError, or not be written, as OSError.

The database is the index: while a language has few passages, their vectors are read from it and
compared with the question, all of them. Once there are more, what is there goes into a file for
each language (:mod:`index.quantised`), and only what came later is held in memory. What the files
hold is written down in the database, in one transaction with the removals they have followed; so
they are switched at once, an older database never meets a newer file, and a document added to a
million costs what one document costs. Candidates from a file are ranked by the stored vectors,
so that no score depends on how a passage is kept.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.change_log import (
    Entries,
    Position,
    entries_after,
    forget_removals,
    removed_after,
)
from corpus.document import Language
from corpus.filters import Filters
from corpus.store import CorpusStore, Ids, Vectors
from index import quantised
from index.dense import DenseDescription, StaleIndexError
from index.exact import ExactRows, Marks
from index.milvus_index import last_followed_removal
from index.quantised import Quantised, QuantisedFile

META = "dense"
EXACT_PASSAGES = 50_000
_TAIL_SHARE = 20
"""A file is written anew once what came later is more than a twentieth of it (and a fifth of
``exact_passages``): in memory a passage takes 1.5 KB, and each is compared."""
_REMOVED_SHARE = 5
"""... or once more than a fifth of it is gone."""
_FEW = 1000
"""So few passages that filters leave are compared with the question, all of them."""
_FETCHED = 1.5
"""Candidates taken from a file for each that is wanted: 8 bits mistake near ranks."""
_FILTERS_KEPT = 16


class IndexManifest(BaseModel):
    """What the database says of the files. ``passage``, ``removal``: up to where they go."""

    model_config = ConfigDict(frozen=True)

    passage: int = Field(description="Id of the last passage that may be in a file.")
    removal: int = Field(description="Number of the last removal that they have followed.")
    files: tuple[QuantisedFile, ...] = Field(description="One for each language that needs one.")


@dataclass
class _Partition:
    """The passages of one language: a file, of which some are removed, and what came later."""

    rows: ExactRows
    file: Quantised | None = None
    removed: Ids = field(default_factory=lambda: np.zeros(0, np.int64))

    def count(self) -> int:
        in_file = self.file.file.count - len(self.removed) if self.file is not None else 0
        return in_file + len(self.rows)


class FaissIndex:
    """See the module and :class:`~index.dense.DenseIndex`."""

    def __init__(
        self, store: CorpusStore, dimension: int, exact_passages: int = EXACT_PASSAGES
    ) -> None:
        self._store = store
        self._dimension = dimension
        self._exact_passages = exact_passages
        self._position = Position()
        self._manifest: IndexManifest | None = None
        self._partitions: dict[Language, _Partition] = {}
        self._lock = threading.Lock()
        self._marks: OrderedDict[Filters, Marks] = OrderedDict()

    @classmethod
    def open(
        cls, store: CorpusStore, dimension: int, exact_passages: int = EXACT_PASSAGES
    ) -> FaissIndex:
        """The index of the present state; StaleIndexError where a file will not do."""
        index = cls(store, dimension, exact_passages)
        index._manifest = stored_manifest(store)
        if index._manifest is not None:
            index._position = Position(index._manifest.passage, index._manifest.removal)
            for file in index._manifest.files:
                index._partition(file.language).file = Quantised(store.folder, file)
        index._catch_up()
        return index

    @classmethod
    def in_memory(cls, store: CorpusStore, dimension: int) -> FaissIndex:
        """The index without files, for a corpus that cannot be written."""
        index = cls(store, dimension)
        index._catch_up()
        return index

    def followed(self, store: CorpusStore) -> FaissIndex:
        """An index of the present state of ``store``; it shares what has not changed."""
        if stored_manifest(store) != self._manifest:
            return FaissIndex.open(store, self._dimension, self._exact_passages)
        twin = FaissIndex(store, self._dimension, self._exact_passages)
        twin._manifest, twin._position = self._manifest, self._position
        twin._partitions = {
            language: replace(partition, rows=partition.rows.copy())
            for language, partition in self._partitions.items()
        }
        twin._catch_up()
        return twin

    def _catch_up(self) -> None:
        # Removals first: what is replaced in between is then missing, which the next state mends.
        removed, removal = removed_after(self._store, self._position.removal)
        self.delete(removed.tolist())
        for entries in entries_after(self._store, self._position.passage):
            self.add(entries)
        self._position = replace(self._position, removal=removal)

    def _partition(self, language: Language) -> _Partition:
        if language not in self._partitions:
            self._partitions[language] = _Partition(ExactRows.empty(self._dimension))
        return self._partitions[language]

    def add(self, entries: Entries) -> None:
        """Take passages in; their ids must be higher than all before."""
        languages = np.asarray([one.language for one in entries.facts])
        for language in sorted({one.language for one in entries.facts}):
            own = languages == language
            self._partition(language).rows.add(entries.ids[own], entries.vectors[own])
        if len(entries.ids):
            last = max(self._position.passage, int(entries.ids.max()))
            self._position = replace(self._position, passage=last)
        self._marks.clear()

    def delete(self, ids: Sequence[int]) -> None:
        """Forget passages; ids that are not there change nothing."""
        if not len(ids):
            return
        gone = np.asarray(ids, dtype=np.int64)
        for partition in self._partitions.values():
            if partition.file is not None:
                held = partition.file.held
                inside = gone[gone < len(held)]
                partition.removed = np.union1d(partition.removed, inside[held[inside]])
            partition.rows.delete(gone)

    def search(
        self, vector: Vectors, k: int, filters: Filters | None = None
    ) -> tuple[Ids, Vectors]:
        """The nearest passages; see :class:`~index.dense.DenseIndex`."""
        filters = filters or Filters()
        asked = [
            partition
            for language, partition in sorted(self._partitions.items())
            if not filters.languages or language in filters.languages
        ]
        allowed = self._allowed(filters.model_copy(update={"languages": ()}))
        found = [self._search(partition, vector, k, allowed) for partition in asked]
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        ids = np.concatenate([one[0] for one in found])
        scores = np.concatenate([one[1] for one in found])
        best = np.lexsort((ids, -scores))[:k]
        return ids[best], scores[best]

    def _search(
        self, partition: _Partition, vector: Vectors, k: int, allowed: Marks | None
    ) -> tuple[Ids, Vectors]:
        ids, scores = partition.rows.search(vector, k, allowed)
        if partition.file is None:
            return ids, scores
        more_ids, more_scores = self._ranked(
            vector, self._in_file(partition, partition.file, vector, k, allowed)
        )
        return np.concatenate([ids, more_ids]), np.concatenate([scores, more_scores])

    def _in_file(
        self,
        partition: _Partition,
        file: Quantised,
        vector: Vectors,
        k: int,
        allowed: Marks | None,
    ) -> Ids:
        if allowed is None and not len(partition.removed):
            return file.search(vector, int(np.ceil(k * _FETCHED)), None, 1.0)
        marks = file.held.copy()
        marks[partition.removed] = False
        if allowed is not None:
            marks &= allowed[: len(marks)]
        left = int(np.count_nonzero(marks))
        if left <= _FEW:
            few: Ids = np.flatnonzero(marks)
            return few
        return file.search(vector, int(np.ceil(k * _FETCHED)), marks, left / file.file.count)

    def _ranked(self, vector: Vectors, candidates: Ids) -> tuple[Ids, Vectors]:
        """By the vectors that are stored; what is stored no more is left out."""
        ids, vectors = self._store.vectors(candidates.tolist())
        if not len(ids):
            return ids, np.zeros(0, np.float32)
        return ids, vectors @ vector

    def _allowed(self, filters: Filters) -> Marks | None:
        """Marks of the passages that pass, by id; kept for those who ask the same again."""
        if filters == Filters():
            return None
        with self._lock:
            marks = self._marks.get(filters)
        if marks is None:
            ids = self._store.passage_ids(filters)
            marks = np.zeros(self._position.passage + 1, dtype=np.bool_)
            marks[ids[ids < len(marks)]] = True
            with self._lock:
                self._marks[filters] = marks
                while len(self._marks) > _FILTERS_KEPT:
                    self._marks.popitem(last=False)
        return marks

    def count(self, language: Language | None = None) -> int:
        """How many passages are in it."""
        return sum(
            partition.count()
            for name, partition in self._partitions.items()
            if language in (None, name)
        )

    def languages(self) -> dict[Language, int]:
        """How many passages of each language are in it."""
        counts = {name: one.count() for name, one in sorted(self._partitions.items())}
        return {name: count for name, count in counts.items() if count}

    def describe(self) -> DenseDescription:
        """What it is, and how far it has followed the database."""
        files = self._manifest.files if self._manifest is not None else ()
        return DenseDescription(
            kind="faiss, quantised lists" if files else "faiss, exact",
            dimension=self._dimension,
            count=self.count(),
            passage=self._position.passage,
            removal=self._position.removal,
            recall=min((one.recall for one in files), default=1.0),
        )

    def close(self) -> None:
        """Nothing is held elsewhere."""

    def save(self) -> None:
        """Write new files where what came later, or is gone, has become much; see the module.

        OSError where they cannot be written; what was there goes on to serve then.
        """
        if not self._store.writable or not self._outgrown():
            return
        from base.locks import exclusive

        with exclusive(self._store.folder / "dense.lock", "building the dense index"):
            if stored_manifest(self._store) == self._manifest:
                self._switch(self._written())
            _remove_unknown(self._store)

    def _outgrown(self) -> bool:
        for partition in self._partitions.values():
            in_file = 0 if partition.file is None else partition.file.file.count
            least = self._exact_passages if partition.file is None else self._exact_passages // 5
            if len(partition.rows) > max(least, in_file // _TAIL_SHARE):
                return True
            if _REMOVED_SHARE * len(partition.removed) > max(in_file, 1):
                return True
        return False

    def _written(self) -> IndexManifest:
        files = []
        for language, partition in sorted(self._partitions.items()):
            if self._position.passage and partition.count():
                files.append(self._written_file(language, partition))
        return IndexManifest(
            passage=self._position.passage, removal=self._position.removal, files=tuple(files)
        )

    def _written_file(self, language: Language, partition: _Partition) -> QuantisedFile:
        file, count = partition.file, partition.count()
        if file is not None and file.file.trained / 2 <= count <= file.file.trained * 2:
            return quantised.extend(
                self._store.folder,
                file.file,
                partition.removed,
                partition.rows.ids,
                partition.rows.vectors,
            )

        def pieces() -> Iterator[tuple[Ids, Vectors]]:
            for entries in entries_after(self._store, 0):
                own = np.asarray([one.language == language for one in entries.facts])
                own &= entries.ids <= self._position.passage
                if own.any():
                    yield entries.ids[own], entries.vectors[own]

        return quantised.build(self._store.folder, language, pieces, count)

    def _switch(self, manifest: IndexManifest) -> None:
        # The database must be on the disk before a file that knows of it, or a power cut could
        # leave a file whose ids the database would give to other passages.
        self._store.make_durable()
        with self._store.transaction():
            self._store.set_meta(META, manifest.model_dump_json())
            # A Milvus that holds the same passages may have followed less far.
            elsewhere = last_followed_removal(self._store)
            until = manifest.removal if elsewhere is None else min(manifest.removal, elsewhere)
            forget_removals(self._store, until)


def stored_manifest(store: CorpusStore) -> IndexManifest | None:
    """What the database says of its files, or None where it needs none."""
    text = store.meta(META)
    if not text:
        return None
    try:
        return IndexManifest.model_validate_json(text)
    except ValidationError as error:
        raise StaleIndexError("the record of its files cannot be read") from error


def forget_files(store: CorpusStore) -> None:
    """Have the next that opens the index begin with the vectors alone."""
    with store.transaction():
        store.set_meta(META, "")
    _remove_unknown(store)


def _remove_unknown(store: CorpusStore) -> None:
    """Remove files that the database does not know; whoever has one mapped keeps it."""
    manifest = stored_manifest(store)
    known = {file.name for file in manifest.files} if manifest is not None else set()
    for path in store.folder.glob(f"{quantised.PREFIX}*{quantised.SUFFIX}"):
        if path.name not in known:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
