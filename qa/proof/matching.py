"""Whether a word of a statement stands for a word of a quotation.

In: two words and whether both are of one language. Out: a grade between 0 and 1, and how they
match: as the same word, in other words, or as opposites. Nothing can fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from qa.proof import lexicon
from qa.proof.words import ContentWord, folded

How = Literal[
    "same", "concept", "derived", "part", "cognate", "similar", "opposite", "converse", "none"
]

_NAME_ENDINGS = (
    "s", "es", "n", "en", "er", "ern", "ers", "isch", "ische", "ischen", "ischer", "isches", "ian",
    "an", "ish", "e", "in",
)  # fmt: skip
_DENYING = ("un", "in", "im", "ir", "il", "dis", "non", "miss", "a", "anti", "ent")
_SEPARABLE = (
    "ab", "an", "auf", "aus", "bei", "ein", "her", "hin", "los", "mit", "nach", "um", "vor", "weg",
    "zu", "zuruck", "zusammen",
)  # fmt: skip
"""Prefixes of German verbs, as words are folded."""
_LACKING = ("los", "frei", "less")


@dataclass(frozen=True)
class Grade:
    """How well one word stands for another."""

    value: float
    """1 for the same word, 0 for nothing in common."""
    how: How


_NONE = Grade(0.0, "none")


@lru_cache(maxsize=200_000)
def grade(stated: ContentWord, held: ContentWord, *, same_language: bool) -> Grade:
    """How well ``held`` carries ``stated``."""
    one, two = folded(stated.lower), folded(held.lower)
    if one == two or (same_language and stated.lemma == held.lemma):
        return Grade(1.0, "same")
    related = lexicon.lexical_relation(stated.concepts, held.concepts)
    if related == "same":
        both_ways = lexicon.converse(stated.concepts, held.concepts) and not same_language
        return Grade(0.9 if not both_ways else 0.85, "concept")
    if related in ("opposite", "converse"):
        return Grade(0.8, related)
    if _is_name(stated) or _is_name(held):
        return _names(one, two)
    if same_language:
        return _same_language(stated, held, one, two)
    return _cognates(one, two)


def _is_name(word: ContentWord) -> bool:
    return word.pos == "name"


def _names(one: str, two: str) -> Grade:
    short, long = sorted((one, two), key=len)
    if len(short) >= 3 and long.startswith(short) and long[len(short) :] in _NAME_ENDINGS:
        return Grade(0.95, "same")
    plain = [_transliterated(word) for word in (one, two)]
    if plain[0] == plain[1]:
        return Grade(0.95, "same")
    if len(short) >= 4 and one[-3:] == two[-3:] and _close(plain[0], plain[1], 0.85):
        return Grade(0.7, "cognate")
    if len(short) >= 5 and plain[0][:3] == plain[1][:3] and _close(plain[0], plain[1], 0.75):
        return Grade(0.7, "cognate")
    return _NONE


@lru_cache(maxsize=100_000)
def _transliterated(word: str) -> str:
    for written, plain in (
        ("ae", "a"), ("oe", "o"), ("ue", "u"), ("ph", "f"), ("th", "t"), ("ch", "k"), ("sch", "s"),
        ("c", "k"), ("y", "i"), ("j", "i"), ("w", "v"), ("z", "s"), ("x", "ks"), ("h", ""),
    ):  # fmt: skip
        word = word.replace(written, plain)
    return "".join(char for at, char in enumerate(word) if not at or char != word[at - 1])


def _close(one: str, two: str, least: float) -> bool:
    # The ratio is at most this; most pairs end here.
    if 2 * min(len(one), len(two)) < least * (len(one) + len(two)):
        return False
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= least


def _same_language(stated: ContentWord, held: ContentWord, one: str, two: str) -> Grade:
    if denies(stated.lemma, held.lemma):
        return Grade(0.8, "opposite")
    if stated.stem == held.stem and len(stated.stem) > 2:
        return Grade(0.95, "same")
    if len(two) > len(one) >= 4 and (
        two.endswith(one) or folded(held.lemma).endswith(folded(stated.lemma))
    ):
        return Grade(0.8, "part")
    if (
        len(two) > len(one) + 2
        and len(one) >= 5
        and two.startswith(folded(stated.stem))
        and (len(stated.stem) >= 5 and stated.pos == held.pos)
    ):
        return Grade(0.7, "part")
    return _derived(folded(stated.lemma), folded(held.lemma))


def denies(one: str, two: str) -> bool:
    """Whether one word is the other with a syllable that denies it ("unzulässig", "fearless")."""
    short, long = sorted((one, two), key=len)
    if len(short) < 4 or short == long:
        return False
    if long.endswith(short) and long[: -len(short)] in _DENYING:
        return True
    root = min(len(short), 5)
    lacking = [word.endswith(_LACKING) for word in (one, two)]
    return lacking[0] != lacking[1] and one[:root] == two[:root]


def _derived(one: str, two: str) -> Grade:
    """Words of one root: "gründen" and "Gründung", "produce" and "production"."""
    for prefix in _SEPARABLE:
        # "einsteigen" and "einstellen" have no more than their prefix in common.
        if one.startswith(prefix) and two.startswith(prefix):
            roots = [word[len(prefix) :].removeprefix("ge") for word in (one, two)]
            if min(map(len, roots)) >= 4 and not _share_root(*roots):
                return _NONE
    shared = _begun_alike(one, two)
    longest = max(len(one), len(two))
    if (shared >= 5 and shared >= 0.6 * longest) or (shared >= 4 and shared >= 0.75 * longest):
        return Grade(0.7, "derived")
    stripped = [word.removeprefix("ge") for word in (one, two)]
    if min(map(len, stripped)) >= 5 and _close(stripped[0], stripped[1], 0.86):
        return Grade(0.6, "derived")
    return _NONE


def _begun_alike(one: str, two: str) -> int:
    """Letters with which both begin."""
    for shared, (first, second) in enumerate(zip(one, two, strict=False)):
        if first != second:
            return shared
    return min(len(one), len(two))


def _share_root(one: str, two: str) -> bool:
    """Whether two words less their prefix begin alike to a half."""
    shared = _begun_alike(one, two)
    return shared >= 3 and 2 * shared >= max(len(one), len(two))


def _cognates(one: str, two: str) -> Grade:
    """Words that look alike in both languages ("Architektur", "architecture")."""
    plain = [_transliterated(word) for word in (one, two)]
    begins = min(map(len, plain)) >= 4 and plain[0][:2] == plain[1][:2]
    if begins and _close(plain[0], plain[1], 0.72):
        return Grade(0.75, "cognate")
    if (
        len(min(one, two, key=len)) >= 5
        and plain[0][-2:] == plain[1][-2:]
        and (_close(plain[0], plain[1], 0.8))
    ):
        return Grade(0.7, "cognate")
    return _NONE
