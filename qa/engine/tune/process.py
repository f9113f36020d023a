"""A process that measures, and may die, hang or be in the way without harm to who asked.

In: a command that reads requests as lines and writes results as lines. Out: those lines. What can
fail: nothing but time (:class:`OutOfTimeError`) and somebody who wants the processor
(:class:`GaveWayError`), which both end the process; one that died is told by its cause.
"""

from __future__ import annotations

import contextlib
import math
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

# Between two looks whether somebody wants the processor.
_LOOK_S = 0.1
# To remove what it has half written.
_END_S = 3.0


class OutOfTimeError(Exception):
    """The budget does not hold another run."""


class GaveWayError(Exception):
    """Somebody asks; what was being measured is not known."""


def _never() -> bool:
    return False


class MeasuringProcess:
    """A process that is started when it is first asked, and again after it died."""

    def __init__(self, command: Sequence[str], log: Path | None = None) -> None:
        """``log`` gets what it writes to standard error."""
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        # Closed with the process.
        self._errors: IO[bytes] = log.open("w+b") if log else tempfile.TemporaryFile()  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        self._errors.close()

    def start(self) -> subprocess.Popen[bytes]:
        """Have it run from now on, before it is asked."""
        self._process = self._process or subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # Lines are waited for at the pipe itself, so none may lie in a buffer before it.
            bufsize=0,
        )
        return self._process

    def ask(self, request: str) -> None:
        """Hand over a line."""
        process = self.start()
        assert process.stdin is not None
        # One that died before it was asked says so when it is listened to.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{request}\n".encode())

    def next_line(
        self, seconds: float = math.inf, give_way: Callable[[], bool] = _never
    ) -> str | None:
        """The next line; None where the process died, see :meth:`cause_of_death`.

        Ends it and raises OutOfTimeError after ``seconds``, GaveWayError as soon as ``give_way``.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        while True:
            if give_way():
                # At once: it may be within a step that takes seconds.
                self._process.kill()
                self._stop()
                raise GaveWayError
            left = end - time.monotonic()
            if select.select([self._process.stdout], [], [], max(0.0, min(left, _LOOK_S)))[0]:
                line = self._process.stdout.readline().decode()
                return line if line.endswith("\n") else None
            if left <= 0:
                self._stop()
                raise OutOfTimeError

    def cause_of_death(self) -> str:
        """What a process that wrote no line died of, one sentence."""
        assert self._process is not None
        code = self._process.wait()
        self._stop()
        if code < 0:
            return f"The library died of {signal.Signals(-code).name}."
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"The measurement ended early: {lines[-1] if lines else f'exit code {code}'}."

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.communicate()
        self._process = None
