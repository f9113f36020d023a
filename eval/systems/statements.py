"""A reply with markers, as statements.

In: a reply whose sentences carry markers such as ``[1]``, ``[1, 2]`` or ``[1][2]``, before or
after the full stop; ``[Source 1]`` and ``(Quelle 1)`` count alike, because a model that is shown
"Source 1:" above a text writes so. Out: its sentences without the markers, each with the numbers
it carried. Nothing can fail: what is no marker is text, and no text is lost.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from corpus.document import Language, Span
from corpus.sentences import split
from eval.metrics.text import MARKER
from eval.record import Statement


def split_statements(reply: str, language: Language) -> tuple[Statement, ...]:
    """The sentences of ``reply`` in order, each with its markers in order of first use.

    A marker belongs to the sentence it stands in, or after; one that opens a line belongs to
    what follows on that line, as in a list of sources. A reply of markers alone has no sentence.
    """
    text, markers = _without_markers(reply)
    sentences = split(text, language)
    carried: list[list[int]] = [[] for _ in sentences]
    if sentences:
        for place, numbers in markers:
            carried[_owner(place, sentences, text)] += numbers
    return tuple(
        Statement(text=text[one.start : one.end], markers=tuple(dict.fromkeys(numbers)))
        for one, numbers in zip(sentences, carried, strict=True)
    )


def markers_of(statements: Iterable[Statement]) -> tuple[int, ...]:
    """All markers, in order of first use."""
    return tuple(dict.fromkeys(number for one in statements for number in one.markers))


def _without_markers(reply: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """The reply without its markers, and where in that text each stood."""
    pieces: list[str] = []
    markers: list[tuple[int, list[int]]] = []
    length = last = 0
    for match in MARKER.finditer(reply):
        piece = reply[last : match.start()].rstrip(" \t")
        last = match.end()
        pieces.append(piece)
        length += len(piece)
        markers.append((length, [int(number) for number in re.findall("[0-9]+", match[0])]))
        # "so.[1]Then" must stay two words.
        if reply[last : last + 1].isalnum():
            pieces.append(" ")
            length += 1
    pieces.append(reply[last:])
    return "".join(pieces), markers


def _owner(place: int, sentences: list[Span], text: str) -> int:
    """Index of the sentence that a marker at ``place`` belongs to."""
    after = bisect_left(sentences, place, key=lambda one: one.end)
    if after == len(sentences):
        return after - 1
    if after == 0 or sentences[after].start < place:
        return after
    gap = text[sentences[after - 1].end : sentences[after].start]
    before = place - sentences[after - 1].end
    opens_line = _breaks(gap[:before]) and not _breaks(gap[before:])
    return after if opens_line else after - 1


def _breaks(space: str) -> bool:
    return "\n" in space or "\r" in space
