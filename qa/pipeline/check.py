"""A second look at an answer: whether the reader, shown question and answer, says they belong.

In: a question, what was found for it. Out: the log-odds (nats) of yes against no. What can fail:
what the engine raises.

Finding words is a choice among what a passage offers; whether the chosen ones answer exactly what
was asked is another question, and the reader is trained in it apart (:mod:`models.forms`). The
passage stands before both, so that its reading is the one of the extraction.
"""

from __future__ import annotations

from models import forms
from qa.engine.protocol import Engine, Segment
from qa.pipeline.extract import ExtractRequest, passage_prompt
from qa.pipeline.group import AnswerGroup
from qa.proof.entailment import spellings


def check_answer(engine: Engine, request: ExtractRequest, group: AnswerGroup) -> float:
    """Log-odds (nats) that ``group``'s words answer the question, against that they do not."""
    language = request.language
    before, between, behind = forms.check_tail(language, trained=request.trained)
    found = group.best
    proposed = forms.SEPARATOR.join(span.text for span in group.spans if span.shown is found.shown)
    tail = (
        Segment(before, trusted=True),
        Segment(" ".join(request.question.split())),
        Segment(between, trusted=True),
        Segment(" ".join(proposed.split())),
        *((Segment(behind, trusted=True),) if behind else ()),
    )
    prompt = passage_prompt(engine, found.shown, request.corpus, tail)
    (odds,) = engine.score_yes_no(
        [prompt],
        spellings(forms.YES[language]),
        spellings(forms.NO[language]),
        deadline=request.deadline,
        cancellation=request.cancellation,
        adapter=request.trained,
    )
    return odds
