"""Whether a text is of another time than the year that a question gives.

In: a span, what is asked for. Out: yes or no. Nothing can fail.

"Who led the round of 2021?" is not answered by a press release of 2023 that speaks of its own round
and nowhere of 2021: such a sentence has no year that could be compared. Texts tell of the year
before and after their own without naming it, and of a time that goes on ("since 2019"), so these
are let in.
"""

from __future__ import annotations

import re

from qa.dialogue.asked import Asked
from qa.pipeline.extract import FoundSpan
from qa.pipeline.relative_years import YEAR

_NEAR = 1
"""Years between a text and what it tells of without naming the year."""
_SHORT_YEAR = re.compile(r"(?<=[/.’'])\d\d(?!\d)")
"""A year in two digits: "2023/24", "12.06.24", "’24"."""
_GOES_ON = re.compile(r"\b(?:ab|seit|since|from|as of)\b[^.;]{0,20}?(?<!\d)(?:1[5-9]|20|21)\d\d")
"""A time without an end."""


def is_of_far_year(span: FoundSpan, asked: Asked) -> bool:
    """Whether the question gives one year and the span's text, dated and some years from it, has
    that year nowhere: not in the passage nor above it, nor between two years of it.
    """
    date = span.stored.date
    if date is None or len(asked.years) != 1:
        return False
    (year,) = asked.years
    if abs(year - int(date[:4])) <= _NEAR:
        return False
    told = f"{span.heading} {span.shown.text}"
    years = [int(date[:4]), *map(int, YEAR.findall(told))]
    if year in years or min(years) < year < max(years):
        return False
    if any(int(short) == year % 100 for short in _SHORT_YEAR.findall(told)):
        return False
    return _GOES_ON.search(told.lower()) is None
