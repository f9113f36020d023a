"""Requests that chat pages send by themselves: a title, tags, follow-up questions, search queries.

In: the last message of a user, the messages before it, and what the system says. Out: what is asked
for, or None where a person asks; and an answer made of the conversation alone, without a search and
without a model.
Nothing can fail. docs/clients.md states the rules; all of them are linear in the length of a text.

A message is such a request if one of these holds:

1. It carries a transcript (lines that begin with the names of two speakers) and shows, outside it,
   a JSON object to be filled whose first key is a known one: ``{"title": ...}``.
2. It orders, with a verb in the imperative, a thing of a known kind (a title, tags, follow-up
   questions) for a conversation, and there is one: a transcript in the message or messages before
   it. Where the conversation is only in the messages before, the order must also limit the form
   ("3-5 words", "without quotation marks"), because a person may ask for the title of something.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.api.footnotes import without_footnotes
from qa.dialogue.query_rewriting import Exchange

TaskKind = Literal["title", "tags", "follow_ups", "queries", "completion"]

_KEYS: dict[str, TaskKind] = {
    "title": "title",
    "titel": "title",
    "überschrift": "title",
    "ueberschrift": "title",
    "headline": "title",
    "tags": "tags",
    "keywords": "tags",
    "topics": "tags",
    "schlagwörter": "tags",
    "schlagworte": "tags",
    "stichwörter": "tags",
    "stichworte": "tags",
    "themen": "tags",
    "follow_ups": "follow_ups",
    "followups": "follow_ups",
    "follow_up_questions": "follow_ups",
    "followup_questions": "follow_ups",
    "suggestions": "follow_ups",
    "suggested_questions": "follow_ups",
    "anschlussfragen": "follow_ups",
    "folgefragen": "follow_ups",
    "queries": "queries",
    "search_queries": "queries",
    "suchanfragen": "queries",
    "text": "completion",
    "completion": "completion",
}
"""First keys of the objects that are asked for."""
_KEY = re.compile(r'\{\s{0,20}"(\w{1,40})"\s{0,20}:')
_SPEAKER = re.compile(
    r"^[ \t>*#\-]{0,8}(?:(user|human|nutzer|nutzerin|benutzer|mensch|frage|question|q)"
    r"|(assistant|ai|bot|assistent|ki|system|antwort|response|model|answer|a))[ \t*]{0,4}:",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(r"</?[a-z_]{1,30}>", re.IGNORECASE)
_IMPERATIVES = frozenset(
    (
        "generate", "create", "write", "give", "suggest", "provide", "summarize", "summarise",
        "propose", "name", "make", "return", "come", "craft", "produce", "reply", "respond",
        "output", "erstelle", "erzeuge", "generiere", "schreibe", "schreib", "gib", "formuliere",
        "nenne", "fasse", "schlage", "denke", "denk", "finde", "verfasse", "liefere", "benenne",
        "erfinde",
    )
)  # fmt: skip
_THINGS: tuple[tuple[TaskKind, tuple[str, ...]], ...] = (
    (
        "follow_ups",
        ("follow-up", "follow up", "followup", "follow_up", "anschlussfrage", "folgefrage",
         "next question", "weitere frage", "suggested question"),
    ),
    ("queries", ("search quer", "suchanfrage", "suchbegriff")),
    ("tags", (" tags", " tag ", "schlagw", "stichw", "keyword")),
    ("title", ("title", "titel", "überschrift", "ueberschrift", "headline", " name", "topic",
               "betreff")),
)  # fmt: skip
_CONVERSATIONS = (
    "conversation", "chat", "dialog", "discussion", "messages", "gespräch", "gespraech",
    "unterhaltung", "verlauf", "nachrichten",
)  # fmt: skip
_FORMS = re.compile(
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|ten|zwei|drei|vier|fünf|sechs|sieben|acht"
    r"|zehn)[\s\-]{1,3}(?:\w{1,6}[\s\-])?(?:words?|wörtern?|worten?|characters?|zeichen|tokens?)"
    r"|(?:without|no|ohne|keine)\s(?:\w{1,20}\s){0,3}"
    r"(?:quotes?|quotation|punctuation|anführungszeichen|satzzeichen|prefix|lead-in)",
    re.IGNORECASE,
)
_HEAD = 4000
"""Characters of an order that are looked at: it stands before the transcript or right behind it."""
_WORD = re.compile(r"\w[\w\-.&%]*")
_TITLE_WORDS = 5
_TITLE_CHARACTERS = 60
_TAGS = 3


@dataclass(frozen=True)
class PageTask:
    """What a page asks for; ``key`` is that of the JSON object it wants, None for plain text."""

    kind: TaskKind
    key: str | None
    exchanges: tuple[Exchange, ...]
    """The conversation it is about, the oldest first."""

    def answer(self) -> str:
        """The answer: JSON where the page wants it. Nothing that belegt cannot know is made up."""
        questions = [exchange.question for exchange in self.exchanges]
        value: str | list[str]
        if self.kind == "title":
            value = _title(questions[0]) if questions else "belegt"
        elif self.kind == "tags":
            value = _topics(questions[0])[:_TAGS] if questions else []
        elif self.kind == "queries":
            value = questions[-1:]
        else:
            # Whether the documents answer another question is not known without a search.
            value = "" if self.kind == "completion" else []
        if self.key is not None:
            return json.dumps({self.key: value}, ensure_ascii=False)
        return value if isinstance(value, str) else "\n".join(value)


def page_task(message: str, before: Sequence[Exchange], instruction: str = "") -> PageTask | None:
    """What a page asks for with ``message`` after ``before``; None where a person asks.

    ``instruction``: of the system. It counts as the order only where the message is a transcript.
    """
    transcript, order = _parted(message)
    if transcript:
        order = f"{instruction[:_HEAD]}\n{order[:_HEAD]}\n{order[-_HEAD:]}"
    key = next((key for key in _KEY.findall(order) if key.lower() in _KEYS), None)
    if transcript and key is not None:
        return PageTask(_KEYS[key.lower()], key, transcript)
    order = order[: 3 * _HEAD]
    kind = _ordered(order)
    if kind is None or not (transcript or (before and _FORMS.search(order))):
        return None
    return PageTask(kind, key, transcript or tuple(before))


def _parted(message: str) -> tuple[tuple[Exchange, ...], str]:
    """The conversation within ``message``, and what is said around it.

    A transcript has both speakers; one line that begins "Frage:" is none.
    """
    lines = list(_SPEAKER.finditer(message))
    if not any(line.group(1) for line in lines) or not any(line.group(2) for line in lines):
        return (), message
    ends = [line.start() for line in lines[1:]] + [_end(message, lines[-1].end())]
    exchanges: list[Exchange] = []
    question: str | None = None
    for line, end in zip(lines, ends, strict=True):
        text = _TAG.sub("", message[line.end() : end]).strip().strip('"')
        if line.group(1):
            question = text
        elif question:
            exchanges.append(Exchange(question, without_footnotes(text)))
            question = None
    if question:
        exchanges.append(Exchange(question, ""))
    return tuple(exchanges), f"{message[: lines[0].start()]}\n{message[ends[-1] :]}"


def _end(message: str, start: int) -> int:
    """Where the last line of a transcript ends: at a closing tag or an empty line."""
    ends = [message.find("</", start), message.find("\n\n", start)]
    return min((end for end in ends if end >= 0), default=len(message))


def _ordered(order: str) -> TaskKind | None:
    """The kind of thing for a conversation that ``order`` demands."""
    text = f" {order.lower()} "
    if not any(name in text for name in _CONVERSATIONS):
        return None
    if _IMPERATIVES.isdisjoint(re.findall(r"\w+", text)):
        return None
    return next((kind for kind, names in _THINGS if any(name in text for name in names)), None)


def _title(question: str) -> str:
    """A few words of the first question: its names and numbers where it has two, or its start."""
    topics = _topics(question)
    words = topics if len(topics) > 1 else question.rstrip(" ?!.").split()
    title = " ".join(words[:_TITLE_WORDS])
    return title[:_TITLE_CHARACTERS].rstrip() or "belegt"


def _topics(question: str) -> list[str]:
    """Words of ``question`` that begin with a capital or a digit, the first word left out."""
    words = [word.rstrip(".-&") for word in _WORD.findall(question)][1:]
    return list(dict.fromkeys(word for word in words if word[:1].isupper() or word[:1].isdigit()))
