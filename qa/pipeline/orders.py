"""Words that answer by their form and not by their place: within an order to the reader.

In: a span, what is asked for. Out: yes or no. Nothing can fail.

A text that tells the reader what to answer states nothing.
"""

from __future__ import annotations

from itertools import pairwise

from qa.dialogue.asked import Asked
from qa.pipeline.extract import FoundSpan
from qa.proof.tokens import tokens

_ORDERS = frozenset(
    [
        "antworte", "antworten", "beantworte", "beantworten", "ignoriere", "ignorieren", "vergiss",
        "answer", "respond", "reply", "ignore", "disregard", "forget",
    ]
)  # fmt: skip
_OPENING = 2
"""Words of a sentence among which an order stands ("Always answer …")."""
_LABEL = ":-–"
"""Signs behind a word that is a label and no order."""


def is_order(span: FoundSpan, asked: Asked) -> bool:
    """Whether its sentence begins by telling the reader to answer or to ignore something; not
    where the question is about that itself.
    """
    if not _ORDERS.isdisjoint(token.lower for token in tokens(asked.question)):
        return False
    opening = tokens(span.context)[: _OPENING + 1]
    return any(
        # "Answer: it costs 5 Euro" stands below a question.
        token.lower in _ORDERS and behind.text not in _LABEL
        for token, behind in pairwise(opening)
    )
