"""The benchmark's page: ratios beside what is wanted, and all plots.

In: results and their plots. Out: the text of one HTML file that holds its style and drawings and
asks the network for nothing, which its content security policy forbids. Nothing can fail.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

import eval.report
from eval.bench.plots import Bars, Curves, Plot
from eval.bench.results import WANTED, Results
from eval.bench.spread import Spread
from eval.report.svg import Axis, Frame, draw_words, linear, look, mark, picture, rule

_STATIC = Path(__file__).parent / "static"
_STYLE = Path(eval.report.__file__).parent / "static" / "report.css"
_WIDTH, _EDGE, _VALUES, _ROW = 400, 14, 60, 40


def render_bench_page(results: Results, plots: Sequence[Plot]) -> str:
    """The whole file."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_STATIC),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = _STYLE.read_text(encoding="utf-8")
    return environment.get_template("bench.html").render(
        style=Markup(style),
        policy=_policy(style),
        results=results,
        wanted=WANTED,
        drawings=[(one, draw(one)) for one in plots],
    )


def _policy(style: str) -> str:
    """Only the very style of this page, no script, nothing from anywhere (W3C CSP level 3)."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def draw(plot: Plot) -> Markup:
    """``plot`` as inline SVG."""
    return _bars(plot) if isinstance(plot, Bars) else _curves(plot)


def _bars(plot: Bars) -> Markup:
    axis = linear(0.0, max(one.high for _, one in plot.rows), plot.unit)
    height = _ROW * len(plot.rows) + 8

    def across(value: float) -> float:
        return _EDGE + axis.share(value) * (_WIDTH - _EDGE - _VALUES)

    parts = [rule(across(value), 4, across(value), height) for value, _ in axis.ticks]
    parts += [
        draw_words(across(value), height + 14, label, anchor="middle")
        for value, label in axis.ticks
    ]
    for at, (label, one) in enumerate(plot.rows):
        down = _ROW * at + _ROW * 0.7
        parts.append(draw_words(_EDGE, down - 11, label, name="name"))
        parts.append(
            Markup('<line class="whisker {}" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
                look(at), across(one.low), across(one.high), down, down
            )
        )
        parts.append(mark(across(one.median), down, at, f"{label}: {_describe(one, plot.unit)}"))
        parts.append(draw_words(across(one.high) + 8, down + 4, _short(one.median), name="value"))
    parts.append(
        draw_words(
            (_EDGE + _WIDTH - _VALUES) / 2, height + 32, plot.unit, anchor="middle", name="axis"
        )
    )
    said = "; ".join(f"{label}: {_describe(one, plot.unit)}" for label, one in plot.rows)
    return picture(plot.title, f"{said}.", _WIDTH, height + 38, parts)


def _curves(plot: Curves) -> Markup:
    points = [point for _, line in plot.lines for point in line]
    ends = sorted({x for x, _ in points})
    # By doubling, as the numbers of users are chosen; room at both ends for the marks.
    x = Axis(
        ends[0] / 1.2, ends[-1] * 1.2, tuple((one, f"{one:g}") for one in ends), plot.across, True
    )
    frame = Frame(x, linear(0.0, max(one.high for _, one in points), plot.unit))
    return frame.drawn(plot.title, f"{_curves_said(plot)}.", _curve_marks(plot, frame))


def _curve_marks(plot: Curves, frame: Frame) -> Iterator[Markup]:
    for at, (name, line) in enumerate(plot.lines):
        yield frame.line([(x, one.median) for x, one in line], at, title=name)
        for x, one in line:
            (left, low), (_, high) = frame.at(x, one.low), frame.at(x, one.high)
            yield Markup('<line class="whisker {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                look(at), left, left, low, high
            )
            yield mark(*frame.at(x, one.median), at, f"{name}, {x:g}: {_describe(one, plot.unit)}")
        if len(plot.lines) > 1:
            yield frame.label(line[0][0], line[0][1].median, name, at)


def _curves_said(plot: Curves) -> str:
    return "; ".join(
        f"{name}: "
        + ", ".join(f"{x:g} {plot.across}: {_describe(one, plot.unit)}" for x, one in line)
        for name, line in plot.lines
    )


def _describe(one: Spread, unit: str) -> str:
    return f"{_short(one.median)} {unit} ({_short(one.low)} to {_short(one.high)})"


def _short(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
