"""Passages and quotations that the reader is trained on."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from models import forms
from models.training.packing import Tail, TextExamples
from models.training.quotations import written_quotations
from models.training.written import WrittenDocument, WrittenQuestion, written_documents
from models.training.written_examples import (
    PASSAGE,
    cut,
    passage_examples,
    statement_examples,
    written_mixture,
)

TEXT = (
    "Öffnungszeiten\n"
    + "Das Amt liegt am Markt und hat drei Eingänge, von denen einer ohne Stufen ist.\n" * 5
    + "Am Donnerstag ist bis 18 Uhr offen, und zwar ab dem 16. August für alle.\n"
    + "Gebühren\n"
    + "Wer eine Urkunde braucht, zahlt 12 Euro, und wer es eilig hat, zahlt das Doppelte.\n" * 4
)


def asked(question: str, *answers: str, kind: str = "value") -> WrittenQuestion:
    return WrittenQuestion.model_validate(
        {"question": question, "language": "de", "answers": answers, "kind": kind}
    )


def examples_of(*questions: WrittenQuestion, seed: int = 1) -> list[TextExamples]:
    document = WrittenDocument(
        id="amt", language="de", title="Das Amt", date="2025-01-02", source="Stadt Au",
        text=TEXT, questions=questions,
    )  # fmt: skip
    return passage_examples([document], seed)


def tails_of(examples: list[TextExamples]) -> list[tuple[str, Tail]]:
    return [(example.text, tail) for example in examples for tail in example.tails]


@given(st.lists(st.sampled_from(["Am 16. Mai kam sie. ", "Ein Satz.\n", "Wort " * 40 + ". "])))
def test_passages_are_the_whole_text_and_none_ends_in_a_date(parts: list[str]) -> None:
    text = "".join(parts)
    passages = cut(text) if text else []
    assert "".join(text[first:end] for first, end in passages) == text
    assert not any(text[:end].endswith("16. ") for _, end in passages[:-1])
    assert all(end - first < 2 * PASSAGE for first, end in passages)


def test_a_passage_that_does_not_hold_the_answer_is_asked_too() -> None:
    tails = tails_of(examples_of(asked("Was zahlt man, wenn es eilig ist?", "das Doppelte")))
    answers = {tail.answer for _, tail in tails}
    assert answers == {"das Doppelte", forms.NOTHING}
    for text, tail in tails:
        assert ("das Doppelte" in text) == (tail.answer == "das Doppelte")


def test_what_the_document_leaves_open_is_asked_where_it_tempts_and_yes_or_no_is_not() -> None:
    tails = tails_of(
        examples_of(
            asked("Wer zahlt die Urkunde für Kinder?", kind="none"),
            asked("Kostet die Urkunde etwas?", "zahlt 12 Euro", kind="yesno"),
        )
    )
    ((text, tail),) = tails
    assert "Urkunde" in text
    assert tail.answer == forms.NOTHING


def test_every_shipped_answer_stands_in_its_passage() -> None:
    for example in passage_examples(written_documents(held=False), 5):
        body = " ".join(example.text.split())
        for tail in example.tails:
            assert tail.answer == forms.NOTHING or tail.answer in body


def test_a_quotation_proves_as_many_statements_as_it_does_not() -> None:
    for example in statement_examples(written_quotations()[:20], 5):
        proven = [tail.answer in forms.YES.values() for tail in example.tails]
        assert sum(proven) * 2 == len(proven) == 8


def test_public_texts_stand_among_the_written_ones_over_the_whole_of_the_training() -> None:
    public = [TextExamples("", str(number), (), "public") for number in range(500)]
    mixed = written_mixture(public, 3)
    assert mixed == written_mixture(public, 3)
    places = [at for at, example in enumerate(mixed) if example.source == "public"]
    assert [mixed[at] for at in places] == public[: len(places)]
    assert max(after - before for before, after in itertools.pairwise(places)) < 20
