from __future__ import annotations

import pytest
from growth import grows_at_most
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.dialogue.query_rewriting import rewrite_query
from qa.dialogue.source_questions import about_the_thing


@pytest.mark.parametrize(
    ("question", "language", "wanted"),
    [
        ("Do the sources agree on the 2024 revenue of Nord, and what figures do they give?", "en",
         "How much is the 2024 revenue of Nord?"),
        ("Do the documents disagree about who leads the clinic?", "en", "Who leads the clinic?"),
        ("Are all the sources consistent on the opening date of the bridge?", "en",
         "When was the opening date of the bridge?"),
        ("Do the reports contradict each other on how many people were dismissed?", "en",
         "How many people were dismissed?"),
        ("Are there conflicting figures for the cost of the bridge?", "en",
         "How much is the cost of the bridge?"),
        ("Which amounts do the articles give for what Nord pays for its stake?", "en",
         "How much Nord pays for its stake?"),
        ("How much did Nord pay according to the various reports?", "en", "How much did Nord pay?"),
        ("Sind sich die Quellen über den Kaufpreis von Nord einig?", "de",
         "Wie hoch ist der Kaufpreis von Nord?"),
        ("Sind sich alle Quellen einig, wann die Brücke gesperrt wurde?", "de",
         "Wann die Brücke gesperrt wurde?"),
        ("Widersprechen sich die Artikel beim Umsatz von Nord?", "de",
         "Wie hoch ist der Umsatz von Nord?"),
        ("Gibt es widersprüchliche Angaben zur Höhe der Strafe?", "de",
         "Wie hoch ist die Höhe der Strafe?"),
        ("Gibt es unterschiedliche Angaben darüber, wer die Firma leitet?", "de",
         "Wer die Firma leitet?"),
        ("Stimmen die Angaben zum Gründungsjahr überein?", "de", "Wann war das Gründungsjahr?"),
        ("Welche Beträge nennen die Texte für Nords Beteiligung an Süd?", "de",
         "Wie hoch ist Nords Beteiligung an Süd?"),
        ("Welche Zahlen nennen die Quellen zu den Entlassungen?", "de",
         "Wie viele Entlassungen gab es?"),
        ("Welche Daten nennen die Berichte für die Eröffnung der Brücke?", "de",
         "Wann war die Eröffnung der Brücke?"),
        ("Welche Namen nennen die Berichte für den Leiter der Klinik?", "de",
         "Wer ist der Leiter der Klinik?"),
        ("Wie hoch war der Umsatz laut den verschiedenen Quellen 2024?", "de",
         "Wie hoch war der Umsatz 2024?"),
        ("Laut allen Quellen: wer war es?", "de", "Wer war es?"),
    ],
)  # fmt: skip
def test_what_sources_say_is_asked_of_the_thing(
    question: str, language: Language, wanted: str
) -> None:
    assert about_the_thing(question, language) == wanted
    assert rewrite_query(question, (), language).asked == wanted


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wer leitet laut Reuters die Firma?", "de"),
        ("Wie hoch ist laut den Unterlagen des Gerichts die Strafe?", "de"),
        ("How much was it according to Reuters reports?", "en"),
        ("How much was it according to the reports of the ministry?", "en"),
        ("Sind sich die Quellen einig, dass Nord gekauft hat?", "de"),
        ("Do the sources agree that Nord has bought it?", "en"),
        ("Sind sich Nord und Süd über den Preis einig?", "de"),
        ("Gibt es Angaben zu Preisen?", "de"),
        ("Welche Zahlen nennt der Vorstand zu den Entlassungen?", "de"),
        ("Which documents do I need for the passport?", "en"),
        ("Welche Unterlagen brauche ich?", "de"),
    ],
)
def test_other_questions_stay_as_they_are(question: str, language: Language) -> None:
    assert about_the_thing(question, language) == question


LEADS = (
    "", "Sind sich die Quellen über ", "Sind sich die Quellen einig ", "Laut den Quellen ",
    "Welche Zahlen nennen die Texte zu ", "Gibt es verschiedene Angaben ",
    "Do the sources agree on ", "Which amounts do the articles give for ",
)  # fmt: skip


@given(st.sampled_from(LEADS), st.text(max_size=300), st.sampled_from(["", " einig?", " überein?"]),
       st.sampled_from(["de", "en"]))  # fmt: skip
def test_any_text_is_taken(lead: str, text: str, end: str, language: Language) -> None:
    assert about_the_thing(f"{lead}{text}{end}", language).strip() or not f"{lead}{text}".strip()


@pytest.mark.parametrize(
    "piece",
    ["und welche ", "laut den Quellen ", "einig ", "Quellen ", "do the sources agree on ", "the ",
     "sind sich die ", "and what they ", "according to ", "gibt es verschiedene Angaben zu ", " ",
     "A", "zahl"],
)  # fmt: skip
@pytest.mark.parametrize("lead", ["", "Sind sich die Quellen über ", "Do the sources agree on "])
def test_no_question_takes_more_than_its_length(lead: str, piece: str) -> None:
    def work(text: str) -> object:
        return about_the_thing(text, "de"), about_the_thing(text, "en")

    short, long = (lead + piece * (size // len(piece)) for size in (8_000, 32_000))
    assert grows_at_most(8.8, work, short, long)
