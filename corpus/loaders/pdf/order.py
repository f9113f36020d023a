"""The reading order of a page: columns, tables without rules, text across all.

In: lines and ruled tables of a page. Out: flows (lines of one column, from top to bottom) and
tables, in reading order. Nothing can fail.

Lines of one height make rows. Rows that leave the same vertical strips free belong together, and
a strip with text on both sides of it sets columns apart: of prose where the lines fill their
columns, else of a table. Within a column of prose the same is done again. The idea of cutting a
page at its white strips is the X-Y cut (Nagy, Seth: Hierarchical representation of optically
scanned documents, ICPR 1984).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from corpus.loaders.pdf.lines import Line

_GUTTER = 0.7
"""Of the height of the type: narrower strips are no borders."""
_CORE = 0.25
"""Share of a line's height that is left out at top and bottom where rows are formed."""
_SAME_EDGE = 3.0
_PROSE_WORDS = 2.8
_FEW_WORDS = 1.6
_LOWER = 0.2
_PROSE_FILL = 0.62
_PROSE_ROWS = 3
_DEEPEST = 12
_MARKS = frozenset("•▪●○◦‣∙·–—-*◾■□➢✓")

Gap = tuple[float, float]


@dataclass
class Table:
    """Rows of cells, each cell lines in reading order."""

    rows: list[list[list[Line]]]
    left: float
    right: float
    top: float
    bottom: float
    size: float = 10.0
    ruled: bool = False


@dataclass
class Flow:
    """Lines of one column, from the top."""

    lines: list[Line]
    left: float
    right: float


PageItem = Line | Table


@dataclass
class _Group:
    rows: list[list[PageItem]]
    gaps: list[Gap] = field(default_factory=list)

    @property
    def items(self) -> list[PageItem]:
        return [item for row in self.rows for item in row]


def arranged(items: Sequence[PageItem]) -> list[Flow | Table]:
    """The parts of a page in reading order."""
    return _merged(_arranged(items, 0))


def _merged(parts: list[Flow | Table]) -> list[Flow | Table]:
    """Flows of one column that nothing interrupts are one."""
    merged: list[Flow | Table] = []
    for part in parts:
        last = merged[-1] if merged else None
        if (
            isinstance(part, Flow)
            and isinstance(last, Flow)
            and part.lines[0].top >= last.lines[-1].middle
            and min(part.right, last.right) - max(part.left, last.left) > 0
        ):
            last.lines += part.lines
            last.left, last.right = min(last.left, part.left), max(last.right, part.right)
        else:
            merged.append(part)
    return merged


def _arranged(items: Sequence[PageItem], depth: int) -> list[Flow | Table]:
    if not items:
        return []
    left, right = min(item.left for item in items), max(item.right for item in items)
    narrowest = _GUTTER * median([item.size for item in items])
    parts: list[Flow | Table] = []
    for group in _groups(_rows(items), left, right, narrowest):
        inside = group.items
        borders = _borders(inside, group.gaps)
        if not borders or depth > _DEEPEST:
            parts += _plain(inside)
            continue
        columns = _columns(inside, borders)
        is_lone = min(map(len, columns)) < 2 and any(len(row) > 1 for row in group.rows)
        if _is_list(columns) or is_lone or _is_one_below_other(group.rows, columns):
            # Marks of a list, a wide space in one line, a date set to the right.
            parts += _plain([_with_mark(row) for row in group.rows])
        elif _is_prose(columns, group.rows):
            for column in columns:
                parts += _arranged(column, depth + 1)
        elif _is_aligned(columns):
            parts += _table(group.rows, borders)
        else:
            # Wide spaces of justified lines that happen to stand above one another.
            parts += _plain([_with_mark(row) for row in group.rows])
    return parts


def _rows(items: Sequence[PageItem]) -> list[list[PageItem]]:
    """Items whose middle parts overlap vertically."""
    rows: list[list[PageItem]] = []
    end = float("-inf")
    for item in sorted(items, key=lambda item: (item.top + _core(item), item.left)):
        if item.top + _core(item) < end:
            rows[-1].append(item)
        else:
            rows.append([item])
            end = float("-inf")
        end = max(end, item.bottom - _core(item))
    for row in rows:
        row.sort(key=lambda item: item.left)
    return rows


def _core(item: PageItem) -> float:
    return 0.0 if isinstance(item, Table) else _CORE * (item.bottom - item.top)


def _groups(
    rows: list[list[PageItem]], left: float, right: float, narrowest: float
) -> list[_Group]:
    groups: list[_Group] = []
    for row in rows:
        free = _free(row, left, right, narrowest)
        if groups:
            group = groups[-1]
            shared = _common(group.gaps, free, narrowest)
            was_split = bool(_borders(group.items, group.gaps))
            if _borders([*group.items, *row], shared) or (not was_split and len(row) == 1):
                group.rows.append(row)
                group.gaps = shared
                continue
            _cut(groups, left, right, narrowest)
        groups.append(_Group([row], free))
    _cut(groups, left, right, narrowest, is_last=True)
    return groups


def _cut(
    groups: list[_Group], left: float, right: float, narrowest: float, *, is_last: bool = False
) -> None:
    """Make the text below the columns of the last group a group of its own.

    Its strips are then those that the columns alone leave free. At the end of a page only text that
    lies across such a strip is known not to belong to a column.
    """
    group = groups[-1]
    before, gaps = list(group.rows), group.gaps
    borders = len(_borders(group.items, gaps))
    moved = _detached(group) if borders else []
    if not moved:
        return
    group.gaps = _free(group.rows[0], left, right, narrowest)
    for row in group.rows[1:]:
        group.gaps = _common(group.gaps, _free(row, left, right, narrowest), narrowest)
    if is_last and len(_borders(group.items, group.gaps)) <= borders:
        group.rows, group.gaps = before, gaps
    else:
        groups.append(_Group(moved))


def _detached(group: _Group) -> list[list[PageItem]]:
    """The last rows of columns that belong to the text across all columns below them.

    They stand on one side, and white space over the whole width sets them apart from the columns.
    """
    rows = group.rows
    place = len(rows)
    while place > 1 and len(rows[place - 1]) == 1:
        place -= 1
        above = max(item.bottom for before in rows[:place] for item in before)
        gap = rows[place][0].top - above
        if gap > 0.8 * rows[place][0].size:
            moved = rows[place:]
            del rows[place:]
            return moved
    return []


def _free(row: Sequence[PageItem], left: float, right: float, narrowest: float) -> list[Gap]:
    gaps: list[Gap] = []
    at = left
    for item in sorted(row, key=lambda item: item.left):
        if item.left - at >= narrowest or (at == left and item.left > left):
            gaps.append((at, item.left))
        at = max(at, item.right)
    if right > at:
        gaps.append((at, right))
    return gaps


def _common(first: list[Gap], second: list[Gap], narrowest: float) -> list[Gap]:
    shared = []
    for one_left, one_right in first:
        for two_left, two_right in second:
            left, right = max(one_left, two_left), min(one_right, two_right)
            if right - left >= narrowest:
                shared.append((left, right))
    return shared


def _borders(items: Sequence[PageItem], gaps: list[Gap]) -> list[float]:
    """The middle of each gap that has items on both sides."""
    borders = []
    for left, right in gaps:
        middle = (left + right) / 2
        if any(item.right <= middle for item in items) and any(
            item.left >= middle for item in items
        ):
            borders.append(middle)
    return borders


def _columns(items: Sequence[PageItem], borders: list[float]) -> list[list[PageItem]]:
    columns: list[list[PageItem]] = [[] for _ in range(len(borders) + 1)]
    for item in items:
        columns[sum(border < item.left for border in borders)].append(item)
    return [column for column in columns if column]


def _plain(items: Sequence[PageItem]) -> list[Flow | Table]:
    parts: list[Flow | Table] = []
    lines: list[Line] = []
    for item in items:
        if isinstance(item, Line):
            lines.append(item)
            continue
        parts += _flow(lines)
        parts.append(item)
        lines = []
    return [*parts, *_flow(lines)]


def _flow(lines: list[Line]) -> list[Flow | Table]:
    if not lines:
        return []
    return [Flow(lines, min(line.left for line in lines), max(line.right for line in lines))]


def _is_list(columns: list[list[PageItem]]) -> bool:
    if len(columns) != 2:
        return False
    marks = [item for item in columns[0] if isinstance(item, Line) and is_mark(item.text)]
    return len(marks) >= 0.8 * len(columns[0])


def _is_one_below_other(rows: list[list[PageItem]], columns: list[list[PageItem]]) -> bool:
    """Whether nothing stands beside anything, but blocks on different sides of the page."""
    if any(len(row) > 1 for row in rows):
        return False
    column = {id(item): number for number, items in enumerate(columns) for item in items}
    sides = [column[id(row[0])] for row in rows]
    changes = sum(side != after for side, after in pairwise(sides))
    return changes <= max(2, min(map(len, columns)))


def is_mark(text: str) -> bool:
    """Whether a text is the mark of a list's item: "•", "–", "3.", "(a)", "1.2"."""
    if text in _MARKS:
        return True
    plain = text.strip("().").lower()
    if len(text) > 8 or not plain or (text == plain.upper() and len(plain) > 3):
        return False
    ends = text[-1] in ".)" or "." in plain
    return ends and all(part.isdigit() or len(part) == 1 for part in plain.split("."))


def _with_mark(row: list[PageItem]) -> PageItem:
    """The item of a list as one line."""
    from corpus.loaders.pdf.lines import line_of

    lines = [item for item in row if isinstance(item, Line)]
    if len(lines) < 2 or len(lines) < len(row):
        return row[-1]
    words = [word for line in lines for word in line.words]
    return line_of(words)


def _is_prose(columns: list[list[PageItem]], rows: list[list[PageItem]]) -> bool:
    if any(isinstance(item, Table) for column in columns for item in column):
        return True
    shared = sum(len(row) > 1 for row in rows)
    if shared < 2 or shared < 0.3 * len(rows):
        return True
    long = [column for column in columns if len(column) >= _PROSE_ROWS]
    return len(long) > 1 and all(map(_reads_on, columns)) and all(map(_fills, long))


def _is_aligned(columns: list[list[PageItem]]) -> bool:
    """Whether the cells of each further column share an edge or their middle."""
    return all(_shares_edge(column) for column in columns[1:])


def _shares_edge(column: list[PageItem]) -> bool:
    numbers = [any(map(str.isdigit, item.text)) for item in column if isinstance(item, Line)]
    edges = [
        [item.left for item in column],
        [(item.left + item.right) / 2 for item in column],
        # Justified lines end at one edge too; numbers are what tables set so.
        [item.right for item in column] if sum(numbers) > 0.5 * len(column) else [],
    ]
    return any(
        sum(abs(value - median(values)) < _SAME_EDGE for value in values) > 0.55 * len(values)
        for values in edges
        if values
    )


def _reads_on(column: list[PageItem]) -> bool:
    """Whether lines have the words of sentences; of few, where many go on in lower case."""
    lines = [item for item in column if isinstance(item, Line)]
    words = _weighted([(len(line.words), line) for line in lines])
    lower = sum(line.words[0].text[0].islower() for line in lines)
    return words >= _PROSE_WORDS or (words >= _FEW_WORDS and lower >= _LOWER * len(lines))


def _fills(column: list[PageItem]) -> bool:
    width = max(1.0, max(item.right for item in column) - min(item.left for item in column))
    return _weighted([((item.right - item.left) / width, item) for item in column]) >= _PROSE_FILL


def _weighted(values: list[tuple[float, PageItem]]) -> float:
    """The mean by width: a small table within a column of prose changes it little."""
    widths = [max(0.1, item.right - item.left) for _, item in values]
    products = (value * width for (value, _), width in zip(values, widths, strict=True))
    return sum(products) / sum(widths)


def _table(rows: list[list[PageItem]], borders: list[float]) -> list[Flow | Table]:
    grid = []
    for row in rows:
        cells: list[list[Line]] = [[] for _ in range(len(borders) + 1)]
        for item in row:
            if isinstance(item, Line):
                cells[sum(border < item.left for border in borders)].append(item)
        grid.append(cells)
    first = next((number for number, cells in enumerate(grid) if _filled(cells) > 1), 0)
    last = max((number for number, cells in enumerate(grid) if _filled(cells) > 1), default=0)
    before = [item for row in rows[:first] for item in row]
    after = [item for row in rows[last + 1 :] for item in row]
    inside = [item for row in rows[first : last + 1] for item in row]
    table = Table(
        _with_wrapped(grid[first : last + 1]),
        min(item.left for item in inside),
        max(item.right for item in inside),
        min(item.top for item in inside),
        max(item.bottom for item in inside),
        median([item.size for item in inside]),
    )
    return [*_plain(before), table, *_plain(after)]


def _filled(cells: list[list[Line]]) -> int:
    return sum(bool(cell) for cell in cells)


def _with_wrapped(grid: list[list[list[Line]]]) -> list[list[list[Line]]]:
    """Rows whose first cell is empty and that stand close go on in the cells of the row above."""
    steps = [_top(row) - _bottom(above) for above, row in pairwise(grid) if row[0]]
    usual = median(steps) if steps else 0.0
    joined: list[list[list[Line]]] = []
    for row in grid:
        if joined and not row[0]:
            gap = _top(row) - _bottom(joined[-1])
            size = next(line.size for cell in row for line in cell)
            if gap < 0.4 * size and gap < 0.75 * usual - 0.5:
                for cell, more in zip(joined[-1], row, strict=True):
                    cell.extend(more)
                continue
        joined.append([list(cell) for cell in row])
    return joined


def _top(row: list[list[Line]]) -> float:
    return min(line.top for cell in row for line in cell)


def _bottom(row: list[list[Line]]) -> float:
    return max(line.bottom for cell in row for line in cell)
