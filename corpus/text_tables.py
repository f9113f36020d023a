"""Tables in plain text.

In: a text. Out: its tables in order, each with its rows and the span of every cell. Nothing can
fail; a text without tables has none.

Neighbouring lines are rows of a table if they have cells set apart by "|", or by tabs, and as many
in each; or if blanks set the same columns apart in three lines or more. A line of dashes is a rule:
it is no row, and what stands above the first one is the header. Without a rule the first row is
the header where it has no figure and the rows below have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.blocks import strip
from corpus.document import Span
from corpus.gutters import cells_between, gutters, has_gap, reads_across

_RULE = re.compile(r"[-=+|:_ \t]{3,}")
_FIGURE = re.compile(r"\d")
_MOST_LINES = 2000
"""Lines in which columns set apart by blanks are looked for at once."""


@dataclass(frozen=True)
class TextRow:
    """A line of a table."""

    start: int
    """First character of it in the text."""
    end: int
    """Behind its last character."""
    cells: tuple[tuple[int, int], ...]
    """The span of each cell; an empty one has start == end."""


@dataclass(frozen=True)
class TextTable:
    """Neighbouring lines of cells."""

    start: int
    """First character of the table in the text."""
    end: int
    """Behind its last character."""
    rows: tuple[TextRow, ...]
    """Its lines, rules as rows without cells."""
    has_header: bool
    """Whether the first row names the columns."""


def tables(text: str) -> list[TextTable]:
    """The tables of ``text``."""
    found: list[TextTable] = []
    for run in _runs(text):
        found.extend(_separated(text, run))
    return found


def _runs(text: str) -> Iterator[list[Span]]:
    """Runs of neighbouring lines that are not blank."""
    run: list[Span] = []
    at = 0
    for line in text.split("\n"):
        span = strip(text, at, at + len(line))
        at += len(line) + 1
        if span is not None:
            run.append(span)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _separated(text: str, run: list[Span]) -> Iterator[TextTable]:
    split = [_cells(text, line) for line in run]
    first = 0
    while first < len(run):
        last = first + 1
        while (
            last < len(run) and split[first] and _fits(text, run[last], split[last], split[first])
        ):
            last += 1
        rows = [place for place in range(first, last) if split[place]]
        if split[first] and len(rows) > 1:
            yield _table(text, run[first:last], split[first:last])
        elif has_gap(text[run[first].start : run[first].end]):
            aligned, last = _aligned(text, run, first)
            if aligned is not None:
                yield aligned
        first = last


def _fits(
    text: str, line: Span, cells: Sequence[tuple[int, int]], first: Sequence[tuple[int, int]]
) -> bool:
    return len(cells) == len(first) or _is_rule(text, line)


def _is_rule(text: str, line: Span) -> bool:
    return "-" in text[line.start : line.end] and bool(_RULE.fullmatch(text, line.start, line.end))


def _cells(text: str, line: Span) -> tuple[tuple[int, int], ...]:
    """The cells of a line; none if it is no row."""
    piece = text[line.start : line.end]
    sign = "\t" if "\t" in piece else "|"
    if sign not in piece or _is_rule(text, line):
        return ()
    start, end = line.start, line.end
    if sign == "|":
        start += piece.startswith("|")
        end -= piece.endswith("|") and len(piece) > 1
    cells = []
    at = start
    for cell in text[start:end].split(sign):
        span = strip(text, at, at + len(cell))
        cells.append((span.start, span.end) if span else (at, at))
        at += len(cell) + 1
    return tuple(cells) if len(cells) > 1 else ()


def _table(
    text: str, lines: Sequence[Span], split: Sequence[tuple[tuple[int, int], ...]]
) -> TextTable:
    rows = [TextRow(line.start, line.end, cells) for line, cells in zip(lines, split, strict=True)]
    ruled = len(rows) > 1 and not rows[1].cells
    return TextTable(
        start=lines[0].start,
        end=lines[-1].end,
        rows=tuple(rows),
        has_header=ruled or _names_columns(text, [row.cells for row in rows]),
    )


def _names_columns(text: str, rows: Sequence[tuple[tuple[int, int], ...]]) -> bool:
    """Whether the first row has words in all columns, and figures stand only below them."""
    filled = [[text[start:end] for start, end in cells] for cells in rows if cells]
    head, body = filled[0], filled[1:]
    if not all(head) or any(_FIGURE.match(cell) for cell in head):
        return False
    return any(_FIGURE.match(cell) for row in body for cell in row)


def _aligned(text: str, run: list[Span], first: int) -> tuple[TextTable | None, int]:
    """The table whose columns blanks set apart, if one begins at line ``first`` of the run.

    Returns it with the number of the line behind what was looked at.
    """
    lines = [_whole_line(text, line) for line in run[first : first + _MOST_LINES]]
    texts = [text[line.start : line.end] for line in lines]
    found = gutters(texts)
    behind = first + max(1, found.lines)
    if not found.columns or found.lines < 3 or reads_across(texts[: found.lines], found):
        return None, behind
    rows = tuple(
        TextRow(
            line.start,
            line.end,
            tuple(
                (whole.start + start, whole.start + end)
                for start, end in cells_between(piece, found)
            ),
        )
        for line, whole, piece in zip(run[first:behind], lines, texts, strict=False)
    )
    has_header = _names_columns(text, [row.cells for row in rows])
    return TextTable(rows[0].start, rows[-1].end, rows, has_header), behind


def _whole_line(text: str, line: Span) -> Span:
    """The line with the blanks in front of it, which tell its columns."""
    return Span(start=text.rfind("\n", 0, line.start) + 1, end=line.end)
