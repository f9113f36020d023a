"""The command ``belegt``.

In: arguments. Out: an exit code: 0 done or answered, 1 something failed, 2 bad use, 3 the
documents do not hold the answer, 130 interrupted. Every error is one sentence on standard error.
Importing this module loads nothing heavy, so that help is instant.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import BelegtError
from models import cli as models_cli
from models import setup_command
from qa.cli import (
    backup_commands,
    completion,
    feedback_command,
    keys_command,
    mcp_command,
    prove_command,
    terminal,
)

if TYPE_CHECKING:
    from qa.api.app import Extension

INTERRUPTED = 130


Register = Callable[["models_cli.Subparsers[argparse.ArgumentParser]"], None]


def parser(extensions: Sequence[Register] = ()) -> argparse.ArgumentParser:
    """The command line, with the commands that ``extensions`` of a higher package add."""
    top = argparse.ArgumentParser(
        prog="belegt",
        description="Answers from your documents, every statement with its source.",
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_ask(commands)
    _add_index(commands)
    _add_serve(commands)
    backup_commands.register(commands)
    feedback_command.register(commands)
    keys_command.register(commands)
    prove_command.register(commands)
    mcp_command.register(commands)
    models_cli.register(commands)
    setup_command.register(commands)
    completion.register(commands, lambda: parser(extensions))
    doctor = commands.add_parser("doctor", help="show what this machine and installation offer")
    _add_common(doctor)
    doctor.add_argument("--settings", action="store_true", help="explain every setting instead")
    doctor.set_defaults(func=_doctor)
    tune = commands.add_parser(
        "tune", help="measure what computes fastest on this machine, and record it"
    )
    tune.add_argument(
        "--seconds", type=float, default=150.0, metavar="N", help="the time it may take"
    )
    tune.add_argument(
        "--quick",
        action="store_true",
        help="only who reads prompts, within 20 s and the loading, unless that was measured before",
    )
    tune.add_argument("--json", action="store_true", help="print JSON")
    tune.set_defaults(func=_tune)
    for register in extensions:
        register(commands)
    return top


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--corpus", type=Path, metavar="FOLDER", help="the corpus (default: $BELEGT_CORPUS)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def _add_memory_limit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--memory-limit", type=int, metavar="MB", help="beyond it PyTorch reads no prompts"
    )


def _add_ask(commands: models_cli.Subparsers[argparse.ArgumentParser]) -> None:
    ask = commands.add_parser("ask", help="answer a question from the corpus")
    ask.add_argument("question", nargs="?", help="the question, in German or English")
    ask.add_argument("--questions", metavar="FILE", help="answer each line of FILE (- for input)")
    ask.add_argument("--lang", choices=("de", "en"), help="answer in this language")
    ask.add_argument("--top-k", type=int, metavar="N", help="passages an answer may draw on")
    ask.add_argument("--since", metavar="DATE", help="only documents of DATE (ISO) or later")
    ask.add_argument("--until", metavar="DATE", help="only documents of DATE (ISO) or earlier")
    ask.add_argument("--source", action="append", default=[], help="only documents of this source")
    ask.add_argument("--document", action="append", default=[], metavar="ID", help="only these")
    ask.add_argument("--doc-lang", action="append", default=[], choices=("de", "en"))
    ask.add_argument(
        "--engine", metavar="URL", help="let an OpenAI-compatible server run the model"
    )
    _add_memory_limit(ask)
    _add_index_address(ask)
    ask.add_argument(
        "--no-server", action="store_true", help="load the models here, even where a server runs"
    )
    ask.add_argument("--verbose", action="store_true", help="show where the time went")
    _add_common(ask)
    ask.set_defaults(func=_ask)


def _add_index(commands: models_cli.Subparsers[argparse.ArgumentParser]) -> None:
    index = commands.add_parser("index", help="add, remove and list documents")
    actions = index.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add files, or all files of folders")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    sync = actions.add_parser("sync", help="bring the corpus in step with folders")
    sync.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    sync.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    sync.add_argument(
        "--allow-empty", action="store_true", help="remove documents although a folder is empty"
    )
    sync.add_argument("--watch", action="store_true", help="go on, at each change in the folders")
    _add_index_address(sync)
    _add_common(sync)
    sync.set_defaults(func=_sync)
    show = actions.add_parser("show", help="show a document and what is marked in it")
    show.add_argument("id", metavar="ID", help="as 'belegt index list' shows it")
    show.add_argument("--text", action="store_true", help="show its text as well")
    _add_common(show)
    show.set_defaults(func=_show)
    remove = actions.add_parser("remove", help="forget a document")
    remove.add_argument("id", metavar="ID", help="as 'belegt index list' shows it")
    listing = actions.add_parser("list", help="show the documents")
    status = actions.add_parser("status", help="show how the corpus and its index stand")
    rebuild = actions.add_parser("rebuild", help="make passages and vectors again")
    read = actions.add_parser(
        "read", help="have the language model read all passages now, which later answers save"
    )
    for name, action in (
        ("add", add),
        ("remove", remove),
        ("list_documents", listing),
        ("status", status),
        ("rebuild", rebuild),
        ("read", read),
    ):
        _add_common(action)
        _add_index_address(action)
        action.set_defaults(func=_index, action=name)
    _add_index_care(actions)


def _add_index_care(actions: models_cli.Subparsers[argparse.ArgumentParser]) -> None:
    check = actions.add_parser("check", help="verify everything that the corpus holds")
    check.add_argument("--repair", action="store_true", help="make derived parts again")
    _add_index_address(check)
    move = actions.add_parser("move", help="have another dense index take in the whole corpus")
    move.add_argument("--to", required=True, metavar="INDEX", help="local or milvus://HOST:PORT")
    for name, action in (("check", check), ("move", move)):
        _add_common(action)
        action.set_defaults(func=_index_care, action=name)


def _add_index_address(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--index", metavar="INDEX", help="local or milvus://HOST:PORT (default: $BELEGT_INDEX)"
    )


def _add_serve(commands: models_cli.Subparsers[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser("serve", help="serve the page and the API")
    serve.add_argument("--host", metavar="ADDRESS", help="listen here (default: this machine only)")
    serve.add_argument("--port", type=int, metavar="N", help="default: 8765")
    serve.add_argument("--engine", metavar="URL", help="an OpenAI-compatible server that answers")
    _add_memory_limit(serve)
    _add_index_address(serve)
    serve.add_argument(
        "--corpus", type=Path, metavar="FOLDER", help="the corpus (default: $BELEGT_CORPUS)"
    )
    serve.set_defaults(func=_serve)


def _ask(args: argparse.Namespace) -> int:
    from corpus.store import damage_told
    from qa.cli.ask import run

    _obtain(args, llm=True)
    with damage_told():
        return run(args)


def _sync(args: argparse.Namespace) -> int:
    from corpus.store import damage_told
    from qa.cli.sync_command import sync

    with damage_told():
        return sync(args)


def _show(args: argparse.Namespace) -> int:
    from corpus.store import damage_told
    from qa.cli.show_command import run

    with damage_told():
        return run(args)


_READS = ("add", "read", "rebuild")
"""What of 'index' needs a model."""


def _obtain(args: argparse.Namespace, *, llm: bool) -> None:
    """Have what a fresh installation lacks; a checkout has 'make' for it."""
    if setup_command.is_checkout():
        return
    from base.settings import load_settings

    settings = load_settings(corpus=args.corpus, engine=getattr(args, "engine", None))
    setup_command.obtain(settings, llm=llm and settings.engine == "local")


def _index(args: argparse.Namespace) -> int:
    from corpus.store import damage_told
    from qa.cli import index_commands

    if args.action in _READS:
        _obtain(args, llm=args.action == "read")
    with damage_told():
        return int(getattr(index_commands, args.action)(args))


def _index_care(args: argparse.Namespace) -> int:
    from corpus.store import damage_told
    from qa.cli import index_care

    with damage_told():
        return int(getattr(index_care, args.action)(args))


def _doctor(args: argparse.Namespace) -> int:
    from base.settings import explain, load_settings
    from models.native.doctor import collect_report, render_report
    from qa.cli.index_commands import facts

    settings = load_settings(corpus=args.corpus)
    if args.settings:
        print(explain(settings, json_wanted=args.json))
        return 0
    report = collect_report(settings, facts(settings))
    print(report.model_dump_json(indent=2) if args.json else render_report(report))
    return 0


def _tune(args: argparse.Namespace) -> int:
    from qa.cli.tune_command import run

    return run(args)


def _serve(args: argparse.Namespace) -> int:
    from corpus.store import damage_told
    from qa.cli.serve import run

    _obtain(args, llm=True)
    with damage_told():
        return run(args, args.routers())


def main(
    arguments: Sequence[str] | None = None,
    extensions: Sequence[Register] = (),
    routers: Callable[[], Sequence[Extension]] = tuple,
) -> int:
    """Run the command line; the exit code. ``routers``: of a higher package, for 'serve'."""
    args = parser(extensions).parse_args(arguments)
    args.routers = routers
    terminal.adapt(json_wanted=getattr(args, "json", False))
    try:
        return int(args.func(args))
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("belegt: Interrupted; what was finished is kept.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has gone; Python would complain again while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
