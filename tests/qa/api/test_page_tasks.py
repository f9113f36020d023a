from __future__ import annotations

import json

import pytest
from growth import grows_at_most

from qa.api.page_tasks import page_task
from qa.dialogue.query_rewriting import Exchange

BEFORE = [Exchange("Wer leitet die Filiale Bonn?", "Die Filiale Bonn leitet Bernd Muster.")]
CHAT = "User: Wer leitet die Filiale Bonn?\nAssistant: Bernd Muster. [1]"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (f'Fill in {{"title": "..."}} for this.\n\n{CHAT}', "title"),
        (f'Antworte mit {{ "tags" : [] }}.\n<verlauf>\n{CHAT}\n</verlauf>', "tags"),
        (f"Generate a concise title for the following conversation.\n\n{CHAT}", "title"),
        (f"{CHAT}\n\nWrite three keywords for this chat.", "tags"),
        (f"Schlage drei Folgefragen zu diesem Gespräch vor:\n{CHAT}", "follow_ups"),
        ("Erstelle eine Überschrift für diese Unterhaltung.\n**Nutzer:** Wer?\n**KI:** Er.",
         "title"),
        ("Please generate a four to five word title summarizing our conversation without any "
         "lead-in, punctuation, quotation marks.", "title"),
        ("Fasse dieses Gespräch als Titel mit 3-5 Wörtern zusammen, gib nur ihn aus.", "title"),
        ("Please provide a concise, 5-word-or-less title for the conversation, without quotes.",
         "title"),
    ],
)  # fmt: skip
def test_a_page_s_request_is_recognised(message: str, kind: str) -> None:
    task = page_task(message, BEFORE)
    assert task is not None
    assert task.kind == kind
    assert "[1]" not in task.answer()


@pytest.mark.parametrize(
    "message",
    [
        "Wer leitet die Filiale Bonn?",
        "Welchen Titel trägt das Gespräch mit Bernd Muster?",
        "Nenne den Titel des Gesprächs mit Bernd Muster.",
        "Gib den Namen der Filiale an, über die im Chat gesprochen wurde.",
        "What is the title of the conversation about Bonn?",
        "Generate a title.",
        'Was bedeutet {"title": "..."} in der Anleitung?',
        "Suggest follow-up questions from the interview with the auditor.",
        "Frage: Wer leitet Bonn?",
        "Which keywords does the chat protocol name?",
        "Summarise the discussion of the board about the title of the report.",
    ],
)
def test_a_person_s_question_is_none(message: str) -> None:
    assert page_task(message, BEFORE) is None


def test_without_a_conversation_nothing_is_a_page_s_request() -> None:
    order = "Generate a 3-5 word title for the conversation."
    assert page_task(order, ()) is None
    assert page_task(order, BEFORE) is not None


def test_the_system_may_give_the_order_where_the_message_is_the_transcript() -> None:
    order = "Write a title for the conversation that the user sends."
    task = page_task(CHAT, (), order)
    assert task is not None
    assert task.answer() == "Filiale Bonn"
    assert page_task("Wer leitet Bonn?", (), order) is None


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Wie viel zahlte Meta für 49 Prozent von Scale AI?", "Meta 49 Prozent Scale AI"),
        ("How much did Meta pay for 49 percent of Scale AI?", "Meta 49 Scale AI"),
        ("why is it so?", "why is it so"),
        ("?", "belegt"),
        ("Wer?", "Wer"),
    ],
)
def test_a_title_is_made_of_the_first_question(question: str, title: str) -> None:
    task = page_task(f'{{"title": ""}}\nUSER: {question}\nASSISTANT: Ja.', ())
    assert task is not None
    assert json.loads(task.answer()) == {"title": title}


@pytest.mark.parametrize("piece", ["{ ", '{"', "user:\n", "assistant: a\nuser: b\n", "</", "a "])
def test_the_time_grows_with_the_length(piece: str) -> None:
    def task(message: str) -> object:
        return page_task(message, BEFORE)

    short, long = (
        "Generate a title for the chat\n" + piece * (size // len(piece))
        for size in (40_000, 400_000)
    )
    assert grows_at_most(60, task, short, long)
