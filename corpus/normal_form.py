"""One form in which texts are compared, with a way back to the text as it is stored.

In: any text, as a file has it. Out: a :class:`NormalForm`, or with :func:`normalized` its text
alone. Nothing can fail, every step is linear in the length of the text, and to normalize twice
changes nothing.

Two texts that a reader takes for the same get the same form, whatever keyboard, system or
typesetter wrote them:

* Characters are composed (NFC, Unicode Standard Annex 15); full-width Latin is ordinary Latin.
* What is not seen is left out: soft hyphens, zero-width characters, marks of direction.
* Ligatures are letters, dashes and the minus sign are "-", quotation marks are '"' and "'".
* White space is one blank. A space within a number ("10 000" set with U+00A0 or U+202F) becomes
  U+00A0, because it is no border between two numbers.
* A word that a line's end broke is whole ("Kündigungs-" + "frist"), but "Vor- und Nachteile",
  "E-Mail" and "2024-2025" keep their hyphens wherever the line ends.
* Raised digits stay raised, and "10^6" is "10⁶", so that neither is ever 106. Lowered digits are
  plain ("H₂O" is "H2O").

With ``typography=False`` dashes, quotation marks and ligatures stay as they are: that is the text
for a reader's eyes or a language model, on one line.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

# A soft hyphen at a line's end is what broke the word there.
_UNSEEN = re.compile(
    "[\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]+"
    r"|(?<![\w\u0300-\u036f])\u00ad|\u00ad(?![^\S\n]*\n)"
)
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LETTERS = {**_LIGATURES, "ſ": "s", "ĳ": "ij", "Ĳ": "IJ"}
_DASHES = "‐‑‒–—―−﹣⁃"
_MARKS = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys("„“”‟«»″〝〞", '"'),
    **dict.fromkeys("‚‘’‛‹›′", "'"),
}
_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()", strict=True))
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_PLAIN_FOLDS = {**_WIDE, **_LOWERED, "\u2010": "-", "\u2011": "-"}
_ALL_FOLDS = {**_PLAIN_FOLDS, **_LETTERS, **_MARKS}

_HYPHENS = "-\u2010\u2011\u00ad"
# Each alternative begins with characters that no other begins with, or is told apart within a few
# characters; white space is read once forward from where it begins.
_INTERESTING = re.compile(
    rf"(?P<broken>[{_HYPHENS}][^\S\n]*\n\s*)"
    r"|(?P<space>\s{2,}|[^\S ])"
    rf"|(?P<power>[\^＾][-{_DASHES}₋－]?[0-9₀-₉０-９]{{1,4}}(?![0-9₀-₉０-９]))"
    rf"|(?P<fold>[{''.join(map(re.escape, _ALL_FOLDS))}])"
)
_GROUP = frozenset("\u00a0\u202f\u2009")
# "Vor-" + "und Nachteile": what may follow a hyphen that stands for the second half of a word.
_ENUMERATES = re.compile(
    r"(?:und|oder|bzw|sowie|bis|als|statt|and|or|to|versus|vs)\b", re.IGNORECASE
)
# First halves of English words that keep their hyphen ("well-known", "self-service").
_KEEPS_HYPHEN = frozenset("well self half ex cross non semi quasi pseudo anti".split())  # noqa: SIM905
_Piece = tuple[str, int, int]
"""A piece of the form and the span, in the text before, that it stands for."""

_WORD_BEFORE = re.compile(r"[^\W_][\w\u0300-\u036f]*$")
_WORD_LOOK = 40


@dataclass(frozen=True)
class NormalForm:
    """A text in the one form, and where each of its characters stands in the stored text."""

    text: str
    """The normal form."""
    stored_length: int
    """Characters of the stored text."""
    _starts: tuple[int, ...]
    """Where each piece begins in ``text``, rising."""
    _stored: tuple[tuple[int, int], ...]
    """Start and end of each piece in the text before. Within a piece of equal lengths characters
    agree one by one; any other piece stands for its characters as a whole."""
    _before: NormalForm | None = None
    """The step before this one, whose text this one is a form of; None: the stored text is."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the stored text that ``text[start:end]`` stands for.

        An empty span gives the empty span at its place.
        """
        if start >= len(self.text):
            here = (self._length_before(),) * 2
        elif end <= start:
            here = (self._place(start)[0],) * 2
        else:
            here = (self._place(start)[0], self._place(end - 1)[1])
        return here if self._before is None else self._before.span(*here)

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """The span of ``text`` that the stored span stands for; empty if all of it is left out."""
        if self._before is not None:
            start, end = self._before.locate(start, end)
        first = self._behind(start)
        return first, max(first, self._behind(end))

    def _length_before(self) -> int:
        return self.stored_length if self._before is None else len(self._before.text)

    def _length(self, piece: int) -> int:
        last = len(self.text) if piece + 1 == len(self._starts) else self._starts[piece + 1]
        return last - self._starts[piece]

    def _place(self, at: int) -> tuple[int, int]:
        """Start and end, in the text before, of the character at ``at``."""
        piece = bisect_right(self._starts, at) - 1
        start, end = self._stored[piece]
        if self._length(piece) != end - start:
            return start, end
        inside = start + at - self._starts[piece]
        return inside, inside + 1

    def _behind(self, at: int) -> int:
        """How many characters of ``text`` stand for what lies wholly before ``at``."""
        piece = bisect_right(self._stored, at, key=lambda span: span[0]) - 1
        if piece < 0:
            return 0
        start, end = self._stored[piece]
        length = self._length(piece)
        if at >= end:
            return self._starts[piece] + length
        return self._starts[piece] + (at - start if length == end - start else 0)


def normalized(text: str, *, typography: bool = True) -> str:
    """The text of the normal form alone."""
    seen = _UNSEEN.sub("", text)
    folded = "".join(piece for piece, _, _ in _folded(seen, typography))
    return unicodedata.normalize("NFC", folded)


def normal_form(text: str, *, typography: bool = True) -> NormalForm:
    """The normal form of ``text`` with the way back."""
    seen = _form(_kept(text), len(text)) if _UNSEEN.search(text) else None
    folded = _form(_folded(seen.text if seen else text, typography), len(text), seen)
    if unicodedata.is_normalized("NFC", folded.text):
        return folded
    return _form(_composed(folded.text), len(text), folded)


def _kept(text: str) -> Iterator[_Piece]:
    at = 0
    for match in _UNSEEN.finditer(text):
        yield text[at : match.start()], at, match.start()
        at = match.end()
    yield text[at:], at, len(text)


def _form(
    pieces: Iterator[_Piece], stored_length: int, before: NormalForm | None = None
) -> NormalForm:
    kept = [piece for piece in pieces if piece[0]]
    starts = accumulate((len(text) for text, _, _ in kept), initial=0)
    return NormalForm(
        text="".join(text for text, _, _ in kept),
        stored_length=stored_length,
        _starts=tuple(starts)[:-1],
        _stored=tuple((start, end) for _, start, end in kept),
        _before=before,
    )


def _folded(text: str, typography: bool) -> Iterator[_Piece]:
    """``text`` in pieces, each with the span it stands for; what is left out has no piece."""
    folds = _ALL_FOLDS if typography else _PLAIN_FOLDS
    at = 0
    for match in _INTERESTING.finditer(text):
        start, end = match.span()
        written = _written(text, match, folds)
        if written is None:
            continue
        if at < start:
            yield text[at:start], at, start
        yield from written
        at = end
    if at < len(text):
        yield text[at:], at, len(text)


def _written(text: str, found: re.Match[str], folds: dict[str, str]) -> list[_Piece] | None:
    """What stands for a match, in pieces; None where it stays as it is."""
    start, end = found.span()
    kind = found.lastgroup
    if kind == "fold":
        folded = folds.get(found[0])
        return None if folded is None else [(folded, start, end)]
    if kind == "broken":
        return [piece for piece in _rejoined(text, start, end) if piece[0]]
    if kind == "space":
        return [(_blank(text, start, end), start, end)]
    if kind == "power":
        is_raised = start > 0 and _carries_power(text[start - 1])
        digits = "".join(_ALL_FOLDS.get(character, character) for character in found[0][1:])
        return [(digits.translate(_RAISED), start, end)] if is_raised else None
    return []


def _carries_power(character: str) -> bool:
    return (
        character.isalnum()
        or character in ")]）］₎"
        or unicodedata.category(character).startswith("M")
    )


def _blank(text: str, start: int, end: int) -> str:
    within_number = (
        end - start == 1
        and text[start] in _GROUP
        and text[start - 1 : start].isdigit()
        and text[end : end + 3].isdigit()
        and len(text[end : end + 3]) == 3
    )
    return "\u00a0" if within_number else " "


def _rejoined(text: str, start: int, end: int) -> list[_Piece]:
    """A hyphen, the line break behind it and white space around that, as a reader takes them."""
    before = _WORD_BEFORE.search(text, max(0, start - _WORD_LOOK), start)
    after = text[end : end + 1]
    if text[start] == "\u00ad" and before:
        return []
    hyphen, gap = ("-" * (text[start] != "\u00ad"), start, start + 1), (" ", start + 1, end)
    if not before or not after.isalnum():
        return [hyphen, gap]
    if _ENUMERATES.match(text, end):
        return [hyphen, gap]
    word = before[0]
    whole = after.isupper() or after.isdigit() or word[-1].isdigit()
    if whole or len(word) == 1 or word.lower() in _KEEPS_HYPHEN:
        return [hyphen]
    return []


def _composed(text: str) -> Iterator[_Piece]:
    """``text`` in NFC: characters that belong together are one piece."""
    start = 0
    plain = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _joins(text[end]):
            continue
        if end - start > 1:
            if plain < start:
                yield unicodedata.normalize("NFC", text[plain:start]), plain, start
            yield unicodedata.normalize("NFC", text[start:end]), start, end
            plain = end
        start = end
    if plain < len(text):
        yield unicodedata.normalize("NFC", text[plain:]), plain, len(text)


def _joins(character: str) -> bool:
    """Whether a character may melt into the one before it: marks, and parts of Hangul."""
    return character > "\u02ff" and (
        unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"
    )
