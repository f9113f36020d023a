"""What every implementation of the dense seam must do, and what the files of FAISS must."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.change_log import last_position
from corpus.document import Document, Language, Passage, Span
from corpus.filters import Filters
from corpus.store import CorpusStore, Prepared
from index import faiss_index, quantised
from index.dense import DenseIndex, StaleIndexError
from index.faiss_index import FaissIndex, stored_manifest

DIMENSION = 8
FILE_FROM = 20
"""Passages from which on the FAISS of these tests has files."""


def unit(count: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def put(
    store: CorpusStore,
    name: str,
    vectors: np.ndarray,
    *,
    language: Language = "de",
    source: str | None = None,
    date: str | None = None,
) -> list[int]:
    """Store a document of as many passages as there are vectors."""
    text = "a " * len(vectors)
    spans = [(2 * n, 2 * n + 1) for n in range(len(vectors))]
    passages = [
        Passage(
            document_id=name,
            ordinal=n,
            start=start,
            end=end,
            text="a",
            sentences=(Span(start=start, end=end),),
        )
        for n, (start, end) in enumerate(spans)
    ]
    document = Document(
        id=name, title=name, source=source, date=date, language=language, text=text, path=name
    )
    return store.put(Prepared(document, name, passages, ["a"] * len(vectors), vectors))


@dataclass
class Backend:
    """An implementation over a store of its own."""

    store: CorpusStore
    make: Callable[[], DenseIndex]

    def index(self) -> DenseIndex:
        """An index of the present state, saved."""
        index = self.make()
        index.save()
        return index.followed(self.store)


def open_faiss(store: CorpusStore) -> DenseIndex:
    return FaissIndex.open(store, DIMENSION)


def open_faiss_with_files(store: CorpusStore) -> DenseIndex:
    return FaissIndex.open(store, DIMENSION, FILE_FROM)


def open_milvus_lite(store: CorpusStore) -> DenseIndex:
    pytest.importorskip("milvus_lite")
    from index.milvus_index import MilvusIndex

    return MilvusIndex.open(store, DIMENSION, f"milvus://{store.folder.resolve()}/milvus.db")


OPEN = [open_faiss, open_faiss_with_files, open_milvus_lite]


@pytest.fixture(params=OPEN, ids=lambda opened: opened.__name__)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened: list[DenseIndex] = []
    with CorpusStore.open(tmp_path / "corpus", create=True) as store:

        def make() -> DenseIndex:
            for one in opened:
                one.close()
            opened[:] = [request.param(store)]
            return opened[0]

        yield Backend(store, make)
        for one in opened:
            one.close()


def test_the_nearest_come_first(backend: Backend) -> None:
    vectors = unit(60)
    ids = np.asarray(put(backend.store, "a", vectors))
    found, scores = backend.index().search(vectors[7], 5)
    exact = vectors @ vectors[7]
    assert found.tolist() == ids[np.argsort(-exact)[:5]].tolist()
    assert np.allclose(scores, np.sort(exact)[::-1][:5], atol=1e-6)
    assert (found.dtype, scores.dtype) == (np.int64, np.float32)


FACTS: list[tuple[Language, str | None, str | None]] = [
    ("de", "Reuters", "2025-06-13"),
    ("de", None, "2025"),
    ("en", "Reuters", "2024-12"),
    ("en", 'an "odd" \\ name', None),
    ("de", "Bild", "2026-01-01"),
]
DATES = st.sampled_from([None, "2024", "2025", "2025-06", "2025-06-13", "2025-06-14", "2026"])
FILTERS = st.builds(
    Filters,
    since=DATES,
    until=DATES,
    sources=st.sampled_from([(), ("Reuters",), ("Reuters", 'an "odd" \\ name'), ("x' or 1",)]),
    languages=st.sampled_from([(), ("de",), ("en",), ("de", "en")]),
    documents=st.sampled_from([(), ("d0",), ("d1", "d3")]),
)


@given(filters=FILTERS, k=st.integers(1, 90))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_filter_narrows_and_changes_nothing_else(
    backend: Backend, filters: Filters, k: int
) -> None:
    if not backend.store.passage_count():
        for number, (language, source, date) in enumerate(FACTS):
            vectors = unit(12, seed=number)
            put(backend.store, f"d{number}", vectors, language=language, source=source, date=date)
        backend.index()
    index = backend.make()
    question = unit(1, seed=99)[0]
    ids, vectors = backend.store.vectors(backend.store.passage_ids(filters).tolist())
    order = np.argsort(-(vectors @ question)) if len(ids) else np.zeros(0, np.int64)
    assert index.search(question, k, filters)[0].tolist() == ids[order][:k].tolist()


def test_fewer_than_wanted_and_none(backend: Backend) -> None:
    assert backend.index().search(unit(1)[0], 5)[0].tolist() == []
    ids = put(backend.store, "a", unit(1))
    index = backend.index()
    assert index.search(unit(1)[0], 5)[0].tolist() == ids
    assert index.search(unit(1)[0], 5, Filters(documents=("b",)))[0].tolist() == []
    assert index.search(unit(1)[0], 5, Filters(languages=("en",)))[0].tolist() == []


def test_what_is_removed_or_replaced_is_gone(backend: Backend) -> None:
    vectors = unit(90)
    put(backend.store, "a", vectors[:30])
    gone = put(backend.store, "b", vectors[30:60])
    before = backend.index()
    backend.store.remove("b")
    new = put(backend.store, "a", vectors[60:])
    index = before.followed(backend.store)
    assert index.count() == 30
    for vector in vectors[::9]:
        assert set(index.search(vector, 90)[0].tolist()) == set(new)
    assert not set(new) & set(gone)
    again = backend.index()
    assert again.count() == 30
    assert set(again.search(vectors[0], 90)[0].tolist()) == set(new)


def test_every_language_is_counted(backend: Backend) -> None:
    put(backend.store, "a", unit(30))
    put(backend.store, "b", unit(3), language="en")
    index = backend.index()
    assert index.languages() == {"de": 30, "en": 3}
    assert (index.count(), index.count("en")) == (33, 3)
    backend.store.remove("b")
    assert backend.index().languages() == {"de": 30}


def test_it_describes_itself(backend: Backend) -> None:
    put(backend.store, "a", unit(40))
    found = backend.index().describe()
    assert (found.dimension, found.count) == (DIMENSION, 40)
    assert found.passage == last_position(backend.store).passage
    assert 0.9 <= found.recall <= 1.0


def test_who_searches_an_earlier_state_is_not_disturbed(backend: Backend) -> None:
    vectors = unit(40)
    old = put(backend.store, "a", vectors)
    before = backend.index()
    if not isinstance(before, FaissIndex):
        pytest.skip("Milvus searches the present state, as its module says")
    wanted = before.search(vectors[3], 9)
    for number in range(5):
        put(backend.store, f"b{number}", unit(30, seed=number))
        later = before.followed(backend.store)
        later.save()
    assert before.count() == len(old)
    assert before.search(vectors[3], 9)[0].tolist() == wanted[0].tolist()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CorpusStore]:
    with CorpusStore.open(tmp_path / "corpus", create=True) as opened:
        yield opened


def with_files(store: CorpusStore, passages: int = 60) -> FaissIndex:
    put(store, "a", unit(passages))
    index = FaissIndex.open(store, DIMENSION, FILE_FROM)
    index.save()
    return FaissIndex.open(store, DIMENSION, FILE_FROM)


def files_of(store: CorpusStore) -> list[Path]:
    return sorted(store.folder.glob("dense-*"))


def test_few_passages_need_no_file(store: CorpusStore) -> None:
    put(store, "a", unit(FILE_FROM))
    FaissIndex.open(store, DIMENSION, FILE_FROM).save()
    assert files_of(store) == []
    assert stored_manifest(store) is None


def test_a_file_of_every_language_and_only_what_came_later_beside_it(store: CorpusStore) -> None:
    put(store, "en", unit(3), language="en")
    index = with_files(store)
    assert [file.name.split("-")[1] for file in files_of(store)] == ["de", "en"]
    assert index.languages() == {"de": 60, "en": 3}
    manifest = stored_manifest(store)
    put(store, "b", unit(2, seed=5))
    later = index.followed(store)
    later.save()
    assert stored_manifest(store) == manifest
    assert later.count() == 65


def test_files_follow_what_came_and_went(store: CorpusStore) -> None:
    index = with_files(store)
    first = stored_manifest(store)
    put(store, "b", unit(25, seed=5))
    index = index.followed(store)
    index.save()
    second = stored_manifest(store)
    assert first is not None
    assert second is not None
    assert second.files[0].count == 85
    assert second.files[0].trained == first.files[0].trained
    assert [file.name for file in files_of(store)] == [second.files[0].name]
    store.remove("a")
    index = index.followed(store)
    index.save()
    third = stored_manifest(store)
    assert third is not None
    assert (third.files[0].count, third.files[0].trained) == (25, 25)
    assert third.removal == last_position(store).removal


@pytest.mark.parametrize("damage", ["missing", "torn", "record"])
def test_a_file_that_will_not_do_is_told(store: CorpusStore, damage: str) -> None:
    with_files(store)
    (file,) = files_of(store)
    if damage == "missing":
        file.unlink()
    elif damage == "torn":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        store.set_meta(faiss_index.META, "{}")
    with pytest.raises(StaleIndexError):
        FaissIndex.open(store, DIMENSION, FILE_FROM)


def test_an_interrupted_save_leaves_the_old_state(
    store: CorpusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = with_files(store)
    before = (stored_manifest(store), [file.name for file in files_of(store)])
    put(store, "b", unit(30, seed=5))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        index.followed(store).save()
    monkeypatch.undo()
    assert (stored_manifest(store), [file.name for file in files_of(store)]) == before
    assert FaissIndex.open(store, DIMENSION, FILE_FROM).count() == 90


def test_lists_hold_the_nearest_as_measured(tmp_path: Path) -> None:
    vectors = unit(3000)
    ids = np.arange(1, 3001, dtype=np.int64)

    def pieces() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for first in range(0, 3000, 700):
            yield ids[first : first + 700], vectors[first : first + 700]

    file = quantised.build(tmp_path, "de", pieces, 3000)
    opened = quantised.Quantised(tmp_path, file)
    assert file.recall >= quantised.RECALL
    assert file.probes < file.lists
    assert np.flatnonzero(opened.held).tolist() == ids.tolist()
    held = []
    for question in unit(50, seed=4):
        nearest = ids[np.argsort(-(vectors @ question))[:10]]
        held.append(np.isin(nearest, opened.search(question, 20, None, 1.0)).mean())
    assert np.mean(held) > 0.95
