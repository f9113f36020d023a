"""``belegt feedback``: what people said of answers, as questions of an evaluation.

In: arguments. Out: files, a line on standard output, an exit code. What can fail, each one
sentence: a corpus that no server has served, a file that cannot be written, no answer with a known
verdict. Importing this module loads nothing heavy.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from models.cli import Subparsers


def register(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add ``feedback`` to the command line."""
    feedback = subparsers.add_parser("feedback", help="use what people said of answers")
    actions = feedback.add_subparsers(metavar="ACTION", required=True)
    export = actions.add_parser(
        "export", help="write a question set of answers whose verdict is known"
    )
    export.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="FILE.toml: a set for 'belegt eval run', its data beside it; FILE.jsonl: questions",
    )
    export.add_argument(
        "--corpus", type=Path, metavar="FOLDER", help="the corpus (default: $BELEGT_CORPUS)"
    )
    export.add_argument("--json", action="store_true", help="print JSON")
    export.set_defaults(func=_export)


def _export(args: argparse.Namespace) -> int:
    from contextlib import closing

    from base.errors import UsageError
    from base.settings import load_settings
    from corpus.store import CorpusStore, damage_told
    from qa.api.storage.database import DATABASE, connect
    from qa.api.storage.feedback_export import export

    folder = load_settings(corpus=args.corpus).corpus
    with damage_told(), CorpusStore.open(folder) as store:
        if not (folder / DATABASE).is_file():
            raise UsageError(
                f"No server has answered questions about '{folder}' yet; 'belegt serve' starts one."
            )
        with closing(connect(folder)) as connection:
            count = export(connection, store, args.file)
    if args.json:
        print(json.dumps({"questions": count, "file": str(args.file)}))
    else:
        print(f"{count} questions written to '{args.file}'.")
    return 0
