"""``belegt tune``: measure on this machine how to compute, and record it.

In: parsed arguments. Out: the choice with its figures on standard output, for people or as JSON;
a line about every choice on standard error meanwhile. What can fail: a missing model, a time that
is too short for one prompt, a cache that cannot be written.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from base.errors import UsageError
from base.settings import load_settings
from models.native.tuning import FILE, Try, Tuning, describe
from qa.engine.tune.search import tune

SHORTEST_S = 5.0
LONGEST_S = 3600.0


def run(args: argparse.Namespace) -> int:
    """Measure, record, print; the exit code."""
    if not SHORTEST_S <= args.seconds <= LONGEST_S:
        raise UsageError(
            f"--seconds is {args.seconds:g}; it must be from {SHORTEST_S:g} to {LONGEST_S:g}."
        )
    settings = load_settings()
    print(f"belegt: Measuring for at most {args.seconds:.0f} s ...", file=sys.stderr)
    found = tune(settings, args.seconds, lambda line: print(f"  {line}", file=sys.stderr))
    print(found.model_dump_json(indent=2) if args.json else render_tuning(found))
    if not args.json:
        print(f"Recorded in {settings.cache / FILE}; 'belegt doctor' shows it.")
    return 0


def render_tuning(tuning: Tuning) -> str:
    """Return the choice, and all that it was chosen from, as lines for people."""
    lines = [
        f"{tuning.facts.model} on {tuning.facts.processor}, {tuning.facts.cores} cores: "
        f"{describe(tuning.parameters)}"
    ]
    if tuning.gpu_memory:
        lines.append(f"{tuning.parameters.gpu_layers} of {tuning.layers} layers on the GPU")
    lines += ["", "  read/s  spread  written/s  spread  runs"]
    for one in tuning.tries:
        mark = "*" if one.parameters == tuning.parameters else " "
        lines.append(f"{mark} {_figures(one)}  {describe(one.parameters)}")
    if tuning.not_tried:
        lines.append(f"Not tried for lack of time: {', '.join(tuning.not_tried)}.")
    return "\n".join(lines)


def _figures(one: Try) -> str:
    if one.error:
        return f"{one.error:<39}"
    parts = []
    for values in (one.prefill_tokens_per_s, one.decode_tokens_per_s):
        middle = statistics.median(values)
        parts.append(f"{middle:6.1f}  {(max(values) - min(values)) / middle:6.1%}")
    return f"{parts[0]}  {parts[1]:>17}  {len(one.prefill_tokens_per_s):4}"
