from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dense import FILE, DenseIndex, FaissIndex, StaleIndexError

DIMENSION = 8
BACKENDS: list[Callable[[int], DenseIndex]] = [FaissIndex]

backends = pytest.mark.parametrize("make", BACKENDS)


def unit(count: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def numbers(*ids: int) -> np.ndarray:
    return np.asarray(ids, dtype=np.int64)


@backends
def test_the_nearest_come_first(make: Callable[[int], DenseIndex]) -> None:
    index, vectors = make(DIMENSION), unit(20)
    ids = np.arange(100, 120, dtype=np.int64)
    index.add(ids, vectors)
    found, scores = index.search(vectors[7], 5)
    exact = vectors @ vectors[7]
    assert found.tolist() == (100 + np.argsort(-exact)[:5]).tolist()
    assert np.allclose(scores, np.sort(exact)[::-1][:5], atol=1e-6)
    assert (found.dtype, scores.dtype) == (np.int64, np.float32)


@backends
@given(data=st.data())
@settings(max_examples=30)
def test_a_filter_narrows_and_changes_nothing_else(
    make: Callable[[int], DenseIndex], data: st.DataObject
) -> None:
    index, vectors = make(DIMENSION), unit(30, seed=3)
    index.add(np.arange(30, dtype=np.int64), vectors)
    allowed = data.draw(st.lists(st.integers(0, 40), unique=True, max_size=40))
    k = data.draw(st.integers(1, 50))
    found, _ = index.search(vectors[0], k, numbers(*allowed))
    order = np.argsort(-(vectors @ vectors[0]))
    assert found.tolist() == [number for number in order if number in allowed][:k]


@backends
def test_fewer_than_wanted_and_none(make: Callable[[int], DenseIndex]) -> None:
    index = make(DIMENSION)
    assert index.search(unit(1)[0], 5)[0].tolist() == []
    index.add(numbers(), np.zeros((0, DIMENSION), np.float32))
    assert index.count() == 0
    index.add(numbers(4), unit(1))
    assert index.search(unit(1)[0], 5)[0].tolist() == [4]
    assert index.search(unit(1)[0], 5, numbers())[0].tolist() == []


@backends
def test_deleted_passages_are_gone(make: Callable[[int], DenseIndex]) -> None:
    index, vectors = make(DIMENSION), unit(3)
    index.add(numbers(1, 2, 3), vectors)
    index.delete([2, 99])
    index.delete([])
    assert index.count() == 2
    assert 2 not in index.search(vectors[1], 3)[0].tolist()


@backends
def test_it_describes_itself(make: Callable[[int], DenseIndex], tmp_path: Path) -> None:
    index = make(DIMENSION)
    index.add(numbers(1, 2), unit(2))
    index.save(tmp_path, "name", 7)
    found = index.describe()
    assert (found.dimension, found.count) == (DIMENSION, 2)
    assert (found.identity, found.generation) == ("name", 7)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    index = FaissIndex(DIMENSION)
    index.add(numbers(5, 6), unit(2))
    index.save(tmp_path, "name", 7)
    return tmp_path


def test_a_saved_index_answers_as_before(saved: Path) -> None:
    index = FaissIndex.load(saved, "name", 7)
    found, scores = index.search(unit(2)[1], 2)
    assert found[0] == 6
    assert scores[0] == pytest.approx(1.0, abs=1e-6)
    index.add(numbers(9), unit(1, seed=5))
    index.delete([5])
    assert index.count() == 2


def test_an_empty_index_can_be_saved(tmp_path: Path) -> None:
    FaissIndex(DIMENSION).save(tmp_path, "name", 0)
    assert FaissIndex.load(tmp_path, "name", 0).count() == 0


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StaleIndexError, match="missing"):
        FaissIndex.load(tmp_path, "name", 7)


@pytest.mark.parametrize(("identity", "generation"), [("name", 8), ("name", 6), ("other", 7)])
def test_another_state_or_another_database_is_told(
    saved: Path, identity: str, generation: int
) -> None:
    with pytest.raises(StaleIndexError, match="another state"):
        FaissIndex.load(saved, identity, generation)


def test_a_torn_file_is_told_wherever_it_tore(saved: Path) -> None:
    whole = (saved / FILE).read_bytes()
    for length in range(0, len(whole), 7):
        (saved / FILE).write_bytes(whole[:length])
        with pytest.raises(StaleIndexError):
            FaissIndex.load(saved, "name", 7)


@given(st.data())
@settings(max_examples=50)
def test_a_flipped_byte_is_never_believed(data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = FaissIndex(DIMENSION)
        index.add(numbers(5, 6), unit(2))
        index.save(folder, "name", 7)
        whole = bytearray((folder / FILE).read_bytes())
        body = whole.index(b"\n") + 1
        whole[data.draw(st.integers(body, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
        (folder / FILE).write_bytes(whole)
        with pytest.raises(StaleIndexError, match="damaged"):
            FaissIndex.load(folder, "name", 7)


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[]\nx", b"\xff\xfe\n", b"null\n"])
def test_a_file_that_is_no_index_is_told(saved: Path, content: bytes) -> None:
    (saved / FILE).write_bytes(content)
    with pytest.raises(StaleIndexError):
        FaissIndex.load(saved, "name", 7)


def test_an_interrupted_save_leaves_the_old_file(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    index = FaissIndex(DIMENSION)
    with pytest.raises(KeyboardInterrupt):
        index.save(saved, "name", 8)
    assert [file.name for file in saved.iterdir()] == [FILE]
    assert FaissIndex.load(saved, "name", 7).count() == 2
