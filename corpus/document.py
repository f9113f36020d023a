"""What a document and a passage are.

In: text that a loader has read. Out: immutable models whose offsets count characters of
``Document.text`` (Python string indices, not bytes). The invariant of the whole system is
``document.text[span.start:span.end]`` being exactly what is quoted; it can fail only if a
producer computes offsets on another text, which ``Passage.check`` detects.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from base.errors import BelegtError

Language = Literal["de", "en"]


class Span(BaseModel):
    """A half-open range of characters, ``text[start:end]``."""

    model_config = ConfigDict(frozen=True)

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Document(BaseModel):
    """One source as it was stored.

    ``date`` is ISO 8601, whole or shortened to year or year and month (``2025``, ``2025-06``,
    ``2025-06-13``), or None where none was found. ``path`` is the file it came from.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    source: str | None = None
    date: str | None = None
    language: Language
    text: str
    path: str
    metadata: dict[str, str] = Field(default_factory=dict)


class Passage(BaseModel):
    """A run of whole sentences of one document, the unit that is retrieved.

    ``sentences`` are spans in characters of the document's text, in order, without overlap,
    each within ``start:end``.
    """

    model_config = ConfigDict(frozen=True)

    document_id: str
    ordinal: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    sentences: tuple[Span, ...]

    def sentence_texts(self) -> list[str]:
        """The text of each sentence, as it stands in the document."""
        return [self.text[one.start - self.start : one.end - self.start] for one in self.sentences]

    def check(self, document: Document) -> None:
        """Raise BelegtError unless every offset fits ``document``'s text."""
        if document.text[self.start : self.end] != self.text:
            raise BelegtError(
                f"Passage {self.ordinal} of document '{self.document_id}' does not match the "
                "stored text; add the document again."
            )
        last = self.start
        for sentence in self.sentences:
            if not last <= sentence.start < sentence.end <= self.end:
                raise BelegtError(
                    f"Passage {self.ordinal} of document '{self.document_id}' has sentence offsets "
                    "outside its text; add the document again."
                )
            last = sentence.end
