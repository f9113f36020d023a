from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from test_store import make, prepare

from corpus import change_log
from corpus.change_log import Facts, entries_after, forget_removals, last_position, removed_after
from corpus.filters import Filters
from corpus.store import CorpusStore


def test_what_is_new_and_what_is_gone(store: CorpusStore) -> None:
    first = store.put(prepare(make("a", source="Reuters", date="2025-06")))
    second = store.put(prepare(make("b")))
    (piece,) = entries_after(store, 0)
    assert piece.ids.tolist() == [*first, *second]
    assert piece.vectors.tolist() == store.vectors()[1].tolist()
    assert piece.facts[0] == Facts("a", "de", "Reuters", "2025-06")
    position = last_position(store)
    assert list(entries_after(store, position.passage)) == []
    again = store.put(prepare(make("a", "Nun steht hier ein Elefant.")))
    store.remove("b")
    (piece,) = entries_after(store, position.passage)
    assert piece.ids.tolist() == again
    gone, last = removed_after(store, position.removal)
    assert gone.tolist() == [*first, *second]
    assert last == last_position(store).removal
    forget_removals(store, last)
    assert removed_after(store, 0)[0].tolist() == []
    assert last_position(store).removal == last


def test_passages_come_in_pieces(store: CorpusStore, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [number for name in "abcde" for number in store.put(prepare(make(name)))]
    monkeypatch.setattr(change_log, "_PIECE", 3)
    pieces = list(entries_after(store, ids[1]))
    assert [len(piece.ids) for piece in pieces] == [3, 3, 2]
    assert [number for piece in pieces for number in piece.ids.tolist()] == ids[2:]


def test_threads_ask_by_connections_of_their_own(store: CorpusStore) -> None:
    store.put(prepare(make("a")))
    with store.transaction():
        store.put(prepare(make("b")))
        assert store.passage_count() == 4
        with ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(lambda _: len(store.passage_ids(Filters())), range(4)))
        assert counts == [2] * 4, "others see whole changes only"
    assert store.passage_count() == 4
