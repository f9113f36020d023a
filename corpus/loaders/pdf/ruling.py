"""What is drawn on a page: lines that rule tables, and dark grounds behind light text.

In: a pypdfium2 page. Out: horizontal and vertical lines, filled areas, the share of the page that
pictures cover, as points of the page as shown; and grids of cells that lines make. Nothing can fail
beyond what PDFium refuses. Of a page with very many objects only the first ``MOST_OBJECTS`` are
looked at: no table is drawn with more.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from corpus.loaders.pdf.words import PageSize

MOST_OBJECTS = 4000
_THIN = 3.0
_SHORTEST = 8.0
_NEAR = 2.5
_WHITE = 240

Box = tuple[float, float, float, float]


@dataclass
class Drawing:
    """Left, top, right, bottom of what is drawn."""

    horizontal: list[Box] = field(default_factory=list)
    vertical: list[Box] = field(default_factory=list)
    grounds: list[Box] = field(default_factory=list)
    """Filled with another colour than white, or pictures."""
    pictures: float = 0.0
    """Share of the page that pictures cover."""


@dataclass(frozen=True)
class Grid:
    """A ruled table: its borders, ascending, in points."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    ruled: frozenset[tuple[int, int]]
    """Cells (row, column) that have a line at their right side."""

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return self.columns[0], self.rows[0], self.columns[-1], self.rows[-1]

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of a point; that of the leftmost column where cells are joined."""
        if not (self.columns[0] <= x <= self.columns[-1] and self.rows[0] <= y <= self.rows[-1]):
            return None
        column = min(bisect_right(self.columns, x), len(self.columns) - 1) - 1
        row = min(bisect_right(self.rows, y), len(self.rows) - 1) - 1
        while column > 0 and (row, column - 1) not in self.ruled:
            column -= 1
        return row, column


def drawing_of(page: Any, size: PageSize) -> Drawing:
    """What is drawn on ``page``."""
    import pypdfium2.raw as pdfium

    drawing = Drawing()
    area = max(1.0, size.width * size.height)
    for number in range(min(pdfium.FPDFPage_CountObjects(page), MOST_OBJECTS)):
        thing = pdfium.FPDFPage_GetObject(page, number)
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            box = _bounds(thing, size)
            if box is not None:
                drawing.grounds.append(box)
                drawing.pictures += (box[2] - box[0]) * (box[3] - box[1]) / area
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            _take_path(thing, size, drawing)
    return drawing


def _bounds(thing: Any, size: PageSize) -> Box | None:
    import pypdfium2.raw as pdfium

    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
        return None
    return size.shown(left.value, bottom.value, right.value, top.value)


def _take_path(thing: Any, size: PageSize, drawing: Drawing) -> None:
    import pypdfium2.raw as pdfium

    box = _bounds(thing, size)
    if box is None:
        return
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(thing, mode, stroke)
    if mode.value and not _is_white(thing):
        drawing.grounds.append(box)
    if not stroke.value and not mode.value:
        return
    width, height = box[2] - box[0], box[3] - box[1]
    if height <= _THIN and width >= _SHORTEST:
        drawing.horizontal.append(box)
    elif width <= _THIN and height >= _SHORTEST:
        drawing.vertical.append(box)
    elif stroke.value and pdfium.FPDFPath_CountSegments(thing) <= 6:
        # The outline of a rectangle is four lines.
        left, top, right, bottom = box
        drawing.horizontal += [(left, top, right, top), (left, bottom, right, bottom)]
        drawing.vertical += [(left, top, left, bottom), (right, top, right, bottom)]


def _is_white(thing: Any) -> bool:
    import pypdfium2.raw as pdfium

    red, green, blue, alpha = (ctypes.c_uint(0) for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha)
    return min(red.value, green.value, blue.value) >= _WHITE


def grids_of(drawing: Drawing) -> list[Grid]:
    """The tables whose cells are ruled: lines that cross, at least two columns or rows of them."""
    if len(drawing.vertical) < 2 or len(drawing.horizontal) < 2:
        return []
    grids = []
    for horizontal, vertical in _connected(drawing):
        columns = _borders([(line[0] + line[2]) / 2 for line in vertical])
        rows = _borders([(line[1] + line[3]) / 2 for line in horizontal])
        if len(columns) >= 3 and len(rows) >= 2 and (len(columns) - 1) * (len(rows) - 1) >= 4:
            grids.append(Grid(columns, rows, _ruled(columns, rows, vertical)))
    return grids


def _borders(values: list[float]) -> tuple[float, ...]:
    borders: list[float] = []
    for value in sorted(values):
        if not borders or value - borders[-1] > _NEAR:
            borders.append(value)
    return tuple(borders)


def _ruled(
    columns: tuple[float, ...], rows: tuple[float, ...], vertical: list[Box]
) -> frozenset[tuple[int, int]]:
    found = set()
    for line in vertical:
        x = (line[0] + line[2]) / 2
        column = min(range(len(columns)), key=lambda place: abs(columns[place] - x)) - 1
        for row in range(len(rows) - 1):
            middle = (rows[row] + rows[row + 1]) / 2
            if line[1] - _NEAR <= middle <= line[3] + _NEAR:
                found.add((row, column))
    return frozenset(found)


def _connected(drawing: Drawing) -> list[tuple[list[Box], list[Box]]]:
    """Groups of lines that touch one another."""
    horizontal, vertical = drawing.horizontal, drawing.vertical
    parents = list(range(len(horizontal) + len(vertical)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    order = sorted(range(len(horizontal)), key=lambda place: horizontal[place][1])
    heights = [horizontal[place][1] for place in order]
    for number, upright in enumerate(vertical):
        x = (upright[0] + upright[2]) / 2
        first = bisect_right(heights, upright[1] - _THIN - _NEAR)
        for place in order[first:]:
            level = horizontal[place]
            if level[1] > upright[3] + _NEAR:
                break
            if level[0] - _NEAR <= x <= level[2] + _NEAR:
                parents[root(place)] = root(len(horizontal) + number)
    groups: dict[int, tuple[list[Box], list[Box]]] = {}
    for number, line in enumerate(horizontal):
        groups.setdefault(root(number), ([], []))[0].append(line)
    for number, line in enumerate(vertical):
        groups.setdefault(root(len(horizontal) + number), ([], []))[1].append(line)
    return [group for group in groups.values() if len(group[0]) >= 2 and len(group[1]) >= 2]
