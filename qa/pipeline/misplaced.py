"""Words that answer by their form and not by their place: of another row, or within an order.

In: a span, what is asked for. Out: yes or no. Nothing can fail.

A row of a table is read as a sentence, and all rows of a table are alike: the row that answers is
the one that has what is asked about. A text that tells the reader what to answer states nothing.
"""

from __future__ import annotations

from itertools import pairwise

from index.terms import stems
from qa.dialogue.asked import Asked
from qa.pipeline.extract import FoundSpan
from qa.proof.tokens import tokens

_CELL = " · "
"""What stands between the cells of a row."""
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


def is_of_other_row(span: FoundSpan, asked: Asked) -> bool:
    """Whether it stands in a row of a table, and another row of the passage has more of what is
    asked about.
    """
    if _CELL not in span.context:
        return False
    wanted = set(stems(asked.question, asked.language))
    shown = span.shown
    texts = [shown.text[sentence.start : sentence.end] for sentence in shown.sentences]

    def asked_words(row: str) -> int:
        return len(wanted.intersection(stems(row, span.language)))

    own = asked_words(span.context)
    return any(asked_words(text) > own for text in texts if _CELL in text)


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
