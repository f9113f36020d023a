"""How far a run is: a line on standard error with rate and time left.

In: records as they are made. Out: nothing but what a person sees. Nothing can fail; where
standard error is no terminal, a line is printed now and then instead.
"""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm

from eval.record import QuestionRecord

_SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Called with each record; knows from the run's folder what was done before."""

    def __init__(self, name: str, questions: int, done: int) -> None:
        self._bar = tqdm(
            total=questions,
            initial=done,
            desc=name,
            unit="question",
            file=sys.stderr,
            mininterval=0.2 if sys.stderr.isatty() else _SECONDS_BETWEEN_LINES,
            maxinterval=_SECONDS_BETWEEN_LINES,
        )

    def __call__(self, record: QuestionRecord) -> None:
        """Count one question; a failed one is told at once."""
        if record.error is not None:
            self._bar.write(
                f"belegt: Question '{record.question.id}' failed: {record.error}", file=sys.stderr
            )
        self._bar.update()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
