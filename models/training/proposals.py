"""Answers to questions, right and wrong, of which the reader is to say whether they are right.

In: a text, the questions that it is asked, a source of chance. Out: tails of the form ``check``.
Nothing can fail; a question for which no wrong answer is found gives none.

A wrong answer is one that a reader could take for right: words of the same text and of the same
shape (a figure, a name, other words), above all answers to the text's other questions, and the
right answer where another name or year stands in the question.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from models import forms
from models.training.falsify import names_of
from models.training.packing import Tail
from models.training.reading_sets import ReadingText, TextQuestion

_RIGHT = 2
"""Right answers of a text that are checked at most."""
_WRONG = 3
"""Wrong ones."""
_FIGURE = re.compile(r"\d[\d.,]*(?: (?:Millionen|Milliarden|Prozent|percent|million|billion|%))?")


def check_tails(
    text: ReadingText,
    asked: Sequence[TextQuestion],
    swapped: TextQuestion | None,
    chance: random.Random,
) -> list[Tail]:
    """Right and wrong answers to ``asked``, the text's own and foreign questions, and to
    ``swapped``, a question with another name or year in it.
    """
    answered = [one for one in asked if one.spans]
    unanswered = [one for one in asked if not one.spans]
    chance.shuffle(answered)
    chance.shuffle(unanswered)
    right = [_tail(question, question.spans[0], True) for question in answered[:_RIGHT]]
    wrong: list[Tail] = []
    if swapped is not None:
        wrong += _refuted(swapped, text, chance)
    # Questions that are checked with their right answer are checked with a wrong one as well.
    for question in [*unanswered[:2], *answered]:
        if len(wrong) >= _WRONG:
            break
        candidate = wrong_answer(question, text, chance)
        if candidate is not None:
            wrong.append(_tail(question, candidate, False))
    return right + wrong[: max(1, len(right)) + 1]


def _refuted(swapped: TextQuestion, text: ReadingText, chance: random.Random) -> list[Tail]:
    """The answer to the question as it was before the other name stood in it."""
    words = set(swapped.question.split())
    nearest = max(
        (question for question in text.asked if question.spans),
        key=lambda question: len(words & set(question.question.split())),
        default=None,
    )
    if nearest is None:
        return []
    return [_tail(swapped, chance.choice(nearest.spans), False)]


def wrong_answer(question: TextQuestion, text: ReadingText, chance: random.Random) -> str | None:
    """Words of ``text`` that look like an answer to ``question`` and are none."""
    others = [
        span
        for other in text.asked
        for span in other.spans
        if other.question != question.question and not _overlaps(span, question.spans)
    ]
    loose = [*(match[0] for match in _FIGURE.finditer(text.text)), *names_of(text.text)]
    loose = [span for span in loose if not _overlaps(span, question.spans)]
    wanted = _shape(question.spans[0]) if question.spans else _shape_asked(question.question)
    for pool in (others, loose):
        alike = [span for span in pool if wanted is None or _shape(span) == wanted]
        # Nothing that the question itself says could be taken for its answer.
        alike = [span for span in alike if span.lower() not in question.question.lower()]
        if alike:
            return chance.choice(alike)
    return chance.choice(others) if others else None


def _shape(span: str) -> str:
    if any(character.isdigit() for character in span):
        return "figure"
    words = span.split()
    return "name" if len(words) <= 4 and words and words[-1][:1].isupper() else "words"


def _shape_asked(question: str) -> str | None:
    """The shape that a question asks for, where its words tell."""
    words = set(re.findall(r"\w+", question.lower()))
    if words & {"wann", "when", "viele", "viel", "many", "much", "jahr", "year", "hoch"}:
        return "figure"
    return "name" if words & {"wer", "who", "wo", "where", "whom", "wen", "wem"} else None


def _overlaps(span: str, right: Sequence[str]) -> bool:
    """Whether ``span`` is part of a right answer, holds one or shares most of its words."""
    words = set(span.lower().split())
    for answer in right:
        if span.lower() in answer.lower() or answer.lower() in span.lower():
            return True
        shared = words & set(answer.lower().split())
        if 2 * len(shared) >= min(len(words), len(answer.split())):
            return True
    return False


def _tail(question: TextQuestion, proposed: str, right: bool) -> Tail:
    answer = forms.YES[question.language] if right else forms.NO[question.language]
    kind = "right answer" if right else "wrong answer"
    return Tail("check", question.language, question.question, answer, kind, proposed)
