"""Columns that blanks set apart, in lines of plain text.

In: lines, as a typewriter or ``pdftotext -layout`` leaves them. Out: the gutters, stretches of
columns that are blank in all of the first lines, and whether what stands between them is prose
that goes on from line to line or a table. Nothing can fail; each step is linear in the characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_STRETCH = re.compile("1{2,}")
_PROSE_WIDTH = 3
_PROSE_WORDS = 2.5
"""Words a line that a column of prose has on average, at least."""
_GOES_ON = 0.25
"""Share of a column's lines that go on in lower case, at least, where it is prose."""
_MOST_WIDTH = 300
"""A longer line was set by no typewriter."""


_BLANKS = re.compile(r"\S {2,}\S")


@dataclass(frozen=True)
class Gutters:
    """The blank columns that the first lines share."""

    columns: tuple[tuple[int, int], ...]
    """First column and the column behind, of each gutter, from the left."""
    lines: int
    """How many lines share them, the last with text on both sides of one."""


def has_gap(line: str) -> bool:
    """Whether blanks set words of ``line`` apart further than words stand."""
    return len(line) <= _MOST_WIDTH and _BLANKS.search(line) is not None


def gutters(lines: Sequence[str]) -> Gutters:
    """The gutters of the longest run of ``lines``, from the first on, that has any."""
    shared = (1 << _MOST_WIDTH) - 1
    width = 0
    count = 0
    columns: tuple[tuple[int, int], ...] = ()
    for line in lines:
        if len(line) > _MOST_WIDTH:
            break
        narrowed = shared & _blank_columns(line)
        wider = max(width, len(line))
        stretches = _stretches(narrowed, wider)
        if not stretches:
            break
        shared, width, columns, count = narrowed, wider, stretches, count + 1
    while count and not has_gap(lines[count - 1]):
        count -= 1
    return Gutters(_parting(lines[:count], columns), count)


def _blank_columns(line: str) -> int:
    """A bit for each column without a character; all behind the line's end are blank."""
    bits = "".join("1" if character == " " else "0" for character in line)
    return int(bits.ljust(_MOST_WIDTH, "1"), 2)


def _stretches(blank: int, width: int) -> tuple[tuple[int, int], ...]:
    """Stretches of blank columns within ``width``, not at its edges."""
    bits = f"{blank:0{_MOST_WIDTH}b}"[:width]
    return tuple(
        found.span()
        for found in _STRETCH.finditer(bits)
        if found.start() > 0 and found.end() < width
    )


def _parting(
    lines: Sequence[str], columns: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """Gutters that really part: half of the lines have text left and right of them."""
    return tuple(
        (start, end)
        for start, end in columns
        if 2 * sum(bool(line[:start].strip()) and bool(line[end:].strip()) for line in lines)
        >= len(lines)
    )


def cells_between(line: str, found: Gutters) -> list[tuple[int, int]]:
    """The span of each cell of a line, without blanks around it; empty ones have start == end."""
    starts = [0, *(end for _, end in found.columns)]
    ends = [*(start for start, _ in found.columns), len(line)]
    cells = []
    for start, end in zip(starts, ends, strict=True):
        piece = line[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        cells.append((left, right) if left < right else (min(start, len(line)),) * 2)
    return cells


def reads_across(lines: Sequence[str], found: Gutters) -> bool:
    """Whether the columns are prose, each read from top to bottom, rather than a table's."""
    if len(found.columns) > 2 or any(end - start < _PROSE_WIDTH for start, end in found.columns):
        return False
    columns = list(zip(*(cells_between(line, found) for line in lines), strict=True))
    return all(
        _is_prose([line[start:end] for line, (start, end) in zip(lines, column, strict=True)])
        for column in columns
    )


def _is_prose(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    if len(filled) < 2:
        return False
    words = sum(len(cell.split()) for cell in filled) / len(filled)
    goes_on = sum(cell[0].islower() for cell in filled[1:]) / (len(filled) - 1)
    return words >= _PROSE_WORDS and goes_on >= _GOES_ON
