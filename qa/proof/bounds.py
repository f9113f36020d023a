"""What bounds a number: "über 5", "bis zu 5", "rund 5", "5 oder mehr".

In: the tokens of a text and the place of a number. Out: the bound that stands before or behind it.
Nothing can fail.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from qa.proof.tokens import Token

Bound = Literal["exact", "about", "at_least", "more", "at_most", "less", "not_more", "not_less"]
_PLACING = frozenset(
    ["über", "unter", "ab", "over", "under", "above", "below", "zu", "to", "keine"]
)


@cache
def _bounds(side: Literal["before", "after"]) -> dict[tuple[str, ...], Bound]:
    """What the phrases on a side of a number make of it."""
    data = tomllib.loads((Path(__file__).parent / "bounds.toml").read_text("utf-8"))
    return {
        tuple(phrase.split()): bound for bound, phrases in data[side].items() for phrase in phrases
    }


def bound_before(found: Sequence[Token], place: int) -> Bound:
    """What the words before ``place`` make of what stands there."""
    while place and (found[place - 1].text in "€$£¥" or found[place - 1].lower in ("us", "usd")):
        place -= 1
    words = tuple(token.lower for token in found[max(0, place - 4) : place])
    for size in range(len(words), 0, -1):
        if (bound := _bounds("before").get(words[-size:])) is not None:
            return bound
    if words[-1:] in (("den",), ("die",), ("the",), ("a",), ("ein",), ("eine",)):
        for size in range(len(words) - 1, 0, -1):
            phrase = words[-1 - size : -1]
            bound = _bounds("before").get(phrase, "exact")
            # "über die 14 Milliarden" may speak of them; "mehr als die Hälfte" counts.
            if bound == "about" or (bound != "exact" and not _PLACING.intersection(phrase)):
                return bound
    return "exact"


def bound_after(found: Sequence[Token], place: int) -> Bound:
    """What the words from ``place`` on make of the number that ends there."""
    behind = tuple(token.lower for token in found[place : place + 3])
    for size in (3, 2, 1):
        if (bound := _bounds("after").get(behind[:size])) is not None:
            return bound
    return "exact"
