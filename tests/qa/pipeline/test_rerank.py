"""Which passages are read, and in which order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from found_spans import reading
from hypothesis import given
from hypothesis import strategies as st

from index.cross_encoder import HeadedText, SpanScores
from index.retriever import Retrieved
from qa.pipeline.rerank import BEHIND, answer_odds, rerank, worth_reading

odds = st.lists(st.floats(-11.0, 11.0), min_size=1, max_size=8)


def scores(log_odds: float) -> SpanScores:
    """An answer anywhere in one long word with these log-odds."""
    share = np.asarray([1.0 / (1.0 + np.exp(-log_odds))])
    return SpanScores(np.asarray([(0, 1000)]), share, share)


class Scripted:
    """Scores texts by a number that stands in them."""

    digest = "scripted"

    def __init__(self) -> None:
        self.seen: list[HeadedText] = []

    def score(self, question: str, texts: list[HeadedText]) -> list[SpanScores]:
        self.seen += texts
        return [scores(float(text.text.split()[0])) for text in texts]


def found(*numbers: float) -> list[Retrieved]:
    return [
        reading(f"{number} Punkte.", name=f"{place}").retrieved
        for place, number in enumerate(numbers)
    ]


@given(odds)
def test_the_likeliest_comes_first_and_none_is_lost(numbers: list[float]) -> None:
    passages = found(*numbers)
    ranked = rerank(Scripted(), "Wie viele?", passages)  # type: ignore[arg-type]
    # All have the same score of the search.
    assert [answer_odds(passage) for passage in ranked] == sorted(
        map(answer_odds, ranked), reverse=True
    )
    names = {passage.stored.passage.document_id for passage in passages}
    assert {passage.stored.passage.document_id for passage in ranked} == names
    kept = worth_reading(ranked)
    assert kept == ranked[: len(kept)]
    assert all(answer_odds(kept[0]) - answer_odds(passage) <= BEHIND for passage in kept)


def test_the_search_has_its_say() -> None:
    near, far = found(1.0, 0.5)
    better = replace(far, score=far.score + 1.0)
    ranked = rerank(Scripted(), "Wie viele?", [near, better])  # type: ignore[arg-type]
    assert ranked[0].stored is better.stored


def test_text_and_heading_are_what_the_reader_sees() -> None:
    scripted = Scripted()
    rerank(scripted, "Wie viele?", found(1.0))  # type: ignore[arg-type]
    assert scripted.seen == [HeadedText("Bericht", "1.0 Punkte.")]


def test_without_a_cross_encoder_all_are_read_as_they_were_found() -> None:
    passages = found(1.0, 5.0)
    assert rerank(None, "Wie viele?", passages) == passages
    assert worth_reading(passages) == passages
    assert rerank(Scripted(), "Wie viele?", []) == worth_reading([]) == []  # type: ignore[arg-type]


def test_words_are_located_where_the_cross_encoder_sees_the_answer() -> None:
    made = reading("Meta zahlte 14,3 Milliarden. Google bot 200 Millionen.", "14,3 Milliarden")
    assert made.located == 0.0
    share = np.asarray([0.8, 0.1])
    spans = SpanScores(np.asarray([(12, 27), (40, 53)]), share, share)
    right = replace(made, retrieved=replace(made.retrieved, spans=spans))
    assert right.located > 1.0
    other = reading("Meta zahlte 14,3 Milliarden. Google bot 200 Millionen.", "200 Millionen")
    wrong = replace(other, retrieved=replace(other.retrieved, spans=spans))
    assert wrong.located < -1.0
    nothing = reading("Meta zahlte 14,3 Milliarden.")
    assert replace(nothing, retrieved=replace(nothing.retrieved, spans=spans)).located == 0.0
