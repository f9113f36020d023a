"""How fast answers come: belegt beside what else there is, alternately, in one run.

In: minutes. Out: ``results.json`` with the ratios of :mod:`eval.bench.results` and what they were
computed from, a page and pictures of it. What can fail: a missing model (one sentence). A part that
fails leaves its ratios null, with the reason, and the program ends with 1.

    python -m eval.bench.engine [--minutes 13] [--out build/bench]

Nothing else may compute meanwhile. Corpora are made and passages read where no earlier run did so.
Below ``_FULL`` minutes the run is a short one: fewer systems, users and questions, so that every
ratio is still there.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from eval.bench.answers import measure_answers
from eval.bench.budget import Allotment, Budget
from eval.bench.cold import measure_cold
from eval.bench.jobs import SYSTEMS
from eval.bench.material import Corpus, material
from eval.bench.parts import measure_load, measure_speed
from eval.bench.results import BenchParts, Results, headline_ratios, reasons, render_results
from eval.bench.worker import prepare
from eval.runner import commit, machine
from eval.systems.weights import model_digests

_FULL = 8.0
_SHARES = {"answers": 0.42, "cold": 0.14, "load": 0.28, "speed": 0.16}


@dataclass(frozen=True)
class BenchPlan:
    """What is measured at least, whatever the time.

    ``read``: of each corpus, so many questions from the first and from the last on have their
    passages read before; others are not asked.
    """

    systems: tuple[str, ...]
    corpora: int
    read: tuple[int, int]
    answers: int
    cold: int
    users: tuple[int, ...]
    alone: int
    beside: int
    usual: bool


FULL = BenchPlan(
    systems=("belegt", *SYSTEMS),
    corpora=2,
    read=(16, 6),
    answers=3,
    cold=3,
    users=(1, 2, 4, 8, 16),
    alone=8,
    beside=4,
    usual=True,
)
SHORT = BenchPlan(
    systems=("belegt", "plain", "prebuilt"),
    corpora=1,
    read=(8, 2),
    answers=1,
    cold=1,
    users=(1, 8),
    alone=4,
    beside=1,
    usual=False,
)


def main() -> int:
    """Measure, write, print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.engine")
    parser.add_argument("--minutes", type=float, default=13.0, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), metavar="FOLDER")
    args = parser.parse_args()
    try:
        if args.minutes <= 0:
            raise UsageError(f"--minutes is {args.minutes:g}; it must be more than 0.")
        args.out.mkdir(parents=True, exist_ok=True)
        results = measure_corpora(load_settings(), args.minutes, args.out)
        written = write_results(results, args.out)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    print(render_results(results))
    print("\n".join(written))
    return 1 if results.parts.failed else 0


def measure_corpora(settings: Settings, minutes: float, out: Path) -> Results:
    """All parts, one after the other."""
    started, clock = datetime.now(UTC), time.monotonic()
    digests = model_digests(settings)
    plan, logs = FULL if minutes >= _FULL else SHORT, out / "logs"
    parts = _parts(settings, plan, Budget(60 * minutes, _SHARES), logs)
    found = headline_ratios(parts)
    return Results(
        ratios=found,
        reasons=reasons(found, parts),
        parts=parts,
        machine=machine(),
        models=digests,
        commit=commit(),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 1),
    )


def _select_questions(corpus: Corpus, plan: BenchPlan) -> Corpus:
    """The corpus with the questions whose passages are read."""
    first, last = plan.read
    questions = corpus.questions
    if len(questions) > first + last:
        questions = questions[:first] + questions[-last:]
    return replace(corpus, questions=questions)


def _parts(settings: Settings, plan: BenchPlan, budget: Budget, logs: Path) -> BenchParts:
    corpora = [_select_questions(one, plan) for one in material(settings)[: plan.corpora]]
    first = corpora[0]
    prepare(first.set, first.pair, first.folder, settings, logs / "prepare.log")
    measured: dict[str, Callable[[Allotment], Any]] = {
        "answers": lambda left: measure_answers(
            plan.systems, corpora, settings, left, least=plan.answers, logs=logs
        ),
        "cold": lambda left: measure_cold(first, settings, left, least=plan.cold, logs=logs),
        "load": lambda left: measure_load(
            first,
            settings,
            left,
            users=plan.users,
            alone=plan.alone,
            beside=plan.beside,
            logs=logs,
        ),
        "speed": lambda left: measure_speed(first, settings, left, usual=plan.usual, logs=logs),
    }
    found: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name, part in measured.items():
        try:
            found[name] = part(budget.allot(name))
        except UsageError:
            raise
        except BelegtError as error:
            failed[name] = str(error)
    return BenchParts(**found, failed=failed)


def write_results(results: Results, out: Path) -> list[str]:
    """The figures, the page and the pictures; what was written, a sentence each."""
    from eval.bench.page import render_bench_page
    from eval.bench.pictures import draw
    from eval.bench.plots import plots

    file = out / "results.json"
    file.write_text(results.model_dump_json(indent=2) + "\n", encoding="utf-8")
    drawn = plots(results)
    (out / "results.html").write_text(render_bench_page(results, drawn), encoding="utf-8")
    return [
        f"The figures are in '{file}', the plots in '{out / 'results.html'}'.",
        draw(drawn, out),
    ]


if __name__ == "__main__":
    sys.exit(main())
