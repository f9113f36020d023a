"""An answer's text in the forms of other services.

In: an answer whose sentences end in markers such as ``[1]``. Out: its pieces, each with the
citations that its markers resolve to; and a text cut to a number of tokens. Nothing can fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.pipeline.answer import Answer, Citation, DoneEvent, Event, SentenceEvent

_MARKERS = re.compile(r"\s?((?:\[\d{1,4}\])+)")
_NUMBER = re.compile(r"\d+")
_WORDS = re.compile(r"\S+\s*")
CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class CitedPiece:
    """A piece of an answer without its markers; those of an answer, joined, are its whole text."""

    text: str
    citations: tuple[Citation, ...]


def cited_pieces(text: str, citations: Sequence[Citation]) -> list[CitedPiece]:
    """``text`` parted behind its markers; a number in brackets that is no marker stays in it."""
    known = {citation.marker: citation for citation in citations}
    pieces: list[CitedPiece] = []
    begin = 0
    for match in _MARKERS.finditer(text):
        numbers = [int(number) for number in _NUMBER.findall(match.group(1))]
        if all(number in known for number in numbers):
            cited = tuple(known[number] for number in numbers)
            pieces.append(CitedPiece(text[begin : match.start()], cited))
            begin = match.end()
    if rest := text[begin:]:
        pieces.append(CitedPiece(rest, ()))
    return pieces


def markers_in(text: str) -> list[tuple[int, int]]:
    """Of each marker in ``text`` the character before which it stands, and its number."""
    return [
        (found.start(1), int(number))
        for found in _MARKERS.finditer(text)
        for number in _NUMBER.findall(found.group(1))
    ]


def without_markers(text: str) -> str:
    """``text`` without numbers in brackets."""
    return _MARKERS.sub("", text)


def cut(text: str, limit: int, count_tokens: CountTokens) -> str:
    """The longest start of ``text`` of whole words with at most ``limit`` tokens.

    Markers cost nothing, so that a sentence that fits keeps them. Of a first word that is longer,
    as many characters as fit, and one at least.
    """
    if _tokens(text, count_tokens) <= limit:
        return text
    ends = [found.end() for found in _WORDS.finditer(text)]
    words = _most(len(ends), lambda count: _tokens(text[: ends[count - 1]], count_tokens) <= limit)
    if words:
        return text[: ends[words - 1]].rstrip()
    end = ends[0] if ends else 0
    return text[: max(1, _most(end, lambda count: _tokens(text[:count], count_tokens) <= limit))]


def _tokens(text: str, count_tokens: CountTokens) -> int:
    return count_tokens([without_markers(text).rstrip()])[0]


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to ``count`` that ``fits``, if smaller ones fit whenever it does."""
    low, high = 0, count
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


class GrowingText:
    """The text of an answer as its events bring it, cut at ``limit`` tokens if there is one.

    ``text``: all so far. ``is_cut``: whether something was left out for the limit.
    """

    def __init__(self, limit: int | None, count_tokens: CountTokens) -> None:
        self._limit = limit
        self._count_tokens = count_tokens
        self.text = ""
        self.is_cut = False

    def add(self, event: Event) -> str:
        """What ``event`` adds: a sentence, or what an answer without any says instead."""
        if isinstance(event, SentenceEvent):
            return self._add(f"\n{event.text}" if self.text else event.text)
        if isinstance(event, DoneEvent) and not self.text:
            return self._add(event.answer.text)
        return ""

    def cited(self, answer: Answer) -> list[Citation]:
        """The citations whose markers stand in the text."""
        return [citation for citation in answer.citations if f"[{citation.marker}]" in self.text]

    def _add(self, more: str) -> str:
        if self.is_cut:
            return ""
        whole = self.text + more
        kept = whole if self._limit is None else cut(whole, self._limit, self._count_tokens)
        self.is_cut = kept != whole
        if len(kept) <= len(self.text):
            return ""
        added, self.text = kept[len(self.text) :], kept
        return added
