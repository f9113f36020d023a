"""Words to lines, and lines to runs of text.

In: the words of a page or of a cell. Out: lines, each a run of words on one baseline without a gap
as wide as that between columns; as text with the borders of each character. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from corpus.loaded import Place, Run, Style, subscript, superscript
from corpus.loaders.pdf.words import Word

_WITH_SPACE = 1.5
_WITHOUT_SPACE = 0.62
"""Of the height: gaps within a line, with a space of the file in it and without. Justified lines
stretch a space, columns of tables stand closer than that without one."""
_OVERLAP = 0.5
_RAISED = 0.12
_SMALLER = 0.9
_NOTE_DIGITS = 3


@dataclass(slots=True)
class Line:
    """Words of one baseline, in reading order."""

    words: list[Word]
    left: float
    right: float
    top: float
    bottom: float
    size: float
    """Height of the type, in points: the median of its characters."""
    is_ended: bool = False
    """Whether it was ended by hand within its paragraph, as :mod:`.line_ends` tells."""

    @property
    def text(self) -> str:
        """Its words with a blank between, raised ones as they stand."""
        return " ".join(word.text for word in self.words)

    @property
    def bold(self) -> bool:
        """Whether all of it is."""
        return all(word.bold for word in self.words)

    @property
    def middle(self) -> float:
        """Height of its middle on the page."""
        return (self.top + self.bottom) / 2


def line_of(words: list[Word]) -> Line:
    """The line of ``words``, which are in order."""
    heights = [word.height for word in words]
    size = heights[0]
    if max(heights) - min(heights) > 0.1:
        size = median([word.height for word in words for _ in word.text])
    body = [word for word in words if word.height > _SMALLER * size] or words
    return Line(
        words,
        min(word.left for word in words),
        max(word.right for word in words),
        min(word.top for word in body),
        max(word.bottom for word in body),
        size,
    )


def lines_of(words: Iterable[Word]) -> list[Line]:
    """The lines of ``words``, from the top, of one height from the left."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and _follows(runs[-1][-1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    lines = [line_of(run) for run in runs]
    lines.sort(key=lambda line: (line.middle, line.left))
    return sorted(_joined(lines), key=lambda line: (line.middle, line.left))


def _joined(lines: list[Line]) -> list[Line]:
    """Neighbours on one baseline that the file does not write one after the other."""
    joined: list[Line] = []
    for line in lines:
        place = len(joined) - 1
        partner = -1
        while place >= 0 and joined[place].middle > line.middle - line.size:
            other = joined[place]
            if _beside(other, line):
                partner = place
                break
            place -= 1
        if partner < 0:
            joined.append(line)
        else:
            both = sorted(joined[partner].words + line.words, key=lambda word: word.left)
            joined[partner] = line_of(both)
    if len(joined) < len(lines):
        joined.sort(key=lambda line: (line.middle, line.left))
        return _joined(joined)
    return joined


def _beside(first: Line, second: Line) -> bool:
    left, right = (first, second) if first.left <= second.left else (second, first)
    gap = right.left - left.right
    height = max(left.size, right.size)
    return -0.3 * height < gap < _WITHOUT_SPACE * height and _share(first, second) >= _OVERLAP


def _follows(last: Word, word: Word) -> bool:
    """Whether a word goes on in the line of the one before it in the file."""
    height = last.height if last.height > word.height else word.height
    # Words of one line and font have one top: by far the most common case.
    if last.top != word.top and _share(last, word) < _OVERLAP:
        return False
    gap = word.left - last.right if word.left >= last.left else last.left - word.right
    if word.left < last.left and not (last.leftward or word.leftward):
        return False
    return -0.3 * height < gap < (_WITH_SPACE if word.spaced else _WITHOUT_SPACE) * height


def _share(first: Word | Line, second: Word | Line) -> float:
    """Vertical overlap as a share of the lower of both."""
    overlap = min(first.bottom, second.bottom) - max(first.top, second.top)
    return overlap / max(0.01, min(first.bottom - first.top, second.bottom - second.top))


def runs_of(line: Line, page: int, notes: Collection[str] = ()) -> list[Run]:
    """The text of a line with its place; raised, lowered and unsure words, marks of ``notes``."""
    runs: list[Run] = []
    text, borders = "", [0.0]
    last: Word | None = None
    for word in line.words:
        shift = shift_of(word, line)
        is_close = last is None or _is_close(last, word)
        if shift or word.unsure:
            if text:
                runs.append(_run(text, borders, line, page))
            runs += [Run(" ")] * (not is_close and bool(runs))
            runs.append(_shifted(word, shift, page, notes, last) if shift else _unsure(word, page))
            text = ""
        else:
            if not is_close and not text:
                runs.append(Run(" "))
            text, borders = _longer(text, borders, word, is_close)
        if word.tail:
            runs += [_run(text, borders, line, page)] * bool(text)
            runs += word.tail
            text = ""
        last = word
    if text:
        runs.append(_run(text, borders, line, page))
    return runs


def _longer(text: str, borders: list[float], word: Word, is_close: bool) -> tuple[str, list[float]]:
    """The run with another word; its last border is the right end of its last character."""
    leftward = word.leftward
    starts, ends = (word.rights, word.lefts) if leftward else (word.lefts, word.rights)
    if text and is_close:
        return text + word.text, [*borders[:-1], *starts, ends[-1]]
    if text:
        return f"{text} {word.text}", [*borders, *starts, ends[-1]]
    return word.text, [*starts, ends[-1]]


def _run(text: str, borders: list[float], line: Line, page: int) -> Run:
    box = (min(borders), line.top, max(borders), line.bottom)
    return Run(text, _place(page, box), tuple(borders))


def _unsure(word: Word, page: int) -> Run:
    place = _place(page, (word.left, word.top, word.right, word.bottom))
    return Run(word.text, place, (*word.lefts, word.rights[-1]), "unsure")


def _place(page: int, box: tuple[float, float, float, float]) -> Place:
    return Place(page=page, rectangle=box)


def _is_close(last: Word, word: Word) -> bool:
    """Whether no blank stands between two words of a line."""
    if word.spaced:
        return False
    gap = max(word.left - last.right, last.left - word.right)
    return gap < 0.18 * max(last.height, word.height)


def shift_of(word: Word, line: Line) -> str:
    """ "raised", "lowered" or nothing."""
    if word.height > _SMALLER * line.size or not any(map(str.isalnum, word.text + "0")):
        return ""
    if word.bottom < line.bottom - _RAISED * line.size:
        return "raised" if word.text not in {".", ","} else ""
    return "lowered" if word.bottom > line.bottom + 0.04 * line.size else ""


def _shifted(word: Word, shift: str, page: int, notes: Collection[str], last: Word | None) -> Run:
    place = _place(page, (word.left, word.top, word.right, word.bottom))
    style: Style = ""
    if shift == "raised" and (word.text in notes and not _is_power(word, last)):
        text, style = f"[{word.text}]", "note"
    else:
        text = superscript(word.text) if shift == "raised" else subscript(word.text)
    edges = (*word.lefts, word.rights[-1]) if len(text) == len(word.text) else ()
    return Run(text, place, tuple(edges), style)


def _is_power(word: Word, last: Word | None) -> bool:
    """Whether a raised number is an exponent: it stands at a digit or a unit."""
    before = last.text if last is not None else ""
    units = {"m", "cm", "mm", "km", "dm", "s", "h"}
    return (
        bool(before) and (before[-1].isdigit() or before.lower() in units) and word.text.isdigit()
    )


def raised_marks(lines: Iterable[Line]) -> Iterator[str]:
    """The raised words of lines that may refer to a note."""
    for line in lines:
        for number, word in enumerate(line.words):
            if number and shift_of(word, line) == "raised" and len(word.text) <= _NOTE_DIGITS:
                yield word.text
