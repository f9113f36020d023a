"""What several passages answer, as groups: those that agree, and those that do not.

In: what the reader found in each passage, best passage first. Out: groups of spans that say the
same, the likeliest first, and whether the groups disagree. Nothing can fail.

Spans become values: numbers with unit and bound, dates, times of day; what holds none is compared
by its words. Equal ones support each other, a copied text counts once. A different value of the
same sort is a disagreement, and none of its sides is left out; a different clause is none, for two
texts may answer one question in two ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.document import Language
from index.terms import stems
from qa.pipeline.extract import FoundSpan, PassageReading
from qa.proof.follows import match_value
from qa.proof.quantities import Quantity
from qa.proof.values import Value, Values, find_values

AT_LEAST = 0.5
"""How likely the reader must hold an answer for it to be a side of its own (0 to 1)."""
SURE = 0.8
"""How likely the reader must hold an item for a list over several passages."""
_OVERLAP = 0.6
"""Share of the shorter span's stems that two spans of words must have in common to say the same."""

Relation = Literal["same", "rounded", "different", "unlike"]


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
    """Whether the groups give different values for the same thing."""


NO_GROUPS = Grouping(())
"""Where no passage answers."""


def group(
    readings: Sequence[PassageReading], copies: Mapping[str, str], *, every: bool = False
) -> Grouping:
    """Groups of what ``readings`` found; ``copies``: document id to the id that stands for it.

    ``every``: all of several things are asked for, so that what is unlike stands beside the rest.
    """
    answering = sorted(
        (reading for reading in readings if reading.spans),
        key=lambda reading: (-reading.log_odds, -reading.retrieved.score),
    )
    if not answering:
        return NO_GROUPS
    first = answering[0]
    if every:
        return _listed(answering, copies)
    if len(first.spans) > 1:
        return Grouping((AnswerGroup((first,), first.spans, is_list=True),))
    sides: list[list[PassageReading]] = [[first]]
    for reading in answering[1:]:
        if len(reading.spans) > 1:
            continue
        relations = [relation(reading.spans[0], side[0].spans[0]) for side in sides]
        if "same" in relations:
            side = sides[relations.index("same")]
            if not _is_copy(reading, side, copies):
                side.append(reading)
            continue
        # A near copy that gives another value was corrected, and is a side of its own.
        if reading.probability >= AT_LEAST and {"different", "rounded"} & set(relations):
            sides.append([reading])
    groups = tuple(
        AnswerGroup(tuple(side), tuple(reading.spans[0] for reading in side)) for side in sides
    )
    return Grouping(groups, disagree=len(groups) > 1)


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
            if not any(relation(span, other) == "same" for _, other in kept)
        ]
    items = tuple(span for _, span in kept)
    members = tuple(dict.fromkeys(member for member, _ in kept))
    return Grouping((AnswerGroup(members, items, is_list=len(items) > 1),))


def _is_copy(
    reading: PassageReading, side: Sequence[PassageReading], copies: Mapping[str, str]
) -> bool:
    """Whether the same text, from another file, stands in ``side`` already."""
    document = reading.shown.stored.passage.document_id
    kept = {member.shown.stored.passage.document_id for member in side}
    if document in kept:
        # Passages of a document overlap, and a sentence in both is one.
        spans = {span for member in side for found in member.spans for span in found.words}
        return any(span in spans for found in reading.spans for span in found.words)
    return copies.get(document, document) in {copies.get(other, other) for other in kept}


def relation(first: FoundSpan, second: FoundSpan) -> Relation:
    """How what two spans say compares."""
    values = find_values(first.text, first.language), find_values(second.text, second.language)
    if any(side.all() for side in values):
        return _values_relation(*values)
    return "same" if _same_words(first, second) else "unlike"


def _values_relation(first: Values, second: Values) -> Relation:
    if not (first.all() and second.all()):
        return "unlike"
    grades = [match_value(value, second).grade for value in first.all()]
    back = [match_value(value, first).grade for value in second.all()]
    if all(grade == "same" for grade in grades) or all(grade == "same" for grade in back):
        return "same"
    if not _comparable(first.all()[0], second.all()[0]):
        return "unlike"
    if all(grade != "none" for grade in grades) or all(grade != "none" for grade in back):
        return "rounded"
    return "different"


def _comparable(first: Value, second: Value) -> bool:
    if isinstance(first, Quantity) and isinstance(second, Quantity):
        return first.dimension == second.dimension
    return type(first) is type(second)


def _same_words(first: FoundSpan, second: FoundSpan) -> bool:
    words = _stems(first.text, first.language), _stems(second.text, second.language)
    fewest = min(len(words[0]), len(words[1]))
    return fewest > 0 and len(words[0] & words[1]) >= _OVERLAP * fewest


def _stems(text: str, language: Language) -> set[str]:
    return set(stems(text, language))
