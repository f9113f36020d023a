"""A process of its own for what is measured, so that nothing of one thing is in another's figures.

In: a job's name and settings, then calls. Out: their results. What can fail: what a call raises
(one sentence, with the exit code it had there), and a process that ends early, whose log is named.

The parent writes a line of JSON for each call and waits for a line, so only one process computes
at a time. What libraries print goes to the log.

    python -m eval.bench.worker JOB SETTINGS
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from base.errors import BelegtError, UsageError
from base.settings import Settings
from qa.engine.tune.process import MeasuringProcess

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


class BenchWorker(MeasuringProcess):
    """A process that does the job called ``job``; ``log`` gets what it prints."""

    def __init__(
        self, job: str, settings: Settings, log: Path, *, module: str = "eval.bench.worker"
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.job = job
        self._log = log
        facts = settings.model_dump(mode="json", exclude=_SECRET, exclude_unset=True)
        super().__init__([sys.executable, "-m", module, job, json.dumps(facts)], log)
        self.start()

    def call(self, operation: str, **arguments: Any) -> Any:
        """The result of ``operation``; raises ``UsageError`` or ``BelegtError`` as it did there."""
        self.ask(json.dumps({"call": operation, "arguments": arguments}))
        line = self.next_line()
        if line is None:
            raise BelegtError(
                f"The process that measures '{self.job}' ended early; see '{self._log}'."
            )
        reply = json.loads(line)
        if "error" in reply:
            kind = UsageError if reply["code"] == UsageError.exit_code else BelegtError
            raise kind(reply["error"])
        return reply["result"]


def prepare(set_name: str, pair: str, folder: Path, settings: Settings, log: Path) -> None:
    """Make belegt's corpus of a set's pair in ``folder``, unless it is there."""
    if not folder.is_dir():
        with BenchWorker("belegt", settings, log) as worker:
            worker.call("prepare", name=set_name, pair=pair, folder=str(folder))


def serve_operations(make: Callable[[], BenchJob], calls: Iterable[bytes], out: IO[bytes]) -> None:
    """Make the job, do what ``calls`` say until there are no more; what cannot be is replied."""
    # The parent ends what it no longer needs; the job is closed then as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
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


def _write(stream: IO[bytes], value: object) -> None:
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
