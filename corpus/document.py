"""What a document and a passage are.

In: text that a loader has read. Out: immutable models whose offsets count characters of
``Document.text`` (Python string indices, not bytes). The invariant of the whole system is
``document.text[span.start:span.end]`` being exactly what is quoted; it can fail only if a
producer computes offsets on another text, which ``Passage.check`` detects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from base.errors import BelegtError
from corpus.loaded import Role, Style
from corpus.places import PlaceMap
from corpus.readings import Reading, reading

Language = Literal["de", "en"]
PassageRole = Literal["text", "furniture"]


class Span(BaseModel):
    """A half-open range of characters, ``text[start:end]``."""

    model_config = ConfigDict(frozen=True)

    start: int = Field(ge=0)
    end: int = Field(ge=0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a region that is not plain text; offsets in the document's text."""

    start: int
    end: int
    style: Style


@dataclass(frozen=True, slots=True)
class Region:
    """A block of the stored text: what :class:`corpus.loaded.Block` was, by offsets.

    Between two regions lies white space only. All offsets count characters of the document's text.
    """

    start: int
    """First character."""
    end: int
    """Behind the last character."""
    role: Role = "paragraph"
    """What it is."""
    level: int = 0
    """Of a heading 1 (outermost) to 9, of a list item its depth from 1, else 0."""
    table: int | None = None
    """A number that the rows of one table, or the items of one list, share."""
    cells: tuple[tuple[int, int], ...] = ()
    """Of a row: the span of each cell; an empty one has start == end."""
    headers: tuple[str, ...] = ()
    """Of a row: the header of each cell's column, where the format itself states it."""
    reason: str = ""
    """Why it is furniture or hidden."""
    path: tuple[str, ...] | None = None
    """The headings above it, where they do not follow from the headings before it."""
    marks: tuple[Mark, ...] = ()
    """Footnotes' marks, struck-out text, addresses of links and unsure words within it."""


class Document(BaseModel):
    """One source as it was stored."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    id: str = Field(description="What names it in this corpus; stays when its file moves")
    title: str = Field(description="As its file states it, else its first heading")
    source: str | None = Field(None, description="Who published it")
    date: str | None = Field(
        None,
        description="ISO 8601, whole or shortened (2025, 2025-06, 2025-06-13); None where nothing "
        "states it",
    )
    language: Language = Field(description="Of its text")
    text: str = Field(description="All of its text, as it stands in the file")
    path: str = Field(description="The file it came from")
    metadata: dict[str, str] = Field(
        default_factory=dict, description="Whatever else its file states of it"
    )
    regions: SkipValidation[tuple[Region, ...]] = Field(
        (),
        repr=False,
        exclude=True,
        description="The blocks of the text; empty: they are found in the text",
    )
    places: SkipValidation[PlaceMap | None] = Field(
        None,
        repr=False,
        exclude=True,
        description="Where each character stands in the original, if known",
    )
    warnings: tuple[str, ...] = Field(
        (),
        repr=False,
        exclude=True,
        description="What was odd in its file, a sentence each; told once, not stored",
    )


class SentenceContext(BaseModel):
    """What a sentence of a passage needs to be read by itself."""

    model_config = ConfigDict(frozen=True)

    headings: tuple[str, ...] = Field((), description="Headings above it, outermost first")
    pieces: tuple[tuple[str, int, int], ...] = Field(
        (),
        description="How it reads, where that is not just its text: words, and the span of the "
        "document's text they stand for (start == end: put in for the reader)",
    )


class Passage(BaseModel):
    """A run of whole sentences of one document, the unit that is retrieved."""

    model_config = ConfigDict(frozen=True)

    document_id: str
    ordinal: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str = Field(description="The document's text from start to end")
    sentences: tuple[Span, ...] = Field(
        description="Spans in characters of the document's text, in order, without overlap, each "
        "within start:end; a heading, a list item, a table row is a sentence"
    )
    role: PassageRole = Field(
        "text", description="Furniture (navigation, page headers ...) is weaker evidence"
    )
    contexts: tuple[SentenceContext, ...] = Field(
        (), description="One for each sentence, or none at all where none has any"
    )

    def sentence_texts(self) -> list[str]:
        """The text of each sentence, as it stands in the document."""
        return [
            self.text[sentence.start - self.start : sentence.end - self.start]
            for sentence in self.sentences
        ]

    def readings(self) -> list[Reading]:
        """How each sentence is read by a model and compared with others."""
        contexts = self.contexts or (None,) * len(self.sentences)
        return [
            reading(text, sentence.start, context.pieces if context else ())
            for text, sentence, context in zip(
                self.sentence_texts(), self.sentences, contexts, strict=True
            )
        ]

    def headings(self) -> list[tuple[str, ...]]:
        """The headings above each sentence, outermost first."""
        contexts = self.contexts or (SentenceContext(),) * len(self.sentences)
        return [context.headings for context in contexts]

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
