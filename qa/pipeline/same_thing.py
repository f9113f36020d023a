"""Whether two passages tell of the same thing, so that different values disagree.

In: spans or readings, what is asked for. Out: yes or no. Nothing can fail.

What differs is a disagreement only where one thing is told of: of the names and the year that are
asked about, and not two numbers that one of the texts itself holds apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from corpus.document import Language
from index.terms import stems
from qa.dialogue.asked import Asked, is_named
from qa.pipeline.aboutness import tells_of, tells_the_same, tells_verbs_of
from qa.pipeline.extract import FoundSpan
from qa.pipeline.relative_years import YEAR, relative_years
from qa.pipeline.shown_text import ShownText
from qa.pipeline.span_meaning import concepts_in, is_planned, stated_values, values_in
from qa.proof.analysis import Analysis, analyse
from qa.proof.dates import Date
from qa.proof.follows import match_value
from qa.proof.pairs import Pair, pairs_in_order
from qa.proof.quantities import Quantity
from qa.proof.values import Values

_FAR = Decimal("1.5")
"""Times by which quantities may differ and still be taken for one thing where their sentences
share words."""
_TOO_FAR = Decimal(5)
"""Times beyond which they are not, whatever their sentences share: of a sale and a revenue both
tell in words of money and of the firm."""
_NEAR_TO = Decimal("1.1")
"""The same where their sentences share none."""
_CHANCE = 20
"""Bare numbers below this are near each other by chance."""
_NOW: dict[Language, re.Pattern[str]] = {
    "de": re.compile(
        r"(?:wer|wem|wen) (?:ist|sind|leitet|führt|regiert|besitzt|gehört|steht|hat|verwaltet"
        r"|vertritt|trainiert|amtiert)\b"
    ),
    "en": re.compile(
        r"who(?:se)? (?:is|are|leads|heads|runs|owns|has|chairs|manages|governs|directs|rules"
        r"|coaches|represents)\b|who['’]s\b"
    ),
}
"""How questions begin that ask who does or is something at the present."""
_FORMER_WORD = re.compile(r"[^\W_][\w-]*")
_NEAR = 5
"""Words beside a name in which its being over is said."""
_NEXT = 3
"""Words behind it of a clause that tells of it."""
_FORMER = frozenset(
    [
        "former", "ex", "formerly", "ehemalige", "ehemaliger", "ehemaligen", "ehemals",
        "früherer", "frühere", "früheren", "bisherige", "bisheriger", "bisherigen", "vorige",
        "voriger", "vorigen", "einstige", "einstiger", "einstigen", "damalige", "damaliger",
        "damaligen", "vorgänger", "vorgängerin", "predecessor", "replaced", "replaces",
        "replacing", "succeeded", "succeeds", "succeeding", "ersetzt", "ersetzte",
    ]
)  # fmt: skip
_BEFORE = frozenset(
    ["früher", "formerly", "previously", "ehemals", "einst", "einstmals", "vormals", "once"]
)
"""Words that say so of what is told next of a name ("X, der früher die Firma leitete")."""
_LEFT = (
    "stepped down", "steps down", "resigned", "has left", "left the", "is leaving", "departed",
    "trat zurück", "tritt zurück", "zurückgetreten", "verließ", "verlässt", "hat verlassen",
    "schied aus", "ausgeschieden", "wurde abgelöst", "was replaced", "was succeeded", "gab ab",
)  # fmt: skip


_MUST = frozenset(
    """
    muss müssen musste mussten darf dürfen durfte soll sollte sollten kann können
    must should may can need needs needed have has
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
"""Words of a question for what is demanded."""


def is_of_other_year(span: FoundSpan, asked: Asked) -> bool:
    """Whether its sentence gives years and its heading may, but none that is asked about."""
    if asked.sort != "number" or not asked.years:
        return False
    years = years_beside(span)
    if not years:
        return False
    # "Last year" is not the year of the text.
    around = [] if _relative_years(span) else YEAR.findall(span.heading)
    return asked.years.isdisjoint(years.union(map(int, around)))


def is_of_former_time(span: FoundSpan, asked: Asked) -> bool:
    """Whether the question is who does or is something now, and the span's sentence says of the
    span that this is over ("former head X", "X stepped down").
    """
    question = asked.question.strip().lower()
    if asked.sort != "person" or not _NOW[asked.language].match(question):
        return False
    if any(word in _FORMER | _BEFORE for word in _FORMER_WORD.findall(question)):
        return False
    start, end = span.place
    before = _FORMER_WORD.findall(span.context[:start].lower())[-_NEAR:]
    behind = _FORMER_WORD.findall(span.context[end:].lower())[:_NEAR]
    if any(word in _FORMER or word.startswith("ex-") for word in before):
        return True
    if not _BEFORE.isdisjoint(behind[:_NEXT]):
        return True
    near = f" {' '.join(behind)} "
    return any(f" {phrase} " in near for phrase in _LEFT)


def is_of_other_name(span: FoundSpan, asked: Asked) -> bool:
    """Whether its sentence lists names and values in order ("A und B sind 22 bzw. 19 Jahre alt"),
    and the span is the value of another of them than the one asked about.
    """
    start, end = span.place
    text = analyse(span.context, span.language)
    held = [
        (pair, any(is_named(_words_of(text, pair), name) for name in asked.names))
        for pair in pairs_in_order(text)
    ]
    own = [wanted for pair, wanted in held if pair.value.start < end and start < pair.value.end]
    return len(own) == 1 and not own[0] and any(wanted for _, wanted in held)


def _words_of(text: Analysis, pair: Pair) -> str:
    first, last = pair.name
    return " ".join(token.text for token in text.tokens[first:last])


def are_of_other_times(spans: Sequence[FoundSpan], asked: Asked) -> bool:
    """Whether every sentence gives years of its own beside the number that is asked for."""
    if asked.sort != "number" or len(spans) < 2:
        return False
    years = [years_beside(span) for span in spans]
    return all(years) and sum(map(len, years)) == len(set().union(*years))


def years_beside(span: FoundSpan) -> set[int]:
    """The years of its sentence, those of its quantities left out."""
    start, end = span.place
    return _relative_years(span) | {
        date.year
        for date in values_in(span.context, span.language).dates
        if date.year is not None and not (date.bare and date.start < end and start < date.end)
    }


def _relative_years(span: FoundSpan) -> set[int]:
    return relative_years(span.context, span.heading, span.language, span.stored.date)


def is_of_same_thing(side: FoundSpan, best: FoundSpan, asked: Asked) -> bool:
    """Whether ``side``, which gives another value than ``best``, tells of the same thing."""
    if is_of_other_year(side, asked) or _holds_both(best, side):
        return False
    alike = say_nearly_the_same(side, best) and not count_different_things(side, best)
    if not alike and not _tells_the_same_of(side, best, asked):
        return False
    here, there = whole_text(best.shown), whole_text(side.shown)
    wanted = [name for name in asked.names if is_named(here, name)]
    if side.language != best.language:
        # A word that is a name in one language may be another in the other.
        return not wanted or any(is_named(there, name) for name in wanted)
    return all(is_named(there, name) for name in wanted)


def _tells_the_same_of(side: FoundSpan, best: FoundSpan, asked: Asked) -> bool:
    """Whether two sentences that give values not near each other may be of one thing."""
    if _is_older_plan(side, best) or _is_too_far(side, best) or _asks_age_of_someone(asked):
        # Two ages of one person are of two times.
        return False
    if _is_far(side, best):
        return tells_of(side, asked) and tells_verbs_of(side, best, asked)
    return tells_of(side, asked) or tells_the_same(side, best)


def _asks_age_of_someone(asked: Asked) -> bool:
    """Whether the age of who is named is asked for, and not the age that one must have."""
    words = asked.question.lower().replace("?", "").split()
    return asked.measure == "age" and bool(asked.names) and _MUST.isdisjoint(words)


def _is_older_plan(side: FoundSpan, best: FoundSpan) -> bool:
    """Whether an older text tells as a plan what a newer one tells as a fact."""
    dates = side.stored.date, best.stored.date
    older = all(dates) and str(dates[0]) < str(dates[1])
    return older and is_planned(side) and not is_planned(best)


def say_nearly_the_same(first: FoundSpan, second: FoundSpan) -> bool:
    """Whether the quantities of the two differ as two reports of one thing do."""
    here, there = stated_values(first).quantities, stated_values(second).quantities
    return bool(here and there) and are_near(here[0], there[0])


def count_different_things(first: FoundSpan, second: FoundSpan) -> bool:
    """Whether both say what they count, in one language, in words of different meaning."""
    counted = [
        {value.counted for value in stated_values(span).quantities if value.counted}
        for span in (first, second)
    ]
    if not all(counted) or first.language != second.language:
        return False
    here, there = (" ".join(side) for side in counted)
    language = first.language
    return not (
        {*stems(here, language)} & {*stems(there, language)}
        or concepts_in(here, language) & concepts_in(there, language)
    )


def _is_far(first: FoundSpan, second: FoundSpan) -> bool:
    """Whether the values of the two are so far apart that they are hardly of one thing."""
    here, there = stated_values(first), stated_values(second)
    if here.quantities and there.quantities:
        return are_far(here.quantities[0], there.quantities[0])
    return bool(here.dates and there.dates) and _are_far_dates(here.dates[0], there.dates[0])


def _are_far_dates(first: Date, second: Date) -> bool:
    """Whether two dates are of different years, or of months that do not meet."""
    if first.year and second.year and first.year != second.year:
        return True
    if first.month is None or second.month is None:
        return False
    return abs(first.month - second.month) > 1


def _is_too_far(first: FoundSpan, second: FoundSpan) -> bool:
    here, there = stated_values(first).quantities, stated_values(second).quantities
    if not (here and there) or here[0].dimension != there[0].dimension:
        return False
    return not _are_few(here[0], there[0]) and not _differ_at_most(_TOO_FAR, here[0], there[0])


def _are_few(first: Quantity, second: Quantity) -> bool:
    """Whether one of the two counts so few that any other count is far from it."""
    if first.dimension or first.number.exponent:
        return False
    return min(abs(max(value.amounts())) for value in (first, second)) < _CHANCE


def are_far(first: Quantity, second: Quantity) -> bool:
    """Whether two quantities of one measure are so far apart that they are hardly of one thing."""
    return first.dimension == second.dimension and not _differ_at_most(_FAR, first, second)


def are_near(first: Quantity, second: Quantity) -> bool:
    """Whether two quantities differ as two reports of one thing do."""
    return not _are_few(first, second) and _differ_at_most(_NEAR_TO, first, second)


def _differ_at_most(times: Decimal, first: Quantity, second: Quantity) -> bool:
    """Whether two quantities are of one measure and the one is at most so many times the other."""
    if first.dimension != second.dimension:
        return False
    amounts = [abs(max(value.amounts())) for value in (first, second)]
    return max(amounts) <= times * min(amounts)


def whole_text(shown: ShownText) -> str:
    """A passage with what stands above it."""
    return f"{shown.heading} {shown.text}"


def _holds_both(best: FoundSpan, side: FoundSpan) -> bool:
    """Whether the text of ``best`` gives the other's value too, as that of something else."""
    given = stated_values(side).quantities
    measured = [value for value in given if value.dimension or value.number.exponent]
    if not measured:
        return False
    every = values_in(best.shown.text, best.language)
    first = best.start
    held = tuple(
        value
        for value in every.quantities
        if value.end <= first or value.start >= first + len(best.text)
    )
    rest = Values(held, (), ())
    return all(match_value(value, rest).grade == "same" for value in measured)
