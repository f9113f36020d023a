"""What a question leaves to be understood from what was said before it.

In: the words of a question. Out: whether it lacks nothing, a reference ("Wo wohnt er?") or the
greater part of a question ("Und 2024?"). Nothing can fail.

Closed word classes decide, kept as package data in ``anaphora.toml``: no model is asked, and the
same question is always judged alike. Where a word may or may not point back, it is taken not to:
a question bent towards what was talked of before finds the wrong documents, while one that is
left alone finds none, which is said.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

from index.terms import question_words
from qa.dialogue.question_words import QuestionWords

Lack = Literal["nothing", "reference", "clause"]
"""``clause``: a fragment, most of whose question was asked before."""

# A clause with so many words of content names what a later one points at.
_NAMING = 2
# "Who lost his job?" points back; with so many words of content "who" is whom "his" stands for.
_WHOLE = 3
# Words after "those" or "the same" by which these announce what comes instead of pointing back.
_ANNOUNCED = frozenset(("who", "whom", "whose", "that", "which", "of", "with", "in", "from"))
_COMPARED = frozenset(("as", "than", "wie", "als"))
_RELATIVE = frozenset(("who", "which"))
_WHICH = ("welche", "which", "what")
_OF_TODAY = frozenset(("this", "dieses", "diesem", "diese", "dieser", "diesen"))
_DEFINITE = frozenset(("the", "der", "die", "das", "dem", "den", "des", "im", "vom", "zum", "beim"))
_GENITIVE = frozenset(("der", "des"))


def lack(question: QuestionWords) -> Lack:
    """What ``question`` leaves to be understood from what was said before it."""
    return _ClauseAnalysis(question).lack()


class _ClauseAnalysis:
    """A question while it is judged."""

    def __init__(self, question: QuestionWords) -> None:
        self._question = question
        self._words = question.words
        self._lists = question.lists

    def lack(self) -> Lack:
        if not self._words:
            return "nothing"
        if self._is_topic():
            return "nothing" if self._own_topic() else "clause"
        if self._points_back() or self._lacks_whose():
            return "reference"
        if self._words[0] in self._lists.openings:
            return self._continued()
        return "clause" if self._is_fragment() else "nothing"

    def _continued(self) -> Lack:
        """What a question lacks that begins with "Und"."""
        if self._is_fragment() or not self._asks():
            return "clause"
        whole = self._question.name_places and len(self._question.subject) >= _NAMING
        return "nothing" if whole else "reference"

    def _is_topic(self) -> bool:
        """Whether it only names a thing: "What about Google?", not "... Google, what happened?"."""
        start = self._words[1:] if self._words[0] in self._lists.openings else self._words
        named = any(tuple(start[: len(phrase)]) == phrase for phrase in self._lists.topics)
        return named and self._words[-1] not in self._lists.light

    def _own_topic(self) -> bool:
        """Whether it says what of and of whom: "What about the revenue of Meta?"."""
        return bool(self._question.name_places) and bool(self._lists.relational & set(self._words))

    def _is_fragment(self) -> bool:
        """Whether next to nothing is asked in so many words: "Warum?", "Und 2024?", "Google?"."""
        subject, verb = self._question.subject, self._question.has_verb
        if not subject:
            vague = self._lists.relational | self._lists.generic
            return not verb or not vague & set(self._words)
        return len(subject) == 1 and (not verb or self._lacks_noun())

    def _lacks_noun(self) -> bool:
        """Whether a "which" has no noun: "Welche hatte Amazon?"."""
        return any(
            word.startswith(("welch", "which"))
            and following in self._lists.verbs - self._lists.copulas
            for word, following in pairwise(self._words)
        )

    def _lacks_whose(self) -> bool:
        """Whether all it names is of something unnamed: "Wie heißt der Gründer?"."""
        named = set(self._words) & (self._lists.relational | self._lists.generic)
        return not self._question.subject and bool(named) and self._question.has_verb

    def _asks(self) -> bool:
        """Whether something is asked: a verb, or a question word and more than names and times."""
        names = {self._words[at] for at in self._question.name_places}
        own = [
            word
            for word in self._question.subject
            if word not in names and not self._question.is_time(word)
        ]
        return self._question.has_verb or bool(own and question_words() & set(self._words))

    def _points_back(self) -> bool:
        return any(self._leans(at) and not self._named_before(at) for at in range(len(self._words)))

    def _named_before(self, at: int) -> bool:
        """Whether an earlier clause of the same question names what is pointed at."""
        tokens = self._question.tokens
        earlier = [one.word for one in tokens if one.clause < tokens[at].clause]
        return sum(word in self._question.subject for word in earlier) >= _NAMING

    def _leans(self, at: int) -> bool:
        """Whether the word at ``at`` points back, seen in its own clause."""
        lists, word = self._lists, self._words[at]
        kinds: tuple[tuple[frozenset[str], Callable[[], bool]], ...] = (
            (lists.subjects, lambda: not self._name_before(at)),
            (lists.possessives, lambda: not self._owner_before(at)),
            (lists.pronouns, lambda: not self._expletive(at) and not self._told_before(at)),
            (lists.demonstratives, lambda: self._demonstrative(at)),
            (lists.adverbs, lambda: self._adverb(at)),
            (lists.articles, lambda: self._article(at)),
            (lists.generic, lambda: self._generic(at)),
        )
        if not self._addresses(at) and any(word in kind and leans() for kind, leans in kinds):
            return True
        return self._phrase(at)

    def _addresses(self, at: int) -> bool:
        """Whether a capital or a verb tells that the reader is meant: "Können Sie", "habt ihr"."""
        token = self._question.tokens[at]
        if at and token.capital and token.word not in self._lists.generic:
            return True
        spoken_to = token.word.startswith(("ihr", "ihn", "sie"))
        return spoken_to and bool(self._beside(at) & self._lists.polite)

    def _beside(self, at: int) -> set[str]:
        return set(self._words[max(0, at - 1) : at] + self._words[at + 1 : at + 2])

    def _name_before(self, at: int) -> bool:
        return any(place < at for place in self._question.name_places)

    def _told_before(self, at: int) -> bool:
        """Whether a name, and what it did, stand before "it": "says it will", "signs ... it"."""
        if not self._name_before(at):
            return False
        names = {self._words[place] for place in self._question.name_places}
        subject = set(self._question.subject) - names
        told = [word for word in self._words[:at] if word in subject]
        return self._question.following(at) in self._lists.verbs or len(told) >= _NAMING

    def _owner_before(self, at: int) -> bool:
        before = self._words[:at]
        owners = [noun for word, noun in pairwise(before) if word.startswith(_WHICH)]
        owned = any(noun != "of" and noun not in self._lists.verbs for noun in owners)
        asked = {"wer", "who"} & set(before) and len(self._question.subject) >= _WHOLE
        return owned or bool(asked) or self._name_before(at)

    def _expletive(self, at: int) -> bool:
        """Whether "es" or "it" stands for nothing, or for a clause that follows."""
        if self._words[at] not in ("es", "it"):
            return False
        if self._beside(at) & self._lists.expletive:
            return True
        if self._words[at] == "es":
            return self._clause_follows(at)
        later = self._words[at + 1 : at + 4]
        return "that" in later or any(
            word == "to" and following not in self._lists.determiners
            for word, following in pairwise(later)
        )

    def _clause_follows(self, at: int) -> bool:
        tokens = self._question.tokens
        return tokens[-1].clause > tokens[at].clause

    def _begins_clause(self, at: int) -> bool:
        tokens = self._question.tokens
        return at > 0 and tokens[at].clause > tokens[at - 1].clause

    def _demonstrative(self, at: int) -> bool:
        word, following = self._words[at], self._question.following(at)
        if following in _ANNOUNCED | _COMPARED or _RELATIVE & set(self._words[at + 1 :]):
            return False
        if word in _OF_TODAY and following in self._lists.calendar:
            return False
        if word == "that":
            return following is None or self._joins_no_clause(at)
        if word.startswith(("both", "beide")):
            which = any(before.startswith(_WHICH) for before in self._words[:at])
            return not which and not self._question.name_places
        return True

    def _joins_no_clause(self, at: int) -> bool:
        """Whether "that" stands where a conjunction or relative pronoun could not."""
        before = self._words[at - 1] if at else ""
        joined = {"so", "those", "now", "than", "it", "they", "he", "she", "them", "him", "her"}
        return before in self._question.function and before not in joined

    def _adverb(self, at: int) -> bool:
        if self._begins_clause(at) or self._clause_follows(at):
            return False
        if self._words[at] == "there":
            return not self._beside(at) & self._lists.existential
        return self._words[at - 1 : at] != ["the"]

    def _article(self, at: int) -> bool:
        """Whether a German article stands without a noun: "Was vermuten die?"."""
        tokens, before = self._question.tokens, self._words[at - 1] if at else ""
        prepositional = before in self._question.function and before not in self._lists.verbs
        if not at or tokens[at].clause or prepositional:
            return False
        later = tokens[at + 1 :]
        # A noun of its own would have a capital, where capitals are written at all.
        participle = len(later) == 1 and later[0].word.isalpha() and not later[0].capital
        return not later or (participle and tokens[0].capital)

    def _generic(self, at: int) -> bool:
        """Whether it is a thing named before by its kind alone: "das Unternehmen"."""
        following = self._question.following(at)
        ends = (
            following is None
            or following in self._lists.verbs
            or following in self._lists.determiners - _GENITIVE
            or at + 2 == len(self._words)
        )
        definite = self._words[at - 1 : at] and self._words[at - 1] in _DEFINITE
        return bool(definite) and ends and not self._question.name_places

    def _phrase(self, at: int) -> bool:
        later = self._words[at:]
        found = any(tuple(later[: len(phrase)]) == phrase for phrase in self._lists.phrases)
        whole = bool(self._question.name_places) or len(self._question.subject) >= _WHOLE
        return found and not whole and not (_ANNOUNCED | _COMPARED) & set(later)
