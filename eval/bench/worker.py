"""A process of its own for what is measured, so that nothing of one thing is in another's figures.

In: a job's name and settings, then calls. Out: their results. What can fail: what a call raises
(one sentence, with the exit code it had there), and a process that ends early, whose log is named.

The parent writes a line of JSON for each call and waits for a line, so only one process computes
at a time. What libraries print goes to the log.

    python -m eval.bench.worker JOB SETTINGS
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from base.errors import BelegtError, UsageError
from base.settings import Settings

_EXIT_S = 20.0
_SECRET = {"eval_api_key"}

Operation = Callable[..., Any]


class BenchJob(Protocol):
    """What a process does: named operations over JSON values."""

    def operations(self) -> Mapping[str, Operation]:
        """The operations by name."""
        ...

    def close(self) -> None:
        """Free models and files."""
        ...


class BenchWorker:
    """A process that does the job called ``job``; ``log`` gets what it prints.

    Used as a context manager it ends with the block.
    """

    def __init__(
        self, job: str, settings: Settings, log: Path, *, module: str = "eval.bench.worker"
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.job = job
        self._log = log
        facts = settings.model_dump(mode="json", exclude=_SECRET, exclude_unset=True)
        command = [sys.executable, "-m", module, job, json.dumps(facts)]
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stream
            )

    def call(self, operation: str, **arguments: Any) -> Any:
        """The result of ``operation``; raises ``UsageError`` or ``BelegtError`` as it did there."""
        try:
            _write(self._process.stdin, {"call": operation, "arguments": arguments})
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise BelegtError(
                f"The process that measures '{self.job}' ended early; see '{self._log}'."
            )
        reply = json.loads(line)
        if "error" in reply:
            kind = UsageError if reply["code"] == UsageError.exit_code else BelegtError
            raise kind(reply["error"])
        return reply["result"]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # What a process that ended early was not told any more.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> BenchWorker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def prepare(set_name: str, pair: str, folder: Path, settings: Settings, log: Path) -> None:
    """Make belegt's corpus of a set's pair in ``folder``, unless it is there."""
    if not folder.is_dir():
        with BenchWorker("belegt", settings, log) as worker:
            worker.call("prepare", name=set_name, pair=pair, folder=str(folder))


def serve_operations(make: Callable[[], BenchJob], calls: Iterable[bytes], out: IO[bytes]) -> None:
    """Make the job, do what ``calls`` say until there are no more; what cannot be is replied."""
    try:
        job = make()
    except BelegtError as error:
        for _ in calls:
            _write(out, _failure(error))
        return
    try:
        for line in calls:
            asked = json.loads(line)
            try:
                result = job.operations()[asked["call"]](**asked["arguments"])
            except BelegtError as error:
                _write(out, _failure(error))
            else:
                _write(out, {"result": result})
    finally:
        job.close()


def _failure(error: BelegtError) -> dict[str, Any]:
    return {"error": str(error), "code": error.exit_code}


def _write(stream: IO[bytes] | None, value: object) -> None:
    assert stream is not None
    stream.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
    stream.flush()


def main() -> int:
    """Serve the parent process on standard input and output."""
    from base.settings import load_settings
    from eval.bench.jobs import make_job

    job, facts = sys.argv[1:]
    # Whatever a library prints must not stand between two replies.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    settings = load_settings(**json.loads(facts))
    serve_operations(lambda: make_job(job, settings), iter(sys.stdin.buffer.readline, b""), out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
