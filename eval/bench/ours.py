"""belegt as its users have it after a while: the passages were read before anybody asks.

In: a corpus, questions. Out: replies, and what they cost. What can fail: what belegt raises.

``belegt serve`` reads passages while nobody asks, ``belegt index read`` all of them at once. Here
those are read that the questions will be shown, which is the same to them and takes less time. What
belegt costs where nothing was read is measured beside it, as ``belegt_unread``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from base.settings import Settings
from eval.bench.jobs import SystemJob
from eval.bench.worker import Operation
from eval.question import Question
from eval.systems.belegt import BelegtSystem


class ReadJob(SystemJob):
    """belegt, which can be told to read what a question will be shown."""

    def __init__(self, settings: Settings) -> None:
        changed = settings.model_copy(update={"keep_passages": "always"})
        self._belegt = BelegtSystem(changed)
        super().__init__(self._belegt)

    def operations(self) -> Mapping[str, Operation]:
        """Those of every system, and ``read``."""
        return {**super().operations(), "read": self.read}

    def read(self, question: dict[str, Any]) -> bool:
        """Read the passages that ``question`` will be shown; whether they are kept."""
        return self._belegt.read_passages(Question.model_validate(question))
