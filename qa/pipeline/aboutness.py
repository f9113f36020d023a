"""Whether a sentence tells of what is asked.

In: a span, what is asked for. Out: yes or no. Nothing can fail.

Words are compared as the check of support compares them, by lemma, concept and cognate, also across
languages (:mod:`qa.proof.matching`). Names and values are left out: that a sentence names the firm
does not make it tell of the firm's price.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from corpus.document import Language
from qa.dialogue.asked import Asked, is_named
from qa.pipeline.extract import FoundSpan, Stretches
from qa.pipeline.shown_text import ShownText
from qa.proof.analysis import analyse
from qa.proof.matching import grade
from qa.proof.words import ContentWord

_MATCHING = 0.7
"""Grade from which a word stands for another."""


def tells_of(span: FoundSpan, asked: Asked) -> bool:
    """Whether its sentence has a word of the question that is no name, in whichever language; of a
    question that has none every sentence tells.
    """
    return _tells(span.context, span.language, asked)


def tells_verbs_of(span: FoundSpan, best: FoundSpan, asked: Asked) -> bool:
    """Whether its sentence has those verbs of the question that the sentence of ``best`` has."""
    told, wanted = (_told(found.context, found.language, asked) for found in (span, best))
    return all(word in told for word in wanted if word.pos == "verb")


def telling_stretches(shown: ShownText, asked: Asked) -> Stretches:
    """The sentences of a text that may answer and have a name of the question, where it gives one,
    and a word besides.
    """
    return tuple(
        (sentence.start, sentence.end)
        for sentence in shown.sentences
        if sentence.can_answer
        and _tells(text := shown.text[sentence.start : sentence.end], shown.stored.language, asked)
        and (not asked.names or any(is_named(text, name) for name in asked.names))
    )


def _tells(text: str, language: Language, asked: Asked) -> bool:
    return not _wanted(asked) or bool(_told(text, language, asked))


@lru_cache(maxsize=64)
def _wanted(asked: Asked) -> tuple[ContentWord, ...]:
    """The words of the question that are no name."""
    # "ORMOND-Studie" is a name of two words for the check.
    names = {part.lower() for name in asked.names for word in name for part in word.split("-")}
    words = analyse(asked.question, asked.language).words
    return tuple(word for word in words if word.lower not in names)


@lru_cache(maxsize=4096)
def _told(text: str, language: Language, asked: Asked) -> tuple[ContentWord, ...]:
    """Those of them that a text has."""
    said = analyse(text, language).words
    same_language = language == asked.language
    return tuple(
        word for word in _wanted(asked) if _is_among(word, said, same_language=same_language)
    )


def tells_the_same(first: FoundSpan, second: FoundSpan) -> bool:
    """Whether the sentences of two spans share a word that is no name."""
    here, there = (analyse(span.context, span.language).words for span in (first, second))
    same_language = first.language == second.language
    return any(
        word.pos != "name" and _is_among(word, there, same_language=same_language) for word in here
    )


def _is_among(word: ContentWord, others: Sequence[ContentWord], *, same_language: bool) -> bool:
    for other in others:
        found = grade(word, other, same_language=same_language)
        if found.value >= _MATCHING and found.how not in ("opposite", "none"):
            # What is a name in one language may be in the other one's dictionary.
            return other.pos != "name"
    return False
