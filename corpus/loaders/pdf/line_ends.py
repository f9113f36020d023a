"""Why the lines of a column end: because they are full, or because somebody ended them.

In: the lines of a column, in stretches that stand close below one another in one type. Out: for
each line of a stretch but the last how it ends. Nothing can fail.

A program that breaks running text sets as many words into a line as it has room for. So a line
behind which the first word of the next would have had room was ended by hand: the last of its
paragraph, or one of an address, a form, a list without marks, a poem. How far the room goes is not
written in the file. It is taken to go to the edge of the page, then to that of the column, then to
that of the lines around; to the first for which the lines that would have been ended by hand do not
go on within a sentence all the same, as they do beside a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median

from corpus.blocks import is_broken
from corpus.loaders.pdf.lines import Line
from corpus.loaders.pdf.order import is_mark
from corpus.regions import is_form_line

_TERMINATORS = tuple(".!?:;…")
_CLOSERS = "\"'”“»«’)]"
_BLANK = 0.28
"""Of the height: the width of a blank where a line has none to measure."""
_SAFE = 0.5
"""Of the height: what must be left beyond the word; scans stand a little askew."""
_GLUED = 3
"""Characters up to which a word is often held to the next ("§ 5", "Dr.", "z. B.")."""
_ASKEW = 0.3
_UNEVEN = 0.5
_INDENT = 4.0
_FAR = 6.0
"""Of the height: from which a line is set in by so much, in running text never."""
_CLEARLY = 0.15
"""Of the column: what a last line of a paragraph leaves, whatever the next word is."""
_INSET = 0.25
"""Of the column: what stands further in than that is set to the other side."""
_USED = 0.75
_NARROW = 0.66
"""Of the page between equal margins: what running text uses where nothing stands beside it, and up
to where a column is so narrow that its lines rather end by hand."""
_MARGIN = 0.125
_GOING_ON = 0.15
_GOING_ON_NEAR = 0.35
"""Share of lines that go on within a sentence though they fill their column, of those that an edge
has for ended by hand: up to which the edge may be right, by the lines and by the whole column."""
_ENOUGH = 4
_JUSTIFIED = 0.6
_AROUND = 2
"""Lines on either side that tell how wide a column is just here."""


class LineEnd(Enum):
    """How a line ends."""

    FULL = "full"
    """Nothing is known against the next one going on in it."""
    BROKEN = "broken"
    """By hand, but within a sentence."""
    ENDED = "ended"
    """By hand, with what it says."""


@dataclass(frozen=True)
class _Borders:
    """How far lines may go."""

    left: float
    right: float
    width: float
    """Of lines that are centred."""
    is_page: bool = False
    """Whether only the page bounds them, which it does not where something stands beside."""


class _Side(Enum):
    """Where lines have one edge, so that they are open on the other."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


@dataclass(frozen=True)
class _Pair:
    """A line and the next."""

    line: Line
    after: Line
    side: _Side
    goes_on: bool
    """Whether the next line is within a sentence that this one began."""
    around: tuple[_Borders, _Borders]
    """How far the lines up to this one and those below it go."""

    def room(self, borders: _Borders) -> float:
        """What is free beside the line, on the side where it is open."""
        line = self.line
        if self.side is _Side.MIDDLE:
            return borders.width - (line.right - line.left)
        if self.side is _Side.RIGHT:
            return line.left - borders.left
        # What is set in from the left is often set in from the right as well.
        inset = min(line.left, self.after.left) - borders.left
        return borders.right - line.right - (inset if inset < _INSET * borders.width else 0.0)

    def is_ended(self, borders: _Borders, *, is_justified: bool = False) -> bool:
        """Whether the line is not as full as it could be."""
        line, words = self.line, self.after.words
        if any(word.leftward for word in (*line.words, *words)):
            return False
        if self.side is _Side.LEFT and abs(line.left - self.after.left) > _FAR * line.size:
            return True
        if self.ends_early(borders):
            return True
        room = self.room(borders) - _SAFE * line.size
        if is_justified and len(line.words) > 1:
            return room > 0
        first = words[0]
        is_glued = len(first.text) <= _GLUED or first.text.endswith(".") or first.text.isdigit()
        last = words[1] if is_glued and len(words) > 1 else first
        return room > last.right - first.left + _blank(line)

    def ends_early(self, borders: _Borders) -> bool:
        """Whether the line ends a sentence clearly before the border."""
        room = self.room(borders) - _SAFE * self.line.size
        return room > _CLEARLY * borders.width and ends_sentence(self.line.text)

    def is_ended_here(self, column: _Borders) -> bool:
        """Whether the lines above and those below agree that it is, or it ends a sentence early.

        Where a column changes its width, as beside a picture, they do not agree.
        """
        return all(map(self.is_ended, self.around)) or self.ends_early(column)

    @property
    def tells_width(self) -> bool:
        """Whether it reaches as far as the lines around, so that it may have filled its column.

        The line above an item of a list tells nothing: that begins a line wherever it stands.
        """
        return not any(map(self.is_ended, self.around)) and not is_mark(self.after.words[0].text)


class Column:
    """The lines of a column, and the borders that it may have."""

    def __init__(self, stretches: Sequence[Sequence[Line]], page_width: float, edge: float) -> None:
        """``edge`` is the right one of all that stands on the page."""
        lines = [line for stretch in stretches for line in stretch]
        left, right = min(line.left for line in lines), max(line.right for line in lines)
        self._stretches = stretches
        self._pairs = [_pairs(stretch, (left + right) / 2) for stretch in stretches]
        self._borders = [_Borders(left, right, right - left)]
        margin = min(left, _MARGIN * page_width)
        usable = page_width - 2 * margin
        if right - left < _NARROW * usable:
            usable *= _USED
            of_page = _Borders(margin, max(edge, margin + usable), usable, is_page=True)
            self._borders.insert(0, of_page)
        self._are_likely = [
            _share_going_on([pair for pairs in self._pairs for pair in pairs], borders)
            <= _GOING_ON_NEAR
            for borders in self._borders
        ]

    def line_ends(self, stretch: int, *, is_alone: bool) -> list[LineEnd]:
        """How each line of the stretch of that number but the last ends.

        ``is_alone``: nothing stands beside it.
        """
        lines, pairs = self._stretches[stretch], self._pairs[stretch]
        for borders, are_likely in zip(self._borders, self._are_likely, strict=True):
            if borders.is_page and not is_alone:
                continue
            ended = _ended(lines, pairs, borders)
            share = _share_going_on(pairs, borders)
            if share <= _GOING_ON and (are_likely or sum(ended) >= _ENOUGH):
                if borders.is_page and _are_all_ended(pairs, ended):
                    ended = [True] * len(ended)
                return _ends(pairs, ended)
        return _ends(pairs, [pair.is_ended_here(self._borders[-1]) for pair in pairs])


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does, a footnote's mark and quotation marks aside."""
    return text.rstrip(_CLOSERS + "0123456789[").endswith(_TERMINATORS) or text.endswith(
        _TERMINATORS
    )


def _pairs(lines: Sequence[Line], middle: float) -> list[_Pair]:
    """The pairs of a stretch; ``middle`` is that of the column."""
    middles = _aligned(lines, [(line.left + line.right) / 2 for line in lines], _UNEVEN)
    rights = _aligned(lines, [line.right for line in lines], _INDENT)
    pairs = []
    for at, (line, after) in enumerate(pairwise(lines)):
        is_flush = rights[at] == rights[at + 1] > 0
        is_centred = middles[at] == middles[at + 1] > 0
        if is_centred and middles.count(middles[at]) == 2:
            is_centred = _are_centred(lines, at, middle)
        side = _Side.RIGHT if is_flush else _Side.MIDDLE if is_centred else _Side.LEFT
        goes_on = after.words[0].text[0].islower() or is_broken(line.text, after.text)
        above, below = lines[max(0, at + 1 - _AROUND) : at + 1], lines[at + 1 : at + 1 + _AROUND]
        pairs.append(_Pair(line, after, side, goes_on, (_extent(above), _extent(below))))
    return pairs


def _are_centred(lines: Sequence[Line], at: int, middle: float) -> bool:
    """Whether the line at that place and the next, which have one middle, have it not by chance.

    They would where one is set in and a neighbour begins where the other does.
    """
    line, after = lines[at : at + 2]
    neighbours = [*lines[max(0, at - 1) : at], *lines[at + 2 : at + 3]]
    is_left = any(
        abs(neighbour.left - own.left) < 0.1 * own.size
        for neighbour in neighbours
        for own in (line, after)
    )
    return not is_left and abs((line.left + line.right) / 2 - middle) < _ASKEW * line.size


def _extent(lines: Sequence[Line]) -> _Borders:
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    return _Borders(left, right, right - left)


def _share_going_on(pairs: Sequence[_Pair], borders: _Borders) -> float:
    """Of the lines that borders have for ended by hand, how many tell that they go on."""
    ended = [pair for pair in pairs if pair.is_ended(borders)]
    return sum(pair.goes_on and pair.tells_width for pair in ended) / max(1, len(ended))


def _aligned(lines: Sequence[Line], values: Sequence[float], apart: float) -> list[int]:
    """Runs of lines with one value and left edges that are ``apart``, by number; 0: of no run."""
    runs = [0] * len(lines)
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and abs(values[end] - values[start]) < _ASKEW * lines[end].size:
            continue
        lefts = sorted(line.left for line in lines[start:end])
        if len(lefts) > 2:
            # The first line of a paragraph may be the only one that is set in.
            lefts = min(lefts[1:], lefts[:-1], key=lambda rest: rest[-1] - rest[0])
        if lefts[-1] - lefts[0] > apart * lines[start].size:
            runs[start:end] = [start + 1] * (end - start)
        start = end
    return runs


def _ended(lines: Sequence[Line], pairs: Sequence[_Pair], borders: _Borders) -> list[bool]:
    flush = [abs(line.right - borders.right) < 0.1 * line.size for line in lines]
    is_justified = len(lines) >= _ENOUGH and sum(flush) > _JUSTIFIED * len(lines)
    return [pair.is_ended(borders, is_justified=is_justified) for pair in pairs]


def _are_all_ended(pairs: Sequence[_Pair], ended: Sequence[bool]) -> bool:
    """Whether so many lines end well before the edge of the page that the widest make no edge."""
    return 2 * sum(ended) >= len(ended) and not any(pair.goes_on for pair in pairs)


def _ends(pairs: Sequence[_Pair], ended: Sequence[bool]) -> list[LineEnd]:
    forms = [is_form_line(pair.line.text) for pair in pairs]
    forms += [is_form_line(pair.after.text) for pair in pairs[-1:]] + [False]
    ends = []
    for at, (pair, is_ended) in enumerate(zip(pairs, ended, strict=True)):
        before = forms[at] or (forms[at + 2] and ends_sentence(pair.line.text))
        if forms[at + 1] and before:
            # Lines of a form, and the sentence above one, may be full by chance.
            ends.append(LineEnd.ENDED)
        elif is_ended:
            ends.append(LineEnd.BROKEN if pair.goes_on else LineEnd.ENDED)
        else:
            ends.append(LineEnd.FULL)
    return ends


def _blank(line: Line) -> float:
    gaps = [after.left - word.right for word, after in pairwise(line.words)]
    return max(0.0, median(gaps)) if gaps else _BLANK * line.size
