from __future__ import annotations

import pytest
from fakes import HashingEncoder
from samples import DOCUMENTS, document

from base.settings import Settings
from corpus.cache_folder import FOLDER, kept_bytes, kept_count, kept_folder
from corpus.store import CorpusStore
from index.build import Indexer


def keep(store: CorpusStore, document_id: str) -> None:
    folder = kept_folder(store.folder, document_id)
    folder.mkdir(parents=True)
    (folder / "passage.state").write_bytes(bytes(100))


@pytest.fixture
def kept(filled: CorpusStore) -> CorpusStore:
    for one in DOCUMENTS:
        keep(filled, one.id)
    return filled


def test_what_was_computed_goes_with_its_document(
    kept: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    gone, *others = DOCUMENTS
    Indexer(kept, encoder, settings).remove(gone.id)
    assert not kept_folder(kept.folder, gone.id).exists()
    assert all(kept_folder(kept.folder, one.id).exists() for one in others)
    assert kept_bytes(kept.folder) == 100 * len(others)
    assert kept_count(kept.folder) == len(others)


def test_what_was_computed_goes_when_its_document_changes(
    kept: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    changed = document(DOCUMENTS[0].id, "Ein ganz neuer Text. Er hat zwei Sätze.")
    Indexer(kept, encoder, settings).add_documents([changed])
    assert not kept_folder(kept.folder, changed.id).exists()
    assert kept_bytes(kept.folder) == 100 * (len(DOCUMENTS) - 1)


def test_what_did_not_change_is_kept(
    kept: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    Indexer(kept, encoder, settings).add_documents(DOCUMENTS)
    assert kept_bytes(kept.folder) == 100 * len(DOCUMENTS)


def test_no_document_reaches_outside(settings: Settings) -> None:
    folder = kept_folder(settings.corpus, "../../etc/passwd")
    assert folder.parent == settings.corpus / FOLDER
