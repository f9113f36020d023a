"""Where each character of a stored text stands in its original.

In: runs of characters with their places (:class:`corpus.loaded.Place`). Out: a
:class:`PlaceMap`, packed into few bytes for the database, and for any span of the text a
:class:`Provenance`. What can fail: :meth:`PlaceMap.unpack` raises ValueError for bytes that are no
packed map.

A character of a separator has no place of its own; a span that holds nothing else has an empty
provenance.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import accumulate
from typing import Any

from corpus.loaded import Place

_SCALE = 100
"""Hundredths of a point are kept of rectangles and borders."""


@dataclass(frozen=True)
class PlacedRun:
    """Characters of the stored text with their place in the original."""

    start: int
    """First character, in the document's text."""
    end: int
    """Behind the last character."""
    place: Place
    """Where they stand."""
    edges: tuple[float, ...] = ()
    """Horizontal borders of the characters in points, one more than characters, or none."""

    def rectangle(self, start: int, end: int) -> tuple[float, float, float, float] | None:
        """The rectangle of the characters ``start`` to ``end``, which lie within the run."""
        whole = self.place.rectangle
        if whole is None or not self.edges:
            return whole
        borders = self.edges[start - self.start : end - self.start + 1]
        return min(borders), whole[1], max(borders), whole[3]


@dataclass(frozen=True)
class PageSpot:
    """Where a span stands on one page."""

    page: int
    """Number of the page, from 1."""
    rectangles: tuple[tuple[float, float, float, float], ...]
    """Left, top, right, bottom in points from the page's upper left corner, one a line."""


@dataclass(frozen=True)
class CellSpot:
    """A cell that a span touches."""

    sheet: str | None
    """Name of the sheet; None in a file without sheets."""
    cell: str
    """Its name ("B7")."""


@dataclass(frozen=True)
class Provenance:
    """Where a span of the stored text stands in its original; what does not apply is empty."""

    headings: tuple[str, ...] = ()
    """Headings above it, outermost first."""
    pages: tuple[PageSpot, ...] = ()
    """Pages with rectangles, in order."""
    cells: tuple[CellSpot, ...] = ()
    """Cells of a workbook, in order."""
    slides: tuple[int, ...] = ()
    """Slides of a presentation."""
    message: str | None = None
    """What names the message in a mailbox."""
    part: str | None = None
    """Part of the file (a chapter of an EPUB)."""
    lines: tuple[int, int] | None = None
    """First and last line of the file, from 1."""


class PlaceMap:
    """The places of one document's text."""

    def __init__(self, runs: Sequence[PlacedRun]) -> None:
        self.runs = tuple(runs)
        self._starts = [run.start for run in self.runs]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlaceMap) and self.runs == other.runs

    def __hash__(self) -> int:
        return hash(self.runs)

    def provenance(
        self, text: str, start: int, end: int, headings: tuple[str, ...] = ()
    ) -> Provenance:
        """Where ``text[start:end]`` stands; ``text`` is the whole text of the document."""
        touched = list(self._touched(start, end))
        places = [run.place for run, _, _ in touched]
        pages: dict[int, list[tuple[float, float, float, float]]] = {}
        for run, first, last in touched:
            if run.place.page is not None:
                spots = pages.setdefault(run.place.page, [])
                rectangle = run.rectangle(first, last)
                if rectangle is not None:
                    spots.append(rectangle)
        lines = [line for piece in touched for line in _lines(text, *piece)]
        return Provenance(
            headings=headings,
            pages=tuple(PageSpot(page, tuple(spots)) for page, spots in pages.items()),
            cells=tuple(
                dict.fromkeys(
                    CellSpot(place.sheet, place.cell) for place in places if place.cell is not None
                )
            ),
            slides=tuple(dict.fromkeys(place.slide for place in places if place.slide is not None)),
            message=next((place.message for place in places if place.message), None),
            part=next((place.part for place in places if place.part), None),
            lines=(min(lines), max(lines)) if lines else None,
        )

    def _touched(self, start: int, end: int) -> Iterator[tuple[PlacedRun, int, int]]:
        """The runs that the span touches, each with the part of it that is touched."""
        at = max(0, bisect_right(self._starts, start) - 1)
        for run in self.runs[at:]:
            if run.start >= end:
                break
            first, last = max(start, run.start), min(end, run.end)
            if first < last:
                yield run, first, last

    def pack(self) -> bytes:
        """The map in few bytes."""
        names: dict[str, int] = {}
        rows = [_packed(run, names) for run in self.runs]
        data = json.dumps([list(names), rows], separators=(",", ":"), ensure_ascii=False)
        return zlib.compress(data.encode(), 6)

    @classmethod
    def unpack(cls, data: bytes) -> PlaceMap:
        """The map that :meth:`pack` packed; ValueError if it is none."""
        try:
            names, rows = json.loads(zlib.decompress(data))
        except zlib.error as error:
            raise ValueError("the bytes are no packed map of places") from error
        return cls([_unpacked(row, names) for row in rows])


def _lines(text: str, run: PlacedRun, start: int, end: int) -> Iterator[int]:
    if run.place.line is not None:
        first = run.place.line + text.count("\n", run.start, start)
        yield first
        yield first + text.count("\n", start, end)


_FIELDS = tuple(field.name for field in fields(Place))
_RECTANGLE = _FIELDS.index("rectangle")


def _packed(run: PlacedRun, names: dict[str, int]) -> list[object]:
    """Start, length, the fields of the place (texts by number), the steps between borders."""
    values: list[object] = list(astuple(run.place))
    for at, value in enumerate(values):
        if isinstance(value, str):
            values[at] = names.setdefault(value, len(names))
    rectangle = run.place.rectangle
    values[_RECTANGLE] = None if rectangle is None else [round(_SCALE * side) for side in rectangle]
    borders = [round(_SCALE * border) for border in run.edges]
    steps = [after - before for before, after in zip([0, *borders], borders, strict=False)]
    return [run.start, run.end - run.start, steps, *values]


def _unpacked(row: list[Any], names: list[str]) -> PlacedRun:
    start, length, steps, *values = row
    facts = dict(zip(_FIELDS, values, strict=True))
    for name in ("sheet", "cell", "message", "part"):
        if facts[name] is not None:
            facts[name] = names[facts[name]]
    if facts["rectangle"] is not None:
        facts["rectangle"] = tuple(side / _SCALE for side in facts["rectangle"])
    edges = tuple(border / _SCALE for border in accumulate(steps))
    return PlacedRun(start, start + length, Place(**facts), edges)
