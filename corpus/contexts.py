"""What a sentence needs beside it to be understood: headings above, and how its region reads.

In: a document's text, its regions and its language. Out: for each region the headings above it,
and for any sentence of a region the pieces it is read by (:class:`corpus.readings.Reading`).
Nothing can fail.

* A row of a table reads with its table's caption and the header of each column: "Plätze je
  Standort: Aachen-Brand · Leitung: C. Vorlage · Plätze 2023: 87"; an empty cell under a header is
  told ("keine Angabe"), so that the value beside it is never taken for it.
* A checkbox reads in words ("Vertrag prüfen (offen)").
* A footnote's mark and struck-out text are left out; a sentence that is struck out as a whole says
  so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.document import Document, Language, Region, SentenceContext, Span
from corpus.readings import ReadingPiece
from corpus.regions import heading_paths

_BOX = re.compile(r"(?:[-*+•·–—]|\d{1,3}[.)])?[ \t]?(?P<box>\[[ \txX✓✗]\]|[☐☑☒])[ \t]+")
_DONE = frozenset(("[x]", "[X]", "[✓]", "[✗]", "☑", "☒"))
_WORDS: dict[Language, dict[str, str]] = {
    "de": {"empty": "keine Angabe", "open": "offen", "done": "erledigt", "struck": "gestrichen"},
    "en": {"empty": "not given", "open": "open", "done": "done", "struck": "struck out"},
}
_LEFT_OUT = ("note", "struck")
_BETWEEN_CELLS = " · "


@dataclass
class _Columns:
    """Header cells and caption of one table."""

    headers: dict[int, list[ReadingPiece]] = field(default_factory=dict)
    caption: ReadingPiece | None = None


class Contexts:
    """The contexts of one document's sentences."""

    def __init__(self, document: Document, regions: Sequence[Region]) -> None:
        self._text = document.text
        self._words = _WORDS[document.language]
        self._regions = regions
        self._paths = heading_paths(document.text, regions)
        self._columns = self._tables()

    def of(self, region: int, sentence: Span) -> SentenceContext:
        """The context of a sentence of the region at that position."""
        return SentenceContext(
            headings=self._paths[region],
            pieces=tuple(self._pieces(self._regions[region], sentence)),
        )

    def _tables(self) -> dict[int, _Columns]:
        found: dict[int, _Columns] = {}
        for region in self._regions:
            if region.table is None:
                continue
            columns = found.setdefault(region.table, _Columns())
            if region.role == "caption":
                columns.caption = self._piece(region.start, region.end)
            elif region.role == "table_header":
                for column, (start, end) in enumerate(region.cells):
                    if start < end:
                        columns.headers.setdefault(column, []).append(self._piece(start, end))
        return found

    def _piece(self, start: int, end: int) -> ReadingPiece:
        return self._text[start:end], start, end

    def _pieces(self, region: Region, sentence: Span) -> list[ReadingPiece]:
        whole = sentence.start <= region.start and sentence.end >= region.end
        if region.role == "table_row" and whole and region.cells:
            return self._row(region)
        box = _BOX.match(self._text, sentence.start, sentence.end)
        if region.role == "list_item" and sentence.start == region.start and box:
            state = self._words["done" if box["box"] in _DONE else "open"]
            rest = self._without_marks(region, box.end(), sentence.end)
            return [*rest, (f" ({state})", sentence.end, sentence.end)] if rest else []
        if any(mark.style in _LEFT_OUT for mark in region.marks):
            return self._without_marks(region, sentence.start, sentence.end)
        return []

    def _without_marks(self, region: Region, start: int, end: int) -> list[ReadingPiece]:
        """The text from ``start`` to ``end`` without footnotes' marks and struck-out text."""
        pieces: list[ReadingPiece] = []
        at = start
        for mark in region.marks:
            if mark.style in _LEFT_OUT and mark.start < end and mark.end > at:
                if at < mark.start:
                    pieces.append(self._piece(at, mark.start))
                at = min(mark.end, end)
        if at < end:
            pieces.append(self._piece(at, end))
        if any(words.strip(" .,;:!?-*") for words, _, _ in pieces):
            words, first, last = pieces[0]
            begin = first + len(words) - len(words.lstrip())
            return [self._piece(begin, last), *pieces[1:]] if begin < last else pieces[1:]
        inner = self._text[start:end].strip("~")
        return [(f"{self._words['struck']}: ", start, start), (inner, start, end)]

    def _row(self, region: Region) -> list[ReadingPiece]:
        columns = self._columns.get(region.table or 0, _Columns())
        cells: list[list[ReadingPiece]] = []
        for column, (start, end) in enumerate(region.cells):
            header = self._header(region, column, columns)
            value = self._without_marks(region, start, end) if start < end else []
            if not value:
                if not header:
                    continue
                value = [(self._words["empty"], start, start)]
            elif not cells and not self._text[start].isdigit():
                # What a row is about names itself.
                header = []
            cells.append([*header, (": ", start, start), *value] if header else value)
        pieces = [columns.caption, (": ", region.start, region.start)] if columns.caption else []
        for at, cell in enumerate(cells):
            if at:
                pieces.append((_BETWEEN_CELLS, cell[0][1], cell[0][1]))
            pieces.extend(cell)
        return [piece for piece in pieces if piece is not None]

    def _header(self, region: Region, column: int, columns: _Columns) -> list[ReadingPiece]:
        if region.headers and region.headers[column]:
            start = region.cells[column][0]
            return [(region.headers[column], start, start)]
        parts = columns.headers.get(column, [])
        pieces: list[ReadingPiece] = []
        for at, part in enumerate(parts):
            if at:
                pieces.append((" ", part[1], part[1]))
            pieces.append(part)
        return pieces
