"""Questions for yes or no: the sentence of each passage that decides them.

In: passages that the cross-encoder has read with the question, and the stretches of each in which
an answer may lie. Out: for each passage the sentence in which it sees the answer, as a reading.
What can fail: a passage that was not read.

The language model looks for words that can stand for an answer, and of such a question there are
none; the cross-encoder was trained to point at the sentence that decides it
(:mod:`models.training.yes_no`). Whether that sentence says yes or no is left to the person who
reads it: it is quoted, and a quotation cannot be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.cross_encoder import SpanScores
from index.retriever import Retrieved
from qa.engine.extraction import ExtractedSpan
from qa.pipeline.extract import PassageReading, Stretches, found_span
from qa.pipeline.rerank import answer_odds
from qa.pipeline.shown_text import ShownSentence, show


def deciding_readings(
    passages: Sequence[Retrieved], stretches: Sequence[Stretches]
) -> list[PassageReading]:
    """Of each passage with a sentence that can answer the one in which the cross-encoder sees the
    answer, in the passages' order; raises ValueError for passages that it has not read.
    """
    readings = []
    for passage, within in zip(passages, stretches, strict=True):
        scores = passage.spans
        if scores is None:
            raise ValueError("the cross-encoder has not read the passage")
        shown = show(passage.stored)

        def odds(sentence: ShownSentence, scores: SpanScores = scores) -> float:
            return scores.log_odds(sentence.start, sentence.end)

        answering = [
            sentence
            for sentence in shown.sentences
            if any(start < sentence.end and sentence.start < end for start, end in within)
        ]
        if not answering:
            continue
        best = max(answering, key=odds)
        span = ExtractedSpan(best.start, best.end, (), 0.0, 0.0, 0)
        readings.append(
            PassageReading(
                retrieved=passage,
                shown=shown,
                spans=(found_span(shown, span),),
                log_odds=answer_odds(passage),
                margin=0.0,
            )
        )
    return readings
