"""The little drawing that the report's plots need: scales, axes, marks, as inline SVG.

In: numbers, labels. Out: ``Markup`` whose labels are escaped. Nothing can fail. Colours are not
written here: marks carry classes (``run-0``), and the report's style sheet gives those a colour
for light and one for dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 400, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 22, 12, 44
RUN_LOOKS = 6
"""So many colours, dashes and marks there are before they repeat."""

_DASHES = ("", "7 3", "2 3", "9 3 2 3", "5 5", "1 4")
_MARKS = (
    "M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0",
    "M-4,-4H4V4H-4Z",
    "M0,-5.5L5.5,0L0,5.5L-5.5,0Z",
    "M0,-5.5L5,4H-5Z",
    "M0,5.5L5,-4H-5Z",
    "M-5,-1.5H-1.5V-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5Z",
)


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``; ``ticks`` are values with their labels."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    label: str
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where ``value`` lies on the axis, 0 to 1; what lies outside is put at the end."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(max(value, self.low))
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True)
class Frame:
    """The area between the axes of one plot."""

    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point."""
        across = LEFT + self.x.share(x) * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - self.y.share(y) * _PLOT_HEIGHT, 1)

    def line(
        self, points: Iterable[tuple[float, float]], run: int, *, title: str, thin: bool = False
    ) -> Markup:
        """A line through ``points``, dashed as its run is."""
        path = " ".join(f"{across},{down}" for across, down in (self.at(*one) for one in points))
        return Markup(
            '<polyline class="line {}{}" points="{}" stroke-dasharray="{}"><title>{}</title>'
            "</polyline>"
        ).format(look(run), " thin" if thin else "", path, dash(run), title)

    def label(self, x: float, y: float, text: str, run: int) -> Markup:
        """A name beside a line."""
        across, down = self.at(x, y)
        anchor = "end" if across > WIDTH * 0.75 else "start"
        shift = -6 if anchor == "end" else 6
        return Markup('<text class="tag {}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
            look(run), across + shift, down + 14, anchor, text
        )

    def drawn(self, title: str, description: str, marks: Iterable[Markup]) -> Markup:
        """The whole plot with both axes."""
        return picture(
            title, description, WIDTH, HEIGHT, [self._grid(), *marks, self._axis_labels()]
        )

    def _grid(self) -> Markup:
        parts = []
        for value, label in self.x.ticks:
            across, down = self.at(value, self.y.low)
            parts.append(rule(across, TOP, across, down))
            parts.append(draw_words(across, down + 16, label, anchor="middle"))
        for value, label in self.y.ticks:
            across, down = self.at(self.x.low, value)
            parts.append(rule(across, down, WIDTH - RIGHT, down))
            parts.append(draw_words(across - 6, down + 4, label, anchor="end"))
        return join(parts)

    def _axis_labels(self) -> Markup:
        middle = TOP + _PLOT_HEIGHT / 2
        upright = Markup(
            '<text class="axis" transform="translate(12 {}) rotate(-90)" text-anchor="middle">{}'
            "</text>"
        ).format(round(middle), self.y.label)
        across = (LEFT + WIDTH - RIGHT) / 2
        return upright + draw_words(across, HEIGHT - 6, self.x.label, anchor="middle", name="axis")


_PLOT_HEIGHT = HEIGHT - TOP - BOTTOM


def picture(
    title: str, description: str, width: int, height: int, parts: Iterable[Markup]
) -> Markup:
    """An SVG that a screen reader announces by its title and description."""
    name = "plot-" + "".join(char if char.isalnum() else "-" for char in title.lower())
    return Markup(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>'
    ).format(width, height, name, name, name, title, name, description, join(parts))


def rule(x1: float, y1: float, x2: float, y2: float, name: str = "grid") -> Markup:
    """A straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        name, *(round(value, 1) for value in (x1, y1, x2, y2))
    )


def draw_words(
    x: float, y: float, text: str, *, anchor: str = "start", name: str = "tick"
) -> Markup:
    """A label."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, round(x, 1), round(y, 1), anchor, text
    )


def mark(x: float, y: float, run: int, title: str, scale: float = 1.0) -> Markup:
    """A point in the shape of its run, so that colour does not say it alone."""
    return Markup(
        '<path class="mark {}" transform="translate({} {}) scale({})" d="{}"><title>{}</title>'
        "</path>"
    ).format(look(run), round(x, 1), round(y, 1), round(scale, 2), _MARKS[run % RUN_LOOKS], title)


def look(run: int) -> str:
    """The class that colours what belongs to a run."""
    return f"run-{run % RUN_LOOKS}"


def dash(run: int) -> str:
    """How the lines of a run are broken."""
    return _DASHES[run % RUN_LOOKS]


def join(parts: Iterable[Markup]) -> Markup:
    """All parts in a row."""
    return Markup("").join(parts)


def linear(low: float, high: float, label: str, *, percent: bool = False) -> Axis:
    """An axis with four to six round ticks; ``percent``: 0.2 is labelled ``20%``."""
    if high <= low:
        high = low + 1.0
    step = _round_step((high - low) / 5)
    start, end = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    count = round((end - start) / step)
    values = [start + index * step for index in range(count + 1)]
    places = max(0, -math.floor(math.log10(step * (100 if percent else 1)) + 1e-9))
    ticks = tuple(
        (one, f"{one * 100:.{places}f}%" if percent else f"{one:,.{places}f}") for one in values
    )
    return Axis(start, end, ticks, label)


def seconds(milliseconds: Sequence[float], label: str) -> Axis:
    """A logarithmic axis from the fastest to the slowest, with ticks at 1, 2 and 5."""
    low, high = max(1.0, min(milliseconds)), max(1.0, *milliseconds)
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    round_values = [digit * 10.0**power for power in decades for digit in (1, 2, 5)]
    # Below the fastest, not at it: a single time, or equal ones, need an axis with a length too.
    start = max(one for one in round_values if one < low)
    end = min(one for one in round_values if one >= high)
    inside = [one for one in round_values if start <= one <= end]
    kept = inside if len(inside) <= 8 else [one for one in inside if _is_power_of_ten(one)]
    ticks = tuple((one, f"{one / 1000:g} s") for one in kept)
    return Axis(start, end, ticks, label, logarithmic=True)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(digit * power for digit in (1, 2, 2.5, 5, 10) if digit * power >= rough - 1e-12)


def _is_power_of_ten(value: float) -> bool:
    return math.isclose(math.log10(value) % 1.0, 0.0, abs_tol=1e-9)
