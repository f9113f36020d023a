"""The blocks of a text: paragraphs, headings, list items.

In: any text. Out: spans of it, in order, none empty, none with white space at its ends; white
space is all that lies between them. No sentence crosses a block. Nothing can fail.

A line of saved web text is a whole paragraph, while in hard-wrapped text (mail, old plain text)
a paragraph goes on over many lines. A line break is taken for wrapping only where the next
line's first word would not have fitted any more and the lines around it agree, or where the line
cannot be whole: it breaks a word, or ends with an article, a conjunction or the like.
"""

from __future__ import annotations

import re
from itertools import pairwise

from corpus.document import Span

# Wrapping columns in use lie between these; a longer line was not wrapped by hand or program.
MIN_COLUMN = 40
MAX_COLUMN = 120
# Columns of a page set side by side are narrower; there only a line that goes on in lower case is.
NARROWEST_COLUMN = 18

# Some web archives put the date in front of the first sentence: "date 2025-06 Es ist ...".
_DATE_STAMP = re.compile(r"\s*(date:?\s\d{4}(?:-\d{2}){1,2})(?=\s)", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
# A lower-case word, or a number set apart as an index is ("O\n2-Konzentration").
_BROKEN_WORD = re.compile(r"[^\W\d_][-\u2010\u2011\u00ad]")
# Words that no line ends with unless its sentence goes on; verb particles ("an", "auf") may.
_OPEN_ENDS = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines und oder sowie vom zum zur im am beim
    für mit von bei ohne durch gegen zwischen sich dass weil wenn als the a of and or with for from
    """.split()  # noqa: SIM905
)
_GOES_ON = re.compile(r"[^\W\d_A-ZÄÖÜ]\w*[\s,;.-]|\d{1,2}(?:-\w|\s[a-zäöüß])")
_LIST_MARK = re.compile(r"\s*(?:[-*•·–—+|#>]|\d{1,3}[.)]|[a-zA-Z][.)])\s")


def blocks(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the blocks of ``text[start:end]``, by offsets in ``text``."""
    found: list[Span] = []
    end = len(text) if end is None else end
    stamp = _DATE_STAMP.match(text) if start == 0 else None
    if stamp and stamp.end() <= end:
        start = stamp.end()
        found.append(Span(start=stamp.start(1), end=start))
    for gap in _BLANK_LINES.finditer(text, start, end):
        found.extend(_blocks_of_run(text, start, gap.start()))
        start = gap.end()
    found.extend(_blocks_of_run(text, start, end))
    return found


def strip(text: str, start: int, end: int) -> Span | None:
    """Return ``text[start:end]`` as a span without white space at its ends; None if empty."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return Span(start=start + left, end=start + right) if left < right else None


def _blocks_of_run(text: str, start: int, end: int) -> list[Span]:
    lines: list[Span] = []
    at = start
    for raw in text[start:end].split("\n"):
        span = strip(text, at, at + len(raw))
        at += len(raw) + 1
        if span is not None:
            lines.append(span)
    joined: list[Span] = []
    for line, continues in zip(lines, _continuations(text, lines), strict=True):
        if continues:
            joined[-1] = Span(start=joined[-1].start, end=line.end)
        else:
            joined.append(line)
    return joined


def _continuations(text: str, lines: list[Span]) -> list[bool]:
    """Say for each line of a run whether it continues the line before it."""
    if not lines:
        return []
    widths = [line.end - line.start for line in lines]
    column = max(widths)
    texts = [text[line.start : line.end] for line in lines]
    sure = [is_broken(before, after) for before, after in pairwise(texts)]
    if not NARROWEST_COLUMN <= column <= MAX_COLUMN:
        return [False, *sure]
    full = [
        width + 1 + len(after.split(maxsplit=1)[0]) > column
        for width, after in zip(widths[:-1], texts[1:], strict=True)
    ]
    # A full line may also be chance: a title and its subtitle of equal length. Either the break
    # before or after looks the same, or the next line goes on in lower case. In a narrow column
    # some line has to, and no sentence may end with the line.
    flows = any(
        is_full and after[0].islower() for is_full, after in zip(full, texts[1:], strict=True)
    )
    alike = [
        any(full[max(0, place - 1) : place] + full[place + 1 : place + 2])
        if column >= MIN_COLUMN
        else flows and texts[place][-1] not in ".!?:"
        for place in range(len(full))
    ]
    return [False] + [
        is_sure or (is_full and not _LIST_MARK.match(after) and (is_alike or after[0].islower()))
        for is_sure, is_full, is_alike, after in zip(sure, full, alike, texts[1:], strict=True)
    ]


def is_broken(before: str, after: str) -> bool:
    """Say whether a line stops in the middle of a sentence that ``after`` goes on with."""
    if _BROKEN_WORD.match(before[-2:]):
        return after[0].isalnum()
    if _LIST_MARK.match(after):
        return False
    if before.rpartition(" ")[2] in _OPEN_ENDS and after[0].isalnum():
        return True
    return (
        len(before) > MIN_COLUMN
        and (before[-1].isalnum() or before[-1] in ",-–")
        and _GOES_ON.match(after) is not None
    )


def is_heading(block: str) -> bool:
    """Say whether a block reads like a heading: one short line that is no sentence."""
    return (
        len(block) <= MAX_COLUMN
        and "\n" not in block
        and not block[0].islower()
        and block[-1] not in ".!;,…"
        and "|" not in block
        and len(block.split()) <= 16
        and _LIST_MARK.match(block) is None
    )
