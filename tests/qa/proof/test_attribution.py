from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qa_helpers import ENCODER, evidence

from corpus.document import Language
from index.evidence import Evidence
from qa.proof.attribution import MOST_CITATIONS, attribute, supporting_words
from qa.proof.words import folded

PRICE = evidence(
    "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI. "
    "Der Hund bellt laut im Garten. "
    "Alexandr Wang wechselte mit einigen Mitarbeitern zu Meta."
)


def cited(statement: str, question: str, *found: Evidence, language: Language = "de") -> list[str]:
    support = attribute(statement, question, language, found, ENCODER)
    return [sentence.text for _, sentence in support.cited] if support.supported else []


def test_a_statement_cites_the_sentence_it_comes_from() -> None:
    assert cited(
        "Meta zahlte 14,3 Milliarden Dollar.", "Wie viel zahlte Meta für Scale AI?", PRICE
    ) == [PRICE.sentences[0].text]
    assert cited("Alexandr Wang wechselte zu Meta.", "Wer wechselte zu Meta?", PRICE) == [
        PRICE.sentences[2].text
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "Meta zahlte 15 Milliarden Dollar.",
        "Meta zahlte 14,3 Millionen Dollar für 49 Prozent von Scale AI.",
        "Meta zahlte 14,3 Milliarden Dollar für 51 Prozent von Scale AI.",
    ],
)
def test_a_number_that_no_source_states_is_not_supported(statement: str) -> None:
    assert cited(statement, "Wie viel zahlte Meta für Scale AI?", PRICE) == []


def test_words_that_no_source_states_are_not_supported() -> None:
    question = "Wer wechselte zu Meta?"
    assert cited("Johanna Feldmann und Peter Quast wechselten.", question, PRICE) == []


def test_a_statement_is_not_proven_by_what_the_question_says() -> None:
    question = "Wechselte Wang zu Meta wegen besserer Bezahlung in Kalifornien?"
    assert cited("Wang wechselte wegen hervorragender Forschungsfreiheit.", question, PRICE) == []


def test_a_number_of_the_question_needs_proof_as_well() -> None:
    question = "Wie viel zahlte Meta im Jahr 2025?"
    assert cited("Meta zahlte 2025 14,3 Milliarden Dollar.", question, PRICE) == []
    assert cited("Ja, Meta zahlte 15 Milliarden Dollar.", "15 Milliarden?", PRICE) == []


def test_a_statement_that_two_sentences_carry_cites_both() -> None:
    found = evidence(
        "Scale AI entließ 200 Beschäftigte. Das Wetter war schön. Zoom strich 1.500 Stellen."
    )
    both = cited(
        "Scale AI entließ 200 Beschäftigte und Zoom strich 1.500 Stellen.", "Wer entließ?", found
    )
    assert sorted(both) == sorted([found.sentences[0].text, found.sentences[2].text])


def test_never_more_citations_than_the_most() -> None:
    parts = [f"Firma {name} entließ {n}7 Leute" for n, name in enumerate("ABCDEF", 1)]
    found = evidence(" ".join(f"{part}." for part in parts))
    support = attribute(f"{', '.join(parts)}.", "Wer?", "de", [found], ENCODER)
    assert len(support.cited) <= MOST_CITATIONS
    assert not support.supported, "numbers beyond them are not proven"


def test_a_source_in_the_other_language_proves_names_and_numbers() -> None:
    english = evidence("Meta paid 14.3 billion dollars for Scale AI.", "en")
    statement = "Meta zahlte 14,3 Milliarden Dollar für Scale AI."
    assert cited(statement, "Was zahlte Meta?", english) == [english.sentences[0].text]
    wrong = "Meta zahlte 15 Milliarden Dollar für Scale AI."
    assert cited(wrong, "Was zahlte Meta?", english) == []


def test_a_source_in_the_other_language_must_be_near() -> None:
    english = evidence("The weather stays fine until the weekend.", "en")
    assert cited("Meta kaufte die Firma.", "Was kaufte Meta?", english) == []


def test_without_evidence_there_is_no_support() -> None:
    for found in ([], [Evidence(PRICE.stored, ())]):
        support = attribute("Meta zahlte.", "Was?", "de", found, ENCODER)
        assert (support.cited, support.supported) == ((), False)


def test_names_agree_across_accents() -> None:
    assert folded("Dröge") == "Droge"
    assert folded("Straße") == "Strasse"
    assert folded("İstanbul") == "Istanbul"


WORDS = st.lists(
    st.sampled_from(["Meta", "zahlte", "14,3", "Milliarden", "Hund", "der", "1.500", "Ü,", "x."]),
    min_size=1,
    max_size=12,
).map(" ".join)


@given(WORDS, WORDS, st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(["de", "en"]))
@settings(deadline=None, max_examples=60)
def test_any_statement(statement: str, question: str, texts: list[str], language: Language) -> None:
    found = [evidence(f"{text}.", "de", f"d{n}") for n, text in enumerate(texts)]
    support = attribute(statement, question, language, found, ENCODER)
    assert 1 <= len(support.cited) <= MOST_CITATIONS
    keys = [
        (one.stored.passage.document_id, sentence.span.start) for one, sentence in support.cited
    ]
    assert len(keys) == len(set(keys))
    for one, sentence in support.cited:
        assert one in found
        assert sentence in one.sentences


def test_supporting_words_are_those_of_the_statement() -> None:
    quote = "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI."
    spans = supporting_words("Meta paid 14.3 billion.", "en", quote, "de")
    assert [quote[start:end] for start, end in spans] == ["Meta", "14,3 Milliarden"]


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["de", "en"]))
def test_supporting_words_are_spans_of_the_quote(
    statement: str, quote: str, language: Language
) -> None:
    spans = supporting_words(statement, language, quote, language)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges), "in order, without overlap"
    assert all(0 <= start < end <= len(quote) for start, end in spans)
    assert all(quote[start:end].strip() for start, end in spans)
