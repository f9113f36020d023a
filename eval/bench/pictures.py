"""The benchmark's plots as PNG files.

In: plots, a folder. Out: one file a plot, and a sentence that says so. What can fail: nothing;
without matplotlib (extra ``bench``) there are none, and the sentence names the command.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from eval.bench.plots import Bars, Plot

_INCHES = (7.0, 4.2)
_DOTS_PER_INCH = 150


def draw(plots: Sequence[Plot], out: Path) -> str:
    """Write ``out/NAME.png`` for each plot."""
    if find_spec("matplotlib") is None:
        return "No pictures were drawn; run: pip install 'belegt[bench]'"
    # Without a display, and without pyplot's list of open figures.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    for plot in plots:
        figure = Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(plot.title)
        (_bars if isinstance(plot, Bars) else _curves)(axes, plot)
        figure.savefig(out / f"{plot.name}.png")
    return f"{len(plots)} pictures are in '{out}'."


def _bars(axes: Any, plot: Any) -> None:
    labels = [label for label, _ in plot.rows]
    values = [one for _, one in plot.rows]
    middles = [one.median for one in values]
    spreads = [
        [one.median - one.low for one in values],
        [one.high - one.median for one in values],
    ]
    places = range(len(values))
    axes.barh(places, middles, xerr=spreads, capsize=4, color="#1f5fae", ecolor="#5f5b55")
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.set_xlabel(plot.unit)
    axes.bar_label(
        axes.containers[-1],
        [f" {value:,.0f}" if value >= 100 else f" {value:.3g}" for value in middles],
        padding=3,
    )
    axes.margins(x=0.12)


def _curves(axes: Any, plot: Any) -> None:
    for name, points in plot.lines:
        across = [x for x, _ in points]
        (line,) = axes.plot(across, [one.median for _, one in points], marker="o", label=name)
        axes.fill_between(
            across,
            [one.low for _, one in points],
            [one.high for _, one in points],
            alpha=0.2,
            color=line.get_color(),
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks([x for x, _ in plot.lines[0][1]], [f"{x:g}" for x, _ in plot.lines[0][1]])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel(plot.across)
    axes.set_ylabel(plot.unit)
    axes.legend()
