"""Lines of plain text in the order in which they are read.

In: a text, as typed or as ``pdftotext -layout`` leaves it. Out: its lines, each with its number in
the text and, where form feeds part pages, its page. Nothing can fail, and nothing but blanks is
left out: every other character of the text is in exactly one of the lines.

* Columns of prose that stand side by side are read one after the other.
* A running header or footer that stands within a paragraph comes after it.

A text without columns and running headers keeps its lines as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from corpus.cleaning import is_page_line
from corpus.gutters import cells_between, gutters, has_gap, reads_across

_DIGITS = re.compile(r"\d+")
_TERMINAL = ".!?:;…|"
_MOST_LINES = 400
"""Lines in which one pair of columns is looked for."""
_EDGE = 2
"""Lines at the top and at the bottom of a page that may be running headers."""


class TextLine(NamedTuple):
    """A line, or the part of one that belongs to one column."""

    text: str
    """Its characters."""
    number: int
    """Line of the text, from 1."""
    page: int | None = None
    """Page of the text, from 1; None where no form feed parts pages."""


def ordered_lines(text: str) -> list[TextLine]:
    """The lines of ``text`` in reading order."""
    pages = text.split("\f")
    lines: list[list[TextLine]] = []
    number = 1
    for at, page in enumerate(pages, 1):
        parts = page.split("\n")
        name = at if len(pages) > 1 else None
        lines.append([TextLine(part, number + line, name) for line, part in enumerate(parts)])
        number += len(parts) - 1
    running = _running(lines)
    joined = [line for page in lines for line in _columns(page)]
    return _after_paragraphs(joined, running)


def _running(pages: Sequence[Sequence[TextLine]]) -> frozenset[str]:
    """Lines, figures aside, that are headers or footers of pages."""
    told = Counter(
        _plain(line.text) for page in pages for line in page if is_page_line(line.text.strip())
    )
    found = {words for words, times in told.items() if times > 1}
    edges: Counter[str] = Counter()
    for page in pages:
        filled = [line for line in page if line.text.strip()]
        near = filled[:_EDGE] + filled[max(_EDGE, len(filled) - _EDGE) :]
        edges.update({_plain(line.text) for line in near})
    most = sum(any(line.text.strip() for line in page) for page in pages)
    if most > 2:
        found |= {words for words, times in edges.items() if 2 * times > most}
    return frozenset(found)


def _plain(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split()))


def _columns(page: list[TextLine]) -> list[TextLine]:
    """The lines of a page, columns of prose one after the other."""
    result: list[TextLine] = []
    at = 0
    while at < len(page):
        if not has_gap(page[at].text):
            result.append(page[at])
            at += 1
            continue
        texts = [line.text for line in page[at : at + _MOST_LINES]]
        found = gutters(texts)
        behind = at + max(1, found.lines)
        if found.columns and reads_across(texts[: found.lines], found):
            for column in range(len(found.columns) + 1):
                if column:
                    result.append(TextLine("", page[behind - 1].number, page[at].page))
                for line in page[at:behind]:
                    start, end = cells_between(line.text, found)[column]
                    if start < end or not line.text.strip():
                        result.append(line._replace(text=line.text[start:end]))
        else:
            result.extend(page[at:behind])
        at = behind
    return result


def _after_paragraphs(lines: list[TextLine], running: frozenset[str]) -> list[TextLine]:
    """Running headers that interrupt a paragraph, put behind it, with blank lines around."""
    if not running:
        return lines
    result: list[TextLine] = []
    waiting: list[TextLine] = []
    for line in lines:
        if _plain(line.text) in running:
            waiting.append(line)
        elif waiting and not line.text.strip() and _is_open(result):
            # Blank lines around a running header part nothing where a sentence goes on.
            continue
        else:
            if waiting and not (_is_open(result) and line.text.strip()):
                _put(result, waiting)
                waiting = []
            result.append(line)
    if waiting:
        _put(result, waiting)
    return result


def _put(result: list[TextLine], waiting: list[TextLine]) -> None:
    blank = TextLine("", waiting[0].number, waiting[0].page)
    result.extend((blank, *waiting, blank._replace(number=waiting[-1].number)))


def _is_open(result: Sequence[TextLine]) -> bool:
    """Whether the last line ends within a sentence."""
    last = result[-1].text.rstrip() if result else ""
    return bool(last) and last[-1] not in _TERMINAL
