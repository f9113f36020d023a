"""The lines of a column to paragraphs, and to lines that stand by themselves.

In: a flow and the page it is on. Out: its paragraphs in order, each its lines; neighbours of one
line each know that they belong together. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from corpus.loaders.pdf.line_ends import Column, LineEnd, ends_sentence
from corpus.loaders.pdf.lines import Line, line_of
from corpus.loaders.pdf.order import Flow, is_mark
from corpus.loaders.pdf.page import PageParts
from corpus.regions import is_form_line

LARGER = 1.1
SMALL = 0.93
_SHORT_HEADING = 140
_BULLETS = frozenset("•▪●○◦‣∙■□➢✓")
"""Marks that begin no line of running text; a dash, a day ("3. März"), "a)" may."""


@dataclass
class Paragraph:
    """Lines that become one block."""

    lines: list[Line]
    group: int | None = None
    """The number, in its flow, of the lines below one another of which it is one; else None."""
    is_form: bool = False
    """Whether it and a neighbour in its group have a label each ("Datum: 3. Mai")."""


def paragraphs(flow: Flow, page: PageParts, body: float, notes: Collection[str]) -> list[Paragraph]:
    """The paragraphs of ``flow``; ``body`` is the size of running text, ``notes`` footnotes' marks.

    A line that was ended by hand within its paragraph is told so (:attr:`Line.is_ended`).
    """
    stretches = list(_stretches(list(_rows(flow.lines)), body, notes))
    edge = max(item.right for item in page.items)
    column = Column(stretches, page.width, edge)
    found: list[Paragraph] = []
    for number, stretch in enumerate(stretches):
        ends = column.line_ends(number, is_alone=_is_alone(stretch, page))
        is_note = stretch[0].size <= SMALL * body and bool(note_mark(stretch[0], notes))
        if is_note or is_heading(stretch, body):
            ends = [LineEnd.BROKEN if end is LineEnd.ENDED else end for end in ends]
        for parts in _grouped(_parted(stretch, ends)):
            if len(parts) > 1:
                found += _lone(parts, len(found))
            else:
                found += map(Paragraph, parts)
    return found


def is_heading(lines: Sequence[Line], body: float) -> bool:
    """Whether lines are a heading: few words, larger than running text or bold throughout."""
    text = " ".join(line.text for line in lines)
    size = median([line.size for line in lines])
    is_short = len(lines) <= 3 and len(text) <= _SHORT_HEADING and text[-1] not in ".;,!"
    has_words = sum(map(str.isalpha, text)) >= 2
    bold = all(line.bold for line in lines)
    if all(word.unsure for line in lines for word in line.words):
        return False
    return is_short and has_words and (size >= LARGER * body or (bold and size > SMALL * body))


def note_mark(line: Line, raised: Collection[str]) -> str:
    """The mark with which a line begins a footnote, or nothing."""
    first = line.words[0].text.rstrip(".)")
    return first if first in raised and len(line.words) > 1 else ""


def is_hyphenated(line: Line) -> bool:
    """Whether a line ends with a hyphen."""
    return line.text[-1] in "-\u00ad\u2010\u2011"


def _rows(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines, those whole that stand in pieces beside each other: justified, or behind a tab."""
    row: list[Line] = []
    for line in lines:
        if row and not _is_beside(row[-1], line):
            yield _row(row)
            row = []
        row.append(line)
    if row:
        yield _row(row)


def _row(pieces: Sequence[Line]) -> Line:
    if len(pieces) == 1:
        return pieces[0]
    return line_of([word for piece in pieces for word in piece.words])


def _is_beside(line: Line, after: Line) -> bool:
    is_level = abs(after.middle - line.middle) < 0.3 * line.size
    return is_level and after.left >= line.right and abs(after.size - line.size) < 0.08 * line.size


def _stretches(lines: Sequence[Line], body: float, notes: Collection[str]) -> Iterator[list[Line]]:
    """Lines that follow closely in one type."""
    gaps = [
        after.top - before.bottom
        for before, after in pairwise(lines)
        if abs(after.size - before.size) < 0.1 * before.size and after.top > before.middle
    ]
    usual = median(gaps) if gaps else 0.0
    lowest = min(gaps) if gaps else 0.0
    # Of many short paragraphs the middle gap is that between them.
    usual = min(usual, lowest + 0.5 * body)
    stretch: list[Line] = []
    for line in lines:
        if stretch and _is_apart(stretch[-1], line, usual, body, notes):
            yield stretch
            stretch = []
        stretch.append(line)
    if stretch:
        yield stretch


def _is_apart(last: Line, line: Line, usual: float, body: float, notes: Collection[str]) -> bool:
    size = max(line.size, last.size)
    if abs(line.size - last.size) > 0.08 * size or line.bold != last.bold:
        return True
    if line.top - last.bottom > usual + 0.3 * size or line.top < last.top - size:
        return True
    return line.size <= SMALL * body and bool(note_mark(line, notes))


def _is_alone(stretch: Sequence[Line], page: PageParts) -> bool:
    """Whether nothing stands to the right of these lines."""
    right = max(line.right for line in stretch)
    top, bottom = stretch[0].top, stretch[-1].bottom
    return not any(
        item.left >= right and item.top < bottom and item.bottom > top for item in page.items
    )


def _parted(stretch: Sequence[Line], ends: Sequence[LineEnd]) -> Iterator[list[Line]]:
    open_lines = [stretch[0]]
    for line, end in zip(stretch[1:], ends, strict=True):
        if _begins(open_lines, line, end):
            yield open_lines
            open_lines = []
        elif end is LineEnd.BROKEN:
            open_lines[-1].is_ended = True
        open_lines.append(line)
    yield open_lines


def _begins(before: Sequence[Line], line: Line, end: LineEnd) -> bool:
    """Whether a line begins a paragraph or an item of a list after those ``before``."""
    first, last = before[0], before[-1]
    in_item = is_mark(first.words[0].text)
    mark = line.words[0].text
    if is_mark(mark) and len(line.words) > 1:
        is_sure = mark in _BULLETS or in_item or end is not LineEnd.FULL
        is_outside = line.left <= first.left + 3 * line.size
        return is_outside and (is_sure or ends_sentence(last.text))
    if end is LineEnd.ENDED:
        return True
    # Its first line was set in like this one.
    is_indented = first.left > last.left + 0.8 * line.size
    is_like = len(before) > 1 and abs(line.left - first.left) < 0.2 * line.size
    return is_indented and is_like and not in_item and ends_sentence(last.text)


def _grouped(parted: Iterable[list[Line]]) -> Iterator[list[list[Line]]]:
    """Neighbours of one line each together, marked items of lists aside; all else by itself."""
    for is_lone, group in groupby(parted, key=_is_lone):
        if is_lone:
            yield list(group)
        else:
            yield from ([lines] for lines in group)


def _is_lone(lines: Sequence[Line]) -> bool:
    return len(lines) == 1 and not is_mark(lines[0].words[0].text)


def _lone(parts: Sequence[list[Line]], group: int) -> Iterator[Paragraph]:
    labelled = [False, *(is_form_line(line.text) for (line,) in parts), False]
    for number, lines in enumerate(parts, 1):
        is_form = labelled[number] and (labelled[number - 1] or labelled[number + 1])
        yield Paragraph(lines, group, is_form)
