from __future__ import annotations

from found_spans import reading, shown
from hypothesis import given
from hypothesis import strategies as st

SENTENCES = st.lists(
    st.sampled_from(
        [
            "Die Filiale öffnet um 9 Uhr.",
            "Wer hilft?",
            "Kosten entstehen keine.",
            "Der Preis beträgt 14,3 Milliarden Euro.",
        ]
    ),
    min_size=1,
    max_size=6,
)


@given(SENTENCES)
def test_every_sentence_leads_back_to_the_stored_text(sentences: list[str]) -> None:
    text = " ".join(sentences)
    view = shown(text)
    for sentence in view.sentences:
        assert view.text[sentence.start : sentence.end] == sentence.reading.text
        assert text[sentence.stored.start : sentence.stored.end].strip()


def test_a_question_of_the_text_is_no_answer() -> None:
    view = shown("Wer kann kommen? Alle können kommen.")
    ((start, end),) = view.answer_ranges
    assert view.text[start:end] == "Alle können kommen."


def test_found_words_stand_in_the_stored_text() -> None:
    text = "Meta zahlte 14,3 Milliarden Dollar. Das war viel."
    (span,) = reading(text, "14,3 Milliarden Dollar").spans
    (word,) = span.words
    assert text[word.start : word.end] == "14,3 Milliarden Dollar"
    assert span.context == "Meta zahlte 14,3 Milliarden Dollar."


def test_a_long_title_costs_no_more_than_its_share() -> None:
    assert len(shown("Ein Satz.", title="x" * 24_000).heading) < 400
