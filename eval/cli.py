"""``belegt eval``: run, compare, report, prove, sets.

In: arguments. Out: run folders, figures as Markdown or JSON on standard output, an HTML report,
and an exit code: 0 done, 4 a figure is below what ``--fail-under`` asks. What can fail: an absent
set, a malformed one, runs that cannot be compared; each one sentence. Importing this module loads
nothing heavy.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import UsageError
from eval.prove_command import add_prove
from eval.systems import NAMES
from models.cli import Subparsers

if TYPE_CHECKING:
    from eval.figures import ScoredRecord, Summary
    from eval.questionset import QuestionSet
    from eval.runner import RunPlan
    from eval.systems.protocol import System

BELOW = 4


def register(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command to belegt's own."""
    top = commands.add_parser("eval", help="measure answers against a question set")
    actions = top.add_subparsers(metavar="ACTION", required=True)
    _add_run(actions.add_parser("run", help="ask all questions of a set, or go on with a run"))
    compare = actions.add_parser("compare", help="what changed from one run to another")
    compare.add_argument("first", type=Path, metavar="RUN")
    compare.add_argument("second", type=Path, metavar="RUN")
    compare.add_argument("--json", action="store_true", help="print JSON")
    _add_judge(compare)
    compare.set_defaults(func=_compare)
    report = actions.add_parser("report", help="one HTML file about one or more runs")
    report.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    report.add_argument("--out", type=Path, default=Path("report.html"), metavar="FILE")
    report.add_argument("--markdown", action="store_true", help="print tables instead")
    report.add_argument("--json", action="store_true", help="print the figures as JSON instead")
    _add_judge(report)
    _add_gate(report)
    report.set_defaults(func=_report)
    add_prove(actions.add_parser("prove", help="measure the check of support on labelled pairs"))
    sets = actions.add_parser("sets", help="the question sets that come with belegt")
    sets.add_argument("--json", action="store_true", help="print JSON")
    sets.set_defaults(func=_sets)


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "sets",
        nargs="+",
        metavar="SET",
        help="a name of 'belegt eval sets', or a file or folder; models are loaded once for all",
    )
    run.add_argument("--system", choices=NAMES, default="belegt", help="what is asked")
    run.add_argument("--url", help="address of --system http, such as http://127.0.0.1:8000/v1")
    run.add_argument("--model", help="model name to ask --system http for")
    part = run.add_mutually_exclusive_group()
    part.add_argument("--retrieval", action="store_true", help="rank documents only")
    part.add_argument("--answers", action="store_true", help="answer only")
    run.add_argument(
        "--pair", action="append", default=[], metavar="Q-D", help="languages, such as de-en"
    )
    run.add_argument("--limit", type=int, metavar="N", help="N questions of each pair, by lot")
    run.add_argument("--seed", type=int, default=7, help="of that lot (default: 7)")
    run.add_argument("--out", type=Path, metavar="FOLDER", help="of several sets: of their runs")
    run.add_argument("--json", action="store_true", help="print the figures as JSON")
    _add_judge(run)
    _add_gate(run)
    run.set_defaults(func=_run)


def _add_judge(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--judge",
        choices=("overlap", "entailment", "model"),
        default="overlap",
        help="what says whether a citation supports a sentence: shared words, a fitted entailment "
        "score, or the LLM",
    )


def _add_gate(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--fail-under",
        action="append",
        default=[],
        metavar="METRIC=VALUE",
        help=f"exit with {BELOW} where a figure is worse than VALUE",
    )


def _run(args: argparse.Namespace) -> int:
    from base.settings import load_settings
    from eval.runner import Parts, RunPlan
    from eval.systems import make_system

    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit is {args.limit}; it must be at least 1.")
    gates = _gates(args.fail_under)
    chosen = _present(args.sets)
    parts: Parts = "retrieval" if args.retrieval else "answers" if args.answers else "both"
    plan = RunPlan(parts, tuple(args.pair), args.limit, args.seed)
    settings = load_settings()
    given = {"url": args.url, "model": args.model}
    options = {name: value for name, value in given.items() if value is not None}
    system = make_system(args.system, settings, **options)
    try:
        folders = [
            _run_set(found, system, plan, _folder_of(found, args), settings.cache / "eval")
            for found in chosen
        ]
    finally:
        system.close()
    return _show([_summary(folder, args.judge) for folder in folders], gates, json=args.json)


def _present(names: list[str]) -> list[QuestionSet]:
    """The sets called ``names``; of several those that are here, and a line for each other."""
    from eval.questionset import SetAbsentError, find_set

    found = [find_set(name) for name in dict.fromkeys(names)]
    here = [one for one in found if one.present()]
    absent = [one.name for one in found if not one.present()]
    if not here:
        listed = ", ".join(f"'{name}'" for name in absent)
        raise SetAbsentError(f"The data of the set {listed} is not on this machine.")
    for name in absent:
        print(f"belegt: The data of the set '{name}' is not here; left out.", file=sys.stderr)
    return here


def _folder_of(found: QuestionSet, args: argparse.Namespace) -> Path | None:
    """Where the run goes: ``--out`` itself, or a folder in it where there are several sets."""
    out: Path | None = args.out
    return out if out is None or len(args.sets) == 1 else out / found.name


def _run_set(
    found: QuestionSet, system: System, plan: RunPlan, out: Path | None, corpora: Path
) -> Path:
    from eval.progress import Progress
    from eval.runner import begin, finish

    run = begin(found, system, plan, out)
    with Progress(found.name, run.info.questions, len(run.done)) as progress:
        finish(run, system, corpora, progress)
    print(f"belegt: The run is in '{run.folder.folder}'.", file=sys.stderr)
    return run.folder.folder


def _report(args: argparse.Namespace) -> int:
    gates = _gates(args.fail_under)
    runs = [_summary(folder, args.judge) for folder in args.runs]
    if args.markdown or args.json:
        return _show(runs, gates, json=args.json)
    from eval.report import write_report

    write_report(runs, args.out)
    print(f"belegt: The report is in '{args.out}'.", file=sys.stderr)
    return _gate([summary for summary, _ in runs], gates)


def _compare(args: argparse.Namespace) -> int:
    from eval.compare import compare_runs
    from eval.report import comparison_markdown

    (first, one), (second, two) = (
        _summary(folder, args.judge) for folder in (args.first, args.second)
    )
    found = compare_runs(first, one, second, two)
    print(found.model_dump_json(indent=2) if args.json else comparison_markdown(found))
    return 0


def _sets(args: argparse.Namespace) -> int:
    import json

    from eval.questionset import bundled_sets

    rows = [
        {
            "name": one.name,
            "description": one.description,
            "licence": one.licence,
            "pairs": list(one.default_pairs),
            "present": one.present(),
        }
        for one in bundled_sets()
    ]
    if args.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        absent = "" if row["present"] else " (its data is not on this machine)"
        print(f"{row['name']:{width}}  {row['description']}{absent}")
    return 0


def _summary(folder: Path, judge: str) -> tuple[Summary, list[ScoredRecord]]:
    from base.settings import load_settings
    from eval.judges import judge_called
    from eval.metrics.injection import with_injections
    from eval.run_folder import RunFolder
    from eval.scoring import score, summarise

    run = RunFolder(folder)
    info, records = run.info(), run.records()
    if not records:
        raise UsageError(f"The run in '{folder}' has no answered question yet; run it first.")
    if len(records) < info.questions:
        print(
            f"belegt: The run in '{folder}' is unfinished: {len(records)} of {info.questions} "
            "questions; run it again to go on.",
            file=sys.stderr,
        )
    with judge_called(judge, load_settings(), folder) as called:
        scored = with_injections([score(record, called) for record in records])
    return summarise(info, scored), scored


def _show(
    runs: list[tuple[Summary, list[ScoredRecord]]], gates: dict[str, float], *, json: bool
) -> int:
    from eval.report import markdown

    summaries = [summary for summary, _ in runs]
    if json:
        print("\n".join(summary.model_dump_json() for summary in summaries))
    else:
        print(markdown(summaries))
    return _gate(summaries, gates)


def _gates(wanted: list[str]) -> dict[str, float]:
    gates = {}
    for gate in wanted:
        name, _, value = gate.partition("=")
        try:
            gates[name] = float(value)
        except ValueError:
            gates[name] = math.nan
        if not name or math.isnan(gates[name]):
            raise UsageError(
                f"--fail-under is '{gate}'; write it as METRIC=VALUE, e.g. gold_contained=0.7."
            )
    return gates


def _gate(summaries: list[Summary], gates: dict[str, float]) -> int:
    code = 0
    for summary in summaries:
        figures = {figure.name: figure.value for figure in summary.figures}
        better = {figure.name: figure.better for figure in summary.figures}
        for name, least in gates.items():
            if name not in figures:
                raise UsageError(
                    f"--fail-under names '{name}', which this run does not measure; "
                    f"it measures {', '.join(figures)}."
                )
            # Of times and mistakes the value is the most that is allowed.
            least_is_best = better[name] == "low"
            if figures[name] > least if least_is_best else figures[name] < least:
                print(
                    f"belegt: {name} of {summary.info.set} is {figures[name]:.4f}, "
                    f"{'above' if least_is_best else 'below'} {least:g}.",
                    file=sys.stderr,
                )
                code = BELOW
    return code
