from __future__ import annotations

import pytest
from found_spans import reading

from corpus.document import Language
from qa.pipeline.citations import CitationList
from qa.pipeline.quotation import LONGEST, leans, quote, with_antecedent


@pytest.mark.parametrize(
    ("sentence", "language", "leaning"),
    [
        ("Sie kosteten 5 Euro.", "de", True),
        ("Im Jahr 2019 verkaufte er es.", "de", True),
        ("Der Vertrag endet, wenn er gekündigt wird.", "de", False),
        ("Hier können Sie zahlen.", "de", True),
        ("Ab Mai zahlen Sie 5 Euro.", "de", False),
        ("In 2019 he sold it.", "en", True),
        ("The contract ends when it is terminated.", "en", False),
    ],
)
def test_what_leans_on_the_sentence_before(
    sentence: str, language: Language, leaning: bool
) -> None:
    assert leans(sentence, language) == leaning


def test_a_leaning_sentence_is_cited_with_the_one_before() -> None:
    text = "Es regnet. Anna Weber gründete die Firma. Im Jahr 2019 verkaufte sie diese."
    span = with_antecedent(reading(text, "2019").spans[0])
    assert quote(span, "de") == (
        "„Anna Weber gründete die Firma. Im Jahr 2019 verkaufte sie diese.“"
    )
    citations = CitationList()
    citations.add(span)
    (cited,) = citations.all()
    assert f"„{cited.quote}“" == quote(span, "de")
    assert [cited.quote[first:last] for first, last in cited.support] == ["2019"]


@pytest.mark.parametrize(
    "turn", ["Falls der Rat zustimmt,", "Es stimmt nicht, dass", "Angeblich ist es so, dass"]
)
def test_a_cut_never_takes_away_what_turns_the_sentence(turn: str) -> None:
    filler = "Wort " * (LONGEST // 4)
    sentence = f"{turn} {filler}Meta 5 Euro zahlt."
    assert quote(reading(sentence, "5 Euro").spans[0], "de") == f"„{sentence}“"
    plain = f"Man weiß, dass {filler}Meta 5 Euro zahlt."
    assert quote(reading(plain, "5 Euro").spans[0], "de").startswith("„… Wort")


def test_a_cut_is_made_round_the_place_that_was_meant() -> None:
    filler = "Wort " * (LONGEST // 4)
    text = f"Im Haus 15 sind {filler}Hunde für 5 Euro zu haben."
    assert "Hunde für 5 Euro" in quote(reading(text, "5 Euro").spans[0], "de")


def test_of_two_places_of_the_same_words_the_one_that_is_asked_about_is_quoted() -> None:
    text = "Der Eintritt kostet 5 Euro. Das Parken kostet 5 Euro."
    span = reading(text, "5 Euro", question="Was kostet das Parken?").spans[0]
    assert span.context == "Das Parken kostet 5 Euro."
