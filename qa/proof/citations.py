"""Citations of one answer.

In: evidence sentences as statements come to rest on them, and what knows their places in the
originals. Out: numbered citations, one number for each span, from 1 in order of first use. Nothing
can fail: a marker exists only because a span was added, so none can point nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus.document import Language
from corpus.places import Provenance
from index.evidence import Evidence, Sentence
from qa.pipeline.answer import Citation
from qa.proof.support import supporting_words

Locate = Callable[[str, int, int], Provenance]


class CitationList:
    """Collects spans and gives them their markers.

    ``locate`` tells where a span of a document stands in its original
    (:meth:`corpus.store.CorpusStore.place_of`); without it citations have no place.
    """

    def __init__(self, locate: Locate | None = None) -> None:
        self._locate = locate
        self._citations: dict[tuple[str, int, int], Citation] = {}

    def add(
        self,
        evidence: Evidence,
        sentence: Sentence,
        statement: str = "",
        language: Language = "de",
    ) -> int:
        """Cite ``sentence`` for ``statement``; the marker it has from now on."""
        stored = evidence.stored
        key = (stored.passage.document_id, sentence.span.start, sentence.span.end)
        words = supporting_words(statement, language, sentence.text, stored.language)
        known = self._citations.get(key)
        if known is not None:
            merged = sorted(set(known.support) | set(words))
            self._citations[key] = known.model_copy(update={"support": merged})
            return known.marker
        marker = len(self._citations) + 1
        self._citations[key] = Citation(
            marker=marker,
            document_id=stored.passage.document_id,
            path=stored.path,
            title=stored.title,
            date=stored.date,
            source=stored.source,
            start=sentence.span.start,
            end=sentence.span.end,
            quote=sentence.text,
            support=words,
            **(place_fields(self._locate(*key)) if self._locate is not None else {}),
        )
        return marker

    def all(self) -> list[Citation]:
        """The citations by rising marker."""
        return list(self._citations.values())


def place_fields(place: Provenance) -> dict[str, Any]:
    """The fields of a citation that say where it stands; those that do not apply are left out."""
    fields: dict[str, Any] = {}
    if place.headings:
        fields["heading"] = list(place.headings)
    if place.pages:
        fields["page"] = place.pages[0].page
        fields["rectangles"] = list(place.pages[0].rectangles)
    if place.cells:
        first, last = place.cells[0], place.cells[-1]
        fields["sheet"] = first.sheet
        fields["cell"] = first.cell if first.cell == last.cell else f"{first.cell}:{last.cell}"
    if place.slides:
        fields["slide"] = place.slides[0]
    if place.message:
        fields["message"] = place.message
    if place.lines:
        fields["line"] = place.lines[0]
    return fields
