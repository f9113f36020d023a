"""``belegt completion``: what a shell needs to complete commands.

In: the name of a shell, the command line's parser. Out: a script on standard output. What can fail:
the library that writes it is not installed (UsageError).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from base.errors import UsageError

if TYPE_CHECKING:
    from models.cli import Subparsers

SHELLS = ("bash", "zsh", "tcsh")


def register(
    subparsers: Subparsers[argparse.ArgumentParser], top: Callable[[], argparse.ArgumentParser]
) -> None:
    """Add ``completion``; ``top`` makes the parser of all commands."""
    parser = subparsers.add_parser(
        "completion",
        help="print a script that completes commands in a shell",
        description="Print a script that completes commands; for bash: "
        "belegt completion bash > ~/.local/share/bash-completion/completions/belegt",
    )
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(func=lambda args: run(args, top()))


def run(args: argparse.Namespace, top: argparse.ArgumentParser) -> int:
    """Print the script for ``args.shell``."""
    try:
        import shtab
    except ImportError as error:
        raise UsageError(
            "'belegt completion' needs shtab; install it with pip install 'belegt[completion]'."
        ) from error
    print(shtab.complete(top, shell=args.shell))
    return 0
