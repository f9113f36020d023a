"""How search, adding, memory and disk grow with the corpus: ``python -m eval.bench.scale``.

In: sizes, and vectors of a real corpus if there is one. Out: a table, one line a size, and the
exponents of a power law fitted to search and to adding. Nothing is asked of a model: vectors are
drawn around real passages (a passage, moved by half the difference of two others, as far away as
neighbours are), or, without a corpus, around random centres; words follow Zipf's law. Questions
are drawn likewise. What can fail: a disk without room.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from base.errors import UsageError
from base.settings import Settings
from corpus.document import Document, Language, Passage, Span
from corpus.filters import Filters
from corpus.store import CorpusStore, Prepared, Vectors
from index.build import open_dense
from index.encoder import EncoderDescription
from index.retriever import Retriever

DIMENSION = 384
_PASSAGES = 10
_WORDS = 75
_VOCABULARY = 200_000
_ZIPF = 1.07
_SHIFT = 200
"""Function words are no terms, so that the most frequent term is in one passage of fifteen."""
_QUESTIONS = 60
_WARM = 5
_CENTRES = 2000
_NEAREST = 10


@dataclass(frozen=True)
class ScaleRow:
    """What was measured at one size; times are of the processor, in milliseconds.

    A machine that others use as well says little by its clock on the wall.
    """

    passages: int
    search_p50: float
    search_p95: float
    filtered_p50: float
    filtered_p95: float
    recall: float
    """Share of the ten nearest by exact search that dense search has."""
    add_ms: float
    """One document of ten passages, stored and followed by the index."""
    start_s: float
    """From opening the database to the first result, in a process of its own."""
    memory_mb: float
    """What that process took more once it had searched."""
    disk_bytes: float
    """Of the database and the dense files, for each passage."""


class Drawn:
    """Vectors and words that look like those of a corpus."""

    def __init__(self, seed: int, like: Path | None) -> None:
        self._random = np.random.default_rng(seed)
        if like is not None:
            with CorpusStore.open(like) as store:
                self._real = store.vectors()[1]
        else:
            centres = self._random.normal(size=(_CENTRES, DIMENSION))
            centres = 0.55 * centres / np.linalg.norm(centres, axis=1, keepdims=True)
            centres[:, 0] += 0.83
            self._real = _unit(centres)
        ranks = _SHIFT + np.arange(1, _VOCABULARY + 1, dtype=np.float64)
        weights = ranks**-_ZIPF
        self._steps = np.cumsum(weights / weights.sum())

    @property
    def dimension(self) -> int:
        """Numbers of a vector."""
        return int(self._real.shape[1])

    def vectors(self, count: int) -> Vectors:
        """float32 (count, dimension), unit length."""
        near, left, right = (
            self._real[self._random.integers(0, len(self._real), count)] for _ in range(3)
        )
        share = self._random.uniform(0.2, 0.6, (count, 1)).astype(np.float32)
        noise = self._random.normal(size=near.shape).astype(np.float32) * 0.01
        return _unit(near + share * (left - right) + noise)

    def words(self, count: int, language: Language) -> str:
        """So many words, no two languages sharing one."""
        places = np.searchsorted(self._steps, self._random.random(count))
        return " ".join(f"{language}{place}" for place in places)


class _Encoder:
    """Gives the vector that a question was drawn with."""

    def __init__(self, dimension: int) -> None:
        self._description = EncoderDescription(
            model="drawn", digest="0", dimension=dimension, query_prefix="", passage_prefix=""
        )
        self.known: dict[str, Vectors] = {}

    def describe(self) -> EncoderDescription:
        return self._description

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.known[text] for text in texts])

    def encode_passages(self, texts: Sequence[str], progress: object = None) -> Vectors:
        raise NotImplementedError

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


_clock = time.process_time


def _unit(vectors: np.ndarray) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def _prepared(drawn: Drawn, number: int) -> Prepared:
    language: Language = "de" if number % 2 == 0 else "en"
    texts = [drawn.words(_WORDS, language) for _ in range(_PASSAGES)]
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)]).tolist()
    name = f"d{number}"
    passages = [
        Passage(
            document_id=name,
            ordinal=place,
            start=start,
            end=start + len(text),
            text=text,
            sentences=(Span(start=start, end=start + len(text)),),
        )
        for place, (start, text) in enumerate(zip(starts[:-1], texts, strict=True))
    ]
    document = Document(
        id=name,
        title=name,
        source=f"source {number % 20}",
        date=f"20{10 + number % 16}-0{1 + number % 9}",
        language=language,
        text="\n".join(texts),
        path=f"{name}.txt",
    )
    return Prepared(document, name, passages, texts, drawn.vectors(_PASSAGES))


def _fill(store: CorpusStore, drawn: Drawn, passages: int) -> None:
    first, last = store.document_count(), passages // _PASSAGES
    for start in range(first, last, 500):
        with store.transaction():
            for number in range(start, min(start + 500, last)):
                store.put(_prepared(drawn, number))


def _questions(drawn: Drawn, encoder: _Encoder) -> list[str]:
    vectors = drawn.vectors(_QUESTIONS)
    texts = []
    for number, vector in enumerate(vectors):
        language: Language = "de" if number % 2 == 0 else "en"
        text = drawn.words(9, language)
        encoder.known[text] = vector
        texts.append(text)
    return texts


def _times(
    retriever: Retriever, questions: Sequence[str], filters: Filters | None
) -> tuple[float, float]:
    spent = []
    for number, question in enumerate(questions):
        started = _clock()
        retriever.search(question, 5, filters, language="de" if number % 2 == 0 else "en")
        if number >= _WARM:
            spent.append((_clock() - started) * 1000)
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 95))


def _recall(store: CorpusStore, retriever: Retriever, vectors: Sequence[Vectors]) -> float:
    """By comparing with every vector, read in pieces."""
    from corpus.change_log import entries_after

    questions = np.stack(list(vectors))
    best_scores = np.full((len(questions), 0), 0, np.float32)
    best_ids = np.full((len(questions), 0), 0, np.int64)
    for entries in entries_after(store, 0):
        scores = np.concatenate([best_scores, questions @ entries.vectors.T], axis=1)
        ids = np.concatenate(
            [best_ids, np.broadcast_to(entries.ids, (len(questions), len(entries.ids)))], axis=1
        )
        order = np.argsort(-scores, axis=1)[:, :_NEAREST]
        best_scores = np.take_along_axis(scores, order, axis=1)
        best_ids = np.take_along_axis(ids, order, axis=1)
    held = [
        np.isin(wanted, retriever.dense.search(question, 100)[0]).mean()
        for wanted, question in zip(best_ids, questions, strict=True)
    ]
    return float(np.mean(held))


def _measure(folder: Path, drawn: Drawn, passages: int, settings: Settings) -> ScaleRow:
    encoder = _Encoder(drawn.dimension)
    with CorpusStore.open(folder, create=True) as store:
        _fill(store, drawn, passages)
        dense, _ = open_dense(store, encoder.describe(), settings)
        dense.save()
        dense = dense.followed(store)
        retriever = Retriever(store, dense, encoder, settings)
        questions = _questions(drawn, encoder)
        plain = _times(retriever, questions, None)
        filtered = _times(retriever, questions, Filters(since="2015", until="2022"))
        recall = _recall(store, retriever, list(encoder.known.values())[:30])
        added = []
        for number in range(5):
            new = _prepared(drawn, 10_000_000 + passages + number)
            started = _clock()
            store.put(new)
            dense = dense.followed(store)
            added.append((_clock() - started) * 1000)
        for number in range(5):
            store.remove(f"d{10_000_000 + passages + number}")
    disk = sum(
        file.stat().st_size
        for file in folder.iterdir()
        if file.name.startswith(("corpus", "dense"))
    )
    return ScaleRow(
        passages=passages,
        search_p50=plain[0],
        search_p95=plain[1],
        filtered_p50=filtered[0],
        filtered_p95=filtered[1],
        recall=recall,
        add_ms=float(np.median(added)),
        start_s=0.0,
        memory_mb=0.0,
        disk_bytes=disk / passages,
    )


def _start(folder: Path, dimension: int) -> tuple[float, float]:
    """Seconds to the first result and MB, in a process of its own."""
    command = [sys.executable, "-m", "eval.bench.scale", "--start", str(folder), str(dimension)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, memory = json.loads(said)
    return float(seconds), float(memory)


def _print_start(folder: Path, dimension: int) -> None:
    import faiss  # noqa: F401 - its own memory is none of the corpus's

    encoder = _Encoder(dimension)
    encoder.known["de1 de2"] = _unit(np.ones((1, dimension)))[0]
    before = _resident_mb()
    settings = Settings(corpus=folder)
    started = _clock()
    with CorpusStore.open(folder) as store:
        dense, _ = open_dense(store, encoder.describe(), settings)
        Retriever(store, dense, encoder, settings).search("de1 de2", 5, language="de")
    spent = _clock() - started
    print(json.dumps([spent, _resident_mb() - before]))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20


def _exponent(rows: Sequence[ScaleRow], name: str) -> float:
    """The slope of a line through the logarithms."""
    values = [float(getattr(row, name)) for row in rows]
    slope, _ = np.polyfit(np.log([row.passages for row in rows]), np.log(values), 1)
    return float(slope)


def _lines(rows: Sequence[ScaleRow]) -> Iterator[str]:
    yield (
        "| passages | search p50 / p95 | filtered p50 / p95 | recall@10 | add | start | memory | "
        "bytes a passage |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.passages:,} | {row.search_p50:.1f} / {row.search_p95:.1f} ms | "
            f"{row.filtered_p50:.1f} / {row.filtered_p95:.1f} ms | {row.recall:.3f} | "
            f"{row.add_ms:.1f} ms | {row.start_s:.2f} s | {row.memory_mb:.0f} MB | "
            f"{row.disk_bytes:.0f} |"
        )


def main() -> int:
    """Measure each size, each time with a larger corpus in the same folder."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--sizes", default="1000,10000,100000,1000000")
    arguments.add_argument("--like", type=Path, help="a corpus whose vectors are imitated")
    arguments.add_argument("--folder", type=Path, help="where to build it (default: temporary)")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--start", nargs=2, help=argparse.SUPPRESS)
    args = arguments.parse_args()
    if args.start is not None:
        _print_start(Path(args.start[0]), int(args.start[1]))
        return 0
    sizes = sorted(int(size) for size in args.sizes.split(","))
    if sizes[0] < _PASSAGES:
        raise UsageError(f"A size of {sizes[0]} is less than one document of {_PASSAGES}.")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch)
        drawn = Drawn(20, args.like)
        for size in sizes:
            row = _measure(folder, drawn, size, Settings(corpus=folder))
            start, memory = _start(folder, drawn.dimension)
            rows.append(ScaleRow(**{**asdict(row), "start_s": start, "memory_mb": memory}))
            print(list(_lines(rows))[-1], file=sys.stderr, flush=True)
    print(json.dumps([asdict(row) for row in rows]) if args.json else "\n".join(_lines(rows)))
    if len(rows) > 1:
        print(
            f"Exponents: search {_exponent(rows, 'search_p50'):.2f}, "
            f"add {_exponent(rows, 'add_ms'):.2f}",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
