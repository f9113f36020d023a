"""What words mean for the check of support: concepts, opposites, markers, prepositions.

In: lemmas and words in lower case. Out: the concepts they may stand for, how two concepts stand to
one another, and the marker phrases of a text. Nothing can fail: the lists are belegt's own files
``concepts.toml`` and ``markers.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from corpus.document import Language

LexicalRelation = Literal["same", "opposite", "converse", "none"]


@dataclass(frozen=True)
class _Lexicon:
    concepts: dict[tuple[Language, str], frozenset[str]]
    verbs: dict[Language, frozenset[str]]
    nouns: dict[Language, frozenset[str]]
    places: frozenset[str]
    opposites: frozenset[frozenset[str]]
    converses: frozenset[frozenset[str]]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text("utf-8"))


@cache
def _lexicon() -> _Lexicon:
    data = _read("concepts.toml")
    concepts: dict[tuple[Language, str], set[str]] = {}
    sections: dict[tuple[Language, str], set[str]] = {}
    for section in ("verbs", "others", "places"):
        for name, entry in data[section].items():
            german, _, english = entry.partition(" | ")
            for language, words in (("de", german), ("en", english)):
                for word in words.split():
                    concepts.setdefault((language, word), set()).add(name)  # type: ignore[arg-type]
                    sections.setdefault((language, section), set()).add(word)  # type: ignore[arg-type]
    return _Lexicon(
        {key: frozenset(names) for key, names in concepts.items()},
        {language: frozenset(sections[language, "verbs"]) for language in ("de", "en")},
        {language: frozenset(sections[language, "others"]) for language in ("de", "en")},
        frozenset(data["places"]),
        _pairs(data["relations"]["opposites"]),
        _pairs(data["relations"]["converses"]),
    )


def _pairs(written: Sequence[str]) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair.split()) for pair in written)


def concepts_of(lemma: str, language: Language) -> frozenset[str]:
    """The concepts that a lemma may stand for; none for a word that is not listed."""
    return _lexicon().concepts.get((language, lemma), frozenset())


def is_listed_verb(lemma: str, language: Language) -> bool:
    """Whether the lemma names what somebody does."""
    return lemma in _lexicon().verbs[language]


def is_listed_noun(lemma: str, language: Language) -> bool:
    """Whether the lemma is listed apart from the verbs."""
    return lemma in _lexicon().nouns[language]


def places_of(concepts: frozenset[str]) -> frozenset[str]:
    """Those of ``concepts`` that are places, peoples and names of persons."""
    return concepts & _lexicon().places


def lexical_relation(one: frozenset[str], two: frozenset[str]) -> LexicalRelation:
    """How two words' concepts stand to one another."""
    if one & two:
        return "same"
    pairs = {frozenset((first, second)) for first in one for second in two}
    if pairs & _lexicon().converses:
        return "converse"
    return "opposite" if pairs & _lexicon().opposites else "none"


def converse(one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether one word is the other as seen from the other side."""
    pairs = {frozenset((first, second)) for first in one for second in two}
    return bool(pairs & _lexicon().converses)


@cache
def _markers() -> dict[str, Any]:
    return _read("markers.toml")


@cache
def phrases(section: str) -> dict[tuple[str, ...], str]:
    """The phrases of a section of ``markers.toml`` and what each is called, the longest first.

    Phrases that only look like one are called "".
    """
    data = _markers()[section]
    found: dict[tuple[str, ...], str] = {}
    for name, written in data.items():
        if name == "not_these":
            continue
        for phrase in written.split() if isinstance(written, str) else written:
            found[tuple(phrase.split())] = "negation" if name == "words" else name
    for phrase in data.get("not_these", ()):
        found[tuple(phrase.split())] = ""
    return dict(sorted(found.items(), key=lambda entry: -len(entry[0])))


@cache
def _first_words(section: str) -> dict[str, list[tuple[str, ...]]]:
    result: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases(section):
        result.setdefault(phrase[0], []).append(phrase)
    return result


def marked(words: Sequence[str], section: str) -> list[tuple[int, int, str]]:
    """Where phrases of ``section`` stand: first word, the place behind the last, the name."""
    result = []
    place = 0
    while place < len(words):
        for phrase in _first_words(section).get(words[place], ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                if name := phrases(section)[phrase]:
                    result.append((place, place + len(phrase), name))
                place += len(phrase)
                break
        else:
            place += 1
    return result


@cache
def preposition_labels() -> dict[str, frozenset[str]]:
    """What each preposition may say of what follows it."""
    labels: dict[str, set[str]] = {}
    for label, words in _markers()["prepositions"].items():
        for word in words.split():
            labels.setdefault(word, set()).add(label)
    return {word: frozenset(found) for word, found in labels.items()}


@cache
def opposed_labels() -> frozenset[frozenset[str]]:
    """Pairs of labels that exclude one another."""
    return _pairs(_markers()["opposed_prepositions"]["pairs"])


@cache
def breaks() -> frozenset[str]:
    """Words at which a new clause may begin."""
    return frozenset(_markers()["clauses"]["breaks"].split())


@cache
def little_words() -> frozenset[str]:
    """Words that bound numbers or fill sentences, which the values' and markers' checks judge."""
    return frozenset(_markers()["little"]["words"].split())


@cache
def relative_pronouns() -> frozenset[str]:
    """Words that begin a German relative clause behind a comma."""
    return frozenset(_markers()["clauses"]["relative"].split())
