"""The date of a document: as its file states it, else as its text does.

In: the text and, if there is one, the name of its file. Out: an ISO date, whole or shortened to
year and month, or None. Nothing can fail.

Tables, lists and code are not handed in by who calls this (:mod:`corpus.loaders.assemble`): what
stands there is what the document is about. Every line is cut to ``LONGEST_LINE`` characters and its
white space to single blanks first, so that no rule reads more than that.

Only a date that is set apart like a byline counts: a line with little else than a date, a line
or start of a line that says "date", "Stand", "Published" and the like, parts of a line set apart
by "·" or "|", a dateline ("Berlin, 3. Mai 2024 –"). A date in running prose is what the text
tells about, not when it was written, and finding none is better than a wrong one. Only the
first and the last lines are looked at, then the name of the file.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath

FIRST_YEAR, LAST_YEAR = 1900, 2100
TOP_LINES, BOTTOM_LINES = 15, 3
LONGEST_LINE = 240

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner january jan",
            "februar feber february feb febr",
            "märz maerz march mär mar mrz",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sep sept",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = r"(?P<{}>(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r"))\b\.?"
_YEAR = r"(?P<{}>\d{{4}})"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d.-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)",
        r"(?<![\d.])(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})(?!\d)",
        rf"(?<![\d.])(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th)?\s(?:of\s)?{_MONTH.format('m')},?\s"
        rf"{_YEAR.format('y')}(?!\d)",
        rf"\b{_MONTH.format('m')}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s{_YEAR.format('y')}(?!\d)",
        rf"\b{_MONTH.format('m')},?\s{_YEAR.format('y')}(?!\d)",
        r"(?<![\d.-])(?P<y>\d{4})-(?P<m>\d{2})(?![\d-])",
        r"(?<![\d.-])(?P<y>\d{4})/(?P<m>\d{2})/(?P<d>\d{2})(?!\d)",
    )
)
# In a file's name: 2025-06-13, 2025_06, 20250613; six digits alone may be anything.
_IN_NAME = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?:[-_.]?(?P<m>\d{2})[-_.]?(?P<d>\d{2})|[-_.](?P<m2>\d{2}))(?![\d])"
)
_LABEL = re.compile(
    r"\W*(?:date|datum|stand|published|publication date|posted|updated|last updated|issued"
    r"|veröffentlicht|veröffentlichung|erschienen|aktualisiert|zuletzt aktualisiert|erstellt"
    r"|veröffentlichungsdatum|erscheinungsdatum|ausgabe)\b(?:\s(?:on|am|vom|at|in|im))?\s?:?\s*",
    re.IGNORECASE,
)
_BY = re.compile(r"\W*(?:by|von)\s", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[·•|–—]\s*|\s[/-]\s")
# "Berlin, 3. Mai 2024 –" or "(Reuters, 3 May 2024)": what may stand around a date set apart.
_PLACE = re.compile(r"(?:[A-ZÄÖÜ][\w.-]{1,40}[\s,]{1,3}){0,3}(?:den|the)?\s?")
_TIME = re.compile(
    r"(?:T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    r"[\s,]{0,3}(?:(?:um|at|,)?\s?\d{1,2}[:.]\d{2}(?::\d{2})?\s?(?:Uhr|[ap]\.?m\.?|[A-Z]{2,4})?)?[\s.,]{0,3}",
    re.IGNORECASE,
)
_COMMAS = re.compile(r"(?:,\s?){2,}")
_WEEKDAY = re.compile(
    r"(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|montag|dienstag|mittwoch|donnerstag"
    r"|freitag|samstag|sonnabend|sonntag|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday)\b\.?,?\s*",
    re.IGNORECASE,
)


def find_date(text: str, filename: str | None = None) -> str | None:
    """Return the date that ``text`` gives itself, else that of the file's name, else None."""
    lines = [_cut(line) for line in text.split("\n") if not line.isspace() and line]
    for line in lines[:TOP_LINES]:
        found = _of_line(line)
        if found:
            return found
    for line in lines[TOP_LINES:][-BOTTOM_LINES:]:
        found = _labelled(line)
        if found:
            return found
    return _of_name(filename) if filename else None


def parse_date(text: str) -> str | None:
    """Return ``text`` as an ISO date if it is a date and nothing else; a year alone is one too."""
    text = _cut(text)
    if re.fullmatch(r"\d{4}", text):
        return text if FIRST_YEAR <= int(text) <= LAST_YEAR else None
    text = text[_weekday_end(text) :]
    for pattern in _PATTERNS:
        found = pattern.match(text)
        if found and (found.end() == len(text) or _is_clock(text[found.end() :])):
            return _iso(found)
    return None


def _cut(line: str) -> str:
    """A line's start, white space and commas as single characters; a sentence keeps its end."""
    start = " ".join(line[: 2 * LONGEST_LINE].split())
    end = line.rstrip()[-1:] if len(start) > LONGEST_LINE else ""
    return _COMMAS.sub(",", start[:LONGEST_LINE]) + end


def _is_clock(rest: str) -> bool:
    return re.fullmatch(r"[T\s]\d{1,2}:\d{2}.{0,16}", rest) is not None


def _of_line(line: str) -> str | None:
    found = _labelled(line)
    if found:
        return found
    parts = _SEPARATOR.split(line)
    if line.endswith((".", "!", "?")):
        parts = parts[:1]  # prose: only a dateline in front of it counts
    for part in parts:
        alone = _alone(part)
        if alone:
            return alone
    by = _BY.match(line)
    if by and len(line) <= 100:
        return _ending(line)
    return None


def _labelled(line: str) -> str | None:
    """Return the date right behind a label such as "Stand:"."""
    label = _LABEL.match(line)
    if not label:
        return None
    rest = line[label.end() :]
    rest = rest[_weekday_end(rest) :]
    matches = (pattern.match(rest) for pattern in _PATTERNS)
    return next((iso for found in matches if found and (iso := _iso(found))), None)


def _alone(part: str) -> str | None:
    """Return the date of a part that holds a date and at most a place, weekday or time."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(part):
            before = part[: match.start()].strip("( ")
            before = before[_weekday_end(before) :]
            after = part[match.end() :].strip(") :")
            if _TIME.fullmatch(after) and (before == "" or _is_place(before)):
                return _iso(match)
    return None


def _is_place(before: str) -> bool:
    return before.endswith((",", ", den")) and _PLACE.fullmatch(before) is not None


def _ending(line: str) -> str | None:
    """Return the date at the end of a byline such as "By Jane Doe, June 13, 2025"."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(line):
            before = line[: match.start()].rstrip()
            if before.endswith((",", " on", " am")) and _TIME.fullmatch(line[match.end() :]):
                return _iso(match)
    return None


def _of_name(filename: str) -> str | None:
    stem = PurePath(filename).stem
    return next((iso for found in _IN_NAME.finditer(stem) if (iso := _iso(found))), None)


def _weekday_end(text: str) -> int:
    weekday = _WEEKDAY.match(text)
    return weekday.end() if weekday else 0


def _iso(found: re.Match[str]) -> str | None:
    """Return the ISO form of a match, None if there is no such day."""
    parts = found.groupdict()
    year = int(parts["y"])
    name = parts["m"] or parts["m2"]
    month = int(name) if name.isdigit() else _MONTHS.get(name.lower(), 0)
    day = parts.get("d")
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year:04}-{month:02}"
    try:
        return date(year, month, int(day)).isoformat()
    except ValueError:
        return None
