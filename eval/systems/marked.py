"""What a model wrote with markers, as a reply: the same for every peer that pastes passages in.

In: the text, the passages that the markers count, how one is shown and cited. Out: a reply. Nothing
can fail; a marker that names no passage stays with its statement and cites nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from eval.question import Question
from eval.record import Cited, Cost, Reply, ShownPassage
from eval.systems.refusal import is_refusal
from eval.systems.statements import markers_of, split_statements

_Passage = TypeVar("_Passage")


def marked_reply(
    question: Question,
    text: str,
    passages: Sequence[_Passage],
    cost: Cost,
    *,
    shown: Callable[[_Passage], ShownPassage],
    cited: Callable[[int, _Passage], Cited],
) -> Reply:
    """The reply of ``text``, whose marker n names the n-th passage; a refusal cites none."""
    statements = split_statements(text, question.language)
    no_answer = is_refusal(statements)
    named = () if no_answer else sorted(markers_of(statements))
    return Reply(
        status="not_found" if no_answer else "answered",
        text=text,
        statements=statements,
        citations=tuple(
            cited(marker, passages[marker - 1]) for marker in named if 1 <= marker <= len(passages)
        ),
        shown=tuple(shown(one) for one in passages),
        cost=cost,
    )


def since(started: float) -> float:
    """Milliseconds since ``started``, of ``time.perf_counter``."""
    return (time.perf_counter() - started) * 1000
