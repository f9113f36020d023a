"""Whether the questions of a set fit its documents.

In: every question, then every document, one at a time; no text of a document is kept. Out: for
names of documents that are not ids, the id each stands for. What can fail, each one sentence
with file and line: a question that comes twice, a document that is not there or that two files
could be, an answer that does not stand where it is said to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from base.errors import UsageError
from corpus.document import Document, Language
from eval.readers import FoundDocument, FoundQuestion
from eval.readers.source import GoldSpan, span_fault


@dataclass
class _Named:
    """A name that questions use: where first, which answers it holds, which documents fit it.

    ``fitting``: by document id, the first fault in the answers, if any.
    """

    place: str
    question: str
    spans: list[tuple[str, GoldSpan]] = field(default_factory=list)
    fitting: dict[str, str | None] = field(default_factory=dict)


class Check:
    """Hears all questions, then reads all documents.

    ``held``: language of the documents, None for both; where a question's is another, its answers
    are not theirs to hold.
    """

    def __init__(self, held: Language | None) -> None:
        self.count = 0
        self._held = held
        self._ids: set[str] = set()
        self._named: dict[str, _Named] = {}

    def hear(self, found: FoundQuestion) -> None:
        """Take note of a question; raises UsageError if its id came before."""
        question = found.question
        if question.id in self._ids:
            raise UsageError(
                f"{found.place}: the question id '{question.id}' comes a second time; give every "
                "question an id of its own."
            )
        self._ids.add(question.id)
        self.count += 1
        for name in (*question.relevant, *question.within):
            place = found.places.get(name, found.place)
            self._named.setdefault(name, _Named(place, question.id))
        if self._held in (None, question.language):
            for span in found.spans:
                self._named[span.document_id].spans.append((found.place, span))

    def read(self, documents: Iterable[Document]) -> dict[str, str]:
        """Compare with all ``documents``; returns the id of each name that is not one."""
        for document in documents:
            for name in {document.id, PurePosixPath(document.id).name}:
                named = self._named.get(name)
                if named is not None:
                    named.fitting[document.id] = _fault(named.spans, document)
        meant = {name: _meant(name, named) for name, named in self._named.items()}
        return {name: document for name, document in meant.items() if name != document}


def _meant(name: str, named: _Named) -> str:
    start = f"{named.place}: question '{named.question}' names the document '{name}'"
    if not named.fitting:
        raise UsageError(f"{start}, which is not among the set's documents; mend the name.")
    if name not in named.fitting and len(named.fitting) > 1:
        raise UsageError(f"{start}, which could be {' or '.join(named.fitting)}; write the path.")
    document = name if name in named.fitting else next(iter(named.fitting))
    fault = named.fitting[document]
    if fault is not None:
        raise UsageError(fault)
    return document


def _fault(spans: list[tuple[str, GoldSpan]], document: Document) -> str | None:
    faults = (span_fault(place, span, document.text) for place, span in spans)
    return next(filter(None, faults), None)


def unique(documents: Iterable[FoundDocument]) -> Iterator[Document]:
    """The documents; raises UsageError where an id comes a second time."""
    ids: set[str] = set()
    for found in documents:
        if found.document.id in ids:
            raise UsageError(
                f"{found.place}: the document id '{found.document.id}' comes a second time; give "
                "every document an id of its own."
            )
        ids.add(found.document.id)
        yield found.document
