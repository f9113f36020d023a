"""Run a long command and show that it moves.

In: a command, its environment, a log file. Out: the exit code; the command's output goes to the
log, and a line on standard error tells the time and (for ninja) the steps done. What can fail:
nothing but the start of the command (OSError); an interruption ends the command too.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TERMINAL_INTERVAL_S = 1.0
LOG_INTERVAL_S = 15.0
POLL_S = 0.5
TAIL_BYTES = 1 << 16
STEP = re.compile(rb"\[(\d+)/(\d+)\]")


def run_with_ticker(
    label: str, command: Sequence[str], environment: Mapping[str, str], log: Path
) -> int:
    """Run ``command`` to its end and return its exit code."""
    terminal = sys.stderr.isatty()
    interval = TERMINAL_INTERVAL_S if terminal else LOG_INTERVAL_S
    start = last = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while process.poll() is None:
                time.sleep(POLL_S)
                if time.monotonic() - last >= interval:
                    last = time.monotonic()
                    _show(f"{label}: {_clock(last - start)}{steps_done(log)}", terminal)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    _show(f"{label}: finished after {_clock(time.monotonic() - start)}", terminal)
    if terminal:
        print(file=sys.stderr)
    return process.returncode


def steps_done(log: Path) -> str:
    """Return the last ``[n/m]`` of the log as ``, step n of m``, or nothing."""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - TAIL_BYTES))
        steps = STEP.findall(stream.read())
    return f", step {steps[-1][0].decode()} of {steps[-1][1].decode()}" if steps else ""


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _show(line: str, terminal: bool) -> None:
    print(f"\r{line:<60}" if terminal else line, end="" if terminal else "\n", file=sys.stderr)
    sys.stderr.flush()
