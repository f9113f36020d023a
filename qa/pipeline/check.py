"""A second look at the sides of a disagreement: whether each answers just what was asked.

In: a question, what was found for it in several passages, the words that contradict each other.
Out: the same with log-odds (nats) of yes against no. What can fail: what the engine raises.

Finding words is a choice among what a passage offers; whether the chosen ones answer exactly what
was asked is another question, and the reader is trained in it apart (:mod:`models.forms`). The
passage stands before both, so that its reading is the one of the extraction. Of values that differ
it tells which is one of another thing; of a single answer it tells less than its sentence does, and
costs as much as a passage (docs/measurements.md, "Refusing").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models import forms
from qa.engine.protocol import Engine, Segment
from qa.pipeline.extract import (
    ExtractRequest,
    FoundSpan,
    PassageReading,
    passage_prompt,
    question_segment,
)
from qa.proof.entailment import yes_and_no

_MOST = 4
"""Sides looked at again, at most."""


def check_sides(
    engine: Engine,
    request: ExtractRequest,
    readings: Sequence[PassageReading],
    sides: Sequence[FoundSpan],
) -> list[PassageReading]:
    """``readings`` with the second look at those that found one of ``sides``, in shared steps."""
    chosen = [
        reading
        for reading in readings
        if reading.check is None and any(span is side for span in reading.spans for side in sides)
    ][:_MOST]
    if not chosen:
        return list(readings)
    odds = engine.score_yes_no(
        [_prompt(engine, request, reading.spans) for reading in chosen],
        *yes_and_no(request.language),
        deadline=request.deadline,
        cancellation=request.cancellation,
        adapter=request.trained,
    )
    checked = dict(zip(map(id, chosen), odds, strict=True))
    return [
        replace(reading, check=checked[id(reading)]) if id(reading) in checked else reading
        for reading in readings
    ]


def _prompt(engine: Engine, request: ExtractRequest, spans: Sequence[FoundSpan]) -> list[Segment]:
    before, between, behind = forms.check_tail(request.language, trained=request.trained)
    proposed = " ".join(span.text for span in spans)
    tail = (
        Segment(before, trusted=True),
        question_segment(request, spans[0].shown),
        Segment(between, trusted=True),
        Segment(" ".join(proposed.split())),
        *((Segment(behind, trusted=True),) if behind else ()),
    )
    return passage_prompt(engine, spans[0].shown, request.corpus, tail)
