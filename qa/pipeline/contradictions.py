"""Sentences of other texts that say what the answer's sentence says, but for its value.

In: the reading that answers, what is asked for, passages, the whole text of a document. Out: for
each other document with such a sentence a reading of it. What can fail: what the texts raise.

The reader may pass over the second of two sentences that differ in nothing but a number, and then
one source's side stands alone. What two sentences have in common is a matter of words, so code
finds it: every content word of the one has its like in the other, every other value too, both are
denied or neither, and both texts speak of what the question names. In one language only: across
languages a missing word may be a word that no list holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from index.retriever import Retrieved
from index.terms import stems
from qa.dialogue.asked import Asked
from qa.engine.extraction import ExtractedSpan
from qa.pipeline.extract import FoundSpan, PassageReading, found_span
from qa.pipeline.relation import are_comparable, asked_values
from qa.pipeline.shown_text import show
from qa.proof.alignment import align, counts
from qa.proof.analysis import Analysis, analyse
from qa.proof.follows import match_value
from qa.proof.values import Value

TextOf = Callable[[str], str]
"""A document's whole text with its title, by its id."""

_LEAST_WORDS = 3
"""Content words of a sentence that says enough to be contradicted; "Preis: 5 Euro" does not."""
_LEAST_COMMON = 2
"""Stems in common with the answer's sentence from which on a sentence is looked at."""
_CAPITAL = re.compile(r"(?<=\s)[^\W\d_a-z]\w+")


def contradicting_readings(
    answer: PassageReading, asked: Asked, passages: Iterable[Retrieved], text_of: TextOf
) -> list[PassageReading]:
    """Of each document but the answer's own the first sentence that contradicts its value."""
    span = answer.spans[0]
    own = answer.document_id
    found: dict[str, PassageReading] = {}
    for passage in passages:
        document = passage.stored.passage.document_id
        if document == own or document in found or passage.stored.language != span.language:
            continue
        reading = _contradicting(answer, asked, passage)
        if reading is not None and _share_subject(asked, text_of(own), text_of(document)):
            found[document] = reading
    return list(found.values())


def _contradicting(
    answer: PassageReading, asked: Asked, passage: Retrieved
) -> PassageReading | None:
    shown = show(passage.stored)
    span = answer.spans[0]
    said = {*stems(span.context, span.language)}
    for sentence in shown.sentences:
        text = shown.text[sentence.start : sentence.end]
        # Most sentences have nothing in common with it, and need no closer look.
        if not sentence.can_answer or len(said & {*stems(text, span.language)}) < _LEAST_COMMON:
            continue
        value = contradicting_value(span, asked, text)
        if value is None:
            continue
        start, end = sentence.start + value.start, sentence.start + value.end
        words = ExtractedSpan(start, end, (), span.sureness, 0.0, 0)
        return PassageReading(
            retrieved=passage,
            shown=shown,
            spans=(found_span(shown, words),),
            log_odds=answer.log_odds,
            margin=answer.margin,
            contradicts=True,
        )
    return None


def contradicting_value(answer: FoundSpan, asked: Asked, sentence: str) -> Value | None:
    """The value by which alone ``sentence`` differs from the sentence of ``answer``."""
    wanted = asked_values(answer, asked).all()
    if len(wanted) != 1:
        return None
    here, there = analyse(answer.context, answer.language), analyse(sentence, answer.language)
    others = [
        value
        for value in there.values.all()
        if are_comparable(wanted[0], value) and not match_value(value, here.values).follows
    ]
    if len(others) != 1 or len(here.negations) != len(there.negations):
        return None
    beside_here = [value for value in here.values.all() if not _overlap(value, wanted[0])]
    beside_there = [value for value in there.values.all() if not _overlap(value, others[0])]
    if _holds(here, beside_here, there) or _holds(there, beside_there, here):
        return others[0]
    return None


def _overlap(first: Value, second: Value) -> bool:
    return first.start < second.end and second.start < first.end


def _holds(stated: Analysis, beside: list[Value], held: Analysis) -> bool:
    """Whether all words of the one sentence and its values ``beside`` stand in the other."""
    words = [word for word in stated.words if counts(word)]
    if len(words) < _LEAST_WORDS or not any(word.pos == "verb" for word in words):
        return False
    alignment = align(stated, held)
    if alignment.opposites or alignment.converses or any(map(counts, alignment.missing)):
        return False
    return all(match_value(value, held.values).follows for value in beside)


def _share_subject(asked: Asked, own: str, other: str) -> bool:
    """Whether what the question names and the one text speaks of is in the other text too."""
    named = _CAPITAL.findall(asked.question)
    wanted = {*stems(" ".join(named), asked.language)} or {*stems(asked.question, asked.language)}
    return wanted & {*stems(own, asked.language)} <= {*stems(other, asked.language)}
