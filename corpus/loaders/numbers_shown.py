"""Values of cells as a spreadsheet shows them.

In: a value as openpyxl reads it, and the cell's number format (ECMA-376, 18.8.31). Out: text. Not
every format is drawn: what a format rounds away is shown, so that no digit is lost; what it
adds (per cent, currency, the order of a date) is shown too. Nothing can fail.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

_CURRENCIES = ("€", "$", "£", "EUR", "USD", "CHF", "GBP")


def shown(value: Any, form: str, comma: bool) -> str:  # noqa: PLR0911 (one for each kind)
    """``value`` in the number format ``form``; decimals with a comma where ``comma`` is set."""
    if isinstance(value, bool):
        return ("WAHR" if value else "FALSCH") if comma else str(value).upper()
    if isinstance(value, datetime.date):
        if isinstance(value, datetime.datetime):
            return _moment(value, form, comma)
        return _day(value, form, comma)
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}" if not value.second else f"{value:%H:%M:%S}"
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")
    if isinstance(value, (int, float)):
        return _number(value, form, comma)
    return str(value)


def _moment(value: datetime.datetime, form: str, comma: bool) -> str:
    day = _day(value.date(), form, comma)
    plain = form.lower()
    if not (value.hour or value.minute or value.second) and "h" not in plain:
        return day
    clock = f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
    return f"{day} {clock}" if "d" in plain or "y" in plain else clock


def _day(value: datetime.date, form: str, comma: bool) -> str:
    plain = form.lower()
    first = next((letter for letter in plain.split("]")[-1] if letter in "dmy"), "y")
    if "d" not in plain and "y" in plain and "m" in plain:
        return f"{value:%m.%Y}" if comma else f"{value:%Y-%m}"
    # A German Excel shows its standard date, stored as "mm-dd-yy", with the day first.
    if "." in plain or (comma and first != "y"):
        return f"{value.day:02d}.{value.month:02d}.{value.year}"
    return value.isoformat()


def _number(value: float, form: str, comma: bool) -> str:
    section = form.split(";", maxsplit=1)[0]
    is_share = "%" in section.replace('"%"', "")
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return str(value)
    if is_share:
        exact *= 100
    exact = _rounded(exact)
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    wanted = _places(section)
    have = len(text.partition(".")[2])
    if wanted > have:
        text = text + ("." if not have else "") + "0" * (wanted - have)
    if comma:
        text = text.replace(".", ",")
    unit = _unit(section, is_share)
    sign = unit.strip()
    if sign in _CURRENCIES and section.index(sign) < _first_digit(section):
        return f"-{sign}{text[1:]}" if text.startswith("-") else f"{sign}{text}"
    return text + unit


def _rounded(exact: Decimal) -> Decimal:
    """Without the noise of binary fractions: Excel keeps 15 digits."""
    digits = len(exact.as_tuple().digits)
    if digits <= 15:
        return exact
    places = exact.adjusted() - 14
    return exact.quantize(Decimal(1).scaleb(places)) if places < 0 else exact


def _first_digit(section: str) -> int:
    return next((place for place, letter in enumerate(section) if letter in "0#?"), len(section))


def _places(section: str) -> int:
    count, is_after = 0, False
    for letter in section:
        if letter == ".":
            is_after = True
        elif is_after and letter == "0":
            count += 1
        elif is_after:
            break
    return count


def _unit(section: str, is_share: bool) -> str:
    if is_share:
        return "%" if "0%" in section or "#%" in section else " %"
    for sign in _CURRENCIES:
        if sign in section:
            return f" {sign}"
    parts = section.split('"')
    quoted = parts[-2] if len(parts) >= 3 and not parts[-1].strip(" _)") else ""
    return f" {quoted.strip()}" if quoted.strip() else ""
