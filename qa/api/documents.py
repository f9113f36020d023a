"""The documents of a corpus as the API shows them.

In: the corpus of a running server, filters, ids, offsets. Out: pages of documents, one with its
text, a span with what stands around it. What can fail, as problems: an unknown document (404), a
document that changed meanwhile (412), a span that is none (422).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from corpus.document import Document, Language, Region
from corpus.filters import Filters
from corpus.places import Provenance
from corpus.provenance import place_of as place_in_original
from corpus.store import CorpusStore, ListedDocument
from qa.api.problems import ProblemError
from qa.api.storage.records import cursor_of, keys_of

TABLE_ROWS = 12
_ROWS = ("table_row", "table_header")
DocumentId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", max_length=200, examples=["vertrag-1a2b"])
]


class DocumentFacts(BaseModel):
    """A document without its text; dates are ISO, whole or shortened.

    ``etag`` names what the document says: it changes with its content, not with its index.
    """

    id: str
    title: str
    source: str | None
    date: str | None
    language: Language
    path: str
    passages: int
    characters: int
    added: str = Field(description="When this content was stored, ISO 8601 in UTC.")
    etag: str = Field(description="As in the header ETag.", examples=['"5e88…"'])


class DocumentPage(BaseModel):
    """A page of documents by id; ``total`` counts all that the filters let through."""

    items: list[DocumentFacts]
    next: str | None = Field(description="Cursor of the next page; null on the last.")
    total: int


class WholeDocument(DocumentFacts):
    """A document with its text, to be shown as text."""

    text: str


class PageRectangles(BaseModel):
    """Where something stands on a page of the original."""

    page: int
    rectangles: list[tuple[float, float, float, float]] = Field(
        description="Left, top, right, bottom in points from the page's upper left corner."
    )


class PlaceInOriginal(BaseModel):
    """Where a span stands in the file it came from; what does not apply is empty."""

    headings: list[str] = []
    pages: list[PageRectangles] = []
    sheet: str | None = None
    cells: list[str] = []
    slides: list[int] = []
    message: str | None = None
    part: str | None = None
    lines: tuple[int, int] | None = None


class SpanCell(BaseModel):
    """A cell of a table; ``cited`` where the span touches it."""

    text: str
    cited: bool


class SpanTable(BaseModel):
    """The rows of a table around a span; the first ``headers`` of them name the columns."""

    caption: str
    headers: int
    rows: list[list[SpanCell]]


class DocumentSpan(BaseModel):
    """``quote`` is ``text[start:end]`` of the document; offsets count code points.

    ``before`` and ``after`` are what stands around it, shorter at the document's ends.
    """

    before: str
    quote: str
    after: str
    title: str
    date: str | None
    source: str | None
    start: int
    end: int
    place: PlaceInOriginal = Field(default_factory=PlaceInOriginal)
    table: SpanTable | None = Field(
        None, description="The table that holds the span, rows near it, where one does."
    )
    facts: dict[str, str] = Field(
        default_factory=dict, description="What the file states of itself, such as a mail's sender."
    )
    drawn: bool = Field(False, description="Whether its pages can be had as pictures.")


def page_of(
    store: CorpusStore, filters: Filters, words: str, limit: int, cursor: str | None
) -> DocumentPage:
    """``limit`` documents that follow ``cursor``."""
    after = "" if cursor is None else keys_of(cursor, 1)[0]
    found = store.listed(filters, words, after, limit + 1)
    items = [_facts(one) for one in found[:limit]]
    return DocumentPage(
        items=items,
        next=cursor_of(items[-1].id) if len(found) > limit else None,
        total=store.listed_count(filters, words),
    )


def document_facts(store: CorpusStore, document_id: str) -> DocumentFacts:
    """What is known of one document; ProblemError (404) where there is none."""
    found = store.listed(Filters(documents=(document_id,)))
    if not found:
        raise ProblemError(404, f"There is no document '{document_id}'.")
    return _facts(found[0])


def whole_of(store: CorpusStore, facts: DocumentFacts) -> WholeDocument:
    """The same with its text."""
    return WholeDocument(**facts.model_dump(), text=store.document(facts.id).text)


def document_span(document: Document, start: int, end: int, context: int) -> DocumentSpan:
    """The span with at most ``context`` characters on either side."""
    text = checked_text(document, start, end)
    return DocumentSpan(
        before=text[max(0, start - context) : start],
        quote=text[start:end],
        after=text[end : end + context],
        title=document.title,
        date=document.date,
        source=document.source,
        start=start,
        end=end,
        place=_place(place_in_original(document, start, end)),
        table=table_around(document, start, end),
        facts=document.metadata,
    )


def _place(place: Provenance) -> PlaceInOriginal:
    return PlaceInOriginal(
        headings=list(place.headings),
        pages=[
            PageRectangles(page=spot.page, rectangles=list(spot.rectangles)) for spot in place.pages
        ],
        sheet=next((spot.sheet for spot in place.cells), None),
        cells=[spot.cell for spot in place.cells],
        slides=list(place.slides),
        message=place.message,
        part=place.part,
        lines=place.lines,
    )


def table_around(document: Document, start: int, end: int) -> SpanTable | None:
    """The table that holds the span, header and at most ``TABLE_ROWS`` rows on either side."""
    number = next(
        (
            region.table
            for region in document.regions
            if region.start <= start < region.end and region.role in _ROWS
        ),
        None,
    )
    if number is None:
        return None
    parts = [region for region in document.regions if region.table == number]
    headers = [region for region in parts if region.role == "table_header"]
    rows = [region for region in parts if region.role == "table_row"]
    at = next((place for place, row in enumerate(rows) if row.end > start), 0)
    near = rows[max(0, at - TABLE_ROWS) : at + TABLE_ROWS + 1]

    def cells(row: Region) -> list[SpanCell]:
        return [
            SpanCell(
                text=document.text[first:last],
                cited=first < last and first < end and last > start,
            )
            for first, last in row.cells
        ]

    captions = [document.text[part.start : part.end] for part in parts if part.role == "caption"]
    return SpanTable(
        caption=" ".join(captions),
        headers=len(headers),
        rows=[cells(row) for row in [*headers, *near]],
    )


def checked_text(document: Document, start: int, end: int) -> str:
    """The text of ``document``; ProblemError (422) unless that is a span of it."""
    length = len(document.text)
    if not start < end <= length:
        raise ProblemError(
            422,
            f"Fields 'start' and 'end': {start} to {end} is no span of '{document.id}', which has "
            f"{length} characters.",
            param="end",
        )
    return document.text


def etag_matches(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether ``header``, a list of entity tags or ``*``, names ``etag`` (RFC 9110, 8.8.3.2)."""
    named = [one.strip() for one in header.split(",")]
    if weakly:
        named = [one.removeprefix("W/") for one in named]
    return named == ["*"] or etag in named


def _facts(one: ListedDocument) -> DocumentFacts:
    fields = asdict(one)
    etag = f'"{fields.pop("digest")}"'
    return DocumentFacts(**fields, etag=etag)
