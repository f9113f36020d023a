"""The plots of the report: honesty, calibration, latency, and scores by slice.

In: summaries and scored records of one or several runs, in the order of their letters. Out: inline
SVG as ``Markup``; an empty one where there is nothing to draw. Nothing can fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup

from eval.figures import Bin, Figure, ScoredRecord, Summary
from eval.report.meaning import order_names
from eval.report.numbers import by_name, format_interval, format_value, letter
from eval.report.svg import (
    Axis,
    Frame,
    draw_words,
    join,
    linear,
    look,
    mark,
    picture,
    rule,
    seconds,
)

_WHISKER = (130, 16)
_MOST_POINTS = 120


def plot_risk_coverage(summaries: Sequence[Summary]) -> Markup:
    """Share of wrong answers over the share of questions answered, the surest first."""
    runs = {index: one.risk_coverage for index, one in enumerate(summaries) if one.risk_coverage}
    if not runs:
        return Markup("")
    worst = max(wrong for points in runs.values() for _, wrong in points)
    frame = Frame(
        linear(0.0, 1.0, "questions answered, the surest first", percent=True),
        linear(0.0, max(worst, 0.05), "of those, wrong", percent=True),
    )
    marks = []
    for place, (run, points) in enumerate(runs.items()):
        kept = _thin(points)
        marks.append(frame.line(kept, run, title=_name(summaries, run)))
        x, y = kept[(place + 1) * (len(kept) - 1) // (len(runs) + 1)]
        marks.append(frame.label(x, y, letter(run), run) if len(summaries) > 1 else Markup(""))
    ends = "; ".join(
        f"{_name(summaries, run)}: {format_value(points[-1][1], 'share')} wrong where "
        f"{format_value(points[-1][0], 'share')} are answered"
        for run, points in runs.items()
    )
    return frame.drawn("Risk and coverage", f"Lower is better. {ends}.", marks)


def reliability(summaries: Sequence[Summary]) -> Markup:
    """Share of right answers over the confidence with which they were given."""
    runs = {index: one.reliability for index, one in enumerate(summaries) if one.reliability}
    if not runs:
        return Markup("")
    frame = Frame(
        linear(0.0, 1.0, "confidence of the answer", percent=True),
        linear(0.0, 1.0, "right", percent=True),
    )
    most = max(one.count for bins in runs.values() for one in bins)
    marks = [rule(*frame.at(0, 0), *frame.at(1, 1), name="ideal")]
    for run, bins in runs.items():
        filled = [one for one in bins if one.count]
        line = [(one.confidence, one.right) for one in filled]
        marks.append(frame.line(line, run, title=_name(summaries, run), thin=True))
        marks += [_bin(frame, run, one, most, _name(summaries, run)) for one in filled]
    said = "; ".join(f"{_name(summaries, run)}: {_bins_said(bins)}" for run, bins in runs.items())
    return frame.drawn(
        "Reliability", f"On the diagonal, confidence is what it says. {said}.", marks
    )


def latency(summaries: Sequence[Summary], scored: Sequence[Sequence[ScoredRecord]]) -> Markup:
    """Share of questions that had their first word, and their whole answer, after a time."""
    lines: list[tuple[int, str, list[float]]] = []
    for run, records in enumerate(scored):
        costs = [one.record.reply.cost for one in records if one.record.reply is not None]
        first = [one.first_token_ms for one in costs if one.first_token_ms is not None]
        lines += [(run, "first word", first), (run, "complete", [one.total_ms for one in costs])]
    lines = [one for one in lines if one[2]]
    if not lines:
        return Markup("")
    frame = Frame(
        seconds([value for *_, values in lines for value in values], "seconds (logarithmic)"),
        linear(0.0, 1.0, "of the questions", percent=True),
    )
    marks, said = [], []
    for place, (run, what, values) in enumerate(lines):
        title = f"{_name(summaries, run)}, {what}"
        marks.append(frame.line(_cumulative(values), run, title=title, thin=what == "first word"))
        height = 0.2 + 0.6 * place / max(1, len(lines) - 1)
        name = f"{letter(run)} {what}" if len(summaries) > 1 else what
        marks.append(frame.label(float(np.quantile(values, height)), height, name, run))
        middle, late = (format_value(float(np.quantile(values, q)), "ms") for q in (0.5, 0.95))
        said.append(f"{title}: half within {middle}, 95% within {late}")
    return frame.drawn("Latency", "; ".join(said) + ".", marks)


def slice_metrics(summaries: Sequence[Summary]) -> list[str]:
    """Metrics for which there are slices, in the order of their headings."""
    return order_names(one.name for run in summaries for row in run.slices.values() for one in row)


def slices(summaries: Sequence[Summary], metric: str) -> Markup:
    """One metric by language pair and kind, with intervals; all questions stand at the top."""
    rows = [("all questions", [by_name(one.figures, metric) for one in summaries])]
    for name in dict.fromkeys(name for one in summaries for name in one.slices):
        rows.append((name, [by_name(one.slices.get(name, ()), metric) for one in summaries]))
    rows = [(name, figures) for name, figures in rows if any(figures)]
    found = [one for _, figures in rows for one in figures if one is not None]
    if not found:
        return Markup("")
    axis = _axis_of(found)
    parts, down = [], 8.0
    for name, figures in rows:
        parts.append(draw_words(0, down + 14, _clip(name, 22), name="name"))
        for run, figure in enumerate(figures):
            if figure is not None:
                parts.append(_slice_row(axis, down + 10, run, figure, len(summaries) > 1))
                down += 17
        down += 9
    ground = [
        rule(_slice_x(axis, value), 4, _slice_x(axis, value), down) for value, _ in axis.ticks
    ]
    under = [
        draw_words(_slice_x(axis, value), down + 14, label, anchor="middle")
        for value, label in axis.ticks
    ]
    said = "; ".join(
        f"{name}: "
        + ", ".join(f"{letter(run)} {_describe(one)}" for run, one in enumerate(row) if one)
        for name, row in rows
    )
    return picture(f"{metric} by slice", said, 560, round(down + 20), [*ground, *parts, *under])


def whisker(figure: Figure, row: Iterable[Figure | None], run: int) -> Markup:
    """A value and its interval as a mark on a line, to the scale of its row in the table."""
    if figure.low is None or figure.high is None:
        return Markup("")
    axis = _axis_of([one for one in row if one is not None])
    width, height = _WHISKER

    def across(value: float) -> float:
        return 6 + axis.share(value) * (width - 12)

    line = Markup('<line class="whisker {}" x1="{}" x2="{}" y1="8" y2="8"/>').format(
        look(run), round(across(figure.low), 1), round(across(figure.high), 1)
    )
    point = mark(across(figure.value), 8, run, "", 0.6)
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
        "{}{}{}</svg>"
    ).format(width, height, width, height, rule(6, 8, width - 6, 8), line, point)


def _bin(frame: Frame, run: int, one: Bin, most: int, name: str) -> Markup:
    title = (
        f"{name}: confidence {format_value(one.confidence, 'share')}, "
        f"right {format_value(one.right, 'share')}, {one.count} answers"
    )
    size = 0.7 + 1.3 * math.sqrt(one.count / most)
    return mark(*frame.at(one.confidence, one.right), run, title, size)


def _bins_said(bins: Sequence[Bin]) -> str:
    def share(value: float) -> str:
        return format_value(value, "share")

    return ", ".join(
        f"{share(one.right)} right at {share(one.confidence)} ({one.count})"
        for one in bins
        if one.count
    )


def _slice_row(axis: Axis, down: float, run: int, figure: Figure, named: bool) -> Markup:
    parts = []
    if figure.low is not None and figure.high is not None:
        parts.append(
            Markup('<line class="whisker {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                look(run),
                round(_slice_x(axis, figure.low), 1),
                round(_slice_x(axis, figure.high), 1),
                down,
                down,
            )
        )
    parts.append(mark(_slice_x(axis, figure.value), down, run, _describe(figure)))
    name = f"{letter(run)}  " if named else ""
    text = f"{name}{format_value(figure.value, figure.unit)} of {figure.count:,}"
    parts.append(draw_words(446, down + 4, text, name=f"value {look(run)}"))
    return join(parts)


def _slice_x(axis: Axis, value: float) -> float:
    return round(160 + axis.share(value) * 270, 1)


def _axis_of(figures: Sequence[Figure]) -> Axis:
    ends = [
        value for one in figures for value in (one.value, one.low, one.high) if value is not None
    ]
    if figures[0].unit == "share":
        return linear(0.0, 1.0, "", percent=True)
    if figures[0].unit == "ms":
        axis = linear(0.0, max(ends) / 1000, "")
        ticks = tuple((value * 1000, f"{label} s") for value, label in axis.ticks)
        return Axis(0.0, axis.high * 1000, ticks, "")
    return linear(min(0.0, *ends), max(ends), "")


def _cumulative(values: Sequence[float]) -> list[tuple[float, float]]:
    shares = np.linspace(0.0, 1.0, min(len(values), _MOST_POINTS) if len(values) > 1 else 2)
    found = np.quantile(values, shares, method="inverted_cdf")
    return [(float(value), float(share)) for value, share in zip(found, shares, strict=True)]


def _thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(points) <= _MOST_POINTS:
        return list(points)
    chosen = np.linspace(0, len(points) - 1, _MOST_POINTS).round().astype(int)
    return [points[index] for index in chosen]


def _name(summaries: Sequence[Summary], run: int) -> str:
    return f"{letter(run)} {summaries[run].info.system.name}"


def _describe(figure: Figure) -> str:
    return f"{format_value(figure.value, figure.unit)} {format_interval(figure)}".strip()


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
