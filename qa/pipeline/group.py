"""What several passages answer, as groups: those that agree, and those that do not.

In: what the reader found in each passage, best passage first, and what is asked for. Out: groups of
spans that say the same, the likeliest first, and whether the groups disagree. Nothing can fail.

Equal answers support each other, a copied text counts once. A different value or name for the same
thing is a disagreement, and none of its sides is left out; a different clause is none, for two
texts may answer one question in two ways. What is of another sort than is asked for is no answer at
all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from qa.dialogue.asked import ANYTHING, Asked
from qa.pipeline.extract import FoundSpan, PassageReading
from qa.pipeline.far_years import is_of_far_year
from qa.pipeline.orders import is_order
from qa.pipeline.relation import is_another_sort, relation, same_words, stated_numbers
from qa.pipeline.same_thing import (
    are_of_other_times,
    is_of_former_time,
    is_of_other_name,
    is_of_other_year,
    is_of_same_thing,
)
from qa.pipeline.span_meaning import (
    has_preliminary_words,
    stated_values,
    words_beside,
)
from qa.pipeline.table_rows import is_of_other_row

AT_LEAST = 0.5
"""How likely (0 to 1) the reader must hold that a passage answers, for it to be a reason to leave
others out or unread."""
BEHIND = 2.5
"""Nats by which a side may be less likely right than the best answer: what is much less likely is
mostly of another thing."""
CHECK_AT_LEAST = 0.0
"""Log-odds (nats) that a side needs at the second look."""
CHECK_BEHIND = 2.0
"""Nats by which it may be less likely there than the first."""
SURE = 0.8
"""How likely the reader must hold an item for a list over several passages."""


@dataclass(frozen=True, eq=False)
class AnswerGroup:
    """Spans of several passages that say the same."""

    readings: tuple[PassageReading, ...]
    """The passages, best first; a document's copies are left out."""
    spans: tuple[FoundSpan, ...]
    """For each passage its span; for a list, the items of the first passage."""
    is_list: bool = False

    @property
    def best(self) -> FoundSpan:
        """The span that speaks for the group."""
        return self.spans[0]

    @property
    def score(self) -> float:
        """The log-odds (nats) of its best passage."""
        return max(reading.log_odds for reading in self.readings)


@dataclass(frozen=True)
class Grouping:
    """All groups of a question."""

    groups: tuple[AnswerGroup, ...]
    """The likeliest first."""
    disagree: bool = False
    """Whether the groups give different values for the same thing; several that do not disagree
    give values of different times.
    """


NO_GROUPS = Grouping(())
"""Where no passage answers."""


def group(
    readings: Sequence[PassageReading],
    copies: Mapping[str, str],
    asked: Asked = ANYTHING,
    strength: Callable[[PassageReading], float] = attrgetter("log_odds"),
) -> Grouping:
    """Groups of what ``readings`` found; ``copies``: document id to the id that stands for it.

    ``strength``: log-odds (nats) that a reading by itself is right; the strongest comes first.
    """
    answering = sorted(
        (fitting for reading in readings if (fitting := _fitting(reading, asked)).spans),
        key=lambda reading: (-strength(reading), -reading.retrieved.score),
    )
    answering = _without(answering, asked, is_order)
    answering = _without(answering, asked, is_of_far_year)
    if not answering:
        return NO_GROUPS
    if asked.kind != "plain":
        counting = [reading for reading in answering if _states_number(reading)]
        if asked.kind == "list" or not counting:
            return _listed(answering, copies)
        # A number that is stated answers a count, and what was found beside it does not.
        answering = counting
    answering = _of_its_year(answering, asked)
    # Who was it before is no answer to who is it now, even where nothing else is found.
    answering = _without(answering, asked, is_of_former_time)
    answering = _without(answering, asked, is_of_other_name)
    answering = _without(answering, asked, is_of_other_row)
    if not answering:
        return NO_GROUPS
    first = answering[0]
    if len(first.spans) > 1:
        return Grouping((AnswerGroup((first,), first.spans, is_list=True),))
    sides: list[list[PassageReading]] = [[first]]
    for reading in answering[1:]:
        if len(reading.spans) > 1:
            continue
        span = reading.spans[0]
        relations = [relation(span, side[0].spans[0], asked) for side in sides]
        if "same" in relations:
            side = sides[relations.index("same")]
            if not _is_copy(reading, side, copies):
                side.append(reading)
            continue
        # A near copy that gives another value was corrected, and is a side of its own.
        differs = {"different", "rounded"} & set(relations)
        if not differs or any(reading.document_id == side[0].document_id for side in sides):
            # One text that gives two values holds them apart.
            continue
        likely = _is_likely(reading, first, strength)
        if reading.contradicts or (likely and is_of_same_thing(span, first.spans[0], asked)):
            sides.append([reading])
    sides = _settled(sides, asked)
    groups = tuple(
        AnswerGroup(tuple(side), tuple(reading.spans[0] for reading in side)) for side in sides
    )
    apart = are_of_other_times([side.best for side in groups], asked)
    return Grouping(groups, disagree=len(groups) > 1 and not apart)


def _is_likely(
    side: PassageReading, first: PassageReading, strength: Callable[[PassageReading], float]
) -> bool:
    """Whether a side is likely right by itself, not much less so than the first, and holds at a
    second look.
    """
    if _fails_check(side.check, first.check):
        return False
    own = strength(side)
    return own >= 0.0 and strength(first) - own <= BEHIND


def _fails_check(side: float | None, first: float | None) -> bool:
    """Whether a side does not hold at the second look, where both were looked at."""
    if side is None or first is None:
        return False
    return side < max(CHECK_AT_LEAST, first - CHECK_BEHIND)


def _settled(sides: list[list[PassageReading]], asked: Asked) -> list[list[PassageReading]]:
    """``sides`` less those told as of before the thing was settled, where others are told as it is
    and the question does not ask of before: a first estimate does not contradict the bill.
    """
    if has_preliminary_words(asked.question):
        return sides
    return [side for side in sides if not all(map(_is_preliminary, side))] or sides


def _is_preliminary(reading: PassageReading) -> bool:
    span = reading.spans[0]
    return bool(stated_values(span).all()) and has_preliminary_words(span.context)


def _fitting(reading: PassageReading, asked: Asked) -> PassageReading:
    """``reading`` less the spans that are of another sort than is asked for."""
    spans = tuple(span for span in reading.spans if not is_another_sort(span, asked))
    return reading if len(spans) == len(reading.spans) else replace(reading, spans=spans)


def _states_number(reading: PassageReading) -> bool:
    likely = reading.probability >= AT_LEAST and len(reading.spans) == 1
    return likely and states_number(reading.spans[0])


def states_number(span: FoundSpan) -> bool:
    """Whether the span has a number that is no certain year and no place in an order."""
    numbers = stated_numbers(span)
    return bool(numbers.dates) or any(value.dimension != "order" for value in numbers.quantities)


def _without(
    answering: list[PassageReading], asked: Asked, is_of_other: Callable[[FoundSpan, Asked], bool]
) -> list[PassageReading]:
    return [
        reading
        for reading in answering
        if not any(is_of_other(span, asked) for span in reading.spans)
    ]


def _of_its_year(answering: list[PassageReading], asked: Asked) -> list[PassageReading]:
    """``answering`` less those of another year, where others are likely."""
    kept = _without(answering, asked, is_of_other_year)
    return kept if kept and kept[0].probability >= AT_LEAST else answering


def _listed(answering: Sequence[PassageReading], copies: Mapping[str, str]) -> Grouping:
    """The items of the passages that surely answer, each once, as one list."""
    sure = [reading for reading in answering if reading.probability >= SURE] or answering[:1]
    kept: list[tuple[PassageReading, FoundSpan]] = []
    for reading in sure:
        if _is_copy(reading, [member for member, _ in kept], copies):
            continue
        kept += [
            (reading, span)
            for span in reading.spans
            if not any(_same_item(span, other) for _, other in kept)
        ]
    items = tuple(span for _, span in kept)
    members = tuple(dict.fromkeys(member for member, _ in kept))
    return Grouping((AnswerGroup(members, items, is_list=len(items) > 1),))


def _same_item(first: FoundSpan, second: FoundSpan) -> bool:
    """Whether two items are one: "12 Stühle" and "12 Tische" are two."""
    if relation(first, second) != "same":
        return False
    beside = words_beside(first).strip(), words_beside(second).strip()
    if first.language != second.language or not all(beside):
        return True
    return same_words(*beside, first, second)


def _is_copy(
    reading: PassageReading, side: Sequence[PassageReading], copies: Mapping[str, str]
) -> bool:
    """Whether the same text, from another file, stands in ``side`` already."""
    document = reading.document_id
    kept = {member.document_id for member in side}
    if document in kept:
        # Passages of a document overlap, and a sentence in both is one.
        spans = {span for member in side for found in member.spans for span in found.words}
        return any(span in spans for found in reading.spans for span in found.words)
    return copies.get(document, document) in {copies.get(other, other) for other in kept}
