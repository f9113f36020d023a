"""belegt's own corpus and search, for systems that differ in the reading only.

In: settings; documents, once for each corpus; questions. Out: passages and documents as belegt
finds them: the same encoder, the same passages, the same hybrid search. What can fail: a missing
encoder, or what the indexer raises, each one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from base.settings import Settings
from corpus.document import Document
from corpus.filters import Filters
from corpus.store import CorpusStore, StoredPassage
from eval.question import Question
from eval.record import Ranked

if TYPE_CHECKING:
    from index.encoder import Encoder
    from index.retriever import Retrieved, Retriever

# Passages searched to rank documents, of which several may belong to one document.
_PASSAGES_A_DOCUMENT = 2


class HybridCorpus:
    """One corpus at a time, kept in its folder for the next run."""

    def __init__(self, encoder: Encoder, settings: Settings) -> None:
        self._encoder = encoder
        self._settings = settings
        self._store: CorpusStore | None = None
        self._retriever: Retriever | None = None

    def prepare(self, documents: Iterable[Document], folder: Path) -> None:
        """Open the corpus in ``folder``, adding the ``documents`` that are not there yet."""
        from index.build import Indexer, open_dense
        from index.retriever import Retriever

        self.close()
        self._store = CorpusStore.open(folder, create=True)
        Indexer(self._store, self._encoder, self._settings).add_documents(documents)
        dense, _ = open_dense(self._store, self._encoder.describe())
        self._retriever = Retriever(self._store, dense, self._encoder, self._settings)

    @property
    def retriever(self) -> Retriever:
        """belegt's own search over the corpus that is open."""
        assert self._retriever is not None, "prepare comes first"
        return self._retriever

    def passages(self, question: Question, count: int) -> list[StoredPassage]:
        """The ``count`` best passages, best first; fewer where there are fewer."""
        return [one.stored for one in self._search(question, count)]

    def ranking(self, question: Question, depth: int) -> tuple[Ranked, ...]:
        """The ``depth`` best documents, each at the score of its best passage."""
        best: dict[str, float] = {}
        for passage in self._search(question, depth * _PASSAGES_A_DOCUMENT):
            best.setdefault(passage.stored.passage.document_id, passage.score)
        ranked = [Ranked(document_id=name, score=score) for name, score in best.items()]
        return tuple(ranked[:depth])

    def text(self, document_id: str) -> str:
        """The stored text that offsets count in."""
        assert self._store is not None, "prepare comes first"
        return self._store.document(document_id).text

    def _search(self, question: Question, count: int) -> list[Retrieved]:
        filters = filters_of(question)
        found = self.retriever.search(question.text, count, filters, language=question.language)
        return found.passages

    def close(self) -> None:
        """Close the corpus, if one is open."""
        if self._store is not None:
            self._store.close()
        self._store = self._retriever = None


def filters_of(question: Question) -> Filters:
    """The documents that ``question`` may be answered from."""
    return Filters(documents=question.within)
