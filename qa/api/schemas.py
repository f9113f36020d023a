"""What the native API takes and gives, beside :mod:`qa.pipeline.answer`.

In: nothing but values. Out: models that are checked on the way in and described in the OpenAPI
document on the way out.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from corpus.document import Language
from corpus.filters import Filters

Identifier = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Day = Annotated[
    str,
    StringConstraints(
        pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$", max_length=10
    ),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Strict(BaseModel):
    """A body in which an unknown field is refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FilterFields(Strict):
    """Which documents are looked at; dates are ISO, whole or shortened to year or month."""

    since: Day | None = Field(None, examples=["2025-06"])
    until: Day | None = Field(None, examples=["2025-12-31"])
    sources: list[Name] = Field(default_factory=list, max_length=50)
    languages: list[Language] = Field(default_factory=list, max_length=2)
    documents: list[Name] = Field(default_factory=list, max_length=500)

    def filters(self) -> Filters:
        """The same for a search; UsageError for a day that the calendar does not have."""
        return Filters(
            since=self.since,
            until=self.until,
            sources=tuple(self.sources),
            languages=tuple(self.languages),
            documents=tuple(self.documents),
        )


class SearchRequest(Strict):
    """A search without an answer."""

    question: str = Field(min_length=1, max_length=100_000, examples=["Wer gründete Scale AI?"])
    language: Language | None = Field(None, description="Of the question; found where not given.")
    top_k: int | None = Field(None, ge=1, le=50)
    filters: FilterFields = Field(default_factory=FilterFields)


class AskRequest(SearchRequest):
    """A question; with ``stream`` the answer comes as server-sent events."""

    conversation_id: Identifier | None = None
    stream: bool = False


class FoundPassage(BaseModel):
    """A passage that a search found; ``text`` is ``[start:end]`` of the document's text."""

    document_id: str
    title: str
    date: str | None
    source: str | None
    language: Language
    start: int
    end: int
    text: str
    score: float


class SearchResult(BaseModel):
    """What a search found, best first."""

    language: Language
    passages: list[FoundPassage]
    took_ms: float


class Info(BaseModel):
    """What this server is and holds."""

    version: str
    models: dict[Literal["encoder", "llm"], str]
    documents: int
    passages: int
    languages: list[Language]
    sources: list[str] = Field(description="Distinct sources of the documents, at most 200.")
    role: Literal["reader", "editor", "admin"]
    writable: bool
    limits: dict[str, int]
    evaluation: bool
