"""A stored sentence as it is read: by a language model, by search, by the check of an answer.

In: a sentence's stored text, where it starts in its document, and the pieces it is read by where
that is more than its text (:mod:`corpus.contexts` makes them: a table row with the headers of its
columns). Out: a :class:`Reading`, one line of text, each of whose characters leads back to the
stored text. Nothing can fail.

What is cited is always the stored text; the reading is what makes it understood.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from corpus.normal_form import NormalForm, normal_form

ReadingPiece = tuple[str, int, int]
"""Words, and the span of the document's text that they stand for; start == end: put in."""


@dataclass(frozen=True)
class Reading:
    """A sentence as it is read."""

    text: str
    """One line, hyphens of broken words undone."""
    _pieces: tuple[tuple[NormalForm | None, int], ...]
    """For each piece its normal form and where that begins in the document; None: put in."""
    _starts: tuple[int, ...]
    """Where each piece begins in ``text``."""

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The spans of the document's text that ``text[start:end]`` stands for, in order.

        Words that were put in for the reader stand for nothing. Neighbours are joined.
        """
        found: list[tuple[int, int]] = []
        first = max(0, bisect_right(self._starts, start) - 1)
        for (form, origin), begin in zip(self._pieces[first:], self._starts[first:], strict=True):
            if begin >= end:
                break
            if form is None:
                continue
            inner = max(start - begin, 0), min(end - begin, len(form.text))
            if inner[0] < inner[1]:
                low, high = form.span(*inner)
                found.append((origin + low, origin + high))
        return _joined(found)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def reading(stored: str, start: int, pieces: Sequence[ReadingPiece] = ()) -> Reading:
    """The reading of the sentence ``stored``, which stands at ``start`` of its document."""
    parts = pieces or ((stored, start, start + len(stored)),)
    forms = [
        (normal_form(words, typography=False) if first < last else None, words, first)
        for words, first, last in parts
    ]
    texts = [words if form is None else form.text for form, words, _ in forms]
    return Reading(
        text="".join(texts),
        _pieces=tuple((form, first) for form, _, first in forms),
        _starts=tuple(accumulate(map(len, texts), initial=0))[:-1],
    )
