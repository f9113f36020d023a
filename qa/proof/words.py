"""Words of a text with what is known of each: lemma, stem, concepts, part of speech, clause.

In: the tokens of a text and which belong to values. Out: its content words in order. Nothing can
fail. Lemmas are simplemma's (https://github.com/adbar/simplemma), stems Snowball's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from corpus.document import Language
from index.terms import function_words
from qa.proof import lexicon
from qa.proof.tokens import Token

PartOfSpeech = Literal["name", "noun", "verb", "other"]

_PARTICLES = frozenset(
    [
        "an",
        "ab",
        "auf",
        "aus",
        "ein",
        "vor",
        "zu",
        "zurück",
        "um",
        "mit",
        "nach",
        "fest",
        "statt",
        "teil",
        "bei",
        "her",
        "hin",
        "los",
        "weg",
        "zusammen",
        "frei",
        "bereit",
        "fort",
        "weiter",
        "hinzu",
        "vorbei",
        "nieder",
        "wieder",
        "unter",
        "über",
        "durch",
        "voraus",
        "heraus",
        "hinaus",
        "herab",
        "heran",
        "ein",
        "bekannt",
        "offen",
    ]
)
_AUXILIARIES = frozenset(["sein", "haben", "werden", "be", "have", "do", "get"])


@dataclass(frozen=True)
class ContentWord:
    """A content word."""

    place: int
    """Number of its token in the text."""
    start: int
    """Character at which it begins."""
    end: int
    """Character behind its last."""
    text: str
    lemma: str
    """In lower case; of a separable German verb the whole verb."""
    stem: str
    concepts: frozenset[str]
    pos: PartOfSpeech
    """Its part of speech."""
    clause: int
    """Number of the clause it stands in, by commas and conjunctions."""

    @property
    def lower(self) -> str:
        """As written, in lower case."""
        return self.text.lower()


@lru_cache(maxsize=100_000)
def folded(word: str) -> str:
    """``word`` without accents, so that a name agrees with itself across languages."""
    plain = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=50_000)
def lemma_of(word: str, language: Language) -> str:
    """The dictionary form of a word, in lower case."""
    import simplemma

    plain = word
    if language == "en" and plain.endswith("'s"):
        plain = plain[:-2]
    lemma = simplemma.lemmatize(plain, lang=language).lower()
    return _IRREGULAR.get(plain.lower(), lemma) if language == "en" else _mended(lemma)


# Past forms that the dictionary takes for words of their own.
_IRREGULAR = {
    "rose": "rise", "found": "find", "founded": "found", "left": "leave", "won": "win",
    "lost": "lose", "led": "lead", "met": "meet", "fell": "fall", "grew": "grow", "built": "build",
    "sold": "sell", "bought": "buy", "paid": "pay", "held": "hold", "spent": "spend",
    "wrote": "write", "born": "bear", "died": "die", "dying": "die", "saw": "see", "laid": "lay",
    "higher": "high", "highest": "high", "larger": "large", "largest": "large", "bigger": "big",
    "better": "good", "best": "good", "worse": "bad", "worst": "bad", "fewer": "few",
    "earlier": "early", "later": "late", "latest": "late", "older": "old", "oldest": "old",
    "younger": "young", "youngest": "young", "closed": "close", "opened": "open",
}  # fmt: skip


def _mended(lemma: str) -> str:
    return {"gröss": "groß", "höher": "hoch", "besser": "gut", "fällen": "fallen"}.get(lemma, lemma)


@cache
def _stem(word: str, language: Language) -> str:
    from index.terms import stems

    found = stems(word, language)
    return folded(found[0]) if found else folded(word.lower())


@lru_cache(maxsize=50_000)
def is_known(word: str, language: Language) -> bool:
    """Whether the dictionary of ``language`` knows the word."""
    import simplemma

    return bool(simplemma.is_known(word, lang=language))


def content_words(
    found: Sequence[Token], language: Language, taken: set[int], clauses: Sequence[int]
) -> list[ContentWord]:
    """The content words of a text, those of its values left out."""
    skipped = function_words(language) | lexicon.little_words()
    markers = _marker_places(found)
    result = []
    for place, token in enumerate(found):
        if token.kind != "word" or place in taken or place in markers or token.lower in skipped:
            continue
        if len(token.text) == 1 and not token.capital:
            continue
        result.append(_word(found, place, language, clauses[place]))
    return _separable(result, found, language, clauses)


def _marker_places(found: Sequence[Token]) -> set[int]:
    words = [token.lower for token in found]
    return {
        place
        for section in ("negation", "quantities", "modality")
        for first, last, name in lexicon.marked(words, section)
        for place in range(first, last)
        if not (section == "modality" and name in ("plan", "attempt", "claim", "must", "should"))
        and not (section == "modality" and words[first] in ("erlaubt", "permitted", "gestattet"))
    }


def _word(found: Sequence[Token], place: int, language: Language, clause: int) -> ContentWord:
    token = found[place]
    text = token.text.removesuffix("'s").removesuffix("’s") if language == "en" else token.text
    lemma = lemma_of(text, language)
    if lemma == text.lower() and token.capital and language == "en":
        lemma = lemma_of(text.lower(), language) if not is_known(text, language) else lemma
    concepts = lexicon.concepts_of(lemma, language) | lexicon.concepts_of(text.lower(), language)
    return ContentWord(
        place,
        token.start,
        token.end,
        text,
        lemma,
        _stem(text.lower(), language),
        concepts,
        _pos(found, place, lemma, language),
        clause,
    )


def _opens(found: Sequence[Token], place: int) -> bool:
    """Whether a token opens a sentence or a quotation, where every word has a capital."""
    before = place - 1
    while before >= 0 and found[before].text in "\"'„“”»«(‚‘’`":
        before -= 1
    return before < 0 or found[before].text in ".!?:;…–|"


def _pos(found: Sequence[Token], place: int, lemma: str, language: Language) -> PartOfSpeech:
    token = found[place]
    if token.capital:
        return _capital_pos(found, place, lemma, language)
    if language == "de":
        return "verb" if _german_verb(token.lower, lemma) else "other"
    verb = _english_verb(token.lower, lemma) or _third_person(found, place, lemma)
    if verb and not _after_article(found, place):
        return "verb"
    return "noun" if lexicon.is_listed_noun(lemma, language) else "other"


def _capital_pos(
    found: Sequence[Token], place: int, lemma: str, language: Language
) -> PartOfSpeech:
    token = found[place]
    if any(char.isdecimal() for char in token.text) or (
        token.text.isupper() and len(token.text) > 1
    ):
        return "name"
    if language == "en":
        if _opens(found, place) and is_known(token.lower, "en"):
            return (
                "verb"
                if _english_verb(token.lower, lemma) and token.lower.endswith("ed")
                else "noun"
            )
        return "name"
    if _opens(found, place) and _german_verb(token.lower, lemma) and not is_known(token.text, "de"):
        return "verb"
    return "noun" if is_known(token.text, "de") and not _like_name(token.text) else "name"


def _like_name(text: str) -> bool:
    return bool(lexicon.places_of(lexicon.concepts_of(text.lower(), "de")))


def _german_verb(lower: str, lemma: str) -> bool:
    return lemma.endswith(("en", "ern", "eln")) and (
        lexicon.is_listed_verb(lemma, "de") or lower != lemma or is_known(lemma, "de")
    )


def _english_verb(lower: str, lemma: str) -> bool:
    if lexicon.is_listed_verb(lemma, "en") and (not lexicon.is_listed_noun(lemma, "en")):
        return True
    past = lower.endswith("ed") and lemma != lower
    return past or (
        (lower != lemma and not lower.endswith("s")) and not lower.endswith(("er", "est"))
    )


def _third_person(found: Sequence[Token], place: int, lemma: str) -> bool:
    """Whether a word in -s is a verb rather than a plural: a noun before it, no noun behind."""
    lower = found[place].lower
    if not lower.endswith("s") or lower == lemma or not lexicon.is_listed_verb(lemma, "en"):
        return False
    skipped = function_words("en")
    before = found[place - 1] if place else None
    after = found[place + 1] if place + 1 < len(found) else None
    led = before is not None and before.kind == "word" and before.lower not in skipped
    return led and (after is None or after.kind != "word" or after.lower in skipped)


def _after_article(found: Sequence[Token], place: int) -> bool:
    """Whether an article or a possessive stands right before."""
    before = found[place - 1].lower if place else ""
    return before in (
        "the",
        "a",
        "an",
        "its",
        "his",
        "her",
        "their",
        "this",
        "that",
        "of",
        "no",
        "our",
        "your",
        "my",
    )


def _separable(
    words: list[ContentWord], found: Sequence[Token], language: Language, clauses: Sequence[int]
) -> list[ContentWord]:
    """German verbs get back the particle that stands at the end of their clause."""
    if language != "de":
        return words
    for place, token in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        ends = after is None or clauses[place + 1] != clauses[place]
        if not ends or token.lower not in _PARTICLES:
            continue
        for at in range(len(words) - 1, -1, -1):
            word = words[at]
            if word.place >= place or word.pos != "verb" or word.clause != clauses[place]:
                continue
            joined = token.lower + word.lemma
            if lexicon.concepts_of(joined, "de") or is_known(joined, "de"):
                concepts = lexicon.concepts_of(joined, "de")
                words[at] = replace(word, lemma=joined, stem=_stem(joined, "de"), concepts=concepts)
                words = [word for word in words if word.place != place]
            break
    return words


def is_auxiliary(lemma: str) -> bool:
    """Whether a verb only carries tense and voice."""
    return lemma in _AUXILIARIES
