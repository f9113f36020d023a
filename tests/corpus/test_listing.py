from __future__ import annotations

import sqlite3
from pathlib import Path

from fakes import HashingEncoder
from samples import document

from base.settings import Settings
from corpus.filters import Filters
from corpus.store import CorpusStore
from index.build import Indexer


def ids(store: CorpusStore, words: str = "", after: str = "", limit: int = -1) -> list[str]:
    return [one.id for one in store.listed(Filters(), words, after, limit)]


def test_documents_are_listed_by_id_from_any_place(filled: CorpusStore) -> None:
    every = ["anteil", "gruendung", "layoffs", "valuation"]
    assert ids(filled) == every
    assert ids(filled, limit=2) == every[:2]
    assert ids(filled, after="gruendung") == every[2:]
    assert ids(filled, after="h", limit=1) == ["layoffs"]
    assert filled.listed_count(Filters()) == 4


def test_words_are_found_whatever_their_case_and_mean_themselves(filled: CorpusStore) -> None:
    assert ids(filled, "GRÜNDUNG") == ["gruendung"]
    assert ids(filled, "anteil.TXT") == ["anteil"]
    assert ids(filled, "%") == ids(filled, "_") == ids(filled, "'") == []
    assert filled.listed_count(Filters(languages=("en",)), "a") == 2


def test_a_listed_document_says_when_it_was_stored_and_what_it_holds(filled: CorpusStore) -> None:
    (one,) = filled.listed(Filters(documents=("anteil",)))
    assert one.digest == filled.digest("anteil")
    assert one.added.endswith("+00:00")
    (info,) = (info for info in filled.documents() if info.id == "anteil")
    assert (one.passages, one.characters) == (info.passages, info.characters)


def test_a_document_indexed_again_keeps_its_day_and_a_new_text_does_not(
    filled: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    age(settings.corpus)
    indexer = Indexer(filled, encoder, settings)
    indexer.reindex("anteil")
    assert filled.listed(Filters(documents=("anteil",)))[0].added == "2020-01-01"
    indexer.add_documents([document("anteil", "Nun steht hier etwas anderes.")])
    assert filled.listed(Filters(documents=("anteil",)))[0].added > "2025"


def age(folder: Path) -> None:
    with sqlite3.connect(folder / "corpus.sqlite") as connection:
        connection.execute("UPDATE documents SET added = '2020-01-01'")
    connection.close()


def test_a_durable_connection_syncs_each_transaction(filled: CorpusStore) -> None:
    filled.make_durable()
    assert filled._connection.execute("PRAGMA synchronous").fetchone() == (2,)
