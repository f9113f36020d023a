from __future__ import annotations

from found_spans import reading, stored
from hypothesis import given
from hypothesis import strategies as st

from corpus.places import Provenance
from qa.pipeline.citations import CitationList

TEXTS = {
    "a": "Meta zahlte 14,3 Milliarden Dollar. Der Hund bellt laut. Wang wechselte zu Meta.",
    "b": "Scale AI entließ 200 Leute. Zoom strich 1.500 Stellen.",
}
WORDS = [("a", "14,3 Milliarden Dollar"), ("a", "Wang"), ("b", "200"), ("b", "1.500 Stellen")]


@given(st.lists(st.sampled_from(WORDS)))
def test_markers_resolve_and_quotes_are_exact(added: list[tuple[str, str]]) -> None:
    citations = CitationList()
    markers = {
        (name, words): citations.add(reading(TEXTS[name], words, name=name).spans[0])
        for name, words in added
    }
    cited = citations.all()
    assert [citation.marker for citation in cited] == list(range(1, len(cited) + 1))
    for (name, words), marker in markers.items():
        citation = cited[marker - 1]
        assert citation.quote == TEXTS[name][citation.start : citation.end]
        assert citation.document_id == name
        assert [citation.quote[start:end] for start, end in citation.support] == [words]


def test_numbers_follow_the_order_of_first_use() -> None:
    citations = CitationList()
    spans = [reading(TEXTS[name], words, name=name).spans[0] for name, words in WORDS]
    assert [citations.add(spans[at]) for at in (3, 0, 3)] == [1, 2, 1]
    assert [citation.document_id for citation in citations.all()] == ["b", "a"]


def test_a_second_answer_in_a_sentence_adds_its_words() -> None:
    citations = CitationList()
    for words in ("Meta", "14,3 Milliarden"):
        citations.add(reading(TEXTS["a"], words, name="a").spans[0])
    (only,) = citations.all()
    assert [only.quote[start:end] for start, end in only.support] == ["Meta", "14,3 Milliarden"]


def test_a_citation_tells_its_place_in_the_original() -> None:
    citations = CitationList(lambda *_: Provenance(headings=("Preise",), lines=(3, 4)))
    citations.add(reading(TEXTS["a"], "Wang").spans[0])
    (only,) = citations.all()
    assert only.heading == ["Preise"]


def test_the_nearest_sentence_of_a_passage() -> None:
    import numpy as np

    citations = CitationList()
    citations.add_passage(stored(TEXTS["b"], name="b"), np.zeros(4, dtype=np.float32))
    assert citations.all()[0].quote == "Scale AI entließ 200 Leute."


def test_nothing_cited() -> None:
    assert CitationList().all() == []
