"""The words of a question, and what kinds of words they are.

In: a question and its language. Out: its words with the clause each belongs to; which of them can
be what it is about, which are names; the word lists of ``anaphora.toml``. Nothing can fail.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from corpus.document import Language
from index.terms import function_words, question_words

_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+|[-'’&][^\W_]+)*")
_BREAK = re.compile(r"[,;:.?!–—]")
_CONTRACTIONS = (
    (re.compile(r"\bcan['’]t\b", re.IGNORECASE), "can not"),
    (re.compile(r"n['’]t\b", re.IGNORECASE), " not"),
    (
        re.compile(r"\b(who|what|where|when|how|it|he|she|that|there)['’]s\b", re.IGNORECASE),
        r"\1 is",
    ),
    (re.compile(r"['’]re\b", re.IGNORECASE), " are"),
    (re.compile(r"['’](?:ll|d|ve)\b", re.IGNORECASE), " would"),
)
_POSSESSIVE = re.compile(r"['’]s?$")
_PLURAL_SUBJECTS = frozenset(("sie", "wir"))
"""Words for those whose verb has the form of its dictionary entry ("Übernehmen Sie …?")."""
_ADJECTIVE_ENDINGS = ("e", "en", "er", "es", "em")


_VERB_ENDINGS = ("t", "te", "ten", "en")
_ABSTRACT = (
    "ung", "ungen", "ion", "ionen", "schaft", "heit", "keit", "tät", "nis", "satz", "nahme", "gang",
    "stieg", "anteil", "anteile", "gewinn", "verlust", "preis", "wert", "kosten",
)  # fmt: skip
"""Endings of German nouns that are no part of a name ("Metas Investition")."""


def _listed(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _phrases(value: object) -> object:
    return [str(one).split() for one in value] if isinstance(value, list) else value


_Set = Annotated[frozenset[str], BeforeValidator(_listed)]
_Phrases = Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_phrases)]


class WordLists(BaseModel):
    """The word lists of one language; what each is for stands in their file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subjects: _Set
    pronouns: _Set
    possessives: _Set
    demonstratives: _Set
    articles: _Set
    adverbs: _Set
    phrases: _Phrases
    expletive: _Set
    openings: _Set
    topics: _Phrases
    existential: _Set
    polite: _Set
    generic: _Set
    relational: _Set
    light: _Set
    verbs: _Set
    copulas: _Set
    determiners: _Set
    conjunctions: _Set
    calendar: _Set


@cache
def word_lists(language: Language) -> WordLists:
    """The lists of ``language``."""
    data = tomllib.loads((Path(__file__).parent / "anaphora.toml").read_text("utf-8"))
    return WordLists.model_validate(data[language])


@dataclass(frozen=True)
class QuestionToken:
    """A word as written, in lower case, and how many clauses end before it."""

    text: str
    word: str
    clause: int

    @property
    def capital(self) -> bool:
        """Whether any of its letters is one."""
        return self.text != self.word


class QuestionWords:
    """The words of one question; contractions are spelled out, "'s" of a genitive is dropped."""

    def __init__(self, question: str, language: Language) -> None:
        self.language = language
        self.lists = word_lists(language)
        self.function = function_words(language) | question_words()
        self.tokens = self._clauses(_tokens(question))
        self.words = [one.word for one in self.tokens]

    def content(self) -> list[str]:
        """Words that carry meaning, as written, each once."""
        skip = self.function | self.lists.light | self.lists.verbs | self.lists.openings
        return list(dict.fromkeys(one.text for one in self.tokens if one.word not in skip))

    def names(self) -> list[str]:
        """Words that look like proper names, as written, each once."""
        return list(dict.fromkeys(self.tokens[at].text for at in self.name_places))

    def years(self) -> list[str]:
        """Numbers of four digits, which are mostly years."""
        return [word for word in self.words if is_year(word)]

    @cached_property
    def name_places(self) -> list[int]:
        """Where names stand among the words."""
        return [at for at in range(len(self.tokens)) if self._is_name(at)]

    @cached_property
    def subject(self) -> list[str]:
        """Words that can be what a question is about, function words and vague ones left out."""
        lists = self.lists
        vague = self.function | lists.light | lists.relational | lists.generic | lists.openings
        return [word for word in self.words if word not in vague]

    @cached_property
    def has_verb(self) -> bool:
        """Whether a form of "be", "have", "do", a modal or a verb of little content is there."""
        return bool(self.lists.verbs & set(self.words))

    @cached_property
    def begins_with_verb(self) -> bool:
        """Whether a German question begins with its verb ("Bekommt Meta einen Sitz?"), and so is
        one for yes or no.
        """
        if self.language != "de" or len(self.tokens) < 2 or question_words() & set(self.words):
            return False
        first, second = self.tokens[:2]
        lists = self.lists
        introduced = lists.determiners | lists.pronouns | lists.possessives | lists.subjects
        described = (
            len(self.tokens) > 2
            and self.tokens[2].capital
            and second.word.endswith(_ADJECTIVE_ENDINGS)
        )
        # "Bekommen junge Leute …?": the plural of a verb is its dictionary form too.
        is_plural = first.word.endswith(("en", "ern", "eln")) and (
            second.word in _PLURAL_SUBJECTS or (described and second.word.endswith("e"))
        )
        return (
            first.word.endswith(_VERB_ENDINGS)
            and (second.capital or second.word in introduced or described)
            and (is_plural or _is_inflected_verb(first.word))
        )

    def following(self, at: int) -> str | None:
        """The word after that at ``at``, in lower case."""
        return self.words[at + 1] if at + 1 < len(self.words) else None

    def is_time(self, word: str) -> bool:
        """Whether ``word`` is a number, a month or another word of the calendar."""
        return word in self.lists.calendar or word.isdigit()

    def _clauses(self, tokens: list[QuestionToken]) -> list[QuestionToken]:
        """``tokens`` with clauses counted also where a conjunction begins one."""
        lists = self.lists
        begins = lists.subjects | lists.pronouns | lists.possessives | lists.verbs
        begins |= question_words()
        counted, extra = [], 0
        for at, token in enumerate(tokens):
            following = tokens[at + 1].word if at + 1 < len(tokens) else ""
            extra += bool(at) and token.word in lists.conjunctions and following in begins
            counted.append(replace(token, clause=token.clause + extra))
        return counted

    def _is_name(self, at: int) -> bool:
        token, lists = self.tokens[at], self.lists
        known = self.function | lists.light | lists.relational | lists.generic | lists.verbs
        if not token.capital or token.word in known | lists.calendar:
            return False
        if at == 0 and self.begins_with_verb:
            return False
        # "OpenAI", "xAI", "MIT": no noun is written so.
        inner = token.text[1:] != token.text[1:].lower()
        return inner or self.language == "en" or self._is_german_name(at)

    def _is_german_name(self, at: int) -> bool:
        """Whether a noun stands beside another ("Lucy Guo") or without a determiner."""
        if at and self._is_genitive(at - 1) and _is_abstract(self.tokens[at].text):
            return False
        beside = self.tokens[max(0, at - 1) : at] + self.tokens[at + 1 : at + 2]
        common = self.function | self.lists.calendar
        doubled = any(one.capital and one.word not in common for one in beside)
        return doubled or not self._has_determiner(at)

    def _is_genitive(self, at: int) -> bool:
        """Whether a name stands in the genitive before what is its own."""
        token = self.tokens[at]
        return token.capital and token.word.endswith("s") and not self._has_determiner(at)

    def _has_determiner(self, at: int) -> bool:
        """Whether a German noun is introduced as one, if need be with adjectives between."""
        for token in reversed(self.tokens[:at]):
            if token.word in self.lists.determiners or token.word.isdigit():
                return True
            adjective = not token.capital and token.word.endswith(_ADJECTIVE_ENDINGS)
            if not adjective or token.word in self.function | self.lists.verbs:
                return False
        return False


def _is_abstract(word: str) -> bool:
    """Whether a German word is a noun for no person and no thing."""
    import simplemma

    return word.lower().endswith(_ABSTRACT) and bool(simplemma.is_known(word, lang="de"))


def _is_inflected_verb(word: str) -> bool:
    """Whether a German word is a form of a verb, and not its dictionary form."""
    import simplemma

    lemma: str = simplemma.lemmatize(word, lang="de")
    return lemma != word and lemma.endswith("n") and lemma.islower()


def is_year(word: str) -> bool:
    """Whether ``word`` is a number of four digits."""
    return len(word) == 4 and word.isdecimal()


def _tokens(question: str) -> list[QuestionToken]:
    text = unicodedata.normalize("NFC", question)
    for pattern, spelled_out in _CONTRACTIONS:
        text = pattern.sub(spelled_out, text)
    found: list[QuestionToken] = []
    clause = last = 0
    for match in _WORD.finditer(text):
        clause += bool(found) and bool(_BREAK.search(text, last, match.start()))
        last = match.end()
        written = _POSSESSIVE.sub("", match[0])
        found.append(QuestionToken(written, written.lower(), clause))
    return found
