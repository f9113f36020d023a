"""Two lists of one sentence that belong together in order: "A und B sind 22 bzw. 19 Jahre alt".

In: an analysis. Out: which value is of which name. Nothing can fail; where the lists are not
certainly of one length nothing is paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.proof.alignment import Alignment
from qa.proof.analysis import Analysis
from qa.proof.follows import Match
from qa.proof.values import Value

_RESPECTIVELY = frozenset(["respectively", "respektive", "resp", "beziehungsweise", "bzw"])
_JOINS = frozenset(
    [",", "und", "and", "&", "sowie", "der", "die", "das", "den", "dem", "the", "in", "bei", "at"]
)
"""What may stand between two names of one list."""
_BETWEEN_VALUES = _JOINS | _RESPECTIVELY | frozenset(
    [
        ".", "in", "im", "am", "auf", "um", "zu", "von", "mit", "to", "by", "for", "of", "at", "on",
        "€", "$", "£",
    ]
)  # fmt: skip
"""What may stand between two values of one list."""
_NEAR = 4
"""Tokens from a list within which the word stands that says that they go in order."""

Places = tuple[int, int]
"""Number of a run's first token and of the one behind its last."""


@dataclass(frozen=True)
class Pair:
    """A name and the value that is its own."""

    name: Places
    """The tokens of the name."""
    value: Value


def pairs_in_order(text: Analysis) -> list[Pair]:
    """The names and values of lists that go in order; empty where the sentence has none."""
    marked = [at for at, lower in enumerate(text.lowers) if lower in _RESPECTIVELY]
    if not marked:
        return []
    names = _runs(_names(text), text, _JOINS)
    for values in _value_runs(text):
        first, last = values[0].first, values[-1].last
        fitting = [run for run in names if len(run) == len(values)]
        if not fitting:
            continue
        nearest = min(fitting, key=lambda run: _distance(run, first, last))
        ends = (first, last), (nearest[0][0], nearest[-1][1])
        if any(begin - _NEAR <= at < end + _NEAR for begin, end in ends for at in marked):
            return [Pair(name, value) for name, value in zip(nearest, values, strict=True)]
    return []


def disordered(
    stated: Analysis, held: Analysis, alignment: Alignment, matches: Sequence[Match]
) -> list[tuple[str, str]]:
    """Names and values that the statement joins and the quotation, by their order, does not."""
    pairs = pairs_in_order(held)
    if not pairs:
        return []
    paired = {at for pair in pairs for at in range(*pair.name)}
    said = {pair.value: pair.name for pair in pairs_in_order(stated)}
    result = []
    for match in matches:
        own = {at for pair in pairs if pair.value in match.candidates for at in range(*pair.name)}
        for link in alignment.links:
            places = paired & {word.place for word in link.held}
            of_another = match.value in said and link.stated.place not in range(*said[match.value])
            if own and places and not places & own and not of_another:
                result.append((link.stated.text, stated.text[match.value.start : match.value.end]))
    return result


def _distance(run: Sequence[Places], first: int, last: int) -> int:
    return max(first - run[-1][1], run[0][0] - last)


def _names(text: Analysis) -> list[Places]:
    """Words with a capital, those side by side as one; German nouns are among them."""
    held = text.values.places()
    places = {
        at
        for at, token in enumerate(text.tokens)
        if token.kind == "word" and token.capital and at not in held
    }
    firsts = sorted(at for at in places if at - 1 not in places)
    lasts = sorted(at + 1 for at in places if at + 1 not in places)
    return list(zip(firsts, lasts, strict=True))


def _value_runs(text: Analysis) -> list[list[Value]]:
    """Values of one sort that are listed."""
    values = text.values.all()
    sorts = dict.fromkeys(type(value) for value in values)
    alike = [[value for value in values if type(value) is sort] for sort in sorts]
    by_place = {value.first: value for value in values}
    return [
        [by_place[first] for first, _ in run]
        for members in alike
        for run in _runs([(value.first, value.last) for value in members], text, _BETWEEN_VALUES)
    ]


def _runs(items: Sequence[Places], text: Analysis, between: frozenset[str]) -> list[list[Places]]:
    """``items`` as lists: two and more that have nothing but such words between them."""
    runs: list[list[Places]] = [list(items[:1])]
    for before, behind in pairwise(items):
        gap = text.lowers[before[1] : behind[0]]
        if gap and between.issuperset(gap):
            runs[-1].append(behind)
        else:
            runs.append([behind])
    return [run for run in runs if len(run) > 1]
