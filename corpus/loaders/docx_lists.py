"""The numbers of lists in Word documents.

In: the part that defines them, and the paragraphs' list and level, in order. Out: the mark of each
paragraph ("3.", "b)", "-"). Nothing can fail: what is not defined is a bullet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(frozen=True)
class _Level:
    form: str
    pattern: str
    first: int


class Numbering:
    """Counts the items of each list."""

    def __init__(self, root: Any) -> None:
        abstract: dict[str, dict[int, _Level]] = {}
        self._lists: dict[int, tuple[str, dict[int, _Level]]] = {}
        self._counts: dict[str, list[int | None]] = {}
        if root is None:
            return
        for definition in root.iter(f"{_W}abstractNum"):
            name = definition.get(f"{_W}abstractNumId", "")
            abstract[name] = dict(map(_level, definition.iter(f"{_W}lvl")))
        for instance in root.iter(f"{_W}num"):
            number = instance.get(f"{_W}numId", "")
            chosen = _value(instance, "abstractNumId")
            levels = dict(abstract.get(chosen, {}))
            name = chosen
            for change in instance.iter(f"{_W}lvlOverride"):
                depth, first = change.get(f"{_W}ilvl", ""), _value(change, "startOverride")
                if depth.isdigit() and first.isdigit() and int(depth) in levels:
                    old = levels[int(depth)]
                    levels[int(depth)] = _Level(old.form, old.pattern, int(first))
                    name = f"{chosen}/{number}"
            if number.isdigit():
                self._lists[int(number)] = (name, levels)

    def mark(self, number: int, depth: int) -> str:
        """The mark of the next item of list ``number``, ``depth`` levels down."""
        name, levels = self._lists.get(number, ("", {}))
        level = levels.get(depth)
        if level is None or level.form == "bullet":
            return "-"
        if level.form == "none":
            return ""
        counts = self._counts.setdefault(name, [None] * 9)
        before = counts[depth]
        counts[depth] = level.first if before is None else before + 1
        counts[depth + 1 :] = [None] * (8 - depth)
        text = level.pattern
        for place in range(depth + 1):
            upper = levels.get(place)
            if upper is not None:
                count = counts[place]
                shown = _written(upper.first if count is None else count, upper.form)
                text = text.replace(f"%{place + 1}", shown)
        return text.strip() or "-"


def _level(element: Any) -> tuple[int, _Level]:
    first = _value(element, "start")
    depth = element.get(f"{_W}ilvl", "0")
    return int(depth) if depth.isdigit() else 0, _Level(
        _value(element, "numFmt"), _value(element, "lvlText"), int(first) if first.isdigit() else 1
    )


def _value(parent: Any, name: str) -> str:
    child = parent.find(f"{_W}{name}")
    return "" if child is None else str(child.get(f"{_W}val", ""))


def _written(count: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"} and count > 0:
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in {"lowerRoman", "upperRoman"} and 0 < count < 4000:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (count // value)
            count %= value
        return roman if form == "lowerRoman" else roman.upper()
    if form == "decimalZero":
        return f"{count:02d}"
    return str(count)
