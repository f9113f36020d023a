"""Figures and comparisons as Markdown.

In: summaries of runs, or a comparison of two. Out: tables that read well in a terminal and in a
pull request. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.compare import Difference, Flip, RunComparison
from eval.figures import Figure, Summary
from eval.record import RunInfo
from eval.report.meaning import order_names
from eval.report.numbers import (
    best,
    by_name,
    format_change,
    format_interval,
    format_value,
    letter,
    same_questions,
)

_LISTED = 20
_NOTHING = "–"
_SLICE_METRICS = 4
_BEST = "Bold: the best value; where intervals overlap widely, it may be chance."
_NO_BEST = "The runs did not ask the same questions: no value is marked as the best."


def markdown(summaries: Sequence[Summary]) -> str:
    """All figures side by side, the best in bold, and the leading ones by slice."""
    lines = [*_runs(summaries), ""]
    together = same_questions(summaries)
    if len(summaries) > 1:
        lines += [_BEST if together else _NO_BEST, ""]
    names = order_names(one.name for run in summaries for one in run.figures)
    rows = [_row(name, [run.figures for run in summaries], together) for name in names]
    lines += _table(["metric", *_heads(summaries)], rows)
    lines += _outcome_table(summaries)
    lines += _slice_tables(summaries, together)
    return "\n".join(lines) + "\n"


def comparison_markdown(comparison: RunComparison) -> str:
    """Differences with intervals and what they allow to say, flipped questions, slices."""
    lines = [
        f"**A** {_run_line(comparison.first)}",
        f"**B** {_run_line(comparison.second)}",
        "",
        f"{comparison.shared:,} questions in both{_missing(comparison)}.",
        "",
        *_difference_table(comparison.differences),
        "",
        "B - A, with paired bootstrap 95% intervals; unclear: the interval holds 0.",
        "",
        *_flips("Wrong in A, right in B", comparison.to_right),
        *_flips("Right in A, wrong in B", comparison.to_wrong),
    ]
    for name, differences in comparison.slices.items():
        lines += [f"### {_cell(name)}", "", *_difference_table(differences), ""]
    return "\n".join(lines).rstrip() + "\n"


def _runs(summaries: Sequence[Summary]) -> list[str]:
    lines: list[str] = []
    for index, one in enumerate(summaries):
        name = f"**{letter(index)}** " if len(summaries) > 1 else ""
        lines += ["  \n" * bool(lines) + f"{name}{_run_line(one.info)}"]
    return ["".join(lines)]


def _run_line(info: RunInfo) -> str:
    commit = f", commit {info.commit[:10]}" if info.commit else ""
    pair = f" ({info.pair})" if info.pair else ""
    reader = f", prompts read by {_cell(info.prefill)}" if info.prefill else ""
    return (
        f"{_cell(info.system.name)} on {_cell(info.set)}{pair}: {info.questions:,} questions, "
        f"{info.documents:,} documents, settings {info.settings_digest[:10]}{commit}, "
        f"{info.started[:16].replace('T', ' ')}{reader}"
    )


def _heads(summaries: Sequence[Summary]) -> list[str]:
    if len(summaries) == 1:
        return ["value [95% interval]"]
    return [f"{letter(index)} {one.info.system.name}" for index, one in enumerate(summaries)]


def _row(name: str, runs: Sequence[Sequence[Figure]], together: bool) -> list[str]:
    figures = [by_name(figures, name) for figures in runs]
    winners = best(figures) if together else frozenset()
    return [name, *(_value(one, index in winners) for index, one in enumerate(figures))]


def _value(figure: Figure | None, is_best: bool) -> str:
    if figure is None:
        return _NOTHING
    value = format_value(figure.value, figure.unit)
    return f"{f'**{value}**' if is_best else value} {format_interval(figure)}".strip()


def _outcome_table(summaries: Sequence[Summary]) -> list[str]:
    """The three ways a question ends, together, for each run and each part of its questions."""
    rows = [
        [
            f"{letter(index)} {name}" if len(summaries) > 1 else name,
            f"{figures[0].count:,}",
            *(_value(one, False) for one in figures),
        ]
        for index, summary in enumerate(summaries)
        for name, figures in summary.outcomes.items()
    ]
    if not rows:
        return []
    heads = ["questions", "n", "right", "refused", "wrong and shown as proven"]
    return ["", "### How questions end", "", *_table(heads, rows)]


def _slice_tables(summaries: Sequence[Summary], together: bool) -> list[str]:
    names = list(dict.fromkeys(name for one in summaries for name in one.slices))
    lines: list[str] = []
    for metric in _leading(summaries):
        rows = []
        for name in names:
            row = _row(metric, [one.slices.get(name, ()) for one in summaries], together)
            if set(row[1:]) != {_NOTHING}:
                rows.append([name, *row[1:]])
        lines += ["", f"### {_cell(metric)} by slice", ""]
        lines += _table(["slice", *_heads(summaries)], rows)
    return lines


def _leading(summaries: Sequence[Summary]) -> list[str]:
    found = (one.name for run in summaries for row in run.slices.values() for one in row)
    return order_names(found)[:_SLICE_METRICS]


def _missing(comparison: RunComparison) -> str:
    parts = [
        f"{len(names):,} only in {run} ({_some(names)})"
        for run, names in (("A", comparison.only_first), ("B", comparison.only_second))
        if names
    ]
    return "".join(f"; {part}" for part in parts)


def _some(names: Sequence[str], most: int = 5) -> str:
    rest = len(names) - most
    return ", ".join(map(_cell, names[:most])) + (f" and {rest:,} more" if rest > 0 else "")


def _difference_table(differences: Sequence[Difference]) -> list[str]:
    order = order_names(one.metric for one in differences)
    rows = [
        [
            one.metric,
            f"{one.count:,}",
            format_value(one.first, one.unit),
            format_value(one.second, one.unit),
            f"{format_change(one.difference, one.unit)} "
            f"[{format_change(one.low, one.unit)}, {format_change(one.high, one.unit)}]",
            f"**{one.finding}**" if one.finding in {"better", "worse"} else one.finding,
        ]
        for one in sorted(differences, key=lambda one: order.index(one.metric))
    ]
    return _table(["metric", "n", "A", "B", "B - A [95% interval]", "B is"], rows)


def _flips(heading: str, flips: Sequence[Flip]) -> list[str]:
    lines = [f"### {heading}: {len(flips):,}", ""]
    lines += [
        f"- `{one.question_id}` ({one.pair}, {_cell(one.kind)}): {_cell(one.text)} "
        f"({one.before} → {one.after})"
        for one in flips[:_LISTED]
    ]
    if len(flips) > _LISTED:
        lines.append(f"- and {len(flips) - _LISTED:,} more")
    return [*lines, ""] if flips else lines


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns padded to one width; the first is left-aligned, the others are right-aligned."""
    cells = [[_cell(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(heads))]
    lines = [_line(cells[0], widths)]
    lines.append("|" + "|".join(_under(column, width) for column, width in enumerate(widths)) + "|")
    return lines + [_line(row, widths) for row in cells[1:]]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "| " + " | ".join([first, *rest]) + " |"


def _under(column: int, width: int) -> str:
    return "-" * (width + 2) if column == 0 else "-" * (width + 1) + ":"


def _cell(text: str) -> str:
    """One line that cannot end a cell, nor begin markup of its own."""
    plain = " ".join(text.split())
    return plain.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
