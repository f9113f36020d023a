"""What an evaluation asks of a system.

In: documents once, then questions one at a time. Out: replies and rankings as
:mod:`eval.record` has them. What can fail: a system raises ``BelegtError`` with one sentence when
it cannot start at all; when a single question fails it raises ``QuestionFailedError``, which the
run records and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from corpus.document import Document
from eval.question import Question
from eval.record import Ranked, Reply, SystemInfo


class QuestionFailedError(Exception):
    """This question got no reply; the message says why in one sentence."""


class System(Protocol):
    """Policy: ``prepare`` is called once and before anything else; a second process that prepares
    the same documents in the same folder reuses what is there. Calls come one after the other.
    """

    def describe(self) -> SystemInfo:
        """Name, settings and models; the same before and after ``prepare``."""
        ...

    def prepare(self, documents: Iterable[Document], folder: Path) -> None:
        """Make ``documents`` searchable; whatever is kept for the next time lies in ``folder``."""
        ...

    def retrieve(self, question: Question, depth: int) -> tuple[Ranked, ...] | None:
        """At most ``depth`` documents, best first; None: the system does not say what it found."""
        ...

    def answer(self, question: Question) -> Reply:
        """The reply; raises ``QuestionFailedError`` when there is none."""
        ...

    def prompt_reader(self) -> str | None:
        """Who has read prompts so far, and why; None: nobody has, or the system does not say."""
        ...

    def close(self) -> None:
        """Free models and files; no call comes after it."""
        ...
