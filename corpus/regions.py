"""The regions of a stored text: which of it is a heading, a row, a list item, furniture, hidden.

In: a document. Out: its regions in order (:class:`corpus.document.Region`), not empty, without
white space at their ends, only white space between them. Nothing can fail.

A loader that knows its format states them (:mod:`corpus.loaded`), and it alone can tell what is
hidden. For text without any they are found here, by general rules:

* Lines with the same number of cells set apart by "|" or a tab, or by blanks under one another,
  are the rows of a table; a first row without a figure over rows with figures is its header.
* Two or more neighbouring lines "Label: value" are a form: its lines stay as they are.
* Neighbouring lines that begin with a list's mark are its items.
* A line that is no sentence with text below it is a heading (:func:`corpus.blocks.is_heading`).
* What is left is a paragraph, or furniture if :mod:`corpus.cleaning` takes it for that. No row,
  item or form ever is, nor any line that a loader put together with others.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from corpus.blocks import blocks, is_heading
from corpus.cleaning import furniture_reasons
from corpus.document import Document, Mark, Region, Span
from corpus.loaded import Role
from corpus.text_tables import TextTable, tables

_FORM = re.compile(r"[^\W\d_][\w .()/-]{0,40}:[ \t]+\S")
_WORD = re.compile(r"\w")
_ITEM = re.compile(r"(?P<sure>[-*•·–—+])[ \t]|(?:\d{1,3}|[a-zA-Z])[.)][ \t]")


def regions_of(document: Document) -> tuple[Region, ...]:
    """The regions of ``document``: those its loader stated, else those found in its text."""
    return document.regions or plain_regions(document.text)


def plain_regions(text: str) -> tuple[Region, ...]:
    """The regions of a text of which nothing else is known."""
    found: list[Region] = []
    start = 0
    for number, table in enumerate(tables(text), 1):
        found.extend(_prose(text, start, table.start))
        found.extend(_rows(table, number))
        start = table.end
    found.extend(_prose(text, start, len(text)))
    return tuple(mark_furniture(text, _numbered(_with_headings(text, found))))


def _rows(table: TextTable, number: int) -> Iterator[Region]:
    for at, row in enumerate(table.rows):
        role: Role = "table_header" if at == 0 and table.has_header else "table_row"
        yield Region(row.start, row.end, role, table=number, cells=row.cells)


def _prose(text: str, start: int, end: int) -> list[Region]:
    pieces = blocks(text, start, end)
    labelled = [is_form_line(text[piece.start : piece.end]) for piece in pieces]
    marked = [_ITEM.match(text, piece.start, piece.end) for piece in pieces]
    result = []
    for at, piece in enumerate(pieces):
        beside = [
            other for other in (at - 1, at + 1) if _are_neighbours(text, pieces, min(at, other))
        ]
        mark = marked[at]
        is_item = (
            mark is not None
            and _WORD.search(text, mark.end(), piece.end) is not None
            and (bool(mark["sure"]) or any(marked[other] is not None for other in beside))
        )
        in_form = labelled[at] and any(labelled[other] for other in beside)
        role: Role = "list_item" if is_item or in_form else "paragraph"
        result.append(Region(piece.start, piece.end, role, level=int(role == "list_item")))
    return result


def is_form_line(text: str) -> bool:
    """Whether a text is one line with a label and what it labels ("Datum: 3. Mai")."""
    return "\n" not in text and _FORM.match(text) is not None


def _are_neighbours(text: str, pieces: Sequence[Span], first: int) -> bool:
    """Whether the pieces ``first`` and the next stand on two lines, one below the other."""
    if not 0 <= first < len(pieces) - 1:
        return False
    return text.count("\n", pieces[first].end, pieces[first + 1].start) == 1


def _with_headings(text: str, regions: list[Region]) -> list[Region]:
    """Lines that are no sentences and have text below them are headings.

    Three or more of them on neighbouring lines are a list without marks, an address, a poem.
    """
    may_be = [
        region.role == "paragraph" and is_heading(text[region.start : region.end])
        for region in regions
    ]
    result = list(regions)
    first = 0
    for is_one, group in groupby(may_be):
        last = first + sum(1 for _ in group)
        if is_one:
            close = [
                text.count("\n", regions[at].end, regions[at + 1].start) == 1
                for at in range(first, last - 1)
            ]
            if sum(close) < 2:
                for at in range(first, last):
                    if at + 1 < len(regions):
                        level = 1 if at == 0 else 2
                        result[at] = replace(regions[at], role="heading", level=level)
        first = last
    return result


def _numbered(regions: list[Region]) -> list[Region]:
    """Items of one list get one number, after those of the tables."""
    number = max((region.table or 0 for region in regions), default=0)
    result: list[Region] = []
    for region in regions:
        if region.role == "list_item":
            if not result or result[-1].role != "list_item":
                number += 1
            result.append(replace(region, table=number))
        else:
            result.append(region)
    return result


def mark_furniture(
    text: str, regions: Sequence[Region], roles: Sequence[Role] = ("paragraph", "heading")
) -> list[Region]:
    """``regions``, those of ``roles`` that read like page furniture marked as such."""
    reasons = furniture_reasons(
        [text[region.start : region.end] for region in regions],
        [region.role in roles and region.table is None for region in regions],
    )
    return [
        replace(region, role="furniture", level=0, reason=reason) if reason else region
        for region, reason in zip(regions, reasons, strict=True)
    ]


def heading_paths(text: str, regions: Sequence[Region]) -> list[tuple[str, ...]]:
    """For each region the headings above it, outermost first; a heading is not above itself."""
    paths: list[tuple[str, ...]] = []
    open_headings: list[tuple[int, str]] = []
    for region in regions:
        if region.role == "heading":
            while open_headings and open_headings[-1][0] >= region.level:
                open_headings.pop()
        above = tuple(words for _, words in open_headings)
        paths.append(above if region.path is None else region.path)
        if region.role == "heading":
            words = " ".join(text[region.start : region.end].split())
            open_headings.append((region.level, words))
    return paths


def to_bytes(regions: Sequence[Region]) -> bytes:
    """``regions`` in few bytes."""
    rows = [
        [
            region.start,
            region.end - region.start,
            region.role,
            region.level,
            region.table,
            [[start - region.start, end - start] for start, end in region.cells],
            region.headers,
            region.reason,
            region.path,
            [
                [mark.start - region.start, mark.end - mark.start, mark.style]
                for mark in region.marks
            ],
        ]
        for region in regions
    ]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 6)


def from_bytes(data: bytes) -> tuple[Region, ...]:
    """The regions that :func:`to_bytes` made."""
    return tuple(
        Region(
            start=start,
            end=start + length,
            role=role,
            level=level,
            table=table,
            cells=tuple((start + at, start + at + width) for at, width in cells),
            headers=tuple(headers),
            reason=reason,
            path=None if path is None else tuple(path),
            marks=tuple(Mark(start + at, start + at + width, style) for at, width, style in marks),
        )
        for start, length, role, level, table, cells, headers, reason, path, marks in json.loads(
            zlib.decompress(data)
        )
    )
