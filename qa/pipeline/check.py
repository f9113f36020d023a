"""A second look at answers: whether the reader, shown question and answer, says they belong.

In: a question, what was found for it. Out: log-odds (nats) of yes against no. What can fail: what
the engine raises.

Finding words is a choice among what a passage offers; whether the chosen ones answer exactly what
was asked is another question, and the reader is trained in it apart (:mod:`models.forms`). The
passage stands before both, so that its reading is the one of the extraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models import forms
from qa.engine.protocol import Engine, Segment
from qa.pipeline.extract import ExtractRequest, FoundSpan, passage_prompt
from qa.pipeline.group import AnswerGroup, Grouping
from qa.proof.entailment import yes_and_no

SIDE_AT_LEAST = 0.0
"""Log-odds (nats) that a side of a disagreement needs, beside those of the likeliest answer."""
SIDE_BEHIND = 2.0
"""Nats by which a side may be less likely than the likeliest answer."""


def check_groups(
    engine: Engine, request: ExtractRequest, groups: Sequence[AnswerGroup]
) -> list[float]:
    """For each group the log-odds (nats) that its words answer the question, in order."""
    answers = [[span for span in group.spans if span.shown is group.best.shown] for group in groups]
    return check_answers(engine, request, answers)


def check_answers(
    engine: Engine, request: ExtractRequest, answers: Sequence[Sequence[FoundSpan]]
) -> list[float]:
    """The same of answers, each the spans of one passage; all are read together."""
    return engine.score_yes_no(
        [_prompt(engine, request, spans) for spans in answers],
        *yes_and_no(request.language),
        deadline=request.deadline,
        cancellation=request.cancellation,
        adapter=request.trained,
    )


def without_refuted(grouping: Grouping, odds: Sequence[float]) -> Grouping:
    """``grouping`` less the sides, the first apart, of which the reader says they are no answer."""
    first, *others = grouping.groups
    least = max(SIDE_AT_LEAST, odds[0] - SIDE_BEHIND)
    kept = [side for side, odd in zip(others, odds[1:], strict=True) if odd >= least]
    return replace(grouping, groups=(first, *kept), disagree=grouping.disagree and bool(kept))


def _prompt(engine: Engine, request: ExtractRequest, spans: Sequence[FoundSpan]) -> list[Segment]:
    before, between, behind = forms.check_tail(request.language, trained=request.trained)
    proposed = " ".join(span.text for span in spans)
    tail = (
        Segment(before, trusted=True),
        Segment(" ".join(request.question.split())),
        Segment(between, trusted=True),
        Segment(" ".join(proposed.split())),
        *((Segment(behind, trusted=True),) if behind else ()),
    )
    return passage_prompt(engine, spans[0].shown, request.corpus, tail)
