"""Search over many vectors: quantised lists in a file that is mapped, not read.

In: the vectors of one language, in pieces, and which passages to leave out. Out: a file and its
description; from them, candidates for a question, which the caller ranks by the stored vectors.
What can fail: the file system, as OSError; a file that is missing or of another size, as
StaleIndexError.

Vectors are put into lists by their nearest centre, and a search looks into the lists whose centres
are nearest (Jégou, Douze and Schmid 2011, "Product Quantization for Nearest Neighbor Search",
section IV, without its product codes); each number is kept in 8 bits, so that a passage takes a
byte a dimension and 8 for its id. How many lists are looked into is not guessed but measured, on
made questions among the very vectors that are indexed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from base.files import flush, sha256_of
from corpus.document import Language
from corpus.store import Ids, Vectors
from index.dense import StaleIndexError
from index.exact import Marks, bitmap

Pieces = Callable[[], Iterator[tuple[Ids, Vectors]]]

PREFIX, SUFFIX = "dense-", ".ivf"
RECALL = 0.99
"""Share of the ten nearest that the lists looked into must hold when an index is built."""
_SAMPLE_PER_LIST = 40
_QUESTIONS = 200
_NEAREST = 10
_TRAINING_ROUNDS = 10
_SEED = 20
# A question's cosine to the passage that answers it is about .88 with E5, between passages of one
# language about .80; a passage moved by half the difference of two others lies as far off.
_MOVED = 0.5


class QuantisedFile(BaseModel):
    """A file of one language's vectors."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="File name in the corpus folder; never used twice.")
    language: Language = Field(description="Of all passages in it.")
    count: int = Field(description="Passages in it.")
    trained: int = Field(description="Passages that there were when the centres were chosen.")
    lists: int = Field(description="Lists that the vectors are in.")
    probes: int = Field(description="Lists that a question looks into.")
    recall: float = Field(description="Share of the ten nearest found with so many.")
    size: int = Field(description="Bytes of the file.")
    sha256: str = Field(description="Digest of the file, which 'belegt index check' compares.")


class Quantised:
    """An open file. Safe to search from many threads."""

    def __init__(self, folder: Path, file: QuantisedFile) -> None:
        import faiss

        path = folder / file.name
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise StaleIndexError("the file is missing") from None
        if size != file.size:
            raise StaleIndexError("the file is damaged")
        self.file = file
        self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)

    @cached_property
    def held(self) -> Marks:
        """Marks of the passages in the file, by id."""
        import faiss

        lists = self._index.invlists
        sizes = [lists.list_size(number) for number in range(self.file.lists)]
        ids = [
            faiss.rev_swig_ptr(lists.get_ids(number), size)
            for number, size in enumerate(sizes)
            if size
        ]
        together = np.concatenate(ids) if ids else np.zeros(0, np.int64)
        marks = np.zeros(int(together.max(initial=0)) + 1, dtype=np.bool_)
        marks[together] = True
        return marks

    def search(self, vector: Vectors, k: int, marks: Marks | None, share: float) -> Ids:
        """About the ``k`` nearest of those marked, int64, in no order.

        ``share``: of the passages that are marked; the fewer, the more lists are looked into.
        """
        import faiss

        # One question, one thread: others ask at the same time.
        faiss.omp_set_num_threads(1)
        probes = min(self.file.lists, int(np.ceil(self.file.probes / max(share, 1e-9))))
        # The stubs do not know the keyword arguments that FAISS adds in Python.
        parameters = faiss.SearchParametersIVF(  # type: ignore[call-arg]
            nprobe=probes, sel=None if marks is None else bitmap(marks)
        )
        question = np.ascontiguousarray(vector.reshape(1, -1), dtype=np.float32)
        _, ids = self._index.search(question, k, params=parameters)
        result: Ids = ids[0][ids[0] >= 0]
        return result


def build(folder: Path, language: Language, pieces: Pieces, count: int) -> QuantisedFile:
    """Write a file of all vectors that ``pieces`` gives; it is read three times."""
    import faiss

    lists = _list_count(count)
    sample = _sample(pieces, count, lists * _SAMPLE_PER_LIST)
    dimension = sample.shape[1]
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.seed, index.cp.niter = _SEED, _TRAINING_ROUNDS
    index.cp.min_points_per_centroid = 1
    index.train(sample)
    questions = _questions(sample)
    nearest = _Nearest(questions)
    for ids, vectors in pieces():
        index.add_with_ids(vectors, ids)
        nearest.see(ids, vectors)
    probes, recall = _probes(index, questions, nearest.ids, lists)
    description = QuantisedFile(
        name="",
        language=language,
        count=count,
        trained=count,
        lists=lists,
        probes=probes,
        recall=round(recall, 4),
        size=0,
        sha256="",
    )
    return _write(folder, index, description)


def extend(
    folder: Path, old: QuantisedFile, removed: Ids, ids: Ids, vectors: Vectors
) -> QuantisedFile:
    """Write a file of what ``old`` holds without ``removed``, and the given; its centres stay."""
    import faiss

    index = faiss.read_index(str(folder / old.name))
    if len(removed):
        index.remove_ids(faiss.IDSelectorBatch(np.ascontiguousarray(removed, dtype=np.int64)))
    if len(ids):
        index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)
    return _write(folder, index, old)


def _write(folder: Path, index: Any, like: QuantisedFile) -> QuantisedFile:
    """Write ``index`` to a file of its own, and describe that file ``like`` another."""
    import faiss

    path = folder / f"{PREFIX}{like.language}-{secrets.token_hex(8)}{SUFFIX}"
    try:
        faiss.write_index(index, str(path))
        flush(path)
        flush(folder)
    except (RuntimeError, OSError) as error:
        path.unlink(missing_ok=True)
        # FAISS tells of a full disk by a RuntimeError.
        raise error if isinstance(error, OSError) else OSError(str(error)) from error
    return like.model_copy(
        update={
            "name": path.name,
            "count": int(index.ntotal),
            "size": path.stat().st_size,
            "sha256": sha256_of(path),
        }
    )


def _list_count(count: int) -> int:
    """About two square roots of ``count``, a power of two: 2048 for a million."""
    most = max(1, count // 8)
    return min(int(2 ** np.clip(np.round(np.log2(2 * np.sqrt(count))), 0, 16)), most)


def _sample(pieces: Pieces, count: int, wanted: int) -> Vectors:
    step = max(1, count // wanted)
    first = 0
    parts = []
    for ids, vectors in pieces():
        parts.append(vectors[(-first) % step :: step].copy())
        first += len(ids)
    return np.ascontiguousarray(np.concatenate(parts), dtype=np.float32)


def _questions(sample: Vectors) -> Vectors:
    """Vectors that lie as far from the passages as questions do; see _MOVED."""
    random = np.random.default_rng(_SEED)
    near, left, right = (random.integers(0, len(sample), _QUESTIONS) for _ in range(3))
    moved = sample[near] + _MOVED * (sample[left] - sample[right])
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)


class _Nearest:
    """The exact nearest passages of some questions, among vectors that come in pieces."""

    def __init__(self, questions: Vectors) -> None:
        self._questions = questions
        self._scores = np.full((len(questions), _NEAREST), -np.inf, np.float32)
        self.ids = np.full((len(questions), _NEAREST), -1, np.int64)

    def see(self, ids: Ids, vectors: Vectors) -> None:
        scores = np.concatenate([self._scores, self._questions @ vectors.T], axis=1)
        numbers = np.concatenate(
            [self.ids, np.broadcast_to(ids, (len(self._questions), len(ids)))], axis=1
        )
        best = np.argpartition(-scores, _NEAREST - 1, axis=1)[:, :_NEAREST]
        self._scores = np.take_along_axis(scores, best, axis=1)
        self.ids = np.take_along_axis(numbers, best, axis=1)


def _probes(index: Any, questions: Vectors, nearest: Ids, lists: int) -> tuple[int, float]:
    """The fewest lists (powers of two) that hold :data:`RECALL` of the nearest, and their share."""
    import faiss

    probes, recall = 1, 0.0
    while True:
        # As above: keyword arguments that the stubs do not know.
        parameters = faiss.SearchParametersIVF(nprobe=probes)  # type: ignore[call-arg]
        _, ids = index.search(questions, 2 * _NEAREST, params=parameters)
        held = [
            np.isin(wanted[wanted >= 0], got).mean()
            for wanted, got in zip(nearest, ids, strict=True)
        ]
        recall = float(np.mean(held))
        if recall >= RECALL or probes >= lists:
            return probes, recall
        probes = min(2 * probes, lists)
