"""``python -m eval``: retrieval, answers, recheck, seeds, calibrate.

In: the names of sets. Out: figures as JSON lines on standard output, answers under ``--out``.
What can fail: an absent set, named and left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.document import Document
from eval.sets import (
    CELLS,
    Question,
    SetAbsent,
    cell,
    documents,
    questions,
    seed_documents,
    split,
)
from models.errors import BelegtError
from models.settings import Settings, load_settings

if TYPE_CHECKING:
    from index.retriever import Retriever
    from qa.engine.llama import LlamaEngine

SEED = 7
REPORTED = 100


def main() -> int:
    """Run what the arguments name; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    parser.add_argument("what", choices=("retrieval", "answers", "recheck", "seeds", "calibrate"))
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(CELLS)}")
    parser.add_argument("--out", type=Path, default=Path("runs"))
    parser.add_argument("--limit", type=int, default=REPORTED, help="questions of a set")
    args = parser.parse_args()
    try:
        return _run(args)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code


def _run(args: argparse.Namespace) -> int:
    if args.what == "calibrate":
        return _calibrate(args)
    if args.what == "seeds":
        return _seeds(args)
    names = args.sets or [
        name for name, of in CELLS.items() if of.answerable or args.what != "retrieval"
    ]
    for name in names:
        try:
            rows = {"retrieval": _retrieval, "answers": _answers, "recheck": _recheck}[args.what](
                name, args
            )
        except SetAbsent as error:
            print(f"belegt: {error}", file=sys.stderr)
            continue
        for row in rows:
            print(json.dumps(row, ensure_ascii=False), flush=True)
    return 0


def _retrieval(name: str, args: argparse.Namespace) -> list[dict[str, object]]:
    from eval.retrieval import measure
    from index.encoder import load_encoder

    settings = load_settings()
    return measure(cell(name), load_encoder(settings), settings, args.out / "corpora")


def _answers(name: str, args: argparse.Namespace) -> list[dict[str, object]]:
    from eval.answers import summary

    of = cell(name)
    found, _ = split(questions(of), SEED, args.limit)
    rows = _answer_all(name, found, documents(of), args.out)
    return [summary(name, rows, answerable=of.answerable)]


def _recheck(name: str, args: argparse.Namespace) -> list[dict[str, object]]:
    from eval.answers import read_rows, summary, write_rows
    from eval.recheck import recheck

    of, file = cell(name), args.out / f"{name}.jsonl"
    with _opened(name, documents(of), args.out) as (retriever, engine, settings):
        rows = recheck(read_rows(file), questions(of), retriever, engine, settings)
    write_rows(file, rows)
    return [summary(name, rows, answerable=of.answerable)]


def _seeds(args: argparse.Namespace) -> int:
    from eval.seeds import right, seed_questions, table

    rows = _answer_all("seeds", seed_questions(), seed_documents(), args.out)
    print("\n".join(table(rows)))
    print(f"\n{sum(map(right, rows))} of {len(rows)} right")
    return 0


def _answer_all(
    name: str, found: list[Question], corpus: list[Document], out: Path
) -> list[dict[str, Any]]:
    from eval.answers import run
    from qa.assistant import Assistant

    with _opened(name, corpus, out) as (retriever, engine, settings):
        assistant = Assistant(retriever, engine, settings)
        return run(name, found, assistant, retriever.store, out / f"{name}.jsonl")


@contextmanager
def _opened(
    name: str, corpus: list[Document], out: Path
) -> Iterator[tuple[Retriever, LlamaEngine, Settings]]:
    from eval.workspace import open_corpus
    from index.build import open_dense
    from index.encoder import load_encoder
    from index.retriever import Retriever
    from qa.engine.llama import load_engine

    settings = load_settings()
    encoder, engine = load_encoder(settings), load_engine(settings)
    try:
        with open_corpus(name, corpus, encoder, settings, out / "corpora") as store:
            dense, _ = open_dense(store, encoder.describe())
            yield Retriever(store, dense, encoder, settings), engine, settings
    finally:
        engine.close()


def _calibrate(args: argparse.Namespace) -> int:
    from eval import calibrate
    from index.encoder import load_encoder
    from qa.engine.llama import load_engine

    settings = load_settings()
    rows = calibrate.collect(
        load_encoder(settings),
        load_engine(settings),
        settings,
        args.out,
        lambda found: split(found, SEED, REPORTED)[1],
    )
    weights = calibrate.fit(rows)
    calibrate.write(weights, Path(__file__).parent.parent / "qa" / "answerable.toml")
    for line in calibrate.report(rows, weights):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
