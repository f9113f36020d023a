from __future__ import annotations

import pytest

from corpus.document import Language
from qa.dialogue.asked import asked_of, is_named, question_sort, with_topic


@pytest.mark.parametrize(
    ("question", "language", "sort"),
    [
        ("Wie viel zahlte Meta?", "de", "number"),
        ("Und wie hoch war der Umsatz?", "de", "number"),
        ("Was kostet der Eintritt?", "de", "number"),
        ("Um wie viel Uhr beginnt es?", "de", "date"),
        ("Seit wann gilt das?", "de", "date"),
        ("In welchem Jahr war das?", "de", "date"),
        ("Wer leitet das Amt?", "de", "person"),
        ("In welcher Stadt liegt es?", "de", "place"),
        ("Where does it stand?", "en", "place"),
        ("Wie lange gilt das?", "de", "any"),
        ("How much was paid?", "en", "number"),
        ("By when must it be paid?", "en", "date"),
        ("What year was it?", "en", "date"),
        ("Who leads it?", "en", "person"),
        ("How old is it?", "en", "number"),
        ("Welchen Umsatz hatte die Firma?", "de", "number"),
        ("Auf welche Summe kam man?", "de", "number"),
        ("Wie lautet die Anschrift?", "de", "any"),
        ("What is the total price?", "en", "number"),
        ("Which share did they hold?", "en", "number"),
        ("Which company was bought?", "en", "any"),
        ("Warum wurde es verkauft?", "de", "reason"),
        ("Why was it sold?", "en", "reason"),
        ("Hat er gestanden?", "de", "yes_no"),
        ("Did they confess?", "en", "yes_no"),
        ("Können Sie mir die Durchwahl nennen?", "de", "any"),
        ("Can you give me the price of the room?", "en", "any"),
        ("Can you swim here?", "en", "yes_no"),
        ("I have a dog. Can he come along?", "en", "yes_no"),
        ("Ich habe einen Hund. Darf er mit?", "de", "yes_no"),
        ("I need a room. How much is it?", "en", "number"),
        ("Welches Volumen hat der Vertrag?", "de", "number"),
        ("Kann man hier schwimmen?", "de", "yes_no"),
        ("Können Sie sagen, wann es öffnet?", "de", "date"),
        ("Can you tell me how much it cost?", "en", "number"),
        ("Können Sie mir bitte sagen, wer das Amt leitet?", "de", "person"),
        ("Does the contract say who pays?", "en", "person"),
        ("Can anybody read what he wrote?", "en", "yes_no"),
        ("Kann ich es anbringen, wo es nass wird?", "de", "yes_no"),
        ("Darf man baden, wenn es regnet und wie viele es sind?", "de", "yes_no"),
        ("Übernehmen Sie die Kosten, wenn ich es einschicke?", "de", "yes_no"),
        ("Fährt der Bus auch sonntags?", "de", "yes_no"),
        ("Wie viele Verträge enden? Wer leitet das Amt?", "de", "person"),
    ],
)
def test_sorts(question: str, language: Language, sort: str) -> None:
    assert question_sort(question, language) == sort


def test_the_last_year_is_the_one_that_is_asked_about() -> None:
    assert asked_of("Wie hoch war der Umsatz 2023? Und 2024?", "de").years == {2024}


def test_words_side_by_side_are_one_name() -> None:
    asked = asked_of("Wie viel ist an Scale AI in Ulm zu zahlen?", "de")
    assert asked.names == (("Scale", "AI"), ("Ulm",))


@pytest.mark.parametrize(
    ("text", "named"),
    [("Ulms Rathaus", True), ("in ULM", True), ("Kulmbach", False), ("Ulmenweg", False)],
)
def test_a_name_is_a_word_of_its_own(text: str, named: bool) -> None:
    assert is_named(text, ("Ulm",)) == named


@pytest.mark.parametrize(
    ("question", "language", "measure"),
    [
        ("Wie viel zahlte Meta für Scale AI?", "de", "money"),
        ("Was kostet eine Zehnerkarte?", "de", "money"),
        ("Was hat der Mieter für das Modul bezahlt?", "de", "money"),
        ("Was verdient die Leiterin?", "de", "money"),
        ("Was hat der Mieter gekauft?", "de", None),
        ("Wie hoch war der Umsatz?", "de", "money"),
        ("Wie viel wiegt der Koffer?", "de", None),
        ("Wie viele Kunden zahlten?", "de", None),
        ("Und wie viel muss man zahlen?", "de", "money"),
        ("Welche Zahlen nennen die Texte?", "de", None),
        ("Wie viele Jahre dauerte es?", "de", "time"),
        ("Wie viel Prozent waren es?", "de", "share"),
        ("Welcher Anteil wurde verkauft?", "de", "share"),
        ("How much did Torwenta pay?", "en", "money"),
        ("How much of the bribe money went to him?", "en", "money"),
        ("How much does it weigh?", "en", None),
        ("How many years did he get?", "en", "time"),
        ("What percentage of the shares was sold?", "en", "share"),
        ("When did they pay?", "en", None),
    ],
)
def test_measures(question: str, language: Language, measure: str | None) -> None:
    assert asked_of(question, language).measure == measure


@pytest.mark.parametrize(
    ("question", "sort", "names"),
    [
        ("Bekommt Nord einen Sitz im Vorstand?", "yes_no", (("Nord",),)),
        ("Bekommen gemeinnützige Vereine einen Rabatt?", "yes_no", (("Vereine",),)),
        ("Gehört Scale AI zu Meta?", "yes_no", (("Scale", "AI"), ("Meta",))),
        ("Bleibt die Brücke gesperrt?", "yes_no", ()),
        ("Umsatz von Scale AI 2024?", "any", (("Scale", "AI"),)),
        ("Microsoft Office kostet?", "any", (("Microsoft", "Office"),)),
        ("Bonn hat wie viele Einwohner?", "any", (("Bonn",),)),
    ],
)
def test_a_german_question_that_begins_with_its_verb(
    question: str, sort: str, names: tuple[tuple[str, ...], ...]
) -> None:
    asked = asked_of(question, "de")
    assert (asked.sort, asked.names) == (sort, names)


def test_what_is_a_name_s_own_is_no_part_of_it() -> None:
    assert asked_of("Wie hoch ist Metas Investition in Scale AI?", "de").names == (
        ("Metas",), ("Scale", "AI"),
    )  # fmt: skip
    assert asked_of("Wie alt ist Thomas Amelung?", "de").names == (("Thomas", "Amelung"),)


def test_a_topic_before_a_colon_does_not_hide_what_is_asked() -> None:
    assert asked_of("Scale AI: Wie hoch war der Umsatz?", "de").sort == "number"
    assert asked_of("Scale AI, Meta: In which year was it sold?", "en").sort == "date"
    assert asked_of("Scale AI: Which new contracts end?", "en").sort == "any"
    assert asked_of("Bonn: die Stadt am Rhein", "de").sort == "any"
    assert with_topic("Wann war es?", "Wer leitet Scale AI und Meta?", "de") == (
        "Scale AI, Meta: Wann war es?"
    )
    assert with_topic("Wann war es?", "Wer war dabei?", "de") is None
