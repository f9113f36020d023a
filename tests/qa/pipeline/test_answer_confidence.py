"""What the confidence of an answer rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from found_spans import reading

from index.cross_encoder import SpanScores
from index.retriever import Retrieval
from qa.dialogue.asked import asked_of
from qa.pipeline import confidence
from qa.pipeline.extract import PassageReading
from qa.pipeline.group import group

PAID = asked_of("Wie viel zahlte Meta?", "de")
TEXT = "Meta zahlte 14 Dollar. Google bot 20 Dollar."


def ahead(made: PassageReading) -> float:
    retrieval = Retrieval("", "de", np.zeros(4, dtype=np.float32), [made.retrieved])
    grouping = group([made], {}, PAID)
    return confidence.features(retrieval, [made], grouping, PAID).ahead


def seen(made: PassageReading, first: float, second: float) -> PassageReading:
    """With what the cross-encoder gives the words of the first and the second amount."""
    share = np.asarray([first, second])
    spans = SpanScores(np.asarray([(12, 21), (34, 43)]), share, share)
    return replace(made, retrieved=replace(made.retrieved, spans=spans))


def test_an_answer_is_ahead_where_the_cross_encoder_prefers_its_sentence() -> None:
    made = reading(TEXT, "14 Dollar")
    assert ahead(made) == 0.0
    assert ahead(seen(made, 0.6, 0.2)) == pytest.approx(np.log(6), abs=1e-6)
    assert ahead(seen(made, 0.2, 0.6)) == pytest.approx(-np.log(6), abs=1e-6)


def test_how_far_it_is_ahead_is_bounded() -> None:
    made = reading(TEXT, "14 Dollar")
    assert ahead(seen(made, 1.0 - 1e-9, 1e-9)) == 4.0
    assert ahead(seen(made, 1e-9, 1.0 - 1e-9)) == -8.0
    alone = reading("Meta zahlte 14 Dollar.", "14 Dollar")
    assert ahead(seen(alone, 0.5, 0.1)) == 4.0
