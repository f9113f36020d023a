"""What programs may do with a corpus by the Model Context Protocol: ask, search, read, list.

In: settings, and the arguments of a tool. Out: values that say whether something was found. What
can fail, as BelegtError or ProblemError with one sentence: no corpus, a model that cannot be
loaded, an unknown document, a span that is none. "Nothing found" is no error. Nothing is ever
changed.

The models are loaded with the first question or search, and not at all where a server of the same
corpus runs that would answer alike (:mod:`qa.api.server_discovery`).
"""

from __future__ import annotations

import threading
import time
from typing import Literal

from pydantic import BaseModel, Field

from base.errors import BelegtError
from base.settings import Settings
from corpus.document import Language
from corpus.filters import Filters
from corpus.store import CorpusStore
from qa.api.app_state import LoadModels, Service
from qa.api.documents import DocumentSpan, document_span
from qa.api.server_client import ServedAssistant
from qa.api.server_discovery import find_server
from qa.pipeline.answer import Answer, Citation, Conflict, DoneEvent
from qa.pipeline.options import AskOptions

MOST_DOCUMENTS = 200
"""So many documents are listed at once."""


class AskResult(BaseModel):
    """An answer. With status ``not_found`` the documents do not answer the question."""

    status: Literal["answered", "not_found"]
    text: str = Field(description="Every sentence ends with markers such as [1].")
    language: Language
    confidence: float
    citations: list[Citation] = Field(description="What the markers stand for, exact spans.")
    conflicts: list[Conflict] = Field(description="Where sources disagree.")
    nearest: list[Citation] = Field(
        description="Where nothing was found: what came nearest, which is no answer."
    )


class FoundPassage(BaseModel):
    """A passage; ``text`` is ``[start:end]`` of the document's text."""

    document_id: str
    title: str
    date: str | None
    source: str | None
    start: int
    end: int
    text: str
    score: float


class SearchResult(BaseModel):
    """Passages, best first; none where no document passes the filters."""

    status: Literal["found", "nothing_found"]
    passages: list[FoundPassage]


class ListedFacts(BaseModel):
    """A document."""

    document_id: str
    title: str
    date: str | None
    source: str | None
    language: Language
    characters: int


class ListResult(BaseModel):
    """Documents by id; ``next`` is the ``after`` of the following ones, null at the end."""

    status: Literal["found", "nothing_found"]
    documents: list[ListedFacts]
    total: int
    next: str | None


class CorpusTools:
    """The tools over the corpus of ``settings``. Safe to use from many threads."""

    def __init__(self, settings: Settings, load: LoadModels) -> None:
        self._settings = settings
        self._load = load
        self._lock = threading.Lock()
        self._service: Service | None = None

    def ask(self, question: str, filters: Filters, language: Language | None) -> AskResult:
        """The answer to ``question``."""
        answer = self._answer(question, filters, language)
        return AskResult(
            status=answer.status,
            text=answer.text,
            language=answer.language,
            confidence=answer.confidence,
            citations=answer.citations,
            conflicts=answer.conflicts,
            nearest=answer.nearest,
        )

    def search(self, question: str, filters: Filters, limit: int) -> SearchResult:
        """At most ``limit`` passages that an answer would be drawn from."""
        with self._loaded().assistant() as assistant:
            retrieval = assistant.search(question, AskOptions(top_k=limit, filters=filters))
        passages = [
            FoundPassage(
                document_id=passage.stored.passage.document_id,
                title=passage.stored.title,
                date=passage.stored.date,
                source=passage.stored.source,
                start=passage.stored.passage.start,
                end=passage.stored.passage.end,
                text=passage.stored.passage.text,
                score=passage.score,
            )
            for passage in retrieval.passages
        ]
        return SearchResult(status="found" if passages else "nothing_found", passages=passages)

    def read_span(self, document_id: str, start: int, end: int, context: int) -> DocumentSpan:
        """What stands from ``start`` to ``end`` of a document, and around it."""
        with CorpusStore.open(self._settings.corpus) as store:
            return document_span(store.document(document_id), start, end, context)

    def list_documents(self, words: str, filters: Filters, after: str, limit: int) -> ListResult:
        """Documents whose title or path holds ``words``, those behind ``after``."""
        with CorpusStore.open(self._settings.corpus) as store:
            listed = store.listed(filters, words, after, limit + 1)
            total = store.listed_count(filters, words)
        documents = [
            ListedFacts(
                document_id=document.id,
                title=document.title,
                date=document.date,
                source=document.source,
                language=document.language,
                characters=document.characters,
            )
            for document in listed[:limit]
        ]
        return ListResult(
            status="found" if documents else "nothing_found",
            documents=documents,
            total=total,
            next=documents[-1].document_id if len(listed) > limit else None,
        )

    def close(self) -> None:
        """Free the models, if they were loaded."""
        with self._lock:
            if self._service is not None:
                self._service.close()
                self._service = None

    def _answer(self, question: str, filters: Filters, language: Language | None) -> Answer:
        deadline = time.monotonic() + self._settings.answer_seconds
        options = AskOptions(language=language, filters=filters, deadline=deadline)
        running = None if self._service is not None else find_server(self._settings)
        if running is None:
            with self._loaded().assistant() as assistant:
                return assistant.ask(question, options)
        for event in ServedAssistant(running).stream(question, options):
            if isinstance(event, DoneEvent):
                return event.answer
        raise BelegtError("The answer ended early; ask again.")

    def _loaded(self) -> Service:
        with self._lock:
            if self._service is None:
                # Opened first: where there is no corpus, models need not be loaded to say so.
                CorpusStore.open(self._settings.corpus).close()
                service = Service(self._settings, self._load, read_ahead=False)
                service.start(wait=True)
                self._service = service
            return self._service
