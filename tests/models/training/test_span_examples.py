"""Examples that the cross-encoder is trained on."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import SHARED

from models.training import span_examples
from models.training.reading_sets import ReadingText, TextQuestion, is_held
from models.training.span_examples import STRETCH, make_examples
from models.training.span_examples import span_examples as of_sets
from models.training.written import SOURCE as WRITTEN

PLACES = ("Adorf", "Behof", "Cesee", "Detal", "Ewald")
SENTENCES = [
    f"Der Ort {name} hat {101 + at} Einwohner und liegt am Fluss {name[::-1].title()}."
    for at, name in enumerate(PLACES)
]
TEXT = " ".join(SENTENCES * 3)


def text_of(*asked: TextQuestion, text: str = TEXT) -> ReadingText:
    return ReadingText("t", "made", "de", "Orte", text, list(asked))


@given(st.integers(0, 4), st.integers(0, 10_000))
def test_an_answer_stands_in_its_stretch(place: int, seed: int) -> None:
    question = TextQuestion("de", f"Wie viele Einwohner hat {PLACES[place]}?", (str(101 + place),))
    examples = list(make_examples([text_of(question)], seed))
    found = [example for example in examples if example.span is not None]
    assert found
    for example in found:
        assert example.span is not None
        low, high = example.span
        assert example.text[low:high] == str(101 + place)
        assert example.text in TEXT
        assert len(example.text) <= STRETCH + 2 * max(map(len, SENTENCES))


def test_of_several_places_the_one_that_is_asked_about() -> None:
    text = (
        "Anna hat 5 Hunde. "
        + "Es regnet oft und lange in diesem Land. " * 12
        + "Berta hat 5 Katzen."
    )
    question = TextQuestion("de", "Wie viele Katzen hat Berta?", ("5",))
    (example,) = [
        example
        for example in make_examples([text_of(question, text=text)], 1)
        if "Katzen" in example.question and "Berta" in example.question
    ]
    assert "Katzen" in example.text
    assert example.span is not None
    assert example.text[example.span[0] :].startswith("5 Katzen")


def test_questions_without_an_answer_have_no_span() -> None:
    nothing = TextQuestion("de", "Wie heißt der Bürgermeister von Adorf?", ())
    examples = list(make_examples([text_of(nothing)], 3))
    assert [example.span for example in examples] == [None]


@pytest.mark.skipif(not SHARED.exists(), reason="the training data is not here")
def test_no_held_document_is_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ReadingText] = []
    real = span_examples.make_examples

    def watch(texts: list[ReadingText], seed: int) -> list[span_examples.SpanExample]:
        chosen = random.Random(seed).sample(texts, min(len(texts), 20))
        seen.append(ReadingText("|", "", "de", "", ""))
        seen.extend(texts)
        return list(real(chosen, seed))

    monkeypatch.setattr(span_examples, "make_examples", watch)
    train, held = of_sets(SHARED, 7)
    assert train and held
    ends = [at for at, text in enumerate(seen) if text.id == "|"]
    evaluation = ("XQuAD", "GermanQuAD", "OMoS-QA")
    trained = [text for text in seen[: ends[-1]] if text.source in evaluation]
    assert trained and not any(is_held(text.id) for text in trained)
    held_texts = seen[ends[-1] + 1 :]
    assert all(is_held(text.id, of=parts(text)) for text in held_texts)
    written = [text for text in seen[: ends[-1]] if text.source == WRITTEN]
    assert written and not any(is_held(text.id, of=parts(text)) for text in written)


def parts(text: ReadingText) -> int:
    """One document of so many is held."""
    return 5 if text.source == WRITTEN else 3
