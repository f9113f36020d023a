"""A text whose spans may be said, byte by byte.

In: a constraint and a vocabulary. Out: where spans begin and end, and the tokens that go on
anywhere. Nothing can fail.

Places are bytes of the text in UTF-8, because a token may stand for a part of a character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from qa.engine.decode.vocabulary import Vocabulary
from qa.engine.decode.word_boundaries import span_boundaries
from qa.engine.extraction import SpanConstraint

_BEFORE_SEPARATOR = 4
"""Bytes of a span's end that one token may hold together with the separator, as in ".\\n"."""


class SpanText:
    """``starts``: bytes with which a span may begin, in order."""

    def __init__(self, constraint: SpanConstraint, vocabulary: Vocabulary) -> None:
        text = constraint.text
        self._vocabulary = vocabulary
        self._data = text.encode()
        self._separator = constraint.separator.encode() if constraint.most_spans > 1 else b""
        lengths = [len(character.encode()) for character in text]
        self._places: list[int] = [0, *np.cumsum(lengths, dtype=np.int64).tolist()]
        self._characters = {place: at for at, place in enumerate(self._places)}
        everywhere = ((0, len(text)),)
        self._limits = self._reach(everywhere if constraint.ranges is None else constraint.ranges)
        starts, ends = span_boundaries(text)
        possible = [self._places[at] for at in starts]
        self.starts = [place for place in possible if self._limits[place] > place]
        self._ends = frozenset(self._places[at] for at in ends)
        self._tokens: dict[int, list[tuple[int, int]]] = {}

    def _reach(self, ranges: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
        """How far a span may reach that holds a byte, itself where none may; int64 (bytes + 1,)."""
        limits = np.arange(len(self._data) + 1)
        for first, end in ranges:
            at, high = self._place(first), self._place(end)
            while at < high:
                found = self._data.find(self._separator, at, high) if self._separator else -1
                stop = high if found < 0 else found
                limits[at:stop] = stop
                at = stop + len(self._separator) if stop < high else high
        return limits

    def _place(self, character: int) -> int:
        return self._places[min(max(character, 0), len(self._places) - 1)]

    def may_end(self, place: int) -> bool:
        """Whether a span may end before the byte ``place``."""
        return place in self._ends

    def last_end(self, first: int, place: int) -> int:
        """The last byte up to ``place`` before which a span from ``first`` may end; else first."""
        return next((at for at in range(place, first, -1) if at in self._ends), first)

    def tokens(self, place: int) -> list[tuple[int, int]]:
        """Tokens that go on at the byte ``place``, each with the byte that follows it."""
        if place not in self._tokens:
            found = self._vocabulary.beginnings(self._data[place : self._limits[place]])
            self._tokens[place] = [(token, place + length) for token, length in found]
        return self._tokens[place]

    def closing_tokens(self, place: int) -> Iterator[tuple[int, int, int]]:
        """Tokens with the rest of a span and the beginning of a separator: each with the byte at
        which the span ends, and the bytes of the separator that it holds.
        """
        last = min(place + _BEFORE_SEPARATOR, int(self._limits[place]))
        for end in range(place, max(last, place) + 1):
            if end not in self._ends:
                continue
            for said in range(1, len(self._separator) + 1):
                token = self._vocabulary.token(self._data[place:end] + self._separator[:said])
                if token is not None:
                    yield token, end, said

    def separator_tokens(self, said: int) -> Iterator[tuple[int, int]]:
        """Tokens that go on after ``said`` bytes of the separator, each with the bytes then."""
        for token, length in self._vocabulary.beginnings(self._separator[said:]):
            yield token, said + length

    def is_separated(self, said: int) -> bool:
        """Whether ``said`` bytes are all of the separator."""
        return said == len(self._separator)

    def characters(self, first: int, end: int) -> tuple[int, int]:
        """Bytes of whole characters as characters."""
        return self._characters[first], self._characters[end]
