"""Whether a statement joins what the quotation keeps apart: another value of the same sentence.

In: two analyses, how words and values of one rest on the other. Out: pairs that do not belong
together. Nothing can fail.

"Der Umsatz stieg 2023 auf 5 und 2024 auf 7 Millionen" has two clauses of one build. A statement
that takes the year from one and the sum from the other is false though each part stands there. So
two things are crossed where they come from two clauses, and each of these has a thing of the
other's sort that the statement leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from qa.proof import lexicon
from qa.proof.alignment import Alignment
from qa.proof.analysis import Analysis
from qa.proof.clock import ClockTime
from qa.proof.dates import Date
from qa.proof.follows import Match
from qa.proof.quantities import Quantity
from qa.proof.values import Value


@dataclass(frozen=True)
class _Item:
    """Something of the statement, and the places of the quotation where it stands."""

    sort: str
    label: str
    places: tuple[int, ...]


def sort_of(value: Value) -> str:
    """What a value competes with: only values of one sort can be taken for one another."""
    if isinstance(value, Date):
        return "date"
    if isinstance(value, ClockTime):
        return "time"
    return f"quantity {value.dimension}"


def crossed(
    stated: Analysis, held: Analysis, alignment: Alignment, matches: Sequence[Match]
) -> list[tuple[str, str]]:
    """Pairs of the statement's words and values that the quotation keeps in separate clauses."""
    items = _items(stated, alignment, matches)
    every = _everything(held)
    used = {place for item in items for place in item.places}
    result = []
    for at, one in enumerate(items):
        for two in items[at + 1 :]:
            sorts = {one.sort, two.sort}
            if sorts <= {"noun", "verb"} or sorts == {"name"}:
                continue
            plain = sorts <= {"noun", "verb", "name"}
            if _are_crossed(one, two, every, used, held, plain=plain):
                result.append((one.label, two.label))
    return result


def _items(stated: Analysis, alignment: Alignment, matches: Sequence[Match]) -> list[_Item]:
    items = [
        _Item(
            sort_of(match.value),
            stated.text[match.value.start : match.value.end],
            tuple(value.first for value in match.candidates),
        )
        for match in matches
        if match.candidates
    ]
    items += [
        _Item(link.stated.pos, link.stated.text, tuple(word.place for word in link.held))
        for link in alignment.links
        if link.held and link.stated.pos in ("name", "noun", "verb")
    ]
    return items


def _everything(held: Analysis) -> list[tuple[str, int]]:
    """Sort and place of each value and word of the quotation."""
    values = [(sort_of(value), value.first) for value in held.values.all()]
    return values + [(word.pos, word.place) for word in held.words]


def _are_crossed(
    one: _Item,
    two: _Item,
    every: Sequence[tuple[str, int]],
    used: set[int],
    held: Analysis,
    *,
    plain: bool,
) -> bool:
    """``plain``: neither is a value; then the clauses must be neighbours with one name each."""
    verdicts = []
    for first in one.places:
        for second in two.places:
            here, there = held.clauses[first], held.clauses[second]
            if here == there:
                return False
            if plain and (
                abs(here - there) > 2 or not _one_name(held, here) or not _one_name(held, there)
            ):
                return False
            rival_of_one = _rival(one.sort, there, every, used, held)
            rival_of_two = _rival(two.sort, here, every, used, held)
            verdicts.append(rival_of_one and rival_of_two)
    return bool(verdicts) and all(verdicts)


def _one_name(held: Analysis, clause: int) -> bool:
    places = [
        word.place
        for word in held.words
        if word.pos == "name" and held.clauses[word.place] == clause
    ]
    return bool(places) and places[-1] - places[0] == len(places) - 1


def _rival(
    sort: str, clause: int, every: Sequence[tuple[str, int]], used: set[int], held: Analysis
) -> bool:
    """Whether ``clause`` has something of ``sort`` that the statement leaves out."""
    return any(
        other == sort and place not in used and held.clauses[place] == clause
        for other, place in every
    )


def misled(stated: Analysis, held: Analysis, matches: Sequence[Match]) -> list[str]:
    """Values whose preposition in the statement is another value's in the quotation.

    "von 5 auf 7" does not prove "auf 5".
    """
    result = []
    for match in matches:
        said = _labels(stated, match.value)
        if not said or not match.candidates or isinstance(match.value, ClockTime):
            continue
        same = [_labels(held, value) for value in match.candidates]
        if any(not labels or labels & said for labels in same):
            continue
        rivals = [
            value
            for value in held.values.all()
            if sort_of(value) == sort_of(match.value) and value not in match.candidates
        ]
        if any(_labels(held, value) & said for value in rivals):
            result.append(stated.text[match.value.start : match.value.end])
    return result


_VALUE_LABELS: dict[str, frozenset[str]] = {
    "auf": frozenset(["to"]), "to": frozenset(["to"]), "zu": frozenset(["to"]),
    "bis": frozenset(["to"]), "until": frozenset(["to"]), "von": frozenset(["from"]),
    "from": frozenset(["from"]), "um": frozenset(["by"]), "by": frozenset(["by"]),
    "aus": frozenset(["from"]), "seit": frozenset(["from"]), "since": frozenset(["from"]),
    "ab": frozenset(["from"]), "nach": frozenset(["after"]), "after": frozenset(["after"]),
    "vor": frozenset(["before"]), "before": frozenset(["before"]), "für": frozenset(["for"]),
    "for": frozenset(["for"]), "till": frozenset(["to"]),
}  # fmt: skip


def _labels(text: Analysis, value: Value) -> frozenset[str]:
    for back in range(1, 4):
        if value.first - back < 0:
            break
        word = text.tokens[value.first - back].lower
        if word in _VALUE_LABELS:
            return _VALUE_LABELS[word]
        skipped = word in "€$£¥" or word in (
            "rund",
            "etwa",
            "about",
            "around",
            "dem",
            "den",
            "the",
            "nearly",
            "fast",
            "über",
            "over",
            "der",
        )
        if not skipped:
            break
    return frozenset()


def unpaired(stated: Analysis, held: Analysis, matches: Sequence[Match]) -> list[tuple[str, str]]:
    """A date with the quantity that belongs to the other one, where a change has two of each.

    "zwischen 2010 und 2015 von 40 auf 80": 80 belongs to 2015.
    """
    dates = [date for date in held.values.dates if date.year is not None]
    said = [match for match in matches if isinstance(match.value, Date) and match.candidates]
    amounts = [match for match in matches if isinstance(match.value, Quantity) and match.candidates]
    if len(dates) != 2 or len(said) != 1 or len(amounts) != 1:
        return []
    rivals = [
        value for value in held.values.quantities if sort_of(value) == sort_of(amounts[0].value)
    ]
    labels = [_labels(held, value) for value in rivals]
    if len(rivals) != 2 or labels != [frozenset(["from"]), frozenset(["to"])]:
        return []
    first, second = said[0].candidates[0], amounts[0].candidates[0]
    if first not in dates or second not in rivals or dates.index(first) == rivals.index(second):
        return []
    written = [stated.text[match.value.start : match.value.end] for match in (said[0], amounts[0])]
    return [(written[0], written[1])]


def scores_turned(stated: Analysis, held: Analysis) -> list[str]:
    """Scores whose numbers stand in the other order than in the quotation ("3:1" for "1:3")."""
    there = _scores(held)
    return [
        f"{one}:{two}"
        for one, two in _scores(stated)
        if (two, one) in there and (one, two) not in there
    ]


def _scores(text: Analysis) -> set[tuple[Decimal, Decimal]]:
    """Pairs of whole numbers joined as a score."""
    numbers = text.values.quantities
    return {
        (one.number.preferred, two.number.preferred)
        for one, two in pairwise(numbers)
        if (two.first == one.last + 1 and text.tokens[one.last].lower in (":", "zu"))
        or (text.tokens[one.last].lower == "votes" and two.first == one.last + 2)
        or (two.first == one.last + 1 and text.tokens[one.last].text in "-–" and not one.unit)
    }


def neighbour_swapped(stated: Analysis, held: Analysis, matches: Sequence[Match]) -> list[str]:
    """Bare numbers that count one thing in the statement and another in the quotation."""
    result = []
    for match in matches:
        value = match.value
        if not isinstance(value, Quantity) or not value.counted or value.unit is not None:
            continue
        sources = [source for source in match.candidates if isinstance(source, Quantity)]
        if not sources or any(
            not source.counted or _counts_alike(stated, value, held, source) for source in sources
        ):
            continue
        # What it counts here is what another number counts there.
        rivals = [quantity for quantity in held.values.quantities if quantity not in sources]
        if any(_counts_alike(stated, value, held, rival) for rival in rivals):
            result.append(stated.text[value.start : value.end])
    return result


def _counts_alike(stated: Analysis, value: Quantity, held: Analysis, source: Quantity) -> bool:
    from qa.proof.words import lemma_of

    if not source.counted:
        return False
    one = lemma_of(_written(stated, value), stated.language)
    two = lemma_of(_written(held, source), held.language)
    if one == two:
        return True
    return (
        lexicon.lexical_relation(
            lexicon.concepts_of(one, stated.language), lexicon.concepts_of(two, held.language)
        )
        == "same"
    )


def _written(text: Analysis, value: Quantity) -> str:
    """The counted word as it is written."""
    for token in text.tokens[value.last : value.last + 3]:
        if token.lower == value.counted:
            return token.text
    return value.counted
