"""The command ``belegt`` in whole: what people ask with, and what measures it.

In: arguments. Out: an exit code. What can fail: what the commands say. It stands here because
imports run one way, and only this package may know both.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eval import cli as eval_cli
from qa.cli import main as qa_cli

if TYPE_CHECKING:
    from qa.api.app import Extension


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    return qa_cli.main(arguments, (eval_cli.register,), _routers)


def _routers() -> Sequence[Extension]:
    from eval.api import router

    return (router,)


if __name__ == "__main__":
    sys.exit(main())
