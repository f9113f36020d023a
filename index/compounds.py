"""German compounds met by their parts, and parts met by their compound.

In: the words of a question and what the corpus's passages have of terms. Out: further terms to
search. Nothing can fail.

"Widerspruchsfrist" also asks for "Widerspruch" and "Frist", and "Frist für den Widerspruch" also
for "Widerspruchsfrist", where the corpus has these very words: it is its own dictionary. Of
several ways to cut a word the one whose parts are most frequent is taken, by their geometric mean
(Koehn and Knight 2003, "Empirical Methods for Compound Splitting", section 3.3). Done when a
question is asked, so that a passage is stored as it is, whatever words come to the corpus later.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corpus.document import Language
from index.terms import function_words, term_of

Frequencies = Callable[[Sequence[str]], Mapping[str, int]]

# What stands between the parts (Langer 1998, "Zur Morphologie und Semantik von Nominalkomposita").
_LINKS = ("", "s", "es", "n", "en", "er", "e", "ns", "ens")
# Shorter parts are found in words that are none of their compounds; measured against 4 on the
# development sets (docs/measurements-history.md, "Compounds").
_LEAST = 5
_LONGEST = 40
_JOINED_WORDS = 8
_JOINED_LEAST = 3


@dataclass(frozen=True)
class _Cut:
    """One way to see a word as two; ``left`` and ``right`` as terms."""

    left: str
    right: str
    left_word: str
    right_word: str


def further_terms(
    words: Sequence[str], language: Language, frequencies: Frequencies
) -> tuple[str, ...]:
    """Terms to search besides those of ``words``: lower-case, without function words."""
    if language != "de":
        return ()
    plain = [word for word in dict.fromkeys(words) if word.isalpha()]
    found = _parts(plain, frequencies, again=True) + _joined(plain, frequencies)
    own = {term_of(word, language) for word in words}
    return tuple(term for term in dict.fromkeys(found) if term not in own)


def _parts(words: Sequence[str], frequencies: Frequencies, *, again: bool) -> list[str]:
    cuts = {word: _cuts(word) for word in words if 2 * _LEAST <= len(word) <= _LONGEST}
    asked = {term for ways in cuts.values() for cut in ways for term in (cut.left, cut.right)}
    counts = frequencies(sorted(asked)) if asked else {}
    found: list[str] = []
    for ways in cuts.values():
        known = [cut for cut in ways if counts.get(cut.left) and counts.get(cut.right)]
        if known:
            best = max(known, key=lambda cut: math.sqrt(counts[cut.left] * counts[cut.right]))
            found += [best.left, best.right]
            if again:
                found += _parts([best.left_word, best.right_word], frequencies, again=False)
    return found


def _cuts(word: str) -> list[_Cut]:
    skip = function_words("de")
    ways = []
    for place in range(_LEAST, len(word) - _LEAST + 1):
        right = word[place:]
        for link in _LINKS:
            left = word[: place - len(link)]
            if (
                len(left) >= _LEAST
                and word.startswith(link, len(left))
                and not skip & {left, right}
            ):
                ways.append(_Cut(term_of(left, "de"), term_of(right, "de"), left, right))
    return ways


def _joined(words: Sequence[str], frequencies: Frequencies) -> list[str]:
    """Compounds of two words of the question that the corpus has."""
    usable = [word for word in words if len(word) >= _JOINED_LEAST][:_JOINED_WORDS]
    asked = {
        term_of(f"{base}{link}{last}", "de")
        for first in usable
        for last in usable
        if first != last
        for base in {first, term_of(first, "de")}
        for link in _LINKS
    }
    return sorted(frequencies(sorted(asked))) if asked else []
