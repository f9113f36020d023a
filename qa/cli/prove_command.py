"""``belegt prove``: whether quotations prove statements.

In: JSON Lines with ``quote``, ``statement`` and optionally ``quote_language`` and
``statement_language``. Out: one JSON line each on standard output: ``supported``, ``score``,
``reasons``; an exit code. What can fail, each one sentence: a file that cannot be read, a line that
is no such object. Without a language model, code alone decides, and standard error says so.
Importing this module loads nothing heavy.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from models.cli import Subparsers

if TYPE_CHECKING:
    from qa.proof.support import EntailmentScorer, Pair

_TOGETHER = 16
_MOST_CHARACTERS = 20_000
_SHOWN = 80


def register(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add ``prove`` to the command line."""
    prove = subparsers.add_parser("prove", help="say whether quotations prove statements")
    prove.add_argument(
        "file",
        metavar="FILE",
        help="JSON Lines: quote, statement, if known quote_language and statement_language "
        "('de' or 'en'); - for input",
    )
    prove.add_argument(
        "--code-only",
        action="store_true",
        help="let code alone decide, without the language model: at once, and stricter",
    )
    prove.set_defaults(func=_prove)


def _prove(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from qa.proof.support import prove_pairs

    with open_scorer(code_only=args.code_only, many=args.file != "-") as scorer:
        # Whoever writes pairs one by one waits for each answer.
        for some in _grouped(_pairs(args.file), 1 if args.file == "-" else _TOGETHER):
            for proof in prove_pairs(some, scorer=scorer):
                print(json.dumps(asdict(proof), ensure_ascii=False), flush=True)
    return 0


@contextmanager
def open_scorer(*, code_only: bool, many: bool = True) -> Iterator[EntailmentScorer | None]:
    """The reader, where a model is there; ``many``: more is to be read than somebody waits for."""
    if code_only:
        yield None
        return
    from base.errors import BelegtError
    from base.settings import load_settings
    from qa.pipeline.session import open_engine
    from qa.proof.entailment import ReaderEntailment

    try:
        engine = open_engine(load_settings())
    except BelegtError as error:
        print(f"belegt: Code alone decides, without a language model: {error}", file=sys.stderr)
        yield None
        return
    try:
        if many:
            engine.prepare_prefill()
        yield ReaderEntailment(engine)
    finally:
        engine.close()


def _grouped(pairs: Iterator[Pair], count: int) -> Iterator[list[Pair]]:
    while some := list(islice(pairs, count)):
        yield some


def _pairs(name: str) -> Iterator[Pair]:
    for number, line in enumerate(_lines(name), 1):
        if line.strip():
            yield _pair(line, number)


def _lines(name: str) -> Iterator[str]:
    from base.errors import UsageError

    if name == "-":
        yield from sys.stdin
        return
    try:
        with Path(name).open(encoding="utf-8") as stream:
            yield from stream
    except OSError as error:
        raise UsageError(
            f"'{name}' cannot be read ({error.strerror}); name a file of JSON Lines or -."
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"'{name}' is not UTF-8; save it as UTF-8.") from error


def _pair(line: str, number: int) -> Pair:
    from pydantic import ValidationError

    from base.errors import UsageError
    from qa.proof.support import Pair

    wanted = 'it must be an object with "quote" and "statement"'
    try:
        pair = Pair.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "line"
        shown = line.strip()[:_SHOWN]
        raise UsageError(
            f"Line {number} is not acceptable ({place}: {first['msg']}): {shown}; {wanted}."
        ) from error
    if max(len(pair.quote), len(pair.statement)) > _MOST_CHARACTERS:
        raise UsageError(
            f"Line {number} has a text of more than {_MOST_CHARACTERS:,} characters; quote less."
        )
    return pair
