from __future__ import annotations

import numpy as np
import pytest
from fakes import HashingEncoder
from samples import DOCUMENTS

from base.errors import UsageError
from base.settings import Settings
from corpus.filters import Filters
from corpus.store import CorpusStore
from index.build import Indexer, open_dense


class EnoughError(Exception):
    pass


def test_one_document_is_indexed_again_and_no_other(
    filled: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    before = {info.id: filled.passage_ids(only(info.id)).tolist() for info in filled.documents()}
    old = filled.vectors(before["anteil"])[1]
    counted: list[int] = []
    Indexer(filled, encoder, settings).reindex("anteil", counted.append)
    after = {info.id: filled.passage_ids(only(info.id)).tolist() for info in filled.documents()}
    assert sum(counted) == len(after["anteil"])
    assert after.pop("anteil") != before.pop("anteil")
    assert after == before
    assert np.array_equal(filled.vectors(filled.passage_ids(only("anteil")))[1], old)
    assert filled.document("anteil") == DOCUMENTS[0]
    assert open_dense(filled, encoder.describe())[0].count() == filled.passage_count()


def only(name: str) -> Filters:
    return Filters(documents=(name,))


def test_a_document_that_is_not_there_is_refused(
    filled: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    with pytest.raises(UsageError, match="no document 'nichts'"):
        Indexer(filled, encoder, settings).reindex("nichts")
    with pytest.raises(UsageError, match="was built by encoder"):
        Indexer(filled, HashingEncoder(name="other"), settings).reindex("anteil")


def test_an_interrupted_step_leaves_the_old_state(
    filled: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    def enough(_: int) -> None:
        raise EnoughError

    indexer = Indexer(filled, encoder, settings)
    generation = filled.generation
    with pytest.raises(EnoughError):
        indexer.reindex("anteil", enough)
    changed = DOCUMENTS[0].model_copy(update={"text": "Etwas ganz anderes steht nun hier."})
    with pytest.raises(EnoughError):
        indexer.add_documents([changed], enough)
    assert filled.generation == generation
    assert filled.document("anteil") == DOCUMENTS[0]
    assert open_dense(filled, encoder.describe())[1] is None
