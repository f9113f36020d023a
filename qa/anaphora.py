"""What a question leaves to be understood from what was said before it.

In: a question and its language. Out: whether it lacks nothing, a reference ("Wo wohnt er?") or the
greater part of a question ("Und 2024?"); its words of content and its names. Nothing can fail.

Closed word classes decide, kept as package data in ``anaphora.toml``: no model is asked, and the
same question is always judged alike. Where a word may or may not point back, it is taken not to:
a question bent towards what was talked of before finds the wrong documents, while one that is
left alone finds none, which is said.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from corpus.document import Language
from index.terms import function_words, question_words

Lack = Literal["nothing", "reference", "clause"]
"""``clause``: a fragment, most of whose question was asked before."""

_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+|[-'’&][^\W_]+)*")
_BREAK = re.compile(r"[,;:.?!–—]")
_CONTRACTIONS = (
    (re.compile(r"\b(ca)n['’]t\b", re.IGNORECASE), r"\1n not"),
    (re.compile(r"n['’]t\b", re.IGNORECASE), " not"),
    (re.compile(r"\b(who|what|where|when|how|it|he|she|that|there)['’]s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"['’]re\b", re.IGNORECASE), " are"),
    (re.compile(r"['’](?:ll|d|ve)\b", re.IGNORECASE), " would"),
)
_POSSESSIVE = re.compile(r"['’]s?$")
# A clause with so many words of content names what a later one points at.
_NAMING = 2
# "Who lost his job?" points back; with so many words of content "who" is whom "his" stands for.
_WHOLE = 3
# What follows "those" or "the same" where these announce what comes instead of pointing back.
_ANNOUNCED = frozenset("who whom whose that which of with in from as than wie als".split())  # noqa: SIM905
_WHICH = frozenset("welche welchen which".split())  # noqa: SIM905
_RELATIVE = frozenset(("who", "which"))
_DEMONSTRATIVES_OF_TODAY = frozenset("this dieses diesem diese dieser diesen".split())  # noqa: SIM905
_DEFINITE = frozenset("the der die das den dem des im am vom zum beim".split())  # noqa: SIM905


def _listed(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _phrases(value: object) -> object:
    return [str(one).split() for one in value] if isinstance(value, list) else value


_Set = Annotated[frozenset[str], BeforeValidator(_listed)]
_Phrases = Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_phrases)]


class _Lists(BaseModel):
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
def _lists(language: Language) -> _Lists:
    data = tomllib.loads((Path(__file__).parent / "anaphora.toml").read_text("utf-8"))
    return _Lists.model_validate(data[language])


@dataclass(frozen=True)
class _Token:
    """A word, in lower case as ``word``, and how many clauses end before it."""

    text: str
    word: str
    clause: int


class Wording:
    """The words of one question, and what they ask for."""

    def __init__(self, question: str, language: Language) -> None:
        self._language = language
        self._lists = _lists(language)
        self._function = function_words(language) | question_words()
        self._tokens = self._clauses(_tokens(question))
        self._words = [one.word for one in self._tokens]

    @cached_property
    def lack(self) -> Lack:
        """What the question leaves to be understood from what was said before it."""
        if not self._tokens:
            return "nothing"
        if self._starts_with(self._lists.topics) and self._words[-1] not in self._lists.light:
            return "nothing" if self._own_topic() else "clause"
        if self._points_back() or self._lacks_whose():
            return "reference"
        fragment = self._is_fragment()
        if self._words[0] in self._lists.openings:
            if fragment or not self._predicate():
                return "clause"
            whole = bool(self._names) and len(self._subject) >= _NAMING
            return "nothing" if whole else "reference"
        return "clause" if fragment else "nothing"

    def content(self) -> list[str]:
        """Words that carry meaning, as written, each once."""
        skip = self._function | self._lists.light | self._lists.verbs | self._lists.openings
        found = [one.text for one in self._tokens if one.word not in skip]
        return list(dict.fromkeys(found))

    def names(self) -> list[str]:
        """Words that look like proper names, as written, each once."""
        return list(dict.fromkeys(self._tokens[at].text for at in self._names))

    def years(self) -> list[str]:
        """Numbers of four digits, which are mostly years."""
        return [word for word in self._words if is_year(word)]

    @cached_property
    def _names(self) -> list[int]:
        return [at for at in range(len(self._tokens)) if self._is_name(at)]

    @cached_property
    def _subject(self) -> list[str]:
        """Words that can be what a question is about, function words and vague ones left out."""
        lists = self._lists
        vague = self._function | lists.light | lists.relational | lists.generic | lists.openings
        return [word for word in self._words if word not in vague]

    def _clauses(self, tokens: list[_Token]) -> list[_Token]:
        """``tokens`` with clauses counted also where a conjunction begins one."""
        lists = self._lists
        begins = (
            lists.subjects | lists.pronouns | lists.possessives | lists.verbs | question_words()
        )
        counted, extra = [], 0
        for at, one in enumerate(tokens):
            following = tokens[at + 1].word if at + 1 < len(tokens) else ""
            if at and one.word in lists.conjunctions and following in begins:
                extra += 1
            counted.append(_Token(one.text, one.word, one.clause + extra))
        return counted

    def _starts_with(self, phrases: tuple[tuple[str, ...], ...]) -> bool:
        start = self._words[1:] if self._words[0] in self._lists.openings else self._words
        return any(tuple(start[: len(phrase)]) == phrase for phrase in phrases)

    def _own_topic(self) -> bool:
        """Whether it says what of and of whom: "What about the revenue of Meta?"."""
        return bool(self._names) and bool(self._lists.relational & set(self._words))

    def _is_fragment(self) -> bool:
        """Whether next to nothing is asked in so many words: "Warum?", "Und 2024?", "Google?"."""
        words = set(self._words)
        if not self._subject:
            return not words & (self._lists.relational | self._lists.generic) or not self._verb()
        if len(self._subject) > 1:
            return False
        return not self._verb() or self._lacks_noun()

    def _lacks_noun(self) -> bool:
        """Whether a "which" has no noun: "Welche hatte Amazon?"."""
        for word, following in zip(self._words, self._words[1:], strict=False):
            if word.startswith(("welch", "which")) and following in self._lists.verbs:
                return following not in self._lists.copulas
        return False

    def _verb(self) -> bool:
        return bool(self._lists.verbs & set(self._words))

    def _predicate(self) -> bool:
        """Whether something is asked of something: a verb and a word beyond names and times."""
        names = {self._words[at] for at in self._names}
        own = [word for word in self._subject if word not in names and not self._is_time(word)]
        asks = bool(question_words() & set(self._words)) or self._verb()
        return asks and (bool(own) or self._verb())

    def _lacks_whose(self) -> bool:
        """Whether all it names is of something unnamed: "Wie heißt der Gründer?"."""
        named = set(self._words) & (self._lists.relational | self._lists.generic)
        return not self._subject and bool(named) and self._verb()

    def _points_back(self) -> bool:
        return any(self._leans(at) and not self._named_before(at) for at in range(len(self._words)))

    def _named_before(self, at: int) -> bool:
        """Whether an earlier clause of the same question names what is pointed at."""
        earlier = [one.word for one in self._tokens if one.clause < self._tokens[at].clause]
        return sum(word in self._subject for word in earlier) >= _NAMING

    def _leans(self, at: int) -> bool:
        """Whether the word at ``at`` points back, seen in its own clause."""
        lists, word = self._lists, self._words[at]
        if self._addresses(at):
            return False
        if word in lists.subjects:
            return not self._name_before(at)
        if word in lists.possessives:
            return not self._owner_before(at)
        if word in lists.pronouns:
            return not self._expletive(at) and not self._told_before(at)
        if word in lists.demonstratives:
            return self._demonstrative(at)
        if word in lists.adverbs:
            return self._adverb(at)
        if word in lists.articles and self._article(at):
            return True
        return self._generic(at) or self._phrase(at)

    def _addresses(self, at: int) -> bool:
        """Whether a capital or a verb tells that the reader is meant: "Können Sie", "habt ihr"."""
        token = self._tokens[at]
        if at and token.text != token.word:
            return True
        spoken_to = token.word.startswith(("ihr", "ihn", "sie"))
        return spoken_to and bool(self._near(at, 1) & self._lists.polite)

    def _near(self, at: int, distance: int) -> set[str]:
        return set(self._words[max(0, at - distance) : at] + self._words[at + 1 : at + 1 + distance])

    def _name_before(self, at: int) -> bool:
        return any(place < at for place in self._names)

    def _told_before(self, at: int) -> bool:
        """Whether a name, and what it did, stand before "it": "says it will", "signs ... it"."""
        if not self._name_before(at):
            return False
        names = {self._words[place] for place in self._names}
        told = [word for word in self._words[:at] if word in self._subject and word not in names]
        return self._following(at) in self._lists.verbs or len(told) >= _NAMING

    def _owner_before(self, at: int) -> bool:
        before = self._words[:at]
        nouns = [
            following
            for word, following in zip(before, before[1:], strict=False)
            if word.startswith(("welche", "which", "what"))
        ]
        owned = any(noun != "of" and noun not in self._lists.verbs for noun in nouns)
        asked = {"wer", "who"} & set(before) and len(self._subject) >= _WHOLE
        return self._name_before(at) or bool(asked) or owned

    def _expletive(self, at: int) -> bool:
        if self._words[at] not in ("es", "it"):
            return False
        if self._near(at, 1) & self._lists.expletive:
            return True
        later = self._words[at + 1 : at + 4]
        if self._words[at] == "es":
            return self._clause_follows(at)
        return "that" in later or any(
            word == "to" and following not in self._lists.determiners
            for word, following in zip(later, later[1:], strict=False)
        )

    def _clause_follows(self, at: int) -> bool:
        return self._tokens[-1].clause > self._tokens[at].clause

    def _begins_clause(self, at: int) -> bool:
        return at > 0 and self._tokens[at].clause > self._tokens[at - 1].clause

    def _following(self, at: int) -> str | None:
        return self._words[at + 1] if at + 1 < len(self._words) else None

    def _demonstrative(self, at: int) -> bool:
        word, following = self._words[at], self._following(at)
        if following in _ANNOUNCED or _RELATIVE & set(self._words[at + 1 :]):
            return False
        if word in _DEMONSTRATIVES_OF_TODAY and following in self._lists.calendar:
            return False
        if word == "that":
            last = following is None
            before = self._words[at - 1] if at else ""
            joins = {"so", "those", "now", "than", *self._lists.pronouns, *self._lists.subjects}
            return last or (before in self._function and before not in joins)
        both = word.startswith(("both", "beide"))
        return not (both and (self._names or set(self._words[:at]) & question_words() & _WHICH))

    def _adverb(self, at: int) -> bool:
        if self._begins_clause(at) or self._clause_follows(at):
            return False
        if self._words[at] == "there":
            return not self._near(at, 1) & self._lists.existential
        return self._words[at - 1 : at] != ["the"]

    def _article(self, at: int) -> bool:
        """Whether a German article stands without a noun: "Was vermuten die?"."""
        before = self._words[at - 1] if at else ""
        prepositional = before in self._function and before not in self._lists.verbs
        if self._tokens[at].clause or not at or prepositional:
            return False
        later = self._tokens[at + 1 :]
        if not later:
            return True
        # A noun of its own would be the last word and have a capital; without any, none is seen.
        capitals = any(one.text != one.word for one in self._tokens[1:])
        return len(later) == 1 and capitals and later[0].word.isalpha() and _is_lower(later[0])

    def _generic(self, at: int) -> bool:
        """Whether it is a thing named before by its kind alone: "das Unternehmen"."""
        if at == 0 or self._words[at] not in self._lists.generic or self._names:
            return False
        following = self._following(at)
        ends = following is None or following in self._lists.verbs or at + 2 == len(self._words)
        return self._words[at - 1] in _DEFINITE and ends

    def _phrase(self, at: int) -> bool:
        later = set(self._words[at:])
        return (
            any(tuple(self._words[at : at + len(one)]) == one for one in self._lists.phrases)
            and not self._names
            and len(self._subject) < _WHOLE
            and not later & _ANNOUNCED
        )

    def _is_time(self, word: str) -> bool:
        return word in self._lists.calendar or word.isdigit()

    def _is_name(self, at: int) -> bool:
        token, lists = self._tokens[at], self._lists
        known = self._function | lists.light | lists.relational | lists.generic | lists.verbs
        if _is_lower(token) or token.word in known | lists.calendar:
            return False
        # "OpenAI", "xAI", "MIT": no noun is written so.
        if token.text[1:] != token.text[1:].lower():
            return True
        if self._language == "en":
            return True
        before, following = self._tokens[max(0, at - 1)], self._tokens[at + 1 : at + 2]
        doubled = [one for one in (before, *following) if one is not token and self._capital(one)]
        return bool(doubled) or not self._has_determiner(at)

    def _capital(self, token: _Token) -> bool:
        return not _is_lower(token) and token.word not in self._function | self._lists.calendar

    def _has_determiner(self, at: int) -> bool:
        """Whether a German noun is introduced as one, if need be with adjectives between."""
        for place in range(at - 1, -1, -1):
            token = self._tokens[place]
            if token.word in self._lists.determiners or token.word.isdigit():
                return True
            adjective = _is_lower(token) and token.word.endswith(("e", "en", "er", "es", "em"))
            if not adjective or token.word in self._function | self._lists.verbs:
                return False
        return False


def _is_lower(token: _Token) -> bool:
    return token.text == token.word


def _tokens(question: str) -> list[_Token]:
    text = unicodedata.normalize("NFC", question)
    for pattern, spelled_out in _CONTRACTIONS:
        text = pattern.sub(spelled_out, text)
    found, clause, last = [], 0, 0
    for match in _WORD.finditer(text):
        clause += bool(_BREAK.search(text, last, match.start())) and bool(found)
        last = match.end()
        written = _POSSESSIVE.sub("", match[0])
        found.append(_Token(written, written.lower(), clause))
    return found


def is_year(word: str) -> bool:
    """Whether ``word`` is a number of four digits."""
    return len(word) == 4 and word.isdecimal()
