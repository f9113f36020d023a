"""Times of the day, in German and English.

In: the tokens of a text. Out: clock times with exact places. Nothing can fail; what is no time of
the day gives none.

"14:30", "2:30 pm", "14.30 Uhr" and "halb drei" agree. A time of the twelve-hour clock without its
half of the day carries both readings; German "8 Uhr" means the morning unless it says "abends".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.document import Language
from qa.proof.number_words import read_number
from qa.proof.tokens import Token, scan

_DAY = 24 * 60
_MORNING = frozenset(["am", "morgens", "früh", "vormittags", "nachts", "morgen"])
_EVENING = frozenset(["pm", "nachmittags", "abends", "mittags"])
_NAMED = {"mitternacht": 0, "midnight": 0, "noon": 720, "midday": 720}
_DASHES = frozenset(["-", "–", "—", "bis", "to", "und", "and", "until", "till"])


@dataclass(frozen=True)
class ClockTime:
    """A time of the day."""

    start: int
    """Character at which it begins."""
    end: int
    """Character behind its last."""
    minutes: frozenset[int]
    """Minutes since midnight that it may stand for."""
    first: int = 0
    """Number of its first token."""
    last: int = 0
    """Number of the token behind it."""


@dataclass(frozen=True)
class _Figures:
    hour: int
    minute: int
    last: int
    colon: bool


def find_clocks(found: Sequence[Token], language: Language) -> list[ClockTime]:
    """The times of a text's tokens in order."""
    clocks = [
        replace(clock, start=found[place].start, end=found[clock.last - 1].end, first=place)
        for place, clock in scan(found, lambda place: _at(found, place, language))
    ]
    return _ranges(clocks, found, language)


def _at(found: Sequence[Token], place: int, language: Language) -> ClockTime | None:
    token = found[place]
    if token.kind == "word":
        return _worded(found, place, language)
    figures = _figures(found, place)
    return None if figures is None else _of_figures(found, place, figures, language)


def _figures(found: Sequence[Token], place: int) -> _Figures | None:
    """An hour, or hour and minutes, at ``place``; nothing is known yet of what follows."""
    token = found[place]
    if token.kind != "digits" or "," in token.text:
        return None
    head, dot, tail = token.text.partition(".")
    if not head.isdecimal() or int(head) > 24 or len(head) > 2 or (dot and len(tail) != 2):
        return None
    if dot:
        return (
            _Figures(int(head), int(tail), place + 1, False)
            if tail.isdecimal() and (int(tail) < 60)
            else None
        )
    if place + 2 < len(found) and found[place + 1].text == ":":
        minutes = found[place + 2]
        glued = not found[place + 1].spaced and not minutes.spaced
        if glued and len(minutes.text) == 2 and minutes.text.isdecimal() and int(minutes.text) < 60:
            last = place + 3
            if last + 1 < len(found) and found[last].text == ":" and not found[last].spaced:
                last += 2
            return _Figures(int(head), int(minutes.text), last, True)
    return _Figures(int(head), 0, place + 1, False)


def _of_figures(
    found: Sequence[Token], place: int, figures: _Figures, language: Language
) -> ClockTime | None:
    half, last = _half(found, figures.last)
    named = half != ""
    if (
        last < len(found)
        and found[last].lower in ("uhr", "h", "o'clock")
        and (found[last].lower != "h" or figures.colon)
    ):
        named = True
        uhr = found[last].lower == "uhr"
        last += 1
        minute = figures.minute
        if uhr and not figures.colon and minute == 0 and last < len(found):
            after = found[last]
            if after.text.isdecimal() and len(after.text) == 2 and int(after.text) < 60:
                minute, last = int(after.text), last + 1
        figures = replace(figures, minute=minute)
        late, last = _half(found, last)
        half = half or late
    elif not named and not figures.colon:
        return None
    if not named and figures.colon and figures.hour == 24 and figures.minute:
        return None
    if not named and place and found[place - 1].text in (":", "("):
        return None
    minutes = figures.hour * 60 + figures.minute
    ambiguous = language == "en" and not half and 1 <= figures.hour <= 12
    return ClockTime(0, 0, _readings(minutes, half, both=ambiguous), last=last)


def _readings(minutes: int, half: str, *, both: bool) -> frozenset[int]:
    minutes %= _DAY
    twelve = minutes % 720
    if half == "am":
        return frozenset({twelve})
    if half == "pm":
        return frozenset({twelve + 720})
    return frozenset({twelve, twelve + 720}) if both else frozenset({minutes})


def _half(found: Sequence[Token], place: int) -> tuple[str, int]:
    """The half of the day that is written at ``place`` ("am", "pm" or none), and what follows."""
    if place >= len(found):
        return "", place
    word = found[place].lower
    if word in _MORNING and (word != "am" or _is_half(found, place)):
        return "am", place + 1
    if word in _EVENING:
        return "pm", place + 1
    dotted = "".join(token.lower for token in found[place : place + 4])
    for written, half in (("a.m.", "am"), ("p.m.", "pm"), ("a.m", "am"), ("p.m", "pm")):
        if dotted.startswith(written):
            return half, place + len(written)
    pair = " ".join(token.lower for token in found[place : place + 3])
    for written, half in (
        ("in the morning", "am"),
        ("in the afternoon", "pm"),
        ("in the evening", "pm"),
        ("at night", "pm"),
        ("am nachmittag", "pm"),
        ("am abend", "pm"),
        ("am morgen", "am"),
        ("am vormittag", "am"),
    ):
        if pair.startswith(written):
            return half, place + len(written.split())
    return "", place


def _is_half(found: Sequence[Token], place: int) -> bool:
    """Whether "am" is the half of the day and not the German preposition."""
    after = found[place + 1] if place + 1 < len(found) else None
    if after is None:
        return True
    return after.kind != "digits" and (not after.capital or after.lower in ("to", "and", "on"))


def _worded(  # noqa: PLR0911 - a table of forms
    found: Sequence[Token], place: int, language: Language
) -> ClockTime | None:
    word = found[place].lower
    if word in _NAMED:
        return ClockTime(0, 0, frozenset({_NAMED[word]}), last=place + 1)
    following = [token.lower for token in found[place + 1 : place + 4]]
    if word == "halb" and following and (hour := _hour(following[0])):
        return _spoken(found, place + 2, hour * 60 - 30)
    if word == "dreiviertel" and following and (hour := _hour(following[0])):
        return _spoken(found, place + 2, hour * 60 - 15)
    if word == "half" and following[:1] == ["past"] and (hour := _hour("".join(following[1:2]))):
        return _spoken(found, place + 3, hour * 60 + 30)
    steps = {"viertel": 15, "quarter": 15}.get(word) or _hour(word) or 0
    if not steps or not following:
        return None
    at, middle = place + 1, following[0]
    if middle in ("minuten", "minutes") and len(following) > 1:
        at, middle = at + 1, following[1]
    hour = _hour(found[at + 1].lower) if at + 1 < len(found) else None
    if hour and middle in ("nach", "past"):
        return _spoken(found, at + 2, hour * 60 + steps)
    if hour and (middle == "vor" or (middle == "to" and word == "quarter")):
        return _spoken(found, at + 2, hour * 60 - steps)
    if _hour(word) and middle in ("uhr", "o'clock"):
        hour = _hour(word) or 0
        late, last = _half(found, place + 2)
        both = language == "en" and hour <= 12
        return ClockTime(0, 0, _readings(hour * 60, late, both=both), last=last)
    return None


def _spoken(found: Sequence[Token], last: int, minutes: int) -> ClockTime:
    if last < len(found) and found[last].lower in ("uhr", "o'clock"):
        last += 1
    half, last = _half(found, last)
    return ClockTime(0, 0, _readings(minutes, half, both=True), last=last)


def _hour(word: str) -> int | None:
    if word in ("eins", "ein", "one"):
        return 1
    if word.isdecimal() and len(word) <= 2:
        value = int(word)
        return value if 1 <= value <= 24 else None
    for language in ("de", "en"):
        reading = read_number([word], language)
        if reading and not reading.ordinal and reading.value == int(reading.value):
            return int(reading.value) if 1 <= reading.value <= 24 else None
    return None


def _ranges(clocks: list[ClockTime], found: Sequence[Token], language: Language) -> list[ClockTime]:
    """ "von 8 bis 12 Uhr" holds two times: the first takes the second's unit."""
    result: list[ClockTime] = []
    taken = {at for clock in clocks for at in range(clock.first, clock.last)}
    for clock in clocks:
        at = clock.first - 2
        if at >= 0 and found[at + 1].lower in _DASHES and at not in taken:
            figures = _figures(found, at)
            if figures is not None and figures.last == at + 1:
                minutes = figures.hour * 60 + figures.minute
                both = language == "en" and 1 <= figures.hour <= 12
                half = "am" if both and all(value < 720 for value in clock.minutes) else ""
                start, end = found[at].start, found[at].end
                readings = _readings(minutes, half, both=both)
                result.append(ClockTime(start, end, readings, at, at + 1))
        result.append(clock)
    return result
