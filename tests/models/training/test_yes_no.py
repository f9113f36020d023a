"""Questions for yes or no that the cross-encoder is trained on."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forms import Language
from models.training.reading_sets import ReadingText, TextQuestion
from models.training.yes_no import as_yes_no, condaqa, yes_no_words

TEXT = "Riva wurde 1998 gegründet. Anna Berg leitet Riva. Riva hat 120 Mitarbeiter."


@pytest.mark.parametrize(
    ("question", "answer", "language", "made"),
    [
        ("Wer gründete Riva?", "Anna Berg", "de", "Gründete Anna Berg Riva?"),
        ("Wann wurde Riva gegründet?", "1998", "de", "Wurde Riva im Jahr 1998 gegründet?"),
        ("Wo liegt Riva?", "Tirol", "de", "Liegt Riva in Tirol?"),
        ("Seit wann gibt es Riva?", "seit 1998", "de", "Gibt es Riva seit 1998?"),
        ("Wie viele Menschen leben in Riva?", "120", "de", "Leben 120 Menschen in Riva?"),
        ("Wie heißt der Chef von Riva?", "Anna Berg", "de", "Heißt der Chef von Riva Anna Berg?"),
        ("Wie hoch ist der Turm?", "96 Meter", "de", "Ist der Turm 96 Meter hoch?"),
        ("In welchem Jahr begann der Bau?", "1998", "de", "Begann der Bau in 1998?"),
        ("When was Riva founded?", "1998", "en", "Was Riva founded in 1998?"),
        ("Where does Anna live?", "in Riva", "en", "Does Anna live in Riva?"),
        ("Who was the founder of Riva?", "Anna", "en", "Was Anna the founder of Riva?"),
        ("Who founded Riva?", "Anna", "en", "Was it Anna who founded Riva?"),
        ("What does Riva sell?", "boats", "en", "Does Riva sell boats?"),
        ("How many people did Riva hire?", "120", "en", "Did Riva hire 120 people?"),
        ("Warum schloss Riva?", "Verluste", "de", None),
        ("Why did Riva close?", "losses", "en", None),
        ("Who?", "Anna", "en", None),
        ("Who founded Riva?", "", "en", None),
    ],
)
def test_a_question_is_asked_for_yes_or_no(
    question: str, answer: str, language: Language, made: str | None
) -> None:
    assert yes_no_words(question, answer, language) == made


@given(st.text(max_size=80), st.text(max_size=40), st.sampled_from(["de", "en"]))
def test_any_words_are_taken(question: str, answer: str, language: Language) -> None:
    made = yes_no_words(question, answer, language)
    assert made is None or made.endswith("?")


def test_what_answers_it_is_the_sentence() -> None:
    asked = [
        TextQuestion("de", "Wann wurde Riva gegründet?", ("1998",)),
        TextQuestion("de", "Wie viele Leute arbeiten bei Riva?", ("120",)),
    ]
    text = ReadingText("a", "made", "de", "Riva", TEXT, asked)
    made = {as_yes_no(asked[0], text, random.Random(seed)) for seed in range(20)}
    words = {question.question for question in made if question}
    assert words == {"Wurde Riva im Jahr 1998 gegründet?", "Wurde Riva 120 gegründet?"}
    assert all(question and question.spans == ("Riva wurde 1998 gegründet.",) for question in made)


def test_without_an_answer_there_is_none() -> None:
    asked = TextQuestion("de", "Wann wurde Riva verkauft?", ())
    text = ReadingText("a", "made", "de", "Riva", TEXT, [asked])
    assert as_yes_no(asked, text, random.Random(1)) is None


def test_condaqa_is_answered_by_the_negated_sentence(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "title": "", "context": "Rain is common. Snow is rarely seen.", "cue": "rarely",
         "question": "Is snow common?", "answers": ["NO"]},
        {"id": "2", "title": "", "context": "Rain is common. Snow is rarely seen.", "cue": "rarely",
         "question": "Is hail common?", "answers": ["DON'T KNOW"]},
        {"id": "3", "title": "", "context": "It is not far. It is not near.", "cue": "not",
         "question": "Is it far?", "answers": ["NO"]},
    ]  # fmt: skip
    file = tmp_path / "reading.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (text,) = condaqa(file)
    assert text.asked == [TextQuestion("en", "Is snow common?", ("Snow is rarely seen.",))]
