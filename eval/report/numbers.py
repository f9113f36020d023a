"""Figures as people read them.

In: numbers with their unit, figures of several runs. Out: short text, and which run is best.
Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.figures import Figure, FigureUnit, Summary


def format_value(value: float, unit: FigureUnit) -> str:
    """``0.814`` as a share is ``81.4%``, ``1840`` as milliseconds is ``1.84 s``."""
    if unit == "share":
        return f"{value * 100:.1f}%"
    if unit == "ms":
        return _duration(value)
    if unit == "tokens":
        return f"{value:,.0f}"
    if unit == "per minute":
        return f"{value:.1f}/min"
    if unit == "MB":
        return f"{value:,.0f} MB"
    return f"{value:.3f}"


def format_change(value: float, unit: FigureUnit) -> str:
    """A difference with its sign; that of two shares is in percentage points (``pp``)."""
    text = f"{abs(value) * 100:.1f} pp" if unit == "share" else format_value(abs(value), unit)
    is_zero = not any(digit in text for digit in "123456789")
    return text if is_zero else f"{'+' if value > 0 else '-'}{text}"


def format_interval(figure: Figure) -> str:
    """``[79.0%, 83.7%]``, or nothing where the figure has no interval."""
    if figure.low is None or figure.high is None:
        return ""
    return f"[{format_value(figure.low, figure.unit)}, {format_value(figure.high, figure.unit)}]"


def letter(index: int) -> str:
    """What a run is called within one report: A to Z, then A2 and so on."""
    turn, place = divmod(index, 26)
    return chr(ord("A") + place) + (str(turn + 1) if turn else "")


def best(figures: Sequence[Figure | None]) -> frozenset[int]:
    """Indexes of the best values; values that are shown alike are equally good.

    None are marked where there is one run, no better side, or nothing between the runs.
    """
    known = {index: one for index, one in enumerate(figures) if one is not None}
    better = next((one.better for one in known.values()), None)
    values = {index: format_value(one.value, one.unit) for index, one in known.items()}
    if better is None or len(set(values.values())) < 2:
        return frozenset()
    choose = max if better == "high" else min
    winner = choose(known, key=lambda index: known[index].value)
    return frozenset(index for index, value in values.items() if value == values[winner])


def same_questions(summaries: Sequence[Summary]) -> bool:
    """Whether the runs asked the same questions, so that their figures may be held together."""
    asked = {
        (one.info.set, one.info.set_digest, one.info.pair, one.info.limit, one.info.seed)
        for one in summaries
    }
    return len(asked) <= 1


def by_name(figures: Sequence[Figure], name: str) -> Figure | None:
    """The figure called ``name``."""
    return next((one for one in figures if one.name == name), None)


def _duration(milliseconds: float) -> str:
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:,.1f} s"
