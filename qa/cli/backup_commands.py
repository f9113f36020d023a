"""``belegt backup`` and ``belegt restore``.

In: parsed arguments. Out: one line, an exit code. What can fail: what :mod:`qa.cli.backup` says,
and a corpus whose server is running, which would go on with files that are gone.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from base.errors import UsageError
from models.cli import Subparsers


def register(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add both commands."""
    backup = commands.add_parser("backup", help="write the corpus to one file, while it is in use")
    restore = commands.add_parser("restore", help="make a corpus from such a file")
    for command in (backup, restore):
        command.add_argument("file", type=Path, metavar="FILE")
        command.add_argument(
            "--corpus", type=Path, metavar="FOLDER", help="the corpus (default: $BELEGT_CORPUS)"
        )
        command.add_argument("--json", action="store_true", help="print JSON")
    restore.add_argument(
        "--replace", action="store_true", help="move a corpus that is there aside first"
    )
    backup.set_defaults(func=_backup)
    restore.set_defaults(func=_restore)


def _backup(args: argparse.Namespace) -> int:
    from base.settings import load_settings
    from qa.cli.backup import back_up

    folder = load_settings(corpus=args.corpus).corpus
    contents = back_up(folder, args.file)
    text = f"Backed up '{folder}' to '{args.file}'."
    print(contents.model_dump_json() if args.json else text)
    return 0


def _restore(args: argparse.Namespace) -> int:
    from base.settings import load_settings
    from qa.api.server_discovery import find_server
    from qa.cli.backup import restore

    settings = load_settings(corpus=args.corpus)
    if find_server(settings) is not None:
        raise UsageError(
            f"A server of the corpus '{settings.corpus}' is running; stop it before you restore."
        )
    contents, aside = restore(args.file, settings.corpus, replace=args.replace)
    if aside is not None:
        print(f"belegt: What was there lies in '{aside}' now.", file=sys.stderr)
    text = f"Restored '{settings.corpus}' as of {contents.made}."
    print(contents.model_dump_json() if args.json else text)
    return 0
