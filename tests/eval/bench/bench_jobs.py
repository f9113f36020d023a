"""A process of the benchmark whose job is scripted: ``python bench_jobs.py JOB SETTINGS``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from base.errors import BelegtError, UsageError
from eval.bench.worker import Operation, serve_operations


class Scripted:
    """Adds, fails in several ways, says where it ran."""

    def operations(self) -> Mapping[str, Operation]:
        return {
            "add": lambda one, other: one + other,
            "refuse": self._refuse,
            "fail": self._fail,
            "die": lambda: os._exit(3),
            "process": os.getpid,
        }

    def _refuse(self) -> None:
        raise UsageError("That cannot be asked.")

    def _fail(self) -> None:
        raise BelegtError("That did not work.")

    def close(self) -> None:
        print("closed", file=sys.stderr)


def make(name: str) -> Scripted:
    if name == "absent":
        raise UsageError("It is not installed; run: pip install it")
    return Scripted()


if __name__ == "__main__":
    serve_operations(
        lambda: make(sys.argv[1]), iter(sys.stdin.buffer.readline, b""), sys.stdout.buffer
    )
