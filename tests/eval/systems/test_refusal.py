from __future__ import annotations

import pytest

from corpus.document import Language
from eval.systems.refusal import EMPTY_RESPONSE, is_refusal
from eval.systems.statements import split_statements

REFUSALS = [
    "Die Quellen enthalten die Antwort nicht.",
    "The sources do not contain the answer.",
    "The sources do not contain the answer. [1]",
    "Die Quellen enthalten die Antwort nicht",
    EMPTY_RESPONSE,
    "",
    "The provided sources do not mention the capital of Mongolia.",
    "The sources provided don't contain any information about that.",
    "None of the provided sources are helpful for this query.",
    "None of the sources mention it [1][2].",
    "There is no information about his age in the given sources.",
    "The capital is not mentioned in the sources.",
    "I cannot answer this question based on the provided sources.",
    "The provided information does not specify the price.",
    "The sources provide no information about that.",
    "Die Quellen erwähnen die Hauptstadt nicht.",
    "Die angegebenen Quellen enthalten keine Informationen dazu [3].",
    "In den Quellen wird die Hauptstadt nicht genannt.",
    "In den Quellen steht dazu nichts.",
    "Keine der angegebenen Quellen nennt den Preis.",
    "Die Hauptstadt wird nicht in den Quellen erwähnt.",
    "Dazu steht nichts in den Quellen.",
    "Ich kann diese Frage nicht beantworten.",
    "The sources do not contain the answer. It was probably in June.",
]
ANSWERS = [
    "Meta paid 14.3 billion dollars [1].",
    "Meta did not pay in cash [1].",
    "The treaty does not mention slavery [2].",
    "None of the employees were dismissed [1].",
    "Sources close to the company said it paid 3 billion [1].",
    "Der Vertrag wurde nicht unterschrieben [1].",
    "Keine der Firmen zahlte Steuern [2].",
    "Laut den Quellen zahlte Meta 14,3 Milliarden Dollar [1].",
    "In den Quellen heißt es, dass Meta 14,3 Milliarden Dollar zahlte [1].",
    "The sources do not say when. Meta paid 14.3 billion dollars [1].",
]


@pytest.mark.parametrize("reply", REFUSALS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_refusals_are_told_in_either_language(reply: str, language: Language) -> None:
    assert is_refusal(split_statements(reply, language))


@pytest.mark.parametrize("reply", ANSWERS)
def test_answers_are_not_taken_for_refusals(reply: str) -> None:
    assert not is_refusal(split_statements(reply, "en"))
