"""How much memory this process holds.

In: ``/proc/self``. Out: megabytes. Nothing can fail: where the system does not tell, there is no
figure.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

_PROCESS = Path("/proc/self")
# proc(5): "5" sets the peak back to what is resident now.
_RESET_PEAK = "5"
_NAMES = {
    "VmRSS": "resident_mb",
    "VmHWM": "peak_mb",
    "RssAnon": "own_mb",
    "RssFile": "mapped_mb",
}


def resident() -> dict[str, float]:
    """Resident memory in MB (2**20 bytes): all, its peak, its own, of mapped files."""
    try:
        text = (_PROCESS / "status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    found = dict(re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE))
    return {
        ours: round(int(found[theirs]) / 1024, 1)
        for theirs, ours in _NAMES.items()
        if theirs in found
    }


def forget_peak() -> None:
    """Let the peak begin anew; where that is not allowed, it is that since the start."""
    with contextlib.suppress(OSError):
        (_PROCESS / "clear_refs").write_text(_RESET_PEAK, encoding="ascii")
