from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.dialogue.anaphora import Lack
from qa.dialogue.anaphora import lack as lack_of
from qa.dialogue.question_words import QuestionWords

LANGUAGES: tuple[Language, ...] = ("de", "en")


def lack(question: str, language: Language) -> Lack:
    return lack_of(QuestionWords(question, language))


@pytest.mark.parametrize(
    "question",
    [
        "Wo wohnt er?",
        "Wie alt waren die beiden damals?",
        "Was hat sie mit ihren Anteilen gemacht?",
        "Wann wurde diese Abteilung geschlossen?",
        "Und was vermuten die?",
        "Wie hat das funktioniert?",
        "Was kostet das?",
        "Wie viel verdient man dort?",
        "Womit begründet das Unternehmen die Kürzungen?",
        "Wie heißt der Gründer?",
        "Und wie viele Auftragnehmer kamen noch dazu?",
        "Wie viel zahlte Meta dafür?",
        "Wann wurde es geschlossen?",
    ],
)
def test_german_questions_that_point_back(question: str) -> None:
    assert lack(question, "de") == "reference"


@pytest.mark.parametrize(
    "question",
    [
        "Where does he live?",
        "How much did Meta pay for it?",
        "Which country is that organisation based in?",
        "How much do people earn there?",
        "What happened then?",
        "Why did they do that?",
        "When was the company founded?",
        "Who is the founder?",
        "What's its revenue?",
        "Which of its models is built with that kind of data?",
        "And what was the forecast for 2025?",
    ],
)
def test_english_questions_that_point_back(question: str) -> None:
    assert lack(question, "en") == "reference"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Und 2024?", "de"),
        ("Warum?", "de"),
        ("Wie viele?", "de"),
        ("Und Microsoft?", "de"),
        ("Was ist mit Google?", "de"),
        ("Und von wem im August 2016?", "de"),
        ("Welche hatte Amazon?", "de"),
        ("And in 2024?", "en"),
        ("Why not?", "en"),
        ("Since when?", "en"),
        ("What about Microsoft and OpenAI?", "en"),
        ("And what about Google?", "en"),
        ("In Dallas?", "en"),
    ],
)
def test_fragments(question: str, language: Language) -> None:
    assert lack(question, language) == "clause"


@pytest.mark.parametrize(
    "question",
    [
        "Wer gründete Scale AI?",
        "Wer ist Wang?",
        "Was ist Superintelligenz?",
        "Wer gründete Scale AI und wo wohnt er?",
        "Was schreibt Droege in seinem Memo?",
        "Können Sie mir sagen, wer Scale AI gründete?",
        "Was raten Sie Anlegern mit Anteilen an Meta?",
        "Wie viele Modelle gibt es von Meta?",
        "Wann regnet es in der Schweiz am meisten?",
        "Wie kam es zu der Entlassung von Auftragnehmern?",
        "Wie viel Geld gibt Meta dieses Jahr aus?",
        "Und wer gründete Microsoft?",
        "Was trug dazu bei, dass Google ging?",
        "Was ist das Memo von Droege?",
        "Was ist mit dem Umsatz von Meta?",
        "Welches Unternehmen senkte seine Preise?",
        "Umsatz Meta 2024",
    ],
)
def test_german_questions_that_stand_alone(question: str) -> None:
    assert lack(question, "de") == "nothing"


@pytest.mark.parametrize(
    "question",
    [
        "Who founded Scale AI?",
        "Who's Wang?",
        "Did Google say they would leave?",
        "When did Setanta Sports say it would launch?",
        "How did Google justify its decision?",
        "How many offices are there in Dallas?",
        "Is it true that Google left Scale AI?",
        "How long did it take to build Llama 4?",
        "Who is the author of the book that Meta used?",
        "What was spent on data centres this year?",
        "Which companies cut their prices?",
        "What about the revenue of Meta?",
        "And who founded Microsoft?",
    ],
)
def test_english_questions_that_stand_alone(question: str) -> None:
    assert lack(question, "en") == "nothing"


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_any_text_is_judged(text: str, language: Language) -> None:
    assert lack(text, language) in ("nothing", "reference", "clause")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "?", "…", "_"])
def test_nothing_said_lacks_nothing(text: str, language: Language) -> None:
    assert lack(text, language) == "nothing"
