from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from qa_helpers import evidence

from qa.proof.citations import CitationList

TEXTS = (
    "Meta zahlte 14,3 Milliarden Dollar. Der Hund bellt laut. Wang wechselte zu Meta.",
    "Scale AI entließ 200 Leute. Zoom strich 1.500 Stellen.",
)
EVIDENCE = tuple(evidence(text, "de", f"d{number}") for number, text in enumerate(TEXTS))
PLACES = [(n, m) for n, one in enumerate(EVIDENCE) for m in range(len(one.sentences))]


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(["Meta", "200", ""]))))
def test_markers_resolve_and_quotes_are_exact(added: list[tuple[tuple[int, int], str]]) -> None:
    citations = CitationList()
    markers = {
        (place, citations.add(EVIDENCE[place[0]], EVIDENCE[place[0]].sentences[place[1]], said))
        for place, said in added
    }
    found = citations.all()
    assert [one.marker for one in found] == list(range(1, len(found) + 1))
    assert len({place for place, _ in markers}) == len({marker for _, marker in markers})
    for place, marker in markers:
        one = found[marker - 1]
        text = TEXTS[place[0]]
        assert one.quote == text[one.start : one.end]
        assert one.quote == EVIDENCE[place[0]].sentences[place[1]].text
        assert one.document_id == f"d{place[0]}"
        assert one.path == f"d{place[0]}.txt"
        for start, end in one.support:
            assert one.quote[start:end].strip()


def test_numbers_follow_the_order_of_first_use() -> None:
    citations = CitationList()
    one, two = EVIDENCE
    assert citations.add(two, two.sentences[1]) == 1
    assert citations.add(one, one.sentences[0]) == 2
    assert citations.add(two, two.sentences[1]) == 1
    assert [cited.document_id for cited in citations.all()] == ["d1", "d0"]


def test_a_second_statement_adds_its_words() -> None:
    citations = CitationList()
    one = EVIDENCE[0]
    citations.add(one, one.sentences[0], "Meta", "de")
    citations.add(one, one.sentences[0], "14.3 billion", "en")
    (only,) = citations.all()
    assert [only.quote[start:end] for start, end in only.support] == ["Meta", "14,3 Milliarden"]


def test_nothing_cited() -> None:
    assert CitationList().all() == []
