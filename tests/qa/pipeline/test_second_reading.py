from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import HashingEncoder
from found_spans import reading
from samples import document

from base.settings import Settings
from corpus.store import CorpusStore
from index.build import Indexer, open_dense
from index.retriever import Retriever
from qa.dialogue.asked import asked_of
from qa.pipeline.extract import PassageReading
from qa.pipeline.second_reading import other_sides, passed_over

PAID = asked_of("Wie viel zahlte Meta für Scale AI?", "de")
READ = "Von hier stammt die Antwort."
ANSWER = "Meta zahlte 14,3 Milliarden Dollar für Scale AI."


def others(
    store: CorpusStore,
    encoder: HashingEncoder,
    settings: Settings,
    readings: list[PassageReading],
    *texts: str,
    question: str = "",
    read: str = READ,
) -> list[str]:
    """The values that may be other than what the first reading found."""
    # The first passage of a corpus has the number of the one that was read.
    documents = [document(f"d{at}", text) for at, text in enumerate((read, *texts))]
    Indexer(store, encoder, settings).add_documents(documents)
    dense, _ = open_dense(store, encoder.describe())
    retriever = Retriever(store, dense, encoder, settings)
    asked = asked_of(question, "de") if question else PAID
    sides = other_sides(retriever, readings[0].spans[0], asked, None, readings)
    return [
        passage.stored.passage.text[start:end]
        for passage, stretches in sides
        for start, end in stretches
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Der Anteil an Scale AI kostete Meta 14,8 Milliarden Dollar.", ["14,8 Milliarden Dollar"]),
        ("Scale AI brachte rund 15 Milliarden Dollar.", ["15 Milliarden Dollar"]),
        # Another size, another measure, nobody who is asked about, no value.
        ("Meta bewertet Scale AI mit 29 Milliarden Dollar.", []),
        ("Meta hält 49 Prozent von Scale AI.", []),
        ("Google zahlte 14,8 Milliarden Dollar für Windsurf.", []),
        ("Meta zahlte viel für Scale AI.", []),
    ],
)
def test_values_of_the_same_measure_and_size_are_found(
    store: CorpusStore,
    encoder: HashingEncoder,
    settings: Settings,
    text: str,
    expected: list[str],
) -> None:
    answer = reading(ANSWER, "14,3 Milliarden Dollar", name="x")
    assert others(store, encoder, settings, [answer], text) == expected


@pytest.mark.parametrize(("found", "expected"), [("29", ["14,8"]), ("14,8", [])])
def test_a_passage_in_which_another_amount_was_found_is_read_once_more(
    store: CorpusStore, encoder: HashingEncoder, settings: Settings, found: str, expected: list[str]
) -> None:
    text = "Meta zahlte 14,8 Milliarden Dollar; Scale AI ist 29 Milliarden Dollar wert."
    read = reading(text, f"{found} Milliarden Dollar")
    elsewhere = reading(ANSWER, "14,3 Milliarden Dollar", name="x")
    stored = replace(elsewhere.retrieved.stored, id=-1)
    answer = replace(elsewhere, retrieved=replace(elsewhere.retrieved, stored=stored))
    sides = others(store, encoder, settings, [answer, read], read=text)
    assert sides == [f"{value} Milliarden Dollar" for value in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Die Firma zählt 180 Mitarbeiter und 250 Stühle.", ["180"]),
        # Nearly as many may be the same people by another name.
        ("Dort sind 212 Leute angestellt.", ["212"]),
        ("Die Firma Quarn hat 3 Mitarbeiter.", []),
    ],
)
def test_what_counts_something_else_is_not_read(
    store: CorpusStore,
    encoder: HashingEncoder,
    settings: Settings,
    text: str,
    expected: list[str],
) -> None:
    answer = reading("Die Firma hat 210 Mitarbeiter.", "210", name="x")
    question = "Wie viele Menschen arbeiten dort?"
    assert others(store, encoder, settings, [answer], text, question=question) == expected


def test_words_without_a_value_have_no_other_sides(
    store: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    answer = reading(ANSWER, "Scale AI", name="x")
    assert others(store, encoder, settings, [answer], "Scale AI kostete 15 Euro.") == []


def test_a_sentence_on_the_one_asked_about_is_read_where_one_on_another_was_taken() -> None:
    asked = asked_of("Zu welcher Strafe wurde Geoffrey Laine verurteilt?", "de")
    text = "Petra Solms bekam ein Jahr. Geoffrey Laine wurde zu zwei Jahren verurteilt."
    wrong, right = reading(text, "ein Jahr"), reading(text, "zwei Jahren")
    ((retrieved, stretches),) = passed_over([wrong], asked)
    assert retrieved is wrong.retrieved
    assert [text[start:end] for start, end in stretches] == [text.partition(". ")[2]]
    assert passed_over([right], asked) == []
    assert passed_over([reading(text)], asked) == []
