"""Small arithmetic: whether a value of a statement is worked out from those of a quotation.

In: a value that stands nowhere in the quotation, the values that do, and the words of both. Out:
whether it follows: a year from a year and a span ("1999 ... zwei Jahre später"), a span from two
years or times, a sum, a difference, a multiple. Nothing can fail.

A sum of anything with anything would prove too much, so each sort wants the words that go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations

from qa.proof.clock import ClockTime
from qa.proof.dates import Date
from qa.proof.quantities import Quantity
from qa.proof.values import Value, Values

_LATER = frozenset(
    [
        "später",
        "darauf",
        "danach",
        "nach",
        "later",
        "after",
        "afterwards",
        "following",
        "lang",
        "dauerte",
        "lasted",
        "hielt",
        "for",
        "anschließend",
        "hence",
        "amtierte",
        "blieb",
        "weitere",
        "further",
    ]
)
_EARLIER = frozenset(["zuvor", "vorher", "früher", "vor", "earlier", "before", "previously", "ago"])
_TOTAL = frozenset(
    [
        "insgesamt",
        "zusammen",
        "gesamt",
        "gesamten",
        "summe",
        "total",
        "together",
        "altogether",
        "combined",
        "sum",
        "overall",
        "all",
        "beide",
        "beiden",
        "both",
        "zählt",
        "umfasst",
        "addiert",
    ]
)
_DIFFERENCE = frozenset(
    [
        "mehr",
        "weniger",
        "differenz",
        "unterschied",
        "um",
        "höher",
        "niedriger",
        "größer",
        "kleiner",
        "älter",
        "jünger",
        "länger",
        "kürzer",
        "schneller",
        "teurer",
        "billiger",
        "more",
        "fewer",
        "less",
        "difference",
        "by",
        "higher",
        "lower",
        "larger",
        "smaller",
        "older",
        "younger",
        "longer",
        "shorter",
        "rest",
        "übrig",
        "verbleibend",
        "verbleiben",
        "remaining",
        "remain",
        "left",
        "gain",
        "loss",
        "zuwachs",
        "rückgang",
        "anstieg",
        "stieg",
        "sank",
        "wuchs",
        "rose",
        "fell",
        "grew",
        "increase",
        "decrease",
        "increased",
        "decreased",
        "voneinander",
        "auseinander",
        "apart",
    ]
)
_SPAN = frozenset(
    [
        "lang",
        "dauerte",
        "dauert",
        "lasted",
        "lasts",
        "for",
        "nach",
        "after",
        "später",
        "later",
        "alt",
        "old",
        "aged",
        "zeit",
        "dauer",
        "duration",
        "während",
        "within",
        "innerhalb",
        "über",
        "jahre",
        "years",
        "tage",
        "days",
        "stunden",
        "hours",
        "geöffnet",
        "open",
        "amtszeit",
        "betrieb",
    ]
)
_EACH = frozenset(
    ["je", "jeweils", "pro", "each", "per", "jede", "jeder", "jedes", "apiece", "every"]
)
_MULTIPLES: dict[str, Decimal] = {
    "verdoppelt": Decimal(2), "verdoppelte": Decimal(2), "verdoppelten": Decimal(2),
    "doppelt": Decimal(2), "doubled": Decimal(2), "double": Decimal(2), "twice": Decimal(2),
    "verdreifacht": Decimal(3), "verdreifachte": Decimal(3), "dreimal": Decimal(3),
    "tripled": Decimal(3), "triple": Decimal(3), "vervierfacht": Decimal(4),
    "vervierfachte": Decimal(4), "quadrupled": Decimal(4), "halbiert": Decimal("0.5"),
    "halbierte": Decimal("0.5"), "halb": Decimal("0.5"), "halved": Decimal("0.5"),
    "half": Decimal("0.5"), "verzehnfacht": Decimal(10),
}  # fmt: skip


def multiple_of(words: Iterable[str]) -> Decimal | None:
    """The multiple that a word of ``words`` names ("verdoppelt")."""
    return next((_MULTIPLES[word] for word in words if word in _MULTIPLES), None)


def holds_multiple(multiple: Decimal, held: Values, either_way: bool) -> bool:
    """Whether two quantities of ``held`` stand in this ratio, the later one the multiple.

    ``either_way``: or the earlier one, where things are compared.
    """
    return any(
        _same_sort(one, two)
        and (_ratio(one, two) == multiple or (either_way and _ratio(two, one) == multiple))
        for one, two in combinations(held.quantities, 2)
    )


def _ratio(one: Quantity, two: Quantity) -> Decimal | None:
    low, high = max(one.amounts()), max(two.amounts())
    return (high / low).normalize() if low else None


def derived(value: Value, held: Values, stated_words: set[str], held_words: set[str]) -> bool:
    """Whether ``value`` is worked out from ``held``, both texts' words in lower case."""
    if isinstance(value, Date):
        return _year(value, held, held_words)
    if isinstance(value, ClockTime):
        return _time(value, held, held_words)
    words = stated_words | held_words
    if value.bound not in ("exact", "about") or value.upper is not None:
        return False
    return (
        _span(value, held, stated_words)
        or _sum(value, held, stated_words)
        or _difference(value, held, stated_words)
        or _product(value, held, words)
        or _change_in_percent(value, held, stated_words)
    )


def _years(held: Values) -> list[int]:
    return sorted({date.year for date in held.dates if date.year is not None})


def _spans(held: Values, name: str) -> list[Decimal]:
    return [
        amount
        for quantity in held.quantities
        if quantity.dimension == name and quantity.upper is None
        for amount in quantity.amounts()
    ]


def _year(value: Date, held: Values, words: set[str]) -> bool:
    if value.year is None or value.month is not None or value.day is not None:
        return False
    for months in _spans(held, "months"):
        if months % 12 != 0:
            continue
        step = int(months) // 12
        for year in _years(held):
            if value.year == year + step and words & _LATER:
                return True
            if value.year == year - step and words & _EARLIER:
                return True
    return False


def _time(value: ClockTime, held: Values, words: set[str]) -> bool:
    for seconds in _spans(held, "time"):
        step = int(seconds) // 60
        for clock in held.clocks:
            for minutes in clock.minutes:
                if (minutes + step) % 1440 in value.minutes and words & _LATER:
                    return True
                if (minutes - step) % 1440 in value.minutes and words & _EARLIER:
                    return True
    return False


def _span(value: Quantity, held: Values, words: set[str]) -> bool:
    if not words & (_SPAN | _DIFFERENCE):
        return False
    if value.dimension == "months":
        years = _years(held)
        gaps = {Decimal(12 * (two - one)) for one, two in combinations(years, 2)}
        return bool(gaps & value.amounts())
    if value.dimension == "time":
        gaps = {
            Decimal(60 * ((two - one) % 1440))
            for first, second in combinations(held.clocks, 2)
            for one in first.minutes
            for two in second.minutes
        }
        return bool((gaps | _days_between(held.dates)) & value.amounts())
    return False


def _days_between(dates: Sequence[Date]) -> set[Decimal]:
    import datetime

    whole = []
    for date in dates:
        if date.month is not None and date.day is not None and (date.year or 2001) > 0:
            try:
                whole.append(datetime.date(date.year or 2001, date.month, date.day))
            except ValueError:
                continue
    gaps = {abs((two - one).days) for one, two in combinations(whole, 2)}
    return {Decimal(86400 * gap) for gap in gaps if gap}


def _same_sort(one: Quantity, two: Quantity) -> bool:
    return one.dimension == two.dimension and not one.number.ordinal and not two.number.ordinal


def _parts(value: Quantity, held: Values) -> list[Quantity]:
    return [
        quantity
        for quantity in held.quantities
        if _same_sort(value, quantity)
        and quantity.bound in ("exact", "about")
        and not quantity.upper
    ]


def _sum(value: Quantity, held: Values, words: set[str]) -> bool:
    parts = _parts(value, held)
    named = {part.counted for part in parts}
    if not (words & _TOTAL or (value.counted and value.counted not in named and not value.unit)):
        return False
    return any(
        sum((max(part.amounts()) for part in some), Decimal(0)) in value.amounts()
        for size in range(2, min(len(parts), 5) + 1)
        for some in combinations(parts[:8], size)
    )


def _difference(value: Quantity, held: Values, words: set[str]) -> bool:
    if not words & _DIFFERENCE:
        return False
    points = value.dimension == "percentage point"
    parts = _shares(held) if points else _parts(value, held)
    gaps = {
        (abs(max(one.amounts()) - max(two.amounts())) * (100 if points else 1)).normalize()
        for one, two in combinations(parts, 2)
    }
    return bool(gaps & value.amounts())


def _shares(held: Values) -> list[Quantity]:
    return [quantity for quantity in held.quantities if quantity.dimension == "share"]


def _product(value: Quantity, held: Values, words: set[str]) -> bool:
    if not words & _EACH:
        return False
    counts = [quantity for quantity in held.quantities if quantity.dimension == ""]
    return any(
        (max(count.amounts()) * max(part.amounts())).normalize() in value.amounts()
        for count in counts
        for part in _parts(value, held)
        if part is not count
    )


def _change_in_percent(value: Quantity, held: Values, words: set[str]) -> bool:
    if value.dimension != "share" or not words & _DIFFERENCE:
        return False
    others = [quantity for quantity in held.quantities if quantity.dimension != "share"]
    for one, two in combinations(others, 2):
        if not _same_sort(one, two) or not max(one.amounts()):
            continue
        change = abs(max(two.amounts()) / max(one.amounts()) - 1)
        if any(abs(change - amount) <= Decimal("0.005") for amount in value.amounts()):
            return True
    return False
