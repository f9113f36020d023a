"""``belegt tune``: measure on this machine how to compute, and record it.

In: parsed arguments. Out: the choice with its figures on standard output, for people or as JSON;
a line about every choice on standard error meanwhile. What can fail: a missing model, a time that
is too short for one prompt, a cache that cannot be written. With ``--quick`` only who reads prompts
is measured, and what cannot be measured now fails nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from models.native.tuning import FILE, Try, Tuning, describe
from models.store import ModelStore
from qa.engine.torch_prefill.choice import PrefillChoice
from qa.engine.tune.quick import SECONDS, QuickMeasurement, reason_in_settings, say_choice
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
    if args.quick:
        choice = measure_reader(settings)
        if args.json:
            print(json.dumps(choice and choice.model_dump(mode="json"), indent=2))
        return 0
    print(f"belegt: Measuring for at most {args.seconds:.0f} s ...", file=sys.stderr)
    found = tune(settings, args.seconds, lambda line: print(f"  {line}", file=sys.stderr))
    print(found.model_dump_json(indent=2) if args.json else render_tuning(found))
    if not args.json:
        print(f"Recorded in {settings.cache / FILE}; 'belegt doctor' shows it.")
    return 0


def measure_reader(settings: Settings, *, explain: bool = True) -> PrefillChoice | None:
    """Who reads prompts, where that is to be measured and was not; None where it is not now.

    Tells it, or why it could not be measured, in a line on standard error; with ``explain`` also
    why it need not be.
    """
    try:
        found = _measure_reader(settings)
    except BelegtError as error:
        found, explain = str(error).rstrip("."), True
    if isinstance(found, PrefillChoice):
        print(f"belegt: {say_choice(found)}", file=sys.stderr)
        return found
    if explain:
        print(f"belegt: Who reads prompts faster was not measured: {found}.", file=sys.stderr)
    return None


def _measure_reader(settings: Settings) -> PrefillChoice | str:
    """The choice, or why there is nothing to measure."""
    if off := reason_in_settings(settings):
        return off
    measurement = QuickMeasurement(settings, ModelStore(settings.cache).digest(settings.llm))
    if off := measurement.reason_against():
        return off
    print(
        f"belegt: Measuring once who reads prompts faster, {SECONDS:.0f} s at most ...",
        file=sys.stderr,
    )
    return measurement.run()


def render_tuning(tuning: Tuning) -> str:
    """Return the choice, and all that it was chosen from, as lines for people."""
    lines = [
        f"{tuning.facts.model} on {tuning.facts.processor}, {tuning.facts.cores} cores: "
        f"{describe(tuning.parameters)}"
    ]
    if tuning.gpu_memory:
        lines.append(f"{tuning.parameters.gpu_layers} of {tuning.layers} layers on the GPU")
    lines += ["", "  read/s  spread  written/s  spread  runs"]
    for attempt in tuning.tries:
        mark = "*" if attempt.parameters == tuning.parameters else " "
        lines.append(f"{mark} {_figures(attempt)}  {describe(attempt.parameters)}")
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
