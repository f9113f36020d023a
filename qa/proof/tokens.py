"""A text as tokens: words, runs of digits and signs, each with its place.

In: text in any Unicode form. Out: tokens in order, their spans those of the text as it came in,
their words in NFC. Nothing can fail. The one regular expression is linear in the text's length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

TokenKind = Literal["word", "digits", "sign"]

# Digits keep separators between digits, words keep an apostrophe between letters; what begins with
# a letter and goes on with digits ("A380") is a word.
_TOKEN = re.compile(
    r"(?P<digits>[0-9]+(?:[.,'’\u00a0\u202f\u2009][0-9]+)*)"
    r"|(?P<word>[^\W\d_](?:[^\W_]|['’](?=[^\W\d_]))*)"
    r"|(?P<sign>\S)"
)


@dataclass(frozen=True)
class Token:
    """One token of a text."""

    start: int
    """Character at which it begins, in the text as it came in."""
    end: int
    """Character behind its last."""
    text: str
    """Its characters in NFC."""
    kind: TokenKind
    spaced: bool
    """Whether white space, or the text's beginning, stands before it."""

    @property
    def lower(self) -> str:
        """Its characters in lower case, a typographic apostrophe made plain."""
        return self.text.lower().replace("’", "'")

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[:1].isupper()


def tokens(text: str) -> list[Token]:
    """The tokens of ``text`` in order."""
    composed, places = _composed(text)
    result = []
    last = -1
    for match in _TOKEN.finditer(composed):
        kind: TokenKind = "word" if match["word"] else "digits" if match["digits"] else "sign"
        spaced = match.start() != last
        last = match.end()
        start = places[match.start()] if places else match.start()
        end = places[match.end()] if places else match.end()
        result.append(Token(start, end, match[0], kind, spaced))
    return result


class Ending(Protocol):
    """What is read at a token and knows where it ends."""

    @property
    def last(self) -> int:
        """Number of the token behind it."""
        ...


Found = TypeVar("Found", bound=Ending)


def scan(
    found: Sequence[Token], read: Callable[[int], Found | None]
) -> Iterator[tuple[int, Found]]:
    """What ``read`` finds at the tokens in order, each with the number of its first token; none
    overlaps another.
    """
    place = 0
    while place < len(found):
        value = read(place)
        if value is not None:
            yield place, value
        place = place + 1 if value is None else max(value.last, place + 1)


def _composed(text: str) -> tuple[str, list[int]]:
    """``text`` in NFC, and for each of its characters and its end the place in ``text``.

    No places where ``text`` is in NFC already.
    """
    if unicodedata.is_normalized("NFC", text):
        return text, []
    parts: list[str] = []
    places: list[int] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and unicodedata.combining(text[end]):
            continue
        cluster = unicodedata.normalize("NFC", text[start:end])
        parts.append(cluster)
        places += [start] * len(cluster)
        start = end
    places.append(len(text))
    return "".join(parts), places
