"""A progress bar on standard error.

In: a label, a number of bytes and whether to show anything. Out: a tqdm bar that a caller
updates. Nothing here fails. Without a terminal (a log file) it draws every ten seconds.
"""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

LOG_INTERVAL_S = 10.0
TERMINAL_INTERVAL_S = 0.2


def byte_bar(label: str, total: int | None, *, show: bool, leave: bool = True) -> tqdm[Any]:
    """Return a bar that counts bytes; use it as a context manager."""
    return tqdm(
        total=total,
        desc=label,
        unit="B",
        unit_scale=True,
        disable=not show,
        leave=leave,
        file=sys.stderr,
        mininterval=TERMINAL_INTERVAL_S if sys.stderr.isatty() else LOG_INTERVAL_S,
    )
