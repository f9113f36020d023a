from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fakes import HashingEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import document

from corpus.document import Passage
from corpus.passages import build_passages
from corpus.sentences import split
from corpus.store import StoredPassage, Vectors
from index.evidence import Evidence, Selection, select, top_cosine
from index.fusion import ScoreParts
from index.retriever import Retrieval, Retrieved

ENCODER = HashingEncoder()


def count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def stored(number: int, text: str, budget: int = 500, language: str = "de") -> list[StoredPassage]:
    one = document(f"d{number}", text, language)  # type: ignore[arg-type]
    return [
        StoredPassage(100 * number + at, passage, one.title, None, None, one.language, one.path)
        for at, passage in enumerate(build_passages(one, count, budget, 1))
    ]


def retrieve(question: str, passages: Sequence[StoredPassage]) -> Retrieval:
    vector = ENCODER.encode_questions([question])[0]
    texts = [one.passage.text for one in passages]
    cosines = [float(row @ vector) for row in ENCODER.encode_passages(texts)] if texts else []
    found = [
        Retrieved(one, cosine, ScoreParts(cosine, 0.0, 0.0, 0.0))
        for one, cosine in zip(passages, cosines, strict=True)
    ]
    found.sort(key=lambda one: -one.score)
    return Retrieval(question, "de", vector, found)


WORDS = ["Wal", "Hund", "Katze", "Meta", "Dollar", "zahlt", "kommt", "Sie", "rot", "7,5"]
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=2, max_size=8).map(
    lambda found: f"Es {' '.join(found)}."
)
TEXTS = st.lists(SENTENCES, min_size=1, max_size=6).map("\n".join)


@given(st.lists(TEXTS, max_size=4), st.integers(1, 60), SENTENCES, st.integers(8, 40))
@settings(deadline=None, max_examples=60)
def test_evidence_of_any_passages(
    texts: list[str], budget: int, question: str, length: int
) -> None:
    passages = [one for n, text in enumerate(texts) for one in stored(n, text, length)]
    retrieval = retrieve(question, passages)
    found = select(retrieval, ENCODER, count, budget)
    assert bool(found.shown) == bool(passages)
    check_spans(found, dict(enumerate(texts)))
    check_budget(found, budget)
    everything = {
        (one.passage.document_id, span.start, span.end)
        for one in passages
        for span in one.passage.sentences
    }
    whole = spans_of(found.whole)
    assert len(whole) == len(set(whole)), "a sentence that passages share is there once"
    assert set(whole) == everything
    assert set(spans_of(found.shown)) <= everything


def spans_of(evidence: Sequence[Evidence]) -> list[tuple[str, int, int]]:
    return [
        (one.stored.passage.document_id, sentence.span.start, sentence.span.end)
        for one in evidence
        for sentence in one.sentences
    ]


def check_spans(found: Selection, texts: dict[int, str]) -> None:
    for one in (*found.shown, *found.whole):
        text = texts[int(one.stored.passage.document_id[1:])]
        starts = [sentence.span.start for sentence in one.sentences]
        assert starts == sorted(set(starts)), "in the order of the text"
        for sentence in one.sentences:
            assert text[sentence.span.start : sentence.span.end] == sentence.text
            assert sentence.vector @ sentence.vector == pytest.approx(1.0, abs=1e-5)


def check_budget(found: Selection, budget: int) -> None:
    sentences = [sentence for one in found.shown for sentence in one.sentences]
    cost = sum(count([sentence.text for sentence in sentences]))
    # The best sentence is read whatever it costs, with the one it leans on.
    assert cost <= budget or len(sentences) <= 2


def test_no_passages_no_evidence() -> None:
    assert select(retrieve("Was?", []), ENCODER, count, 99) == Selection()


def test_the_best_sentence_is_chosen_first_and_told_best_first() -> None:
    passages = [
        *stored(0, "Der Hund bellt laut. Das Wetter bleibt schön."),
        *stored(1, "Der Himmel ist grau. Meta zahlt viele Dollar."),
    ]
    found = select(retrieve("Wie viele Dollar zahlt Meta?", passages), ENCODER, count, 4)
    assert [one.text for one in found.shown] == ["Meta zahlt viele Dollar."]
    everything = select(retrieve("Wie viele Dollar zahlt Meta?", passages), ENCODER, count, 99)
    assert everything.shown[0].stored.passage.document_id == "d1"


def test_the_best_sentence_is_read_even_where_it_breaks_the_budget() -> None:
    passages = stored(0, "Meta zahlt viele Dollar. Der Hund bellt.")
    found = select(retrieve("Wie viele Dollar zahlt Meta?", passages), ENCODER, count, 1)
    assert [one.text for one in found.shown] == ["Meta zahlt viele Dollar."]


def test_an_ellipsis_stands_where_sentences_were_left_out() -> None:
    text = "Meta zahlt viele Dollar. Der Hund bellt laut draußen. Meta zahlt heute viele Dollar."
    found = select(retrieve("Meta zahlt viele Dollar", stored(0, text)), ENCODER, count, 9)
    assert [one.text for one in found.shown] == [
        "Meta zahlt viele Dollar. … Meta zahlt heute viele Dollar."
    ]
    whole = select(retrieve("Meta zahlt viele Dollar", stored(0, text)), ENCODER, count, 99)
    assert [one.text for one in whole.shown] == [text]
    assert [one.text for one in found.whole] == [text]


def test_white_space_in_a_sentence_is_shown_as_one_space() -> None:
    found = select(retrieve("Meta", stored(0, "Meta  zahlt\tviele Dollar.")), ENCODER, count, 9)
    (only,) = found.shown
    assert only.text == "Meta zahlt viele Dollar."
    assert only.sentences[0].text == "Meta  zahlt\tviele Dollar."


@pytest.mark.parametrize("leaning", ["Sie zahlt rund 7 Dollar.", "This cost 7 Dollar."])
def test_a_sentence_that_leans_on_another_brings_it_along(leaning: str) -> None:
    text = f"Der Hund bellt laut. Die Firma wächst. {leaning}"
    found = select(retrieve("Wer zahlt 7 Dollar? This cost", stored(0, text)), ENCODER, count, 8)
    assert [one.text for one in found.shown] == [f"Die Firma wächst. {leaning}"]


def test_a_shared_sentence_belongs_to_the_better_passage() -> None:
    text = "Der Hund bellt laut. Meta zahlt viele Dollar. Die Katze schläft."
    one = document("d0", text)
    spans = split(text, "de")
    passages = [
        StoredPassage(
            number,
            Passage(
                document_id="d0",
                ordinal=number,
                start=first.start,
                end=last.end,
                text=text[first.start : last.end],
                sentences=tuple(spans[number : number + 2]),
            ),
            one.title,
            None,
            None,
            "de",
            one.path,
        )
        for number, (first, last) in enumerate([(spans[0], spans[1]), (spans[1], spans[2])])
    ]
    found = select(retrieve("Die Katze schläft, Meta zahlt", passages), ENCODER, count, 99)
    by_passage = {part.stored.id: len(part.sentences) for part in found.whole}
    assert sorted(by_passage.values()) == [1, 2]


def test_the_nearest_passage() -> None:
    passages = [*stored(0, "Meta zahlt Dollar."), *stored(1, "Der Hund bellt.")]
    retrieval = retrieve("Meta zahlt Dollar.", passages)
    assert top_cosine(retrieval) == pytest.approx(1.0, abs=1e-5)
    assert top_cosine(retrieve("x", [])) == 0.0
    assert isinstance(top_cosine(retrieval), float)
    assert np.isfinite(top_cosine(retrieval))


class _Idle(HashingEncoder):
    def encode_passages(self, texts: object, progress: object = None) -> Vectors:
        raise AssertionError("the corpus has the vectors")


def test_sentences_are_encoded_only_where_the_corpus_has_no_vectors_of_them() -> None:
    passages = stored(1, "Der Wal zahlt. Sie kommt.") + stored(2, "Der Hund ist rot.")
    live = select(retrieve("Der Wal zahlt?", passages), ENCODER, count, 50)
    kept = [
        replace(one, sentence_vectors=ENCODER.encode_passages(one.passage.sentence_texts()))
        for one in passages
    ]
    assert select(retrieve("Der Wal zahlt?", kept), _Idle(), count, 50) == live
    some = [passages[0], *kept[1:]]
    assert select(retrieve("Der Wal zahlt?", some), ENCODER, count, 50) == live
