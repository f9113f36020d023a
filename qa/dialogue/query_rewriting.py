"""Follow-up questions.

In: a question and what was asked and answered before it. Out: the question as it can stand alone.
Nothing can fail; a question that needs nothing from before is left exactly as it is, unless it asks
what the sources say of a thing (:mod:`qa.dialogue.source_questions`).

No model is asked to rewrite: that costs a second or two of a small machine and bends questions
that needed nothing (docs/measurements-history.md, "Follow-up questions").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten

from corpus.document import Language
from corpus.language import detect_with_confidence
from qa.dialogue.anaphora import lack
from qa.dialogue.question_words import QuestionWords, is_year
from qa.dialogue.source_questions import about_the_thing

# Names of an answer that are taken on; an answer that lists more is about none of them.
_NAMES = 8
# Characters of an earlier question that are taken on.
_LENGTH = 300
# "Warum?" and "Und Google?" are of no language; then the conversation's is kept.
_CERTAIN = 0.75


@dataclass(frozen=True)
class Exchange:
    """A question of a conversation and the text of its answer, markers left out."""

    question: str
    answer: str


@dataclass(frozen=True)
class StandaloneQuery:
    """A question that can stand alone.

    ``search``: what passages are looked for with. ``asked``: what the model reads and what an
    answer may repeat without proof, the earlier questions that it leans on joined with this one.
    Names that were answered are in ``search`` alone: one of them may be the answer again ("Wer von
    beiden ist älter?").
    """

    language: Language
    search: str
    asked: str


def rewrite_query(
    question: str, before: Sequence[Exchange], language: Language | None = None
) -> StandaloneQuery:
    """``question`` with what it lacks from the conversation ``before`` it, the oldest first.

    ``language``: of the question, where it is known.
    """
    language = language or _language(question, before)
    wording = QuestionWords(question, language)
    if not before or lack(wording) == "nothing":
        thing = about_the_thing(question, language)
        return StandaloneQuery(language, search=thing, asked=thing)
    context = _context(before, language)
    words = [word for one in context for word in _carried_words(one, language)]
    if wording.years():
        # "Und 2024?" asks for another year than the one asked before.
        words = [word for word in words if not is_year(word)]
    return StandaloneQuery(
        language,
        search=" ".join([*_new(words, wording.content()), question]),
        asked=" ".join([*(one.question for one in context), question]),
    )


def lean_on_subject(
    question: str, before: Sequence[Exchange], language: Language
) -> tuple[StandaloneQuery, frozenset[str]] | None:
    """A question that lacks no word, as it would be of the last subject; None where it is not open.

    "Wie ist die Telefonnummer?" is whole, and yet, after a question about a branch, may be that
    branch's. Whether it is, the documents decide: an answer counts that stands with the subject's
    names, in lower case, which come second.
    """
    wording = QuestionWords(question, language)
    if not before or lack(wording) != "nothing":
        return None
    context = _context(before, language)
    names = {
        name.lower()
        for exchange in context
        for name in QuestionWords(exchange.question, language).names()
    }
    names -= set(wording.words)
    if not names:
        return None
    words = [word for exchange in context for word in _carried_words(exchange, language)]
    asked = " ".join([*(exchange.question for exchange in context), question])
    search = " ".join([*_new(words, wording.content()), question])
    return StandaloneQuery(language, search=search, asked=asked), frozenset(names)


def _language(question: str, before: Sequence[Exchange]) -> Language:
    found = detect_with_confidence(question)
    if not before or found.confidence >= _CERTAIN:
        return found.language
    return _language(before[-1].question, before[:-1])


def _context(before: Sequence[Exchange], language: Language) -> list[Exchange]:
    """The question that began the subject and the last one; one, where they are the same."""
    for place in range(len(before) - 1, -1, -1):
        if lack(QuestionWords(before[place].question, language)) == "nothing":
            break
    return [_shorten(one) for one in dict.fromkeys((before[place], before[-1]))]


def _shorten(exchange: Exchange) -> Exchange:
    """What is asked must stay within what encoder and model read, however long the last was."""
    return replace(exchange, question=shorten(exchange.question, _LENGTH, placeholder=" …"))


def _carried_words(exchange: Exchange, language: Language) -> list[str]:
    """What an exchange was about: what was asked, and the names that answered it."""
    named = QuestionWords(exchange.answer, language).names()[:_NAMES]
    return QuestionWords(exchange.question, language).content() + named


def _new(words: Iterable[str], known: Iterable[str]) -> list[str]:
    seen = {word.lower() for word in known}
    return [word for word in dict.fromkeys(words) if word.lower() not in seen]
