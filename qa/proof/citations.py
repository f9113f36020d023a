"""Citations of one answer.

In: evidence sentences as statements come to rest on them. Out: numbered citations, one number
for each span, from 1 in order of first use. Nothing can fail: a marker exists only because a
span was added, so none can point nowhere.
"""

from __future__ import annotations

from corpus.document import Language
from index.evidence import Evidence, Sentence
from qa.pipeline.answer import Citation
from qa.proof.attribution import supporting_words


class CitationList:
    """Collects spans and gives them their markers."""

    def __init__(self) -> None:
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
        )
        return marker

    def all(self) -> list[Citation]:
        """The citations by rising marker."""
        return list(self._citations.values())
