"""What a question gets back.

In: nothing but values. Out: the models that the command line prints as JSON and later callers
build on. The names of their fields are a promise; others may join them.
"""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from corpus.document import Language


class Citation(BaseModel):
    """An exact span of a stored document: ``quote`` is ``text[start:end]`` of that document."""

    model_config = ConfigDict(frozen=True)

    marker: int = Field(ge=1, description="The number in square brackets in the answer's text.")
    document_id: str
    path: str
    title: str
    date: str | None
    source: str | None
    language: Language | None = Field(default=None, description="Of the document.")
    start: int = Field(ge=0, description="First character in the stored document's text.")
    end: int = Field(ge=0, description="One past the last character.")
    quote: str
    support: list[tuple[int, int]] = Field(
        default_factory=list,
        description="Spans in characters of the quote: the words that carry the statement.",
    )

    page: int | None = Field(
        None, ge=1, description="Page of the original on which the quote begins, from 1."
    )
    rectangles: list[tuple[float, float, float, float]] = Field(
        default_factory=list,
        description="Left, top, right, bottom on that page in points (1/72 inch) from its upper "
        "left corner, one for each line.",
    )
    sheet: str | None = Field(None, description="Sheet of the workbook.")
    cell: str | None = Field(
        None, description='First and last cell, such as "B7" or "B7:D7", of a sheet or table file.'
    )
    slide: int | None = Field(None, ge=1, description="Slide of the presentation, from 1.")
    message: str | None = Field(None, description="What names the message in a mailbox.")
    heading: list[str] = Field(
        default_factory=list, description="The headings above the quote, outermost first."
    )
    line: int | None = Field(None, ge=1, description="Line of the file in which the quote begins.")


class Timings(BaseModel):
    """Where the time went, in milliseconds, and how many tokens it bought."""

    model_config = ConfigDict(frozen=True)

    retrieval_ms: float = 0.0
    evidence_ms: float = 0.0
    prefill_ms: float = 0.0
    first_token_ms: float | None = None
    decode_ms: float = 0.0
    total_ms: float = 0.0
    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    output_tokens: int = 0


class ModelNames(BaseModel):
    """Which models were at work."""

    model_config = ConfigDict(frozen=True)

    encoder: str
    llm: str
    reader: str = Field(default="", description="Digest of the reader's adapter; empty: none.")


class ConflictValue(BaseModel):
    """What one source says where sources disagree; ``marker`` is that of its citation."""

    model_config = ConfigDict(frozen=True)

    value: str
    date: str | None
    source: str | None
    marker: int | None = Field(None, ge=1)


class Conflict(BaseModel):
    """Sources that disagree about one thing, each with its date."""

    model_config = ConfigDict(frozen=True)

    topic: str | None
    values: list[ConflictValue] = Field(min_length=2)


class Answer(BaseModel):
    """A question answered, or the statement that the documents do not hold the answer.

    ``text`` carries a marker such as ``[1]`` after every sentence; each resolves in
    ``citations``. With status ``not_found`` there are no citations, and ``nearest`` names the
    spans that came closest, which do not answer the question.
    """

    model_config = ConfigDict(frozen=True)

    id: str = Field(default_factory=lambda: uuid4().hex, description="Of this answer alone.")
    question: str
    rewritten: str | None = Field(
        default=None, description="The question as it was understood, where it leaned on others."
    )
    language: Language
    status: Literal["answered", "not_found"]
    text: str
    citations: list[Citation]
    confidence: float = Field(ge=0.0, le=1.0)
    timings: Timings
    models: ModelNames
    draft: str = Field(default="", description="What the model wrote, before it was checked.")
    nearest: list[Citation] = Field(default_factory=list)
    conflicts: list[Conflict] = Field(
        default_factory=list,
        description="Where sources disagree, the newest first.",
    )


class ShownPassage(BaseModel):
    """A passage as the reader sees it."""

    model_config = ConfigDict(frozen=True)

    document_id: str
    title: str
    date: str | None
    source: str | None
    text: str


class RetrievedEvent(BaseModel):
    """The search is done; so many passages were found, so many of their sentences will be read."""

    kind: Literal["retrieved"] = "retrieved"
    passages: int
    sentences: int
    evidence: list[ShownPassage] = Field(default_factory=list)


class TokenEvent(BaseModel):
    """Text of the sentence in progress, not yet checked."""

    kind: Literal["token"] = "token"
    text: str


class SentenceEvent(BaseModel):
    """A sentence that is checked and cited; it replaces the tokens since the last sentence."""

    kind: Literal["sentence"] = "sentence"
    text: str
    markers: list[int]
    citations: list[Citation] = Field(
        default_factory=list, description="Those that this sentence is the first to cite."
    )


class RetractedEvent(BaseModel):
    """The tokens since the last sentence found no support and are not part of the answer."""

    kind: Literal["retracted"] = "retracted"
    text: str


class DoneEvent(BaseModel):
    """The whole answer; always the last event."""

    kind: Literal["done"] = "done"
    answer: Answer


Event = RetrievedEvent | TokenEvent | SentenceEvent | RetractedEvent | DoneEvent
