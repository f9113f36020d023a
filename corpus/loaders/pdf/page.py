"""One page of a PDF: what stands on it, in reading order.

In: a pypdfium2 page and its number. Out: a :class:`PageParts`: flows and tables of what can be
seen, turned text, hidden words by reason, and how much of the page pictures cover. Nothing can
fail beyond what PDFium refuses.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from corpus.loaded import Run, link_runs
from corpus.loaders.pdf.lines import Line, line_of, lines_of
from corpus.loaders.pdf.order import Flow, PageItem, Table, arranged
from corpus.loaders.pdf.ruling import Box, Drawing, Grid, drawing_of, grids_of
from corpus.loaders.pdf.words import PageSize, Word, page_size, words_of

_PICTURE_PAGE = 0.5
"""Share of a page from which a picture on it is the page: then invisible text is what OCR read."""
_UNREADABLE = 0.3
_MOST_LINKS = 2000
_LONGEST_ADDRESS = 4000


@dataclass
class PageParts:
    """A page as it was read."""

    number: int
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    """All visible lines outside of ruled tables."""
    tables: list[Table] = field(default_factory=list)
    """The ruled ones."""
    turned: list[list[Word]] = field(default_factory=list)
    hidden: dict[str, list[Word]] = field(default_factory=dict)
    pictures: float = 0.0
    unreadable: bool = False
    """Whether its fonts do not tell what their characters are."""

    @property
    def items(self) -> list[PageItem]:
        """All visible lines and ruled tables, in no order."""
        return [*self.lines, *self.tables]

    def parts(self, left_out: set[int]) -> list[Flow | Table]:
        """Flows and tables in reading order, without the lines whose ``id`` is left out."""
        kept: list[PageItem] = [line for line in self.lines if id(line) not in left_out]
        return arranged([*kept, *self.tables])


def read_page(page: Any, number: int) -> PageParts:
    """What stands on ``page``, the one with that number."""
    size = page_size(page)
    text_page = page.get_textpage()
    try:
        words = words_of(text_page, size)
    finally:
        text_page.close()
    drawing = drawing_of(page, size)
    _link(page, size, words)
    return parts_of(words, drawing, number, size.width, size.height)


def parts_of(
    words: list[Word], drawing: Drawing, number: int, width: float, height: float
) -> PageParts:
    """The page of these words and lines, whether read from a file or by OCR."""
    page = PageParts(number, width, height, pictures=drawing.pictures)
    _judge_hidden(words, drawing)
    visible = [word for word in words if not word.hidden]
    for word in words:
        if word.hidden:
            page.hidden.setdefault(word.hidden, []).append(word)
    odd = sum(_odd(word) for word in visible)
    page.unreadable = odd > _UNREADABLE * sum(len(word.text) for word in visible)
    page.turned = _turned(visible)
    upright = [word for word in visible if not word.turned]
    for grid in grids_of(drawing):
        upright, table = _fill(grid, upright)
        if table is not None:
            page.tables.append(table)
    page.lines = lines_of(upright)
    return page


def _odd(word: Word) -> int:
    return sum(
        letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff" or letter < " " for letter in word.text
    )


def _judge_hidden(words: Iterable[Word], drawing: Drawing) -> None:
    """White text on a dark ground, and the text layer of a scan, can be seen after all."""
    for word in words:
        if word.hidden == "white":
            x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
            if any(_holds(ground, x, y) for ground in drawing.grounds):
                word.hidden = ""
        elif word.hidden == "invisible" and drawing.pictures >= _PICTURE_PAGE:
            word.hidden = ""


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _turned(words: list[Word]) -> list[list[Word]]:
    """Runs of turned characters that follow one another in the file."""
    runs: list[list[Word]] = []
    last = -10
    for word in words:
        if word.turned:
            if runs and word.order - last <= 3:
                runs[-1].append(word)
            else:
                runs.append([word])
            last = word.order
    return runs


def _fill(grid: Grid, words: list[Word]) -> tuple[list[Word], Table | None]:
    """The words outside of a ruled table, and the table with those inside."""
    cells: dict[tuple[int, int], list[Word]] = {}
    rest = []
    for word in words:
        place = grid.cell((word.left + word.right) / 2, (word.top + word.bottom) / 2)
        if place is None:
            rest.append(word)
        else:
            cells.setdefault(place, []).append(word)
    if len(cells) < 2 or len({column for _, column in cells}) < 2:
        return words, None
    rows = [
        [lines_of(cells.get((row, column), [])) for column in range(len(grid.columns) - 1)]
        for row in range(len(grid.rows) - 1)
    ]
    size = median([word.height for inside in cells.values() for word in inside])
    return rest, Table(rows, *_extent(grid.box), size=size, ruled=True)


def _extent(box: Box) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return left, right, top, bottom


def _link(page: Any, size: PageSize, words: list[Word]) -> None:
    """Write the address of each link behind its last word."""
    for box, address in _links(page, size):
        inside = [
            word
            for word in words
            if _holds(box, (word.left + word.right) / 2, (word.top + word.bottom) / 2)
        ]
        if not inside:
            continue
        last = max(inside, key=lambda word: word.order)
        text = " ".join(word.text for word in sorted(inside, key=lambda word: word.order))
        tail = link_runs(text, address)[1:]
        if last.tail != tail:
            last.tail = tuple(
                replace(run, place=None) if isinstance(run, Run) else run for run in tail
            )


def _links(page: Any, size: PageSize) -> list[tuple[Box, str]]:
    import pypdfium2.raw as pdfium

    found: list[tuple[Box, str]] = []
    position, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    while len(found) < _MOST_LINKS and pdfium.FPDFLink_Enumerate(page, position, link):
        action = pdfium.FPDFLink_GetAction(link)
        if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
            continue
        length = pdfium.FPDFAction_GetURIPath(page.pdf, action, None, 0)
        if not 1 < length <= _LONGEST_ADDRESS:
            continue
        buffer = ctypes.create_string_buffer(length)
        pdfium.FPDFAction_GetURIPath(page.pdf, action, buffer, length)
        box = pdfium.FS_RECTF()
        if pdfium.FPDFLink_GetAnnotRect(link, box):
            shown = size.shown(box.left, box.bottom, box.right, box.top)
            found.append((shown, buffer.value.decode("utf-8", "replace")))
    return found


def turned_line(words: list[Word]) -> Line:
    """Turned characters as one line, in the order of the file."""
    return line_of(words)
