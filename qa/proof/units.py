"""Units of measure and money: what stands behind or before a number.

In: the tokens of a text and the place behind a number. Out: the unit, and how many tokens it
takes. Nothing can fail; what is no unit gives none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from qa.proof.tokens import Token

_MOST_TOKENS = 5
_INFLECTIONS = ("", "e", "em", "en", "er", "es")
"""Of German adjectives, as in "49-prozentige"."""
# Between the parts of a unit of several words a hyphen, a space and "per" are written alike.
_GLUE = frozenset(["-", "‑", "‐"])
_PRE = frozenset(["us", "u.s.", "amerikanische", "american"])


@dataclass(frozen=True)
class Unit:
    """A unit: ``factor`` basic units of its dimension; only units of one dimension compare."""

    name: str
    """Its name in ``units.toml``."""
    dimension: str
    """What it measures."""
    factor: Decimal
    """Basic units of the dimension that it holds."""


@cache
def _spellings() -> dict[str, Unit]:
    data = tomllib.loads((Path(__file__).parent / "units.toml").read_text("utf-8"))
    known = {}
    for name, entry in data["units"].items():
        unit = Unit(name, entry["dimension"], Decimal(entry["factor"]))
        for written in f"{entry.get('words', '')} {entry.get('labels', '')}".split():
            known[written] = unit
        for stem in entry.get("adjectives", "").split():
            known |= {f"{stem}{ending}": unit for ending in _INFLECTIONS}
        for written in entry.get("signs", "").split():
            known[written.lower()] = unit
    return known


def unit_of(written: str) -> Unit | None:
    """The unit that is written so, parts joined by hyphens; ``None`` for none."""
    return _spellings().get(written.lower())


def unit_after(found: Sequence[Token], place: int) -> tuple[Unit, int] | None:
    """The unit that begins at ``place`` and the place behind it; the longest spelling wins."""
    best: tuple[Unit, int] | None = None
    if place < len(found) and found[place].text in _GLUE and not found[place].spaced:
        place += 1
    written = ""
    for at in range(place, min(place + _MOST_TOKENS, len(found))):
        token = found[at]
        if token.text in _GLUE:
            continue
        joins = "-" if written and token.spaced else ""
        if at > place and found[at - 1].text in _GLUE:
            joins = "-"
        written += joins + token.lower.removesuffix("'s")
        if unit := _spellings().get(written):
            best = (unit, at + 1)
    if best is None and place + 1 < len(found) and found[place].lower in _PRE:
        return unit_after(found, place + 1)
    return best


def unit_before(found: Sequence[Token], place: int) -> Unit | None:
    """The currency that stands right before the number at ``place``."""
    if place == 0:
        return None
    before = found[place - 1]
    code = before.kind == "sign" or (before.text.isupper() and before.text.isalpha())
    unit = _spellings().get(before.lower)
    if unit is None or not code or unit.dimension not in CURRENCIES:
        return None
    # "5 € 30" has its unit behind the first number.
    return None if place > 1 and found[place - 2].kind == "digits" else unit


CURRENCIES = frozenset(
    ["euro", "dollar", "pound sterling", "franc", "yen", "mark", "rouble", "yuan", "rupee"]
)
"""Dimensions of money whose signs may stand before a number."""
