"""What a second reading may find: other sides of a value, sentences that were passed over.

In: the words that answer, what was read, a search. Out: passages, and in each the stretches from
which alone words may be taken now. What can fail: what the search raises.

A question's own words may find one source of several: the others say "stake" where it says "pay".
The sentence that answers is close to the sentences that tell the same otherwise, so it is searched
with in the question's place, as relevance feedback does (Rocchio 1971, "Relevance feedback in
information retrieval"; Gao et al. 2022, "Precise zero-shot dense retrieval without relevance
labels", searches with a made answer). And of a passage that tells of two amounts the reader may
have found the other one; so it is shown that passage once more, and only such values may be said.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.document import Language
from corpus.filters import Filters
from index.retriever import Retrieved, Retriever
from index.terms import stems
from qa.dialogue.asked import Asked, is_named
from qa.pipeline.aboutness import telling_stretches
from qa.pipeline.extract import FoundSpan, PassageReading, Stretches
from qa.pipeline.relation import are_comparable, asked_values
from qa.pipeline.same_thing import are_far, are_near, whole_text
from qa.pipeline.shown_text import ShownText, show
from qa.pipeline.span_meaning import concepts_in, values_in
from qa.proof.dates import Date
from qa.proof.quantities import Quantity
from qa.proof.values import Value

_SEARCHED = 12
"""Passages searched with the sentence."""
_MOST = 3
"""Passages read more, at most."""


def other_sides(
    retriever: Retriever,
    answer: FoundSpan,
    asked: Asked,
    filters: Filters | None,
    readings: Sequence[PassageReading],
) -> list[tuple[Retrieved, Stretches]]:
    """Passages that may give another value than ``answer``, and where they do.

    Of those in ``readings`` the ones where other words were found than such a value.
    """
    values = asked_values(answer, asked).all()
    if not values:
        return []
    read = {reading.retrieved.stored.id: reading for reading in readings}
    alike = passages_alike(retriever, answer, filters)
    passages = {passage.stored.id: passage for passage in alike}
    passages |= {number: reading.retrieved for number, reading in read.items()}
    sides: list[tuple[bool, Retrieved, Stretches]] = []
    own = answer.stored.passage.document_id
    for number, passage in passages.items():
        if passage.stored.passage.document_id == own:
            # One text that gives two values holds them apart.
            continue
        shown = show(passage.stored)
        stretches = _stretches(shown, values, answer, asked)
        spans = read[number].spans if number in read else ()
        if stretches and not _are_found(spans, stretches):
            sides.append((_is_near(shown, stretches, values), passage, stretches))
    # Two reports of one thing are mostly near each other.
    sides.sort(key=lambda side: not side[0])
    return [(passage, stretches) for _, passage, stretches in sides[:_MOST]]


def passages_alike(
    retriever: Retriever, answer: FoundSpan, filters: Filters | None
) -> Sequence[Retrieved]:
    """What is found with the sentence that answers in the question's place."""
    found = retriever.search(answer.context, _SEARCHED, filters, language=answer.language)
    return found.passages


def passed_over(
    readings: Sequence[PassageReading], asked: Asked
) -> list[tuple[Retrieved, Stretches]]:
    """Passages that were read, and their sentences that tell of what is asked where words of
    others were found: of a passage on two persons the reader may have taken the wrong one.
    """
    missed = [
        (reading.retrieved, stretches)
        for reading in readings
        if reading.spans
        and (stretches := telling_stretches(reading.shown, asked))
        and not _are_found(reading.spans, stretches)
    ]
    return missed[:_MOST]


def _are_found(spans: Sequence[FoundSpan], stretches: Stretches) -> bool:
    """Whether one of ``spans`` stands in one of ``stretches``."""
    return any(
        start < span.start + len(span.text) and span.start < end
        for span in spans
        for start, end in stretches
    )


def _is_near(shown: ShownText, stretches: Stretches, values: Sequence[Value]) -> bool:
    """Whether a quantity of a stretch is near one of ``values``."""
    return any(
        are_near(value, other)
        for other in values_in(shown.text, shown.stored.language).quantities
        if (other.start, other.end) in stretches
        for value in values
        if isinstance(value, Quantity)
    )


def _stretches(
    shown: ShownText, values: Sequence[Value], answer: FoundSpan, asked: Asked
) -> Stretches:
    """Where such values stand, in a text that has a name of the question as ``answer``'s
    text does.
    """
    text = whole_text(shown)
    names = [name for name in asked.names if is_named(whole_text(answer.shown), name)]
    if names and not any(is_named(text, name) for name in names):
        return ()
    language = shown.stored.language
    answering = [sentence for sentence in shown.sentences if sentence.can_answer]
    return tuple(
        (other.start, other.end)
        for other in values_in(shown.text, language).all()
        if any(sentence.start <= other.start < sentence.end for sentence in answering)
        and any(_may_be_of_one_thing(value, other, answer.language, language) for value in values)
    )


def _may_be_of_one_thing(
    value: Value, other: Value, language: Language, other_language: Language
) -> bool:
    """Whether the two are of one measure and near each other."""
    if isinstance(value, Quantity) and isinstance(other, Quantity):
        if not are_comparable(value, other) or are_far(value, other):
            return False
        if value.dimension or value.number.exponent or are_near(value, other):
            return True
        # Bare numbers compare with all others, and count all sorts of things.
        counted = value.counted, other.counted
        return bool({*stems(counted[0], language)} & {*stems(counted[1], other_language)}) or bool(
            concepts_in(counted[0], language) & concepts_in(counted[1], other_language)
        )
    if isinstance(value, Date) and isinstance(other, Date):
        return value.year is None or other.year is None or abs(value.year - other.year) <= 1
    return type(value) is type(other)
