"""German or English.

In: any text, from a short question to a whole document. Out: the language, and on request how
sure that is. Nothing can fail: a text without a hint (numbers, a single name) counts as German,
the language of most documents that belegt was made for, with confidence 0.5.

Of a long text only ``SAMPLE`` characters are read, taken from its start, middle and end, since
a menu or an abstract at the start may be in the other language.

Short questions are often names and one or two little words ("Was ist die Ivy League?"). The
letters of the names then outweigh the words, so in short texts function words that only one of
the languages has are counted as well (measured to help: see
``docs/measurements-history.md``, "Language").
"""

from __future__ import annotations

import math
import re
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from corpus.document import Language

if TYPE_CHECKING:
    from lingua import LanguageDetector

SAMPLE = 3000
DEFAULT: Language = "de"
SHORT = 200  # characters; below, function words count too

# "was" and "die" are words of both languages; "die" is kept, since it is rare in English and
# outvoted there by the words around it.
_GERMAN = frozenset(
    """
    wer wie wo wann warum wieso weshalb welche welcher welches welchen welchem wem wen wessen
    woher wohin wofür womit wodurch woraus wieviel ist sind war waren wurde wurden wird werden hat
    haben hatte der die das dem den des ein eine einem einen einer eines und oder nicht kein keine
    für von vom mit bei beim im am zum zur auf aus nach über unter seit durch sich es er sie gibt
    kann können auch noch nur
    """.split()  # noqa: SIM905
)
_ENGLISH = frozenset(
    """
    who whom whose what when where why how which is are were does did do has have had the a an
    of to for from with by on at into about than and or not no it its he she they their there
    that this these those can could would should will be been
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"[\"„“»«][^\"„“”»«]+[\"“”»«]")
_WORD_WEIGHT = 2.0  # log odds of one function word
_LETTERS_LIMIT = 5.0  # log odds that the letters may give at most in a short text

_lock = Lock()
_built: list[LanguageDetector] = []


class Detection(NamedTuple):
    """A language and the probability that it is the right one of the two (0.5 to 1)."""

    language: Language
    confidence: float


def detect(text: str) -> Language:
    """Return the language of ``text``."""
    return detect_with_confidence(text).language


def detect_with_confidence(text: str) -> Detection:
    """Return the language of ``text`` and how sure that is."""
    from lingua import Language as Lingua

    short = len(text) < SHORT
    read = _unquoted(text) if short else _sample(text)
    values = _detector().compute_language_confidence_values(read)
    scores = {value.language: value.value for value in values}
    german, english = scores.get(Lingua.GERMAN, 0.0), scores.get(Lingua.ENGLISH, 0.0)
    odds = _log_odds(german, english)
    if short:
        odds = max(-_LETTERS_LIMIT, min(odds, _LETTERS_LIMIT)) + _WORD_WEIGHT * _words(read)
    if odds == 0:
        return Detection(DEFAULT, 0.5)
    return Detection("de" if odds > 0 else "en", 1 / (1 + math.exp(-abs(odds))))


def possible_languages(text: str) -> tuple[Language, ...]:
    """The languages that a question may be in, the likelier first.

    Both, where it has function words of both ("Wie ist die deadline for the tender?") or of
    neither ("VPN Timeout"), which letters alone cannot decide.
    """
    likelier = detect(text)
    other: Language = "en" if likelier == "de" else "de"
    if len(text) >= SHORT:
        return (likelier,)
    words = {word.lower() for word in _WORD.findall(_unquoted(text))} - (_GERMAN & _ENGLISH)
    words.discard("an")  # an article here, a preposition there
    german, english = bool(words & _GERMAN), bool(words & _ENGLISH)
    return (likelier, other) if german == english else (likelier,)


def _unquoted(text: str) -> str:
    """Leave out quoted titles, which are often of the other language, if words remain."""
    rest = _QUOTED.sub(" ", text)
    return rest if _WORD.search(rest) else text


def _log_odds(german: float, english: float) -> float:
    tiny = 1e-9
    return math.log(max(german, tiny)) - math.log(max(english, tiny))


def _words(text: str) -> int:
    """Return how many more German than English function words ``text`` has."""
    words = [word.lower() for word in _WORD.findall(text)]
    return sum(word in _GERMAN for word in words) - sum(word in _ENGLISH for word in words)


def _sample(text: str) -> str:
    if len(text) <= SAMPLE:
        return text
    third = SAMPLE // 3
    middle = len(text) // 2
    return " ".join((text[:third], text[middle : middle + third], text[-third:]))


def _detector() -> LanguageDetector:
    """Return the one detector, built when first needed (its models take a moment to load)."""
    with _lock:
        if not _built:
            from lingua import Language as Lingua
            from lingua import LanguageDetectorBuilder

            builder = LanguageDetectorBuilder.from_languages(Lingua.GERMAN, Lingua.ENGLISH)
            _built.append(builder.with_preloaded_language_models().build())
        return _built[0]
