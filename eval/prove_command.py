"""``belegt eval prove``: measures the check that ``belegt prove`` opens.

In: a set of pairs. Out: its figures on standard output, as a table or as JSON, and on request what
was said of each pair (JSON Lines). What can fail: an absent set, a file that cannot be written,
what the check says of its models; each one sentence.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import UsageError

if TYPE_CHECKING:
    from eval.proving import Prove, Proved


def add_prove(command: argparse.ArgumentParser) -> None:
    """Add the arguments, and what the command does."""
    command.add_argument(
        "set", nargs="?", default="adversarial", metavar="SET", help="default: adversarial"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="what was said of each pair")
    command.add_argument("--limit", type=int, metavar="N", help="N pairs by lot")
    command.add_argument("--seed", type=int, default=7, help="of that lot (default: 7)")
    command.add_argument(
        "--code-only", action="store_true", help="without the language model's word"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(func=_prove)


def _prove(args: argparse.Namespace) -> int:
    import json

    from eval.pairs import find_pairs
    from eval.proving import figures, figures_markdown, prove_all, sample

    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit is {args.limit}; it must be at least 1.")
    pairs = sample(find_pairs(args.set).pairs, args.limit, args.seed)
    with product_check(code_only=args.code_only) as prove, _writing(args.out) as on_pair:
        rows = figures(prove_all(pairs, prove, on_pair))
    if args.json:
        print(json.dumps([row.model_dump() for row in rows], ensure_ascii=False, indent=2))
    else:
        print(figures_markdown(rows))
    return 0


@contextmanager
def product_check(*, code_only: bool) -> Iterator[Prove]:
    """The public function behind ``belegt prove``, as that calls it: what is measured."""
    from functools import partial

    from qa.cli.prove_command import open_scorer
    from qa.proof.support import prove

    with open_scorer(code_only=code_only) as scorer:
        yield partial(prove, scorer=scorer)


@contextmanager
def _writing(file: Path | None) -> Iterator[Callable[[Proved], None] | None]:
    if file is None:
        yield None
        return
    try:
        stream = file.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"'{file}' cannot be written ({error.strerror}); give another --out."
        ) from error
    with stream:
        yield lambda proved: print(proved.model_dump_json(), file=stream, flush=True)
