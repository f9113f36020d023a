"""The HTML page about one or several runs.

In: summaries and scored records, in the order in which the runs get their letters. Out: the text
of one HTML file that holds its style, its script and all questions, and asks the network for
nothing: its content security policy forbids that, and any script but its own. Nothing can fail.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from eval.compare import Difference, RunComparison, compare_runs, key_of
from eval.figures import Figure, ScoredRecord, Summary, Verdict
from eval.outcomes import OUTCOMES
from eval.record import RunInfo
from eval.report import plots
from eval.report.data import questions_json
from eval.report.meaning import group_names, meaning, order_names
from eval.report.numbers import (
    best,
    by_name,
    format_change,
    format_interval,
    format_value,
    letter,
    same_questions,
)
from eval.report.svg import RUN_LOOKS

Runs = Sequence[tuple[Summary, Sequence[ScoredRecord]]]
_STATIC = Path(__file__).parent / "static"
_KEY_FIGURES = ("right", "wrongly_refused", "wrong_and_shown_as_proven", "total_ms p50")
_KEY_FIGURES_OF_RETRIEVAL = 3
# Good ones first, so that the bar reads from left to right.
_VERDICTS: tuple[Verdict, ...] = (
    "right",
    "rightly refused",
    "wrong",
    "wrongly refused",
    "wrongly answered",
    "failed",
    "unjudged",
)


@dataclass(frozen=True)
class FigureCell:
    """One figure of one run, ready to be shown."""

    value: str
    interval: str
    count: int
    is_best: bool
    whisker: Markup


@dataclass(frozen=True)
class MetricRow:
    """One metric over all runs."""

    name: str
    meaning: str
    better: str
    cells: list[FigureCell | None]


@dataclass(frozen=True)
class Card:
    """A run at a glance. ``verdicts``: name, class, count, and where its part of the bar lies."""

    letter: str
    look: str
    info: RunInfo
    started: str
    questions: int
    verdicts: list[tuple[Verdict, str, int, float, float]]
    key_figures: list[FigureCell | None]
    key_names: list[str]


def render_report_page(runs: Runs) -> str:
    """The whole file."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_STATIC),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = _static("report.css"), _static("report.js")
    summaries = [summary for summary, _ in runs]
    return environment.get_template("template.html").render(
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
        data=Markup(questions_json(runs)),
        title=_title(summaries),
        together=same_questions(summaries),
        cards=[_card(index, *run) for index, run in enumerate(runs)],
        groups=_outcomes(summaries) | _groups(summaries),
        drawings=_drawings(runs),
        slices=[(name, plots.slices(summaries, name)) for name in plots.slice_metrics(summaries)],
        comparison=_comparison(runs),
        in_order=_in_order,
        changed=format_change,
        shown=format_value,
        settings=_settings(summaries),
    )


def _static(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Only the very style and script of this page, nothing from anywhere (W3C CSP level 3)."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _title(summaries: Sequence[Summary]) -> str:
    return ", ".join(dict.fromkeys(one.info.set for one in summaries))


def _card(index: int, summary: Summary, scored: Sequence[ScoredRecord]) -> Card:
    counts = Counter(one.verdict for one in scored)
    total, done, verdicts = max(1, len(scored)), 0, []
    for name in _VERDICTS:
        if counts[name]:
            start, width = done / total * 100, counts[name] / total * 100
            verdicts.append((name, name.replace(" ", "-"), counts[name], start, width))
            done += counts[name]
    names = [name for name in _KEY_FIGURES if by_name(summary.figures, name)]
    names = names or [one.name for one in summary.figures[:_KEY_FIGURES_OF_RETRIEVAL]]
    return Card(
        letter=letter(index),
        look=f"run-{index % RUN_LOOKS}",
        info=summary.info,
        started=_moment(summary.info.started),
        questions=len(scored),
        verdicts=verdicts,
        key_figures=[_cell([by_name(summary.figures, name)], 0, frozenset()) for name in names],
        key_names=names,
    )


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


def _outcomes(summaries: Sequence[Summary]) -> dict[str, list[MetricRow]]:
    """The three ways a question ends, of all questions and of each part of them."""
    parts = dict.fromkeys(name for one in summaries for name in one.outcomes)
    return {
        f"How questions end: {part}": [
            _row(name, summaries, [by_name(one.outcomes.get(part, ()), name) for one in summaries])
            for name in OUTCOMES
        ]
        for part in parts
    }


def _groups(summaries: Sequence[Summary]) -> dict[str, list[MetricRow]]:
    names = (one.name for run in summaries for one in run.figures)
    return {
        heading: [
            _row(name, summaries, [by_name(one.figures, name) for one in summaries])
            for name in members
        ]
        for heading, members in group_names(names).items()
    }


def _row(name: str, summaries: Sequence[Summary], figures: Sequence[Figure | None]) -> MetricRow:
    winners = best(figures) if same_questions(summaries) else frozenset()
    better = next(one.better for one in figures if one is not None)
    return MetricRow(
        name=name,
        meaning=meaning(name),
        better={"high": "higher is better", "low": "lower is better", None: ""}[better],
        cells=[_cell(figures, index, winners) for index in range(len(figures))],
    )


def _cell(
    figures: Sequence[Figure | None], index: int, winners: frozenset[int]
) -> FigureCell | None:
    figure = figures[index]
    if figure is None:
        return None
    return FigureCell(
        value=format_value(figure.value, figure.unit),
        interval=format_interval(figure),
        count=figure.count,
        is_best=index in winners,
        whisker=plots.whisker(figure, figures, index),
    )


def _drawings(runs: Runs) -> list[tuple[str, str, Markup]]:
    summaries = [summary for summary, _ in runs]
    drawn = [
        (
            "Risk and coverage",
            "If only the surest answers were given, how many of them would be wrong. "
            "Lower is better.",
            plots.plot_risk_coverage(summaries),
        ),
        (
            "Reliability",
            "How often answers of a given confidence are right. On the dotted diagonal, "
            "confidence is what it says; larger marks are more answers.",
            plots.reliability(summaries),
        ),
        (
            "Latency",
            "Share of the questions served within a time. Thin line: first word, "
            "thick line: complete answer.",
            plots.latency(summaries, [scored for _, scored in runs]),
        ),
    ]
    return [one for one in drawn if one[2]]


def _comparison(runs: Runs) -> RunComparison | None:
    """Two runs of one set are also compared question by question."""
    if len(runs) != 2:
        return None
    (first, one), (second, two) = runs
    same_set = (first.info.set, first.info.set_digest) == (second.info.set, second.info.set_digest)
    if not same_set or not set(map(key_of, one)) & set(map(key_of, two)):
        return None
    return compare_runs(first, one, second, two)


def _in_order(differences: Sequence[Difference]) -> list[Difference]:
    order = order_names(one.metric for one in differences)
    return sorted(differences, key=lambda one: order.index(one.metric))


def _settings(summaries: Sequence[Summary]) -> list[tuple[str, list[str], bool]]:
    """Name, value in each run, whether the runs differ; what differs stands first."""
    described = [_describe(one.info) for one in summaries]
    names = dict.fromkeys(name for one in described for name in one)
    rows = []
    for name in names:
        values = [one.get(name, "–") for one in described]
        rows.append((name, values, len(set(values)) > 1))
    return sorted(rows, key=lambda row: not row[2])


def _describe(info: RunInfo) -> dict[str, str]:
    machine = info.machine
    found = {
        "set": f"{info.set} {info.set_digest[:12]}",
        "part": info.parts,
        "pair": info.pair or "all",
        "limit": "none" if info.limit is None else str(info.limit),
        "seed": str(info.seed),
        "documents": f"{info.documents:,} (digest {info.corpus_digest[:12]})",
        "started": _moment(info.started),
        "ended": _moment(info.ended) if info.ended else "not ended",
        "commit": info.commit or "unknown",
        "prompts read by": info.prefill or "unknown",
        "settings digest": info.settings_digest[:12],
        "machine": f"{machine.processor}, {machine.cores} cores, {machine.memory_gib:.0f} GiB"
        + "".join(f", {gpu}" for gpu in machine.gpus),
    }
    found |= {f"model: {role}": name for role, name in info.system.models.items()}
    return found | {name: str(value) for name, value in info.system.settings.items()}
