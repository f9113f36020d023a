"""Running headers and footers of a PDF.

In: the pages of one document. Out: for lines that are page furniture, why. Nothing can fail.

A line is one where it stands at the top or bottom of its page, set apart from the text, and the
same words (numbers apart) stand at the same height on several pages; or where it is nothing but a
page's number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.loaders.pdf.lines import Line
from corpus.loaders.pdf.page import PageParts

_MARGIN = 0.14
"""Share of the page's height at top and bottom in which furniture stands."""
_LINES = 3
_SHARE = 0.25
_SAME_HEIGHT = 6.0
_WORDS = frozenset(
    """
    seite page blatt von of s. p. pg. | - – — · • # ( ) [ ] / i ii iii iv v vi vii viii ix x
    """.split()  # noqa: SIM905
)


def furniture_of(pages: Sequence[PageParts]) -> dict[int, str]:
    """Reasons by the ``id`` of a line."""
    places: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    candidates = [(page, edge, line) for page in pages for edge, line in _candidates(page)]
    for page, edge, line in candidates:
        places[edge, _key(line.text)].append((page.number, line.middle))
    reasons: dict[int, str] = {}
    needed = max(2, min(_SHARE * len(pages), 8))
    for _, edge, line in candidates:
        key = _key(line.text)
        count = len(
            {
                number
                for number, height in places[edge, key]
                if abs(height - line.middle) <= _SAME_HEIGHT
            }
        )
        if count >= needed:
            reasons[id(line)] = f"repeated at the {edge} of {count} pages"
        elif _is_number(key):
            reasons[id(line)] = "number of the page"
    return reasons


def _candidates(page: PageParts) -> Iterator[tuple[str, Line]]:
    """The outermost lines at top and bottom that white space sets apart."""
    inner = [table.top for table in page.tables] + [line.top for line in page.lines]
    outer = [table.bottom for table in page.tables] + [line.bottom for line in page.lines]
    rows = _rows(page.lines)
    yield from _outermost(rows, "top", _MARGIN * page.height, inner)
    yield from _outermost(rows[::-1], "bottom", (1 - _MARGIN) * page.height, outer)


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.middle):
        if rows and line.middle - rows[-1][0].middle < 0.5 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _outermost(
    rows: list[list[Line]], edge: str, limit: float, borders: list[float]
) -> Iterator[tuple[str, Line]]:
    taken: list[list[Line]] = []
    is_top = edge == "top"
    for row in rows[:_LINES]:
        line = row[0]
        if (line.middle > limit) if is_top else (line.middle < limit):
            break
        taken.append(row)
    # What stands close to the text is its first or last line, unless all that is close is taken.
    while taken:
        line = taken[-1][0]
        if is_top:
            gap = min((top - line.bottom for top in borders if top > line.middle), default=99.0)
        else:
            gap = min((line.top - low for low in borders if low < line.middle), default=99.0)
        if gap > 0.7 * line.size:
            break
        taken.pop()
    if any(_same_columns(row, after) for row, after in pairwise(taken)):
        # Rows of a table, which may stand at the top of every page.
        return
    for row in taken:
        for line in row:
            yield edge, line


def _same_columns(row: list[Line], after: list[Line]) -> bool:
    """Whether two rows have cells that begin at the same places."""
    shared = sum(any(abs(line.left - below.left) < 2 for below in after) for line in row)
    return shared >= 2


def _key(text: str) -> str:
    key = "".join("#" if letter.isdigit() else letter for letter in text.casefold())
    while "##" in key:
        key = key.replace("##", "#")
    return " ".join(key.split())


def _is_number(key: str) -> bool:
    plain = key.replace("/", " / ").replace("-", " - ").split()
    return bool(plain) and all(word in _WORDS for word in plain) and len(plain) <= 6
