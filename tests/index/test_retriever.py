from __future__ import annotations

import numpy as np
import pytest
from fakes import HashingEncoder
from samples import DOCUMENTS, document

from base.settings import Settings
from corpus.filters import Filters
from corpus.store import CorpusStore
from index.build import Indexer, open_dense
from index.retriever import Retriever


def found(retriever: Retriever, question: str, **filters: object) -> list[str]:
    result = retriever.search(question, 10, Filters(**filters))  # type: ignore[arg-type]
    return [one.stored.passage.document_id for one in result.passages]


def test_the_passage_with_the_answer_comes_first(retriever: Retriever) -> None:
    assert found(retriever, "Wie viele Milliarden Dollar zahlte Meta?")[0] == "anteil"
    assert found(retriever, "Wer gründete das Unternehmen mit Lucy Guo?")[0] == "gruendung"
    assert found(retriever, "How many employees did Scale AI dismiss in July?")[0] == "layoffs"


def test_passages_of_both_languages_are_ranked_together(retriever: Retriever) -> None:
    result = retriever.search("Wie viele Milliarden Dollar zahlte Meta?", 10)
    assert {one.stored.language for one in result.passages} == {"de", "en"}
    assert result.language == "de"
    scores = [one.score for one in result.passages]
    assert scores == sorted(scores, reverse=True)


def test_a_score_tells_what_it_was_made_of(
    retriever: Retriever, encoder: HashingEncoder, filled: CorpusStore
) -> None:
    question = "Wie viele Milliarden Dollar zahlte Meta?"
    result = retriever.search(question, 10)
    vector = encoder.encode_questions([question])[0]
    assert np.array_equal(result.vector, vector)
    for one in result.passages:
        (stored,) = filled.vectors([one.stored.id])[1]
        assert one.parts.cosine == pytest.approx(float(stored @ vector), abs=1e-6)
        if one.stored.language == "en":
            assert one.parts.bm25 == 0.0
    assert result.passages[0].parts.lexical > 0.0
    assert set(result.timings) == {"encode_ms", "search_ms"}


def test_filters(retriever: Retriever) -> None:
    question = "Was ist mit Scale AI?"
    assert set(found(retriever, question, sources=("Reuters",))) == {"anteil"}
    assert set(found(retriever, question, since="2025-07")) == {"layoffs"}
    assert set(found(retriever, question, until="2025-06")) == {"anteil", "valuation"}
    assert set(found(retriever, question, languages=("en",))) == {"layoffs", "valuation"}
    assert set(found(retriever, question, languages=("de",))) == {"anteil", "gruendung"}
    assert set(found(retriever, question, documents=("gruendung",))) == {"gruendung"}
    assert found(retriever, question, documents=("gruendung",), languages=("en",)) == []
    assert found(retriever, question, sources=("niemand",)) == []


def test_as_many_as_wanted(retriever: Retriever) -> None:
    assert len(retriever.search("Meta", 1).passages) == 1
    assert len(retriever.search("Meta", 50).passages) == len(DOCUMENTS)


def test_the_number_wanted_is_a_setting(
    filled: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    dense, _ = open_dense(filled, encoder.describe())
    two = Retriever(filled, dense, encoder, settings.model_copy(update={"top_k": 2}))
    assert len(two.search("Meta").passages) == 2


def test_the_given_language_overrides_the_detected(retriever: Retriever) -> None:
    assert retriever.search("Meta", language="en").language == "en"
    assert retriever.search("Meta", language="de").language == "de"


def test_an_empty_corpus_gives_nothing(
    store: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    dense, _ = open_dense(store, encoder.describe())
    assert Retriever(store, dense, encoder, settings).search("Meta").passages == []


@pytest.mark.parametrize(
    "question", ["", "der die das", "\"' OR 1=1 --", "*:^()", "😀", "a" * 4000]
)
def test_any_question_is_answered_with_passages(retriever: Retriever, question: str) -> None:
    assert len(retriever.search(question).passages) == len(DOCUMENTS)


def test_a_corpus_of_one_passage(
    store: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    Indexer(store, encoder, settings).add_documents([document("a", "Ein Satz steht hier.")])
    dense, _ = open_dense(store, encoder.describe())
    (only,) = Retriever(store, dense, encoder, settings).search("Wo steht ein Satz?").passages
    assert np.isfinite(only.score)


def test_a_lexical_match_that_dense_search_left_out_is_a_candidate(
    store: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    near = [document(f"nah{n}", f"Meta zahlt Geld, Teil {n}.") for n in range(30)]
    far = document("fern", f"Walfisch. {'Ganz andere Wörter stehen hier. ' * 4}")
    Indexer(store, encoder, settings).add_documents([*near, far])
    dense, _ = open_dense(store, encoder.describe())
    narrow = settings.model_copy(update={"candidates": 10, "lexical_weight": 1.0})
    result = Retriever(store, dense, encoder, narrow).search(
        "Meta zahlt Geld, Teil Walfisch", 40, language="de"
    )
    assert "fern" in [one.stored.passage.document_id for one in result.passages]


def test_many_threads_may_search(retriever: Retriever) -> None:
    from concurrent.futures import ThreadPoolExecutor

    questions = ["Wie viel zahlte Meta?", "Who dismissed employees?"] * 10
    with ThreadPoolExecutor(4) as pool:
        ranked = list(pool.map(lambda question: found(retriever, question), questions))
    assert ranked[::2] == [ranked[0]] * 10
    assert ranked[1::2] == [ranked[1]] * 10
