"""Many clients of one server: some vanish, or far more come than it can serve.

In: how long. Out: a report, and the exit code 1 where an answer fails or is not the one given
alone, where something grows, where a request is neither answered nor refused with 429, or where the
server takes more than five seconds to be itself again. What can fail: a missing model, a server
that does not start (one sentence).

    python -m eval.bench.api_load [--minutes 10] [--streams 16]
    python -m eval.bench.api_load --overload [--minutes 2] [--times 10]

The server is ``belegt serve`` with the tiny model (``belegt models pull smollm2-135m-instruct``) in
a process of its own over the sample corpus.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from base.errors import BelegtError, UsageError
from eval.bench.api_overload import overload
from eval.bench.api_server import ServerProcess
from eval.bench.api_soak import soak
from eval.questionset import find_set

_SOAK_MINUTES, _OVERLOAD_MINUTES = 10.0, 2.0


def load_questions() -> list[str]:
    """English ones of the sample set; in German the tiny model strays, and begins a second time."""
    found = find_set("sample")
    (pair,) = found.default_pairs
    every = found.questions(pair, len(found.questions(pair)))
    return [one.text for one in every if one.language == "en"]


def main() -> int:
    """Run, report; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.api_load")
    parser.add_argument("--minutes", type=float, metavar="N", help="10; of an overload 2")
    parser.add_argument("--streams", type=int, default=16, metavar="N")
    parser.add_argument("--overload", action="store_true", help="more than it can serve")
    parser.add_argument("--times", type=float, default=10.0, metavar="N", help="so much more")
    parser.add_argument("--seed", type=int, default=7, metavar="N")
    args = parser.parse_args()
    minutes = args.minutes or (_OVERLOAD_MINUTES if args.overload else _SOAK_MINUTES)
    try:
        if minutes < 0 or args.streams < 1 or args.times <= 1:
            raise UsageError("--minutes must be above 0, --streams 1 or more, --times above 1.")
        return _overload(minutes, args) if args.overload else _soak(minutes, args)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code


def _soak(minutes: float, args: argparse.Namespace) -> int:
    with ServerProcess(requests=min(args.streams, 64), cells=16_384) as server:
        outcome = asyncio.run(soak(server, load_questions(), 60 * minutes, args.streams, args.seed))
    print(outcome.report())
    faults = outcome.faults()
    print("\n".join(faults) or "All others complete and right, nothing grows.")
    return 1 if faults else 0


def _overload(minutes: float, args: argparse.Namespace) -> int:
    with ServerProcess() as server:
        outcome = asyncio.run(
            overload(server, load_questions(), 60 * minutes, args.times, args.seed)
        )
    print(outcome.report())
    faults = outcome.faults()
    print("\n".join(faults) or "Every request answered or refused, memory bounded, and recovered.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
