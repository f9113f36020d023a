"""Which words of a quotation carry which words of a statement.

In: two analyses, and optionally how similar words are by an encoder. Out: for each content word
of the statement the words that carry it, and the words that none carries. Nothing can fail.
"""

from __future__ import annotations

from dataclasses import dataclass

from qa.proof.analysis import Analysis
from qa.proof.matching import Grade, grade
from qa.proof.words import ContentWord, folded, is_auxiliary

_LEAST = 0.5


@dataclass(frozen=True)
class Link:
    """A word of the statement and what carries it."""

    stated: ContentWord
    held: tuple[ContentWord, ...]
    """Words of the quotation that carry it, the best grade only; none where it is not carried."""
    grade: Grade


@dataclass(frozen=True)
class Alignment:
    """How the words of a statement rest on a quotation."""

    links: tuple[Link, ...]
    """One for each content word of the statement, in order."""
    opposites: tuple[tuple[ContentWord, ContentWord], ...]
    """Words of the statement and their opposites, which stand in the quotation instead."""
    converses: tuple[tuple[ContentWord, ContentWord], ...]
    """Likewise, words that say the same from the other side."""

    @property
    def missing(self) -> list[ContentWord]:
        """Words of the statement that nothing carries."""
        return [link.stated for link in self.links if not link.held]

    @property
    def coverage(self) -> float:
        """Mean grade of the statement's words; 1 for a statement without content words."""
        if not self.links:
            return 1.0
        return sum(link.grade.value for link in self.links) / len(self.links)


def align(stated: Analysis, held: Analysis) -> Alignment:
    """How the words of ``stated`` rest on ``held``."""
    same = stated.language == held.language
    links: list[Link] = []
    opposites: list[tuple[ContentWord, ContentWord]] = []
    converses: list[tuple[ContentWord, ContentWord]] = []
    for word in stated.words:
        equal = tuple(source for source in held.words if _equal(word, source, same=same))
        if equal:
            # "higher" rests on "higher" where the quotation has "high" as well.
            exact = tuple(source for source in equal if source.lower == word.lower)
            equal = exact or equal
            links.append(Link(word, equal, Grade(1.0, "same")))
            continue
        grades = [(grade(word, source, same_language=same), source) for source in held.words]
        good = [(score, source) for score, source in grades if score.value >= _LEAST]
        carrying = [pair for pair in good if pair[0].how not in ("opposite", "converse")]
        if carrying:
            best = max(score.value for score, _ in carrying)
            sources = tuple(source for score, source in carrying if score.value >= best - 0.11)
            top = next(score for score, _ in carrying if score.value == best)
            links.append(Link(word, sources, top))
            continue
        for score, source in good:
            (converses if score.how == "converse" else opposites).append((word, source))
        links.append(Link(word, (), Grade(0.0, "none")))
    links = [_through_compound(link, stated, held) if same else link for link in links]
    return Alignment(tuple(links), tuple(opposites), tuple(converses))


def _equal(word: ContentWord, source: ContentWord, *, same: bool) -> bool:
    return (same and word.lemma == source.lemma) or folded(word.lower) == folded(source.lower)


def _through_compound(link: Link, stated: Analysis, held: Analysis) -> Link:
    """A German compound is carried where the quotation has its parts ("Übernahmepreis")."""
    word = link.stated
    if link.held or stated.language != "de" or len(word.lemma) < 8:
        return link
    parts = [
        source
        for source in held.words
        if len(source.stem) >= 4
        and source.stem in word.lemma
        and source.pos in ("noun", "name", "verb")
    ]
    begins = [source for source in parts if word.lemma.startswith(source.stem)]
    ends = [source for source in parts if word.lemma.endswith((source.lemma, source.stem))]
    if begins and ends and begins != ends:
        return Link(word, (*begins, *ends), Grade(0.8, "part"))
    return link


def counts(word: ContentWord) -> bool:
    """Whether a missing word weighs: auxiliaries do not."""
    return not is_auxiliary(word.lemma)
