from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from fakes import HashingEncoder
from hypothesis import given
from hypothesis import strategies as st
from samples import document

from base.settings import Settings
from corpus.store import CorpusStore
from index.build import Indexer, open_dense
from index.compounds import further_terms
from index.retriever import Retriever
from index.terms import function_words, stems, words


def corpus(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for stem in stems(text, "de"):
        counts[stem] = counts.get(stem, 0) + 1
    return counts


def further(question: str, text: str) -> set[str]:
    counts = corpus(text)

    def frequencies(asked: Sequence[str]) -> Mapping[str, int]:
        return {term: counts[term] for term in asked if term in counts}

    plain = [word for word in words(question) if word not in function_words("de")]
    return set(further_terms(plain, "de", frequencies))


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Widerspruchsfrist", "Die Frist für den Widerspruch", {"widerspruch", "frist"}),
        ("Gebührenbescheid", "der Bescheid über Gebühren", {"bescheid", "gebuhr"}),
        ("Frist für den Widerspruch", "Die Widerspruchsfrist", {"widerspruchsfrist"}),
        ("Kosten der Wartung", "Wartungskosten", {"wartungskost"}),
        (
            "Donaudampfschifffahrtsgesellschaft",
            "Dampfschifffahrt der Gesellschaft auf der Donau; die Donaudampfschifffahrt",
            {"donaudampfschifffahrt", "gesellschaft", "donau", "dampfschifffahrt"},
        ),
        ("Widerspruchsfrist", "Ein Hund bellt", set()),
        ("Widerspruch", "der Spruch", set()),
        ("14,3 Milliarden", "Milliarden", set()),
    ],
)
def test_parts_and_compounds_meet(question: str, text: str, expected: set[str]) -> None:
    assert further(question, text) == {stems(term, "de")[0] for term in expected}


def test_english_has_none() -> None:
    assert further_terms(["warehousekey"], "en", lambda asked: dict.fromkeys(asked, 1)) == ()


@given(st.text(max_size=60))
def test_any_question_has_further_terms_of_the_corpus_only(text: str) -> None:
    plain = [word for word in words(text) if word not in function_words("de")]
    assert further_terms(plain, "de", lambda _: {}) == ()


def test_the_parts_of_a_compound_find_the_passage_that_has_them(
    store: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    Indexer(store, encoder, settings).add_documents(
        [
            document("bescheid", "Die Frist für den Widerspruch gegen Bescheide über Gebühren."),
            document("pruefung", "Die Widerspruchsfrist bei Prüfungen beträgt zwei Wochen."),
            *(document(f"f{n}", f"Hier steht etwas anderes, Nummer {n}.") for n in range(9)),
        ]
    )
    dense, _ = open_dense(store, encoder.describe())
    retriever = Retriever(store, dense, encoder, settings)
    found = retriever.search("Wie lang ist die Widerspruchsfrist beim Gebührenbescheid?", 99)
    bm25 = {one.stored.passage.document_id: one.parts.bm25 for one in found.passages}
    assert bm25["bescheid"] > bm25["pruefung"] > 0
    found = retriever.search("Welche Frist gilt für den Widerspruch bei Prüfungen?")
    assert {one.stored.passage.document_id for one in found.passages[:2]} == {
        "bescheid",
        "pruefung",
    }
