"""Words that a model said freely, found again in the text that it was to quote.

In: what was said, the constraint that nobody enforced. Out: an extraction whose spans stand in the
text. Nothing can fail: what does not stand there, but for case, white space, quotation marks and
dashes, is left out, and where nothing is left there is nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from qa.engine.decode.word_boundaries import span_boundaries
from qa.engine.extraction import NO_MARGIN, ExtractedSpan, Extraction, SpanConstraint
from qa.engine.protocol import Piece

_ALIKE = {
    **dict.fromkeys("\u201e\u201c\u201d\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2018\u2019\u201a", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
}
_AROUND = " \t\r\n\"'-*\u2022"
"""What models put around a quotation or before an item of a list."""
_AFTER = ".,;:!?"
_LEAST = 1e-6
"""Probability below which nothing is told of what was not said."""


def aligned(pieces: Sequence[Piece], constraint: SpanConstraint) -> Extraction:
    """What the text says of what was said in ``pieces``."""
    said = "".join(piece.text for piece in pieces)
    tokens = max(sum(piece.tokens for piece in pieces), 1)
    total = math.fsum(piece.log_probability * piece.tokens for piece in pieces)
    first = next((piece.log_probability for piece in pieces if piece.tokens), 0.0)
    other = math.log(max(1.0 - math.exp(min(first, 0.0)), _LEAST))
    parts = said.split(constraint.separator) if constraint.most_spans > 1 else [said]
    found = [] if _is_nothing(said, constraint) else list(_places(parts, constraint))
    unique = list(dict.fromkeys(found))[: constraint.most_spans]
    spans = tuple(
        ExtractedSpan(
            start=places[0][0],
            end=places[0][1],
            places=places,
            # Of the whole reply: a server does not tell which tokens a span is of.
            log_probability=total,
            mean_log_probability=total / tokens,
            tokens=tokens,
        )
        for places in unique
    )
    return Extraction(
        spans=spans,
        nothing=other if spans else first,
        starts=first if spans else other,
        margin=NO_MARGIN,
        log_probability=total,
        complete=tokens < constraint.limit,
    )


def _is_nothing(said: str, constraint: SpanConstraint) -> bool:
    wanted, _ = _normalised(constraint.nothing)
    return _normalised(said)[0].strip(_AROUND + _AFTER) == wanted.strip(_AROUND + _AFTER)


def _places(
    parts: Sequence[str], constraint: SpanConstraint
) -> Iterator[tuple[tuple[int, int], ...]]:
    """For each part that stands in the text, all its places."""
    text, offsets = _normalised(constraint.text)
    starts, ends = map(frozenset, span_boundaries(constraint.text))
    ranges = constraint.ranges if constraint.ranges is not None else ((0, len(constraint.text)),)

    def allowed(start: int, end: int) -> bool:
        inside = any(first <= start and end <= last for first, last in ranges)
        return inside and start in starts and end in ends

    for part in parts:
        plain = _normalised(part)[0].strip(_AROUND)
        for words in dict.fromkeys((plain, plain.rstrip(_AFTER + _AROUND))):
            spans = ((offsets[at], offsets[at + len(words)]) for at in _occurrences(words, text))
            if places := tuple(span for span in spans if allowed(*span)):
                yield places
                break


def _occurrences(words: str, text: str) -> Iterator[int]:
    at = text.find(words) if words else -1
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _normalised(text: str) -> tuple[str, list[int]]:
    """``text`` without what may differ, and the character that each of it, and its end, was."""
    made: list[str] = []
    offsets: list[int] = []
    for at, character in enumerate(text):
        plain = " " if character.isspace() else _ALIKE.get(character, character).casefold()
        if plain == " " and made and made[-1] == " ":
            continue
        for folded in plain:
            made.append(folded)
            offsets.append(at)
    return "".join(made), [*offsets, len(text)]
