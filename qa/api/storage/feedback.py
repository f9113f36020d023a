"""What people say of answers, and what reviewers do.

In: verdicts, with who gives them. Out: the queue of answers that reviewers should look at, and how
far two of them agree. What can fail, as problems: an unknown answer or somebody else's (404), a
passage that is none (422), a second thought that comes too late (409).

Feedback is what a person says of an answer of their own (an editor of any), one for each person;
saying it again replaces it. A verdict is what a reviewer says. An answer is *settled* once one
verdict has at least two voices and more than any other. Two verdicts are independent: a reviewer
sees those of others only after giving their own, and may change their own only until somebody
else has given one.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from qa.api.agreement import cohens_kappa
from qa.api.app_state import Service
from qa.api.documents import checked_text
from qa.api.problems import ProblemError
from qa.api.schemas import Identifier, Strict
from qa.api.storage.keys import Caller
from qa.api.storage.records import cursor_of, keys_of, now, open_connection, writing
from qa.pipeline.answer import Answer

FeedbackVerdict = Literal["right", "wrong", "badly_cited", "missing"]
LOW_CONFIDENCE = 0.6
"""Answers that are less sure than this are looked at by people."""
NEEDED = 2
_VOICES = (
    "(SELECT count(*) FROM verdicts WHERE answer_id = answers.id GROUP BY verdict "
    "ORDER BY 1 DESC LIMIT 1 OFFSET {})"
)
# As many voices for the second verdict as for the first; NULL, so false, where all are of one.
_TIED = f"({_VOICES.format(0)} = {_VOICES.format(1)})"
_OBJECTED = "EXISTS (SELECT 1 FROM feedback WHERE answer_id = answers.id AND verdict <> 'right')"
_OPEN = (
    f"({_TIED} OR ((confidence < {LOW_CONFIDENCE} OR {_OBJECTED}) AND "
    f"(SELECT count(*) FROM verdicts WHERE answer_id = answers.id) < {NEEDED}))"
)


class PassageGiven(Strict):
    """The passage that answers the question: ``text[start:end]`` of a document."""

    document_id: str = Field(min_length=1, max_length=300, examples=["vertrag-1a2b3c4d"])
    start: int = Field(ge=0, le=100_000_000)
    end: int = Field(ge=1, le=100_000_000)


class VerdictGiven(Strict):
    """A reviewer's verdict."""

    verdict: FeedbackVerdict = Field(examples=["badly_cited"])
    comment: str | None = Field(None, max_length=4000)


class FeedbackGiven(VerdictGiven):
    """What a person says of an answer."""

    answer_id: Identifier
    passage: PassageGiven | None = None


class Feedback(BaseModel):
    """Feedback as it is kept; ``passage`` is the one that the person says is right."""

    verdict: FeedbackVerdict
    comment: str | None
    created: str
    passage: PassageGiven | None


class Review(BaseModel):
    """A verdict as it is kept."""

    reviewer: str
    verdict: FeedbackVerdict
    comment: str | None
    created: str


class ReviewItem(BaseModel):
    """An answer to be looked at; others' verdicts show once the caller has given one."""

    answer: Answer
    feedback: list[Feedback]
    verdicts: list[Review]
    reason: Literal["low_confidence", "disputed"]
    own: FeedbackVerdict | None = Field(description="The caller's verdict.")


class ReviewPage(BaseModel):
    """A page of the queue, the newest answer first."""

    items: list[ReviewItem]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class Agreement(BaseModel):
    """How far the first two verdicts on an answer agree, over ``answers`` that have two.

    ``agreement`` is the share of equal ones, ``kappa`` Cohen's, with the reviewer whose name comes
    first as the first rater; with more than two reviewers in all it is an approximation.
    """

    answers: int
    agreement: float | None = Field(ge=0.0, le=1.0)
    kappa: float | None = Field(ge=-1.0, le=1.0)


class Judgements:
    """Feedback and verdicts of one service. Safe to use from many threads."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def give(self, given: FeedbackGiven, caller: Caller) -> Feedback:
        """Keep what ``caller`` says of an answer, in place of what they said before."""
        quote = None if given.passage is None else self._quote(given.passage)
        moment = now()
        with writing(self._service) as connection:
            owner = _owner(connection, given.answer_id)
            if owner != caller.owner and not caller.may("editor"):
                raise _unknown(given.answer_id)
            connection.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    given.answer_id,
                    caller.name,
                    given.verdict,
                    given.comment,
                    given.passage and given.passage.document_id,
                    given.passage and given.passage.start,
                    quote,
                    moment,
                ),
            )
        return Feedback(
            verdict=given.verdict, comment=given.comment, created=moment, passage=given.passage
        )

    def _quote(self, passage: PassageGiven) -> str:
        with self._service.library.reading() as retriever:
            if retriever.store.digest(passage.document_id) is None:
                raise ProblemError(
                    422,
                    f"Field 'passage': there is no document '{passage.document_id}'.",
                    param="passage",
                )
            document = retriever.store.document(passage.document_id)
        return checked_text(document, passage.start, passage.end)[passage.start : passage.end]

    def review(self, answer_id: str, given: VerdictGiven, reviewer: str) -> Review:
        """Keep a reviewer's verdict; ProblemError (409) where it would no longer be independent."""
        moment = now()
        with writing(self._service) as connection:
            _owner(connection, answer_id)
            given_by = {one.reviewer for one in reviews_of(connection, answer_id)}
            if reviewer in given_by and len(given_by) > 1:
                raise ProblemError(
                    409,
                    f"You judged answer '{answer_id}' and so did somebody else since; your verdict "
                    "stays as it is.",
                )
            connection.execute(
                "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)",
                (answer_id, reviewer, given.verdict, given.comment, moment),
            )
        return Review(
            reviewer=reviewer, verdict=given.verdict, comment=given.comment, created=moment
        )

    def queue(self, reviewer: str, limit: int, cursor: str | None) -> ReviewPage:
        """``limit`` answers that reviewers should look at, those after ``cursor``."""
        before = 2**62 if cursor is None else _number(keys_of(cursor, 1)[0])
        with open_connection(self._service) as connection:
            rows = connection.execute(
                f"SELECT number, answer, {_TIED} OR {_OBJECTED} FROM answers "
                f"WHERE number < ? AND {_OPEN} ORDER BY number DESC LIMIT ?",
                (before, limit + 1),
            ).fetchall()
            items = [
                _item(connection, Answer.model_validate_json(text), bool(disputed), reviewer)
                for _, text, disputed in rows[:limit]
            ]
        more = len(rows) > limit
        return ReviewPage(items=items, next=cursor_of(str(rows[limit - 1][0])) if more else None)

    def agreement(self) -> Agreement:
        """How far reviewers agree."""
        with open_connection(self._service) as connection:
            rows = connection.execute(
                "SELECT answer_id, reviewer, verdict FROM verdicts ORDER BY answer_id, created"
            ).fetchall()
        first_two: dict[str, list[tuple[str, str]]] = {}
        for answer_id, reviewer, verdict in rows:
            voices = first_two.setdefault(answer_id, [])
            if len(voices) < NEEDED:
                voices.append((reviewer, verdict))
        both = [sorted(voices) for voices in first_two.values() if len(voices) == NEEDED]
        pairs = [(one[1], other[1]) for one, other in both]
        share = sum(one == other for one, other in pairs) / len(pairs) if pairs else None
        return Agreement(answers=len(pairs), agreement=share, kappa=cohens_kappa(pairs))


def settle_verdict(verdicts: Sequence[FeedbackVerdict]) -> FeedbackVerdict | None:
    """The verdict with at least two voices and more than any other, or None."""
    voices = Counter(verdicts).most_common(2)
    if not voices or voices[0][1] < NEEDED:
        return None
    return None if len(voices) > 1 and voices[1][1] == voices[0][1] else voices[0][0]


def feedback_of(connection: sqlite3.Connection, answer_id: str) -> list[Feedback]:
    """All feedback on one answer, the newest first."""
    rows = connection.execute(
        "SELECT verdict, comment, created, document_id, start, quote FROM feedback "
        "WHERE answer_id = ? ORDER BY created DESC",
        (answer_id,),
    ).fetchall()
    return [
        Feedback(
            verdict=verdict,
            comment=comment,
            created=created,
            passage=None
            if document_id is None
            else PassageGiven(document_id=document_id, start=start, end=start + len(quote)),
        )
        for verdict, comment, created, document_id, start, quote in rows
    ]


def reviews_of(connection: sqlite3.Connection, answer_id: str) -> list[Review]:
    """All verdicts on one answer, the oldest first."""
    rows = connection.execute(
        "SELECT reviewer, verdict, comment, created FROM verdicts "
        "WHERE answer_id = ? ORDER BY created",
        (answer_id,),
    ).fetchall()
    names = ("reviewer", "verdict", "comment", "created")
    return [Review(**dict(zip(names, row, strict=True))) for row in rows]


def _item(
    connection: sqlite3.Connection, answer: Answer, disputed: bool, reviewer: str
) -> ReviewItem:
    reviews = reviews_of(connection, answer.id)
    own = next((one.verdict for one in reviews if one.reviewer == reviewer), None)
    return ReviewItem(
        answer=answer,
        feedback=feedback_of(connection, answer.id),
        verdicts=[] if own is None else reviews,
        reason="disputed" if disputed else "low_confidence",
        own=own,
    )


def _owner(connection: sqlite3.Connection, answer_id: str) -> str:
    row = connection.execute("SELECT owner FROM answers WHERE id = ?", (answer_id,)).fetchone()
    if row is None:
        raise _unknown(answer_id)
    return str(row[0])


def _unknown(answer_id: str) -> ProblemError:
    return ProblemError(404, f"There is no answer '{answer_id}' of yours; it may be past its time.")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ProblemError(
            422, "Field 'cursor': it is none that this list gave out.", param="cursor"
        )
    return int(text)
