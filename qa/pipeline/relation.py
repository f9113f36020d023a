"""How what two spans say compares.

In: two spans, what is asked for. Out: whether they say the same, values of which one rounds the
other, different things, or things that do not compare. Nothing can fail.

Spans become values, as their sentences have them: numbers with unit and bound, dates, times of day;
what holds none is compared by its words. Values of different units do not compare, nor do those
that count different things; a sentence that denies the words of another says the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from corpus.document import Language
from index.terms import stems
from qa.dialogue.asked import ANYTHING, Asked
from qa.dialogue.measures import Measure
from qa.pipeline.different_names import are_different_names
from qa.pipeline.extract import FoundSpan
from qa.pipeline.same_thing import count_different_things, say_nearly_the_same
from qa.pipeline.span_meaning import (
    concepts_in,
    is_denied,
    stated_values,
    tells_amount,
    words_beside,
)
from qa.proof.dates import Date
from qa.proof.follows import factor_between, match_value
from qa.proof.numbers import Number
from qa.proof.quantities import Quantity
from qa.proof.tokens import tokens
from qa.proof.units import CURRENCIES
from qa.proof.values import Value, Values

_OVERLAP = 0.6
"""Share of the shorter span's stems that two spans of words must have in common to say the same."""
_SHORT = 4
"""With so few stems all must be in common: two of three are two persons of one family."""

_LAPSE_BEHIND = frozenset(
    [
        "nach", "nachdem", "später", "danach", "zuvor", "vor", "lang", "after", "later", "before",
        "earlier", "ago", "long", "since",
    ]
)  # fmt: skip
_LAPSE_BEFORE = frozenset(
    ("seit", "vor", "nach", "innerhalb", "binnen", "for", "since", "within", "after", "before")
)
"""Words beside a time that passed between two things, which is nobody's age."""
_OF_REASON = 3
"""Words of a reason at least."""
_PARTS = re.compile(r"\d (?:von|der|of|out of)(?: den| the)? \d")
"""Some of all."""
_COUNTING = 4
"""Words at most of a count of what is asked for."""
_DIMENSIONS: dict[Measure, frozenset[str]] = {
    "money": CURRENCIES | {"cent", "krone", "pound"},
    "time": frozenset(("time", "months")),
    "age": frozenset(("time", "months")),
    "share": frozenset(("share", "percentage point")),
}
"""Dimensions of `units.toml` in which a measure is stated."""

Relation = Literal["same", "rounded", "different", "unlike"]


def relation(first: FoundSpan, second: FoundSpan, asked: Asked = ANYTHING) -> Relation:
    """How what two spans say compares, where ``asked`` is asked for."""
    values = asked_values(first, asked), asked_values(second, asked)
    found: Relation
    if any(side.all() for side in values):
        found = _values_relation(*values)
        if found in ("rounded", "different") and not _same_measure(first, second, asked):
            found = "unlike"
    elif same_words(first.text, second.text, first, second):
        found = "same"
    else:
        found = "different" if are_different_names(first, second, asked) else "unlike"
    if found == "same" and is_denied(first) != is_denied(second):
        return "different"
    return found


def asked_values(span: FoundSpan, asked: Asked) -> Values:
    """The span's values of the sort that is asked for; all of them where it has none or any do."""
    values = stated_values(span)
    values = replace(values, quantities=tuple(map(_settled, values.quantities)))
    if asked.sort == "person":
        return Values((), (), ())
    if asked.sort == "number":
        counts = tuple(
            _as_number(date) for date in values.dates if date.bare and _counts(span, date)
        )
        if values.quantities or counts:
            return Values((*values.quantities, *counts), (), ())
    if asked.sort == "date" and (values.dates or values.clocks):
        return Values((), values.dates, values.clocks)
    return values


def _settled(value: Quantity) -> Quantity:
    """``value`` as its language writes it: a German "1.500" is fifteen hundred.

    Digits that the other language would group keep both readings.
    """
    number = value.number
    if number.preferred == max(number.values, key=abs):
        return replace(value, number=replace(number, values=frozenset({number.preferred})))
    return value


def _counts(span: FoundSpan, figure: Date) -> bool:
    """Whether a noun stands behind a figure that may be a year ("1500 employees")."""
    behind = span.context[figure.end :].split(maxsplit=1)
    if span.language == "de":
        return bool(behind) and behind[0][0].isupper()
    return bool(stems(" ".join(behind[:1]), "en")) and behind[0].strip(".,;)").endswith("s")


def _as_number(figure: Date) -> Quantity:
    amount = frozenset({Decimal(figure.year or 0)})
    number = Number(figure.start, figure.end, amount, amount, 0, preferred=max(amount))
    return Quantity(figure.start, figure.end, number, first=figure.first, last=figure.last)


def stated_numbers(span: FoundSpan) -> Values:
    """The span's quantities, and figures that may be years and may count something."""
    values = stated_values(span)
    bare = tuple(date for date in values.dates if date.bare)
    return Values(values.quantities, bare, ())


def is_another_sort(span: FoundSpan, asked: Asked) -> bool:
    """Whether the span is of a sort that cannot be the answer: no number or measured in something
    else, too short for a reason, or a value and nothing else where no such value is asked for.
    """
    if asked.sort == "reason" and len(tokens(span.text)) < _OF_REASON:
        return True
    values = stated_values(span)
    if asked.sort == "number" and not stated_numbers(span).all() and not tells_amount(span):
        return True
    if asked.measure and not _may_measure(values.quantities, asked.measure):
        return True
    if (asked.measure == "age" and _is_lapse(span)) or _only_counts_what_is_asked(span, asked):
        return True
    only_value = bool(values.all()) and not stems(words_beside(span), span.language)
    return only_value and _is_no_answer(values, span, asked)


def _only_counts_what_is_asked(span: FoundSpan, asked: Asked) -> bool:
    """Whether a span says how many there are of what it is to name ("three causes")."""
    if asked.sort in ("number", "date", "yes_no") or asked.kind == "count":
        return False
    counts = stated_values(span).quantities
    if not counts or any(value.dimension or value.number.exponent for value in counts):
        return False
    if span.language != asked.language or len(tokens(span.text)) > _COUNTING:
        return False
    counted = " ".join(value.counted for value in counts)
    rest = _stems(words_beside(span), span.language) or _stems(counted, span.language)
    return bool(rest) and rest <= _stems(asked.question, asked.language)


def _is_lapse(span: FoundSpan) -> bool:
    """Whether a time of the span is one that passed between two things."""
    start, end = span.place
    before = [token.lower for token in tokens(span.context[:start])][-2:]
    behind = [token.lower for token in tokens(span.context[end:])][:1]
    return not (_LAPSE_BEFORE.isdisjoint(before) and _LAPSE_BEHIND.isdisjoint(behind))


def _is_no_answer(values: Values, span: FoundSpan, asked: Asked) -> bool:
    """Whether a value alone cannot be what is asked for."""
    if asked.sort == "number":
        return not stated_numbers(span).all()
    if asked.kind == "list" and asked.sort == "any":
        return _is_bare_count(values, span)
    if asked.sort == "date":
        measured = [value for value in values.quantities if value.dimension]
        return len(measured) == len(values.all()) and not any(
            value.dimension in ("time", "months", "order") for value in measured
        )
    return asked.sort in ("person", "reason", "yes_no")


def _is_bare_count(values: Values, span: FoundSpan) -> bool:
    """Whether a value says how many things there are, and names none ("drei", "15 of 18"): rooms
    may be called by their numbers, but not in words.
    """
    counts = [value for value in values.quantities if not value.dimension]
    if len(counts) < len(values.all()):
        return False
    in_words = not any(character.isdigit() for character in span.text)
    return in_words or _PARTS.search(span.text.lower()) is not None


def _may_measure(quantities: Sequence[Quantity], measure: Measure) -> bool:
    """Whether one of ``quantities`` may be such a measure; a bare number may, unless it counts."""
    if not quantities:
        return True
    return any(
        value.dimension in _DIMENSIONS[measure]
        if value.dimension
        else bool(value.number.exponent) or not value.counted
        for value in quantities
    )


def same_words(one: str, two: str, first: FoundSpan, second: FoundSpan) -> bool:
    """Whether two texts, of two spans, are nearly the same words."""
    words = _stems(one, first.language), _stems(two, second.language)
    fewest = min(len(words[0]), len(words[1]))
    wanted = fewest if fewest <= _SHORT else _OVERLAP * fewest
    return fewest > 0 and len(words[0] & words[1]) >= wanted


def _values_relation(first: Values, second: Values) -> Relation:
    here, there = first.all(), second.all()
    if not (here and there):
        return "unlike"
    grades = [match_value(value, second).grade for value in here]
    back = [match_value(value, first).grade for value in there]
    if all(grade == "same" for grade in grades) or all(grade == "same" for grade in back):
        return "same"
    if not any(are_comparable(value, other) for value in here for other in there):
        return "unlike"
    if all(grade != "none" for grade in grades) or all(grade != "none" for grade in back):
        return "rounded"
    return "different"


def are_comparable(first: Value, second: Value) -> bool:
    """Whether one of two values can be told from the other: both of one measure."""
    if isinstance(first, Quantity) and isinstance(second, Quantity):
        # "Euro" and "Cent" compare, and so does a number whose unit goes without saying.
        factors = factor_between(first, second), factor_between(second, first)
        return any(factor is not None for factor in factors)
    return type(first) is type(second)


def _same_measure(first: FoundSpan, second: FoundSpan, asked: Asked) -> bool:
    """Whether values that differ can be of one thing."""
    if asked.sort == "number":
        return not _one_counts_something_else(first, second, asked)
    if asked.sort == "date":
        return True
    # A mention of a year in a longer answer does not make it another answer.
    beside = words_beside(first), words_beside(second)
    if not all(
        _stems(words, span.language) for words, span in zip(beside, (first, second), strict=True)
    ):
        return True
    return same_words(*beside, first, second) or bool(
        concepts_in(beside[0], first.language) & concepts_in(beside[1], second.language)
    )


def _one_counts_something_else(first: FoundSpan, second: FoundSpan, asked: Asked) -> bool:
    """Whether one counts what is asked for and the other something else, and not nearly as many."""
    if say_nearly_the_same(first, second) or not count_different_things(first, second):
        return False
    wanted = _stems(asked.question, asked.language)
    is_asked_for = [
        any(
            bool(_stems(value.counted, span.language) & wanted)
            for value in stated_values(span).quantities
        )
        for span in (first, second)
    ]
    return is_asked_for[0] != is_asked_for[1]


def _stems(text: str, language: Language) -> set[str]:
    return set(stems(text, language))
