"""The documents that were written for belegt, and what is made of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.training.span_examples import make_examples
from models.training.written import (
    SOURCE,
    WrittenDocument,
    WrittenQuestion,
    written_documents,
    written_texts,
)

TEXT = (
    "## Öffnungszeiten\n"
    + "Das Amt liegt am Markt und hat drei Eingänge, von denen einer ohne Stufen ist.\n" * 4
    + "- montags bis 16 Uhr\n- donnerstags bis 18 Uhr\n"
    + "## Gebühren\n"
    + "Wer eine Urkunde braucht, zahlt 12 Euro, und wer es eilig hat, zahlt das Doppelte.\n" * 3
)


def document_with(*questions: WrittenQuestion) -> WrittenDocument:
    return WrittenDocument(
        id="amt", language="de", title="Das Amt", date="2025-01-02", source="Stadt Au",
        text=TEXT, questions=questions,
    )  # fmt: skip


def question(text: str, *answers: str, kind: str = "value") -> WrittenQuestion:
    return WrittenQuestion.model_validate(
        {"question": text, "language": "de", "answers": answers, "kind": kind}
    )


def test_all_that_are_shipped_are_of_their_form() -> None:
    held, trained = written_documents(held=True), written_documents(held=False)
    documents = [*held, *trained]
    assert held and trained
    names = [document.id for document in documents]
    assert len(set(names)) == len(names)
    for document in documents:
        for asked in document.questions:
            assert all(answer in document.text for answer in asked.answers), asked.question
            assert bool(asked.answers) == (asked.kind != "none"), asked.question


def test_marks_of_lists_and_headings_are_left_out_of_text_and_answer() -> None:
    asked = question("Wann ist offen?", "- montags bis 16 Uhr\n- donnerstags bis 18 Uhr")
    (text,) = written_texts([document_with(asked)])
    assert "#" not in text.text and "- " not in text.text
    assert text.asked[0].spans == ("montags bis 16 Uhr\ndonnerstags bis 18 Uhr",)
    assert text.title == "Das Amt (Stadt Au, 2025-01-02)"
    assert text.source == SOURCE


def test_a_list_is_one_stretch_and_one_that_is_too_long_is_left_out() -> None:
    near = question("Wann?", "donnerstags bis 18 Uhr", "montags bis 16 Uhr", kind="list")
    far = question("Was?", "Das Amt", "12 Euro", kind="list")
    (text,) = written_texts([document_with(near, far)])
    assert [asked.spans for asked in text.asked] == [
        ("montags bis 16 Uhr\ndonnerstags bis 18 Uhr",)
    ]


@given(st.integers(0, 10_000))
def test_asked_of_another_stretch_a_question_has_no_answer_there(seed: int) -> None:
    asked = question("Was kostet es eilig?", "zahlt das Doppelte")
    made = list(make_examples(written_texts([document_with(asked)]), seed))
    for example in made:
        if example.span is None and "eilig" in example.question.lower():
            assert "zahlt das Doppelte" not in example.text
        elif example.span is not None:
            assert example.text[slice(*example.span)] in ("zahlt das Doppelte", example.text)


def test_what_a_document_leaves_open_is_asked_of_the_sentence_that_tempts() -> None:
    silent = question("Wer zahlt die Urkunde für Kinder?", kind="none")
    texts = written_texts([document_with(silent)])
    found = 0
    for seed in range(20):
        for example in make_examples(texts, seed):
            assert example.span is None
            found += "Urkunde" in example.text
    assert found == 20


def test_lots_are_drawn_alike() -> None:
    texts = written_texts(written_documents(held=True)[:3])
    assert list(make_examples(texts, 3)) == list(make_examples(texts, 3))
