"""A second look at answers: whether the reader, shown question and answer, says they belong.

In: a question, what was found for it in several passages. Out: the same with log-odds (nats) of yes
against no. What can fail: what the engine raises.

Finding words is a choice among what a passage offers; whether the chosen ones answer exactly what
was asked is another question, and the reader is trained in it apart (:mod:`models.forms`). The
passage stands before both, so that its reading is the one of the extraction. In a corpus of several
texts about one thing, where every passage offers something, this tells more than the first look
(docs/measurements.md, "Refusing").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models import forms
from qa.engine.protocol import Engine, Segment
from qa.pipeline.extract import ExtractRequest, FoundSpan, PassageReading, passage_prompt
from qa.proof.entailment import yes_and_no

_MOST = 4
"""Answers looked at again, at most."""


def check_readings(
    engine: Engine, request: ExtractRequest, readings: Sequence[PassageReading], at_least: float
) -> list[PassageReading]:
    """``readings`` with the second look at those that answer, all in shared steps.

    Looked at are those which the reader holds an answer with ``at_least`` (0 to 1), the likeliest
    of them, and the likeliest of all.
    """
    answering = sorted(
        (reading for reading in readings if reading.spans and reading.check is None),
        key=lambda reading: -reading.log_odds,
    )
    chosen = [reading for reading in answering if reading.probability >= at_least][:_MOST]
    chosen = chosen or answering[:1]
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
        Segment(" ".join(request.question.split())),
        Segment(between, trusted=True),
        Segment(" ".join(proposed.split())),
        *((Segment(behind, trusted=True),) if behind else ()),
    )
    return passage_prompt(engine, spans[0].shown, request.corpus, tail)
