"""Whether a text says what the gold answers say.

In: a text, gold answers, the language. Out: yes or no, or a number from 0 to 1. Nothing can
fail; without gold answers nothing agrees.

Two normalisations live here. Exact match and F1 follow the official scripts to the letter, so
that their numbers can be set beside published ones. Whether an answer is *contained* is asked of
whole sentences with citation markers and in either language, which those scripts do not know.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from corpus.document import Language
from eval.metrics.values import Value, holds, nothing_but_values, values

PARTS = " && "
"""Between the parts of an answer that must all be said."""

# Three digits at most: "[2025]" is a year that someone put in brackets, not a source.
_NUMBER = r"(?:(?:sources?|quellen?)[ \t]+)?[0-9]{1,3}"
_NUMBERS = rf"{_NUMBER}(?:[ \t]*(?:[,;&]|and|und)[ \t]*{_NUMBER})*"
MARKER = re.compile(
    rf"(?:\[[ \t]*{_NUMBERS}[ \t]*\]|\((?=[sq])[ \t]*{_NUMBERS}[ \t]*\))", re.IGNORECASE
)
"""``[1]``, ``[1, 2]``, ``[Source 1]``, ``(Quellen 1 und 2)``: how systems mark what they cite."""
_ARTICLES_ANY = re.compile(
    r"\b(a|an|the|der|die|das|den|dem|des|ein|eine|einen|einem|einer|eines)\b"
)
_ARTICLES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(a|an|the)\b"),
    "de": re.compile(r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"),
}
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[.,](?=[0-9])")
_SIGN = re.compile(r"(?<!\S)[-–](?=[0-9])")
_AFTER_LETTER = re.compile(r"(?<=[a-z])[#+]{1,2}(?![a-z0-9])")
_KEPT = str.maketrans("#+", "＃＋")
_ASCII_PUNCTUATION = frozenset(string.punctuation)
_PUNCTUATION = _ASCII_PUNCTUATION | set("„“”‚‘’»«–—…")


def normalised_tokens(text: str, language: Language) -> list[str]:
    """Tokens as the official scripts make them: lower case, no punctuation, no articles.

    English as SQuAD's ``evaluate-v1.1.py`` (ASCII punctuation), German as MLQA's
    ``mlqa_evaluation_v1.py`` (every Unicode punctuation character).
    """
    kept = "".join(char for char in text.lower() if not _is_punctuation(char, language))
    return _ARTICLES[language].sub(" ", kept).split()


def _is_punctuation(char: str, language: Language) -> bool:
    if char in _ASCII_PUNCTUATION:
        return True
    return language == "de" and unicodedata.category(char).startswith("P")


def exact_match(text: str, answers: Sequence[str], language: Language) -> float:
    """1 where ``text`` equals one of ``answers`` once both are normalised, else 0.

    Markers are words to the scripts: take them out of an answer first (:func:`without_markers`).
    """
    said = normalised_tokens(text, language)
    return float(any(said == normalised_tokens(gold, language) for gold in answers))


def token_f1(text: str, answers: Sequence[str], language: Language) -> float:
    """Harmonic mean of token precision and recall, against the ``answers`` that fits best.

    Rajpurkar et al. 2016 (SQuAD), Lewis et al. 2020 (MLQA): tokens count as often as they occur.
    Markers: as in :func:`exact_match`.
    """
    said = normalised_tokens(text, language)
    return max((_f1(said, normalised_tokens(gold, language)) for gold in answers), default=0.0)


def _f1(said: list[str], gold: list[str]) -> float:
    shared = sum((Counter(said) & Counter(gold)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(said), shared / len(gold)
    return 2 * precision * recall / (precision + recall)


def without_markers(text: str) -> str:
    """``text`` without citation markers and the space before them."""
    return re.sub(r"\s*\0", "", MARKER.sub("\0", text))


def normalise(text: str) -> str:
    """Lower case, no markers, punctuation or articles of either language, single spaces.

    What stands between digits stays, as one character for both languages: 14,3 is 14.3 and no 143.
    So does the sign of a number, and what makes C# and C++ of a C.
    """
    marked = _SIGN.sub("−", _BETWEEN_DIGITS.sub("·", without_markers(text).lower()))
    marked = _AFTER_LETTER.sub(lambda found: found[0].translate(_KEPT), marked)
    plain = "".join(char for char in marked if char not in _PUNCTUATION)
    return " ".join(_ARTICLES_ANY.sub(" ", plain).split())


def contains_gold(text: str, answers: Sequence[str]) -> bool:
    """Whether one of ``answers`` stands in ``text`` as whole words, both normalised."""
    where = f" {normalise(text)} "
    return any(f" {gold} " in where for gold in map(normalise, answers) if gold)


def says_gold(text: str, answers: Sequence[str], language: Language) -> bool:
    """Whether ``text``, which is in ``language``, says what one of ``answers`` says.

    Either the answer stands in it (:func:`contains_gold`), or the answer is nothing but numbers,
    dates or times of day, in the writing of either language, and ``text`` has values equal to all
    of them: "14.3 billion" is said by "14,3 Milliarden". An answer in several parts, joined by
    `` && ``, is said where every part is.
    """
    there = values(without_markers(text), language)
    return any(all(_says(text, part, there) for part in answer.split(PARTS)) for answer in answers)


def _says(text: str, answer: str, there: tuple[Value, ...]) -> bool:
    if contains_gold(text, (answer,)):
        return True
    readings = (nothing_but_values(answer, language) for language in _ARTICLES)
    return any(wanted and all(holds(there, value) for value in wanted) for wanted in readings)


def all_gold_no_wrong(text: str, answers: Sequence[str], wrong: Sequence[str]) -> bool:
    """RAMDocs' strict match: ``text`` names every one of ``answers`` and none of ``wrong``.

    Wang et al. 2025, "Retrieval-Augmented Generation with Conflicting Evidence". There a model
    lists its answers and the lists are compared; here they are looked for in running text, as
    :func:`contains_gold` does. So that the mention of a gold answer is not held against it, a
    wrong answer counts only where it is not part of a gold one ("Football" in "American
    football"). "Not 1998, but 2002" names 1998: the match does not read sentences.
    """
    words = normalise(text).split()
    gold = [normalise(answer).split() for answer in answers]
    if not all(_places(words, answer) for answer in gold):
        return False
    covered = [place for answer in gold for place in _places(words, answer)]
    return bool(gold) and all(
        any(first <= start and end <= last for first, last in covered)
        for answer in wrong
        for start, end in _places(words, normalise(answer).split())
    )


def _places(words: list[str], wanted: list[str]) -> list[tuple[int, int]]:
    """Where ``wanted`` stands in ``words``, as (first, after the last); nothing stands nowhere."""
    size = len(wanted)
    if not size:
        return []
    return [
        (start, start + size)
        for start in range(len(words) - size + 1)
        if words[start : start + size] == wanted
    ]
