"""Conversations and the answers that were given.

In: answers with their owner, which is the id of the key that asked, and the conversation they
belong to, if any. Out: an owner's conversations, what was said last in one of them, and any answer
that feedback may refer to. What can fail, as problems: a conversation that does not exist or is
somebody else's (404), a database that cannot be written (503).

An answer that cannot be kept (a full disk, a folder that is read-only) is given all the same: who
waited for it shall have it. The log says that it is missing; feedback on it is answered with 404.

Answers older than ``kept_answers_days`` are removed while the server runs, those with feedback
or a reviewer's verdict excepted. Deleting a conversation deletes its answers with the same
exception: what somebody judged is evaluation data and stays, without its conversation.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from uuid import uuid4

from pydantic import BaseModel, Field

from base.errors import BelegtError
from corpus.filters import Filters
from qa.api.app_state import Service
from qa.api.footnotes import without_footnotes
from qa.api.problems import ProblemError
from qa.api.storage.records import cursor_of, days_ago, keys_of, now, open_connection, writing
from qa.dialogue.query_rewriting import Exchange
from qa.pipeline.answer import Answer, DoneEvent, Event
from qa.pipeline.options import AskOptions

EXCHANGES = 5
"""So many questions and answers of a conversation a follow-up may refer to."""
TURNS = 200
"""So many of its last turns are shown."""
_TITLE = 80
_JUDGED = (
    "(EXISTS (SELECT 1 FROM feedback WHERE answer_id = answers.id) OR "
    "EXISTS (SELECT 1 FROM verdicts WHERE answer_id = answers.id))"
)
_COLUMNS = (
    "id, title, created, updated, "
    "(SELECT count(*) FROM answers WHERE conversation_id = conversations.id)"
)
_logger = logging.getLogger("belegt.api")


class Conversation(BaseModel):
    """A conversation in a list; ``turns`` is how many answers it has."""

    id: str
    title: str | None = Field(examples=["Wer gründete Scale AI?"])
    created: str = Field(examples=["2025-06-13T09:30:00.000000+00:00"])
    updated: str
    turns: int


class ConversationPage(BaseModel):
    """A page of conversations, the last touched first."""

    items: list[Conversation]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class Turn(BaseModel):
    """A question of a conversation and its answer; both have the answer's id."""

    id: str
    created: str
    question: str
    answer: Answer


class WholeConversation(BaseModel):
    """A conversation with its turns, the oldest first; of a long one the last 200."""

    id: str
    title: str | None
    created: str
    updated: str
    turns: list[Turn]


class Conversations:
    """The conversations and answers of one service. Safe to use from many threads."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def begin(self, owner: str, title: str | None) -> Conversation:
        """A new, empty conversation; without ``title`` it gets that of its first question."""
        moment = now()
        made = Conversation(id=uuid4().hex, title=title, created=moment, updated=moment, turns=0)
        with writing(self._service) as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
                (made.id, owner, title, moment, moment),
            )
        return made

    def page(self, owner: str, limit: int, cursor: str | None) -> ConversationPage:
        """``limit`` of ``owner``'s conversations that follow ``cursor``."""
        before, values = "", []
        if cursor is not None:
            before, values = "AND (updated, id) < (?, ?)", list(keys_of(cursor, 2))
        with open_connection(self._service) as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM conversations WHERE owner = ? {before} "
                "ORDER BY updated DESC, id DESC LIMIT ?",
                [owner, *values, limit + 1],
            ).fetchall()
        items = [_conversation(row) for row in rows[:limit]]
        more = len(rows) > limit
        return ConversationPage(
            items=items, next=cursor_of(items[-1].updated, items[-1].id) if more else None
        )

    def whole(self, conversation_id: str, owner: str) -> WholeConversation:
        """``owner``'s conversation with its turns."""
        with open_connection(self._service) as connection:
            found = _own(connection, conversation_id, owner)
            rows = _last(connection, conversation_id, TURNS)
        turns = [
            Turn(id=answer.id, created=created, question=answer.question, answer=answer)
            for answer, created in rows
        ]
        return WholeConversation(**found.model_dump(exclude={"turns"}), turns=turns)

    def exchanges(self, conversation_id: str, owner: str) -> tuple[Exchange, ...]:
        """The last questions and answers of ``owner``'s conversation, the oldest first."""
        with open_connection(self._service) as connection:
            _own(connection, conversation_id, owner)
            rows = _last(connection, conversation_id, EXCHANGES)
        return tuple(Exchange(one.question, without_footnotes(one.text)) for one, _ in rows)

    def ask(
        self, question: str, options: AskOptions, owner: str, conversation_id: str | None = None
    ) -> Iterator[Event]:
        """The events of ``owner``'s answer, which is counted and kept before the last of them."""
        with self._service.assistant() as assistant:
            for event in assistant.stream(question, options):
                if isinstance(event, DoneEvent):
                    self._service.metrics.count_answer(event.answer)
                    self.keep(event.answer, owner, conversation_id, options.filters)
                yield event

    def remove(self, conversation_id: str, owner: str) -> None:
        """Forget ``owner``'s conversation and its answers; see the module for what stays."""
        with writing(self._service) as connection:
            _own(connection, conversation_id, owner)
            connection.execute(
                f"DELETE FROM answers WHERE conversation_id = ? AND NOT {_JUDGED}",
                (conversation_id,),
            )
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def keep(
        self,
        answer: Answer,
        owner: str,
        conversation_id: str | None,
        filters: Filters | None = None,
    ) -> None:
        """Keep ``answer``, as a turn of ``owner``'s conversation if there is (still) such a one.

        ``filters``: the documents that it was looked for in, which an exported question needs to
        mean the same. Never fails; see the module.
        """
        try:
            self._keep(answer, owner, conversation_id, filters or Filters())
        except (BelegtError, ProblemError, sqlite3.Error) as error:
            _logger.warning("answer %s was given but could not be kept: %s", answer.id, error)

    def _keep(
        self, answer: Answer, owner: str, conversation_id: str | None, filters: Filters
    ) -> None:
        moment = now()
        with writing(self._service) as connection:
            connection.execute(
                "INSERT INTO answers "
                "(id, owner, conversation_id, filters, confidence, answer, created) VALUES "
                "(?, ?, (SELECT id FROM conversations WHERE id = ? AND owner = ?), ?, ?, ?, ?)",
                (
                    answer.id,
                    owner,
                    conversation_id,
                    owner,
                    filters.model_dump_json(exclude_defaults=True),
                    answer.confidence,
                    answer.model_dump_json(),
                    moment,
                ),
            )
            connection.execute(
                "UPDATE conversations SET updated = ?, title = coalesce(title, ?) "
                "WHERE id = ? AND owner = ?",
                (moment, _title(answer.question), conversation_id, owner),
            )

    def forget_old(self) -> int:
        """Remove answers past their time and conversations left empty; how many answers."""
        limit = days_ago(self._service.settings.kept_answers_days)
        with writing(self._service) as connection:
            gone = connection.execute(
                f"DELETE FROM answers WHERE created < ? AND NOT {_JUDGED}", (limit,)
            ).rowcount
            connection.execute(
                "DELETE FROM conversations WHERE updated < ? AND NOT EXISTS "
                "(SELECT 1 FROM answers WHERE conversation_id = conversations.id)",
                (limit,),
            )
        return gone


def _own(connection: sqlite3.Connection, conversation_id: str, owner: str) -> Conversation:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM conversations WHERE id = ? AND owner = ?",
        (conversation_id, owner),
    ).fetchone()
    if row is None:
        raise ProblemError(404, f"There is no conversation '{conversation_id}' of yours.")
    return _conversation(row)


def _last(
    connection: sqlite3.Connection, conversation_id: str, count: int
) -> list[tuple[Answer, str]]:
    rows = connection.execute(
        "SELECT answer, created FROM answers WHERE conversation_id = ? "
        "ORDER BY number DESC LIMIT ?",
        (conversation_id, count),
    ).fetchall()
    return [(Answer.model_validate_json(text), created) for text, created in reversed(rows)]


def _conversation(row: tuple[str, str | None, str, str, int]) -> Conversation:
    number, title, created, updated, turns = row
    return Conversation(id=number, title=title, created=created, updated=updated, turns=turns)


def _title(question: str) -> str:
    line = " ".join(question.split())
    if len(line) <= _TITLE:
        return line
    return line[:_TITLE].rsplit(" ", 1)[0] + " …"
