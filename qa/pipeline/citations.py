"""Citations of one answer.

In: spans that the reader found, as statements come to rest on them. Out: numbered citations, one
number for each cited stretch, from 1 in order of first use. Nothing can fail: a marker exists only
because a span was added, so none can point nowhere.

What is cited is the stored text of the sentences in which the answer's words stand, from the first
to the last; ``support`` marks the words themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from corpus.document import Span
from corpus.places import Provenance
from corpus.store import StoredPassage, Vectors
from qa.pipeline.answer import Citation
from qa.pipeline.extract import FoundSpan

Locate = Callable[[str, int, int], Provenance]
"""Where a span of a document stands in its original: id, first character, end."""


class CitationList:
    """Collects spans and gives them their markers."""

    def __init__(self, locate: Locate | None = None) -> None:
        """Without ``locate`` citations have no place in their originals."""
        self._locate = locate
        self._citations: dict[tuple[str, int, int], Citation] = {}

    def add(self, span: FoundSpan) -> int:
        """Cite the sentences of ``span``; the marker they have from now on."""
        cited = Span(start=span.sentences[0].stored.start, end=span.sentences[-1].stored.end)
        words = [(word.start - cited.start, word.end - cited.start) for word in span.words]
        return self._add(span.stored, cited, words)

    def add_passage(self, stored: StoredPassage, vector: Vectors) -> int:
        """Cite the sentence of a passage that is nearest to a question's unit ``vector``."""
        place = 0
        if stored.sentence_vectors is not None:
            place = int(np.argmax(stored.sentence_vectors @ vector))
        return self._add(stored, stored.passage.sentences[place], [])

    def all(self) -> list[Citation]:
        """The citations by rising marker."""
        return list(self._citations.values())

    def _add(self, stored: StoredPassage, cited: Span, words: list[tuple[int, int]]) -> int:
        passage = stored.passage
        key = (passage.document_id, cited.start, cited.end)
        known = self._citations.get(key)
        if known is not None:
            merged = sorted(set(known.support) | set(words))
            self._citations[key] = known.model_copy(update={"support": merged})
            return known.marker
        marker = len(self._citations) + 1
        self._citations[key] = Citation(
            marker=marker,
            document_id=passage.document_id,
            path=stored.path,
            title=stored.title,
            date=stored.date,
            source=stored.source,
            language=stored.language,
            start=cited.start,
            end=cited.end,
            quote=passage.text[cited.start - passage.start : cited.end - passage.start],
            support=words,
            **(place_fields(self._locate(*key)) if self._locate is not None else {}),
        )
        return marker


def place_fields(place: Provenance) -> dict[str, Any]:
    """The fields of a citation that say where it stands; those that do not apply are left out.

    Of a span over several pages, slides or lines the first is named, with the rectangles there.
    """
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
