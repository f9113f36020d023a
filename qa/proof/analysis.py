"""A text taken apart for the check: tokens, values, words, markers, noun groups with their roles.

In: a text and its language. Out: an :class:`Analysis`, kept for texts that are asked for again.
Nothing can fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from corpus.document import Language
from qa.proof import lexicon
from qa.proof.clauses import chunks_of, clauses_of
from qa.proof.tokens import Token, tokens
from qa.proof.values import Values, values_of
from qa.proof.words import ContentWord, content_words, lemma_of

_DENIERS = frozenset(["un", "in", "im", "ir", "il", "non", "dis", "nicht"])


@dataclass(frozen=True)
class Marker:
    """A phrase that denies, counts, plans or compares."""

    name: str
    """Its name in ``markers.toml``."""
    first: int
    """Number of its first token."""
    last: int
    """Number of the token behind it."""


@dataclass(frozen=True)
class Analysis:
    """A text taken apart."""

    text: str
    language: Language
    tokens: tuple[Token, ...]
    values: Values
    words: tuple[ContentWord, ...]
    """Content words; those of values and markers are not among them."""
    clauses: tuple[int, ...]
    """Number of each token's clause."""
    chunks: tuple[int, ...]
    """As ``clauses``, but "und" and "and" join."""
    negations: tuple[Marker, ...]
    quantities: tuple[Marker, ...]
    modality: tuple[Marker, ...]

    @property
    def lowers(self) -> list[str]:
        """The tokens in lower case."""
        return [token.lower for token in self.tokens]

    def pairs(self, clause: int) -> list[tuple[str, str]]:
        """Words of a clause with their lemmas, both in lower case."""
        return [
            (token.lower, lemma_of(token.text, self.language))
            for token, place in zip(self.tokens, self.clauses, strict=True)
            if place == clause and token.kind == "word"
        ]

    def chunk_pairs(self, chunk: int) -> list[tuple[str, str]]:
        """As :meth:`pairs`, of a chunk."""
        return [
            (token.lower, lemma_of(token.text, self.language))
            for token, place in zip(self.tokens, self.chunks, strict=True)
            if place == chunk and token.kind == "word"
        ]


@lru_cache(maxsize=512)
def analyse(text: str, language: Language) -> Analysis:
    """Take ``text`` apart."""
    found = tuple(tokens(text))
    values = values_of(found, language)
    clauses = tuple(clauses_of(found))
    words = content_words(found, language, values.places(), clauses)
    lowers = [token.lower for token in found]
    quantities = _markers(lowers, "quantities")
    counted = {at for marker in quantities for at in range(marker.first, marker.last)}
    # "nicht alle" is a quantity, and no denial of the rest.
    negations = tuple(
        marker
        for marker in _markers(lowers, "negation")
        if marker.first not in counted and not _bounds_number(found, marker)
    )
    return Analysis(
        text,
        language,
        found,
        values,
        tuple(words),
        clauses,
        tuple(chunks_of(found)),
        negations,
        quantities,
        _modality(lowers, found, language),
    )


def _bounds_number(found: tuple[Token, ...], marker: Marker) -> bool:
    """Whether "keine 2.000" says fewer than so many."""
    behind = found[marker.last] if marker.last < len(found) else None
    word = found[marker.first].lower
    return behind is not None and behind.kind == "digits" and word in ("keine", "kein", "keinen")


def _markers(lowers: list[str], section: str) -> tuple[Marker, ...]:
    expanded = [word if not word.endswith("n't") else "not" for word in lowers]
    return tuple(
        Marker(name, first, last) for first, last, name in lexicon.marked(expanded, section)
    )


def _modality(
    lowers: list[str], found: tuple[Token, ...], language: Language
) -> tuple[Marker, ...]:
    """Modal phrases; German "will" and English "will" differ, "wird" is the clauses' business."""
    result = []
    for marker in _markers(lowers, "modality"):
        word = lowers[marker.first]
        if marker.name == "future" and word != "will" and language == "de":
            continue
        # "May" is a month; "Plan" and "Ziel" are things.
        if found[marker.first].capital and marker.first and word in (
            "may", "plan", "ziel", "pflicht", "versuch", "mag", "will", "vorhaben", "verdacht",
        ):  # fmt: skip
            continue
        name = "plan" if word == "will" else marker.name
        result.append(Marker(name, marker.first, marker.last))
    return tuple(result)
