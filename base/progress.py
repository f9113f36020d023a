"""Progress on standard error.

In: a label, how much there is to do and whether to show anything. Out: a tqdm bar that a caller
updates. Nothing here fails. Where there is no terminal (a log file, a pipe) it writes a whole line
every ten seconds, without the carriage returns and bars that a log cannot show.
"""

from __future__ import annotations

import sys
from typing import Any, TextIO

from tqdm import tqdm

LOG_INTERVAL_S = 10.0
TERMINAL_INTERVAL_S = 0.2
_LINE = "{desc}: {n_fmt} of {total_fmt} {unit} ({percentage:.0f} %), {elapsed}"
_COUNT = "{desc}: {n_fmt} {unit}, {elapsed}"


def byte_bar(label: str, total: int | None, *, show: bool, leave: bool = True) -> tqdm[Any]:
    """Return a bar that counts bytes; use it as a context manager."""
    return _bar(label, total, "B", show=show, leave=leave, unit_scale=True)


def count_bar(label: str, total: int | None, unit: str) -> tqdm[Any]:
    """Return a bar that counts ``unit``; use it as a context manager."""
    return _bar(label, total, unit, show=True, leave=True, unit_scale=False)


def _bar(
    label: str, total: int | None, unit: str, *, show: bool, leave: bool, unit_scale: bool
) -> tqdm[Any]:
    terminal = sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=label,
        unit=unit,
        unit_scale=unit_scale,
        disable=not show,
        leave=leave,
        file=sys.stderr if terminal else LogLines(sys.stderr),
        mininterval=TERMINAL_INTERVAL_S if terminal else LOG_INTERVAL_S,
        bar_format=None if terminal else (_LINE if total else _COUNT),
    )


class LogLines:
    """A stream on which each state of a bar is a line of its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write what stands between carriage returns as lines."""
        for line in text.replace("\r", "\n").split("\n"):
            if line.strip():
                self._stream.write(f"{line.strip()}\n")

    def flush(self) -> None:
        """Hand on what was written."""
        self._stream.flush()
