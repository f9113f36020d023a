"""A corpus for a cell, built once and reused.

In: a cell and settings. Out: an open store whose documents are the cell's. What can fail: an
absent set, or what the indexer raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from corpus.document import Document
from corpus.store import CorpusStore
from index.build import Indexer
from index.encoder import Encoder
from models.settings import Settings

# What a passage is made by; another value of any of these needs another corpus.
_MAKERS = ("passage_tokens", "passage_overlap")


def open_corpus(
    name: str, documents: Sequence[Document], encoder: Encoder, settings: Settings, folder: Path
) -> CorpusStore:
    """The corpus of ``documents`` under ``folder``; unchanged documents are not encoded again."""
    made = {key: getattr(settings, key) for key in _MAKERS}
    facts = f"{made} {encoder.describe().digest} {[document.id for document in documents]}"
    key = hashlib.sha256(facts.encode()).hexdigest()[:12]
    store = CorpusStore.open(folder / f"{name}-{key}", create=True)
    if len(store.documents()) < len(documents):
        Indexer(store, encoder, settings).add_documents(documents)
    return store
