"""Work on the corpus that outlasts a request: uploads and indexing again.

In: files, ids of documents, who asked. Out: jobs, kept in the service's database with the bytes of
the files, so that what was acknowledged is there whatever happens to the process, and the records
that the worker goes by (:mod:`qa.api.job_worker`). What can fail, as problems: an unknown job
(404), too many jobs waiting (429), an idempotency key used for something else (422), a database
that cannot be written (503).

``Idempotency-Key`` follows the IETF draft "The Idempotency-Key HTTP Header Field"
(draft-ietf-httpapi-idempotency-key-header-07, section 2): the same key of the same caller with the
same content gives the job that it made the first time, with other content 422. A key is known as
long as its job is kept: 7 days after its end. Of two requests with one key at the same time the
second waits for the first, which takes no longer than storing the files.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from qa.api.app_state import Service
from qa.api.problems import ProblemError
from qa.api.storage.records import days_ago, now, open_connection, writing

KEPT_DAYS = 7
WAITING = 100
"""So many jobs may wait; each keeps the bytes of its files."""
ATTEMPTS = 50
"""A file during which the process died so often in a row is not tried again.

Many, because a process may die for reasons of its own and no acknowledged file shall be lost to
that; but not for ever, or one file could keep a server from ever coming up.
"""
_RETRY_S = 30

JobState = Literal["waiting", "running", "done", "failed"]
JobFileState = Literal["waiting", "added", "replaced", "unchanged", "refused"]


@dataclass(frozen=True)
class Upload:
    """A file as it came; ``reason`` says why it is not taken, where that shows at once."""

    name: str
    content: bytes
    reason: str | None = None


class JobFile(BaseModel):
    """What became of one file."""

    name: str
    state: JobFileState
    document_id: str | None = None
    reason: str | None = Field(None, description="Why it was refused, or what was odd in it.")


class Job(BaseModel):
    """A job; ``passages`` counts those that were encoded so far."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "id": "0f8fad5bd9cb469fa16570867728950e", "kind": "add", "state": "done", "passages": 3,
        "files": [{"name": "vertrag.md", "state": "added", "document_id": "vertrag-1a2b3c4d"}],
        "created": "2025-06-13T09:30:00.000000+00:00",
        "finished": "2025-06-13T09:30:01.000000+00:00", "document_id": None, "reason": None,
    }]})  # fmt: skip

    id: str
    kind: Literal["add", "reindex"]
    state: JobState
    files: list[JobFile]
    document_id: str | None = Field(description="What is indexed again; null: everything.")
    passages: int
    reason: str | None = Field(description="Why it failed, or what it waits for.")
    created: str
    finished: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed")


@dataclass(frozen=True)
class WaitingFile:
    """A file that is stored and not yet in the corpus."""

    place: int
    name: str
    attempts: int
    content: bytes


class JobStore:
    """The jobs of one service. Safe to use from many threads."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def add(self, uploads: Sequence[Upload], owner: str, key: str | None = None) -> Job:
        """Store files to be added; when this returns, the disk has them."""
        digest = _digest(uploads)
        with writing(self._service, durable=True) as connection:
            if key is not None:
                known = _find(connection, owner, key, digest)
                if known is not None:
                    return known
            _check_room(connection)
            number = _insert(connection, "add", owner, digest, key=key)
            connection.executemany(
                "INSERT INTO uploads (job_id, place, name, state, reason, content) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        number,
                        place,
                        one.name,
                        "refused" if one.reason else "waiting",
                        one.reason,
                        None if one.reason else one.content,
                    )
                    for place, one in enumerate(uploads)
                ],
            )
            return _job(connection, number)

    def reindex(self, document_id: str | None, owner: str) -> Job:
        """Have one document indexed again, or all; a job that waits to do just that will do."""
        with writing(self._service) as connection:
            row = connection.execute(
                "SELECT id FROM jobs WHERE kind = 'reindex' AND state = 'waiting' "
                "AND document_id IS ?",
                (document_id,),
            ).fetchone()
            if row is not None:
                return _job(connection, row[0])
            _check_room(connection)
            number = _insert(connection, "reindex", owner, "", document_id=document_id)
            return _job(connection, number)

    def get(self, job_id: str) -> Job:
        """The job of that id."""
        with open_connection(self._service) as connection:
            return _job(connection, job_id)

    def recover(self) -> None:
        """Have jobs that a process left behind wait again; forget those that ended long ago."""
        with writing(self._service) as connection:
            connection.execute("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")
            connection.execute(
                "DELETE FROM jobs WHERE finished IS NOT NULL AND finished < ?",
                (days_ago(KEPT_DAYS),),
            )

    def begin_next(self) -> Job | None:
        """The job that waits longest, now running; None if there is none."""
        with open_connection(self._service) as connection:
            row = connection.execute(
                "SELECT id FROM jobs WHERE state = 'waiting' ORDER BY number LIMIT 1"
            ).fetchone()
        if row is None:
            return None
        with writing(self._service) as connection:
            connection.execute("UPDATE jobs SET state = 'running', reason = NULL WHERE id = ?", row)
            return _job(connection, row[0])

    def waiting_files(self, job_id: str, most_bytes: int) -> list[WaitingFile]:
        """The next files of a job, at least one, until there are ``most_bytes`` or a name again.

        A file that was tried before comes alone, so that it can spoil no other. That each is being
        tried is noted first.
        """
        found: list[WaitingFile] = []
        size = 0
        with writing(self._service) as connection:
            rows = connection.execute(
                "SELECT place, name, attempts, content FROM uploads "
                "WHERE job_id = ? AND state = 'waiting' ORDER BY place",
                (job_id,),
            )
            for row in rows:
                one = WaitingFile(*row)
                size += len(one.content)
                tried = found and (one.attempts or found[0].attempts)
                if found and (tried or size > most_bytes or one.name in {it.name for it in found}):
                    break
                found.append(one)
            connection.executemany(
                "UPDATE uploads SET attempts = attempts + 1 WHERE job_id = ? AND place = ?",
                [(job_id, one.place) for one in found],
            )
        return found

    def settle(self, job_id: str, files: dict[int, JobFile], passages: int) -> None:
        """Note what became of files, by place, and let go of their bytes."""
        with writing(self._service, durable=True) as connection:
            connection.executemany(
                "UPDATE uploads SET state = ?, document_id = ?, reason = ?, content = NULL "
                "WHERE job_id = ? AND place = ?",
                [
                    (one.state, one.document_id, one.reason, job_id, place)
                    for place, one in files.items()
                ],
            )
            connection.execute(
                "UPDATE jobs SET passages = passages + ? WHERE id = ?", (passages, job_id)
            )

    def finish(self, job_id: str, passages: int = 0, failure: str | None = None) -> None:
        """Note that a job is over; it failed if there is a ``failure`` or no file was taken.

        Files that still wait are refused for that ``failure``.
        """
        with writing(self._service) as connection:
            connection.execute(
                "UPDATE uploads SET state = 'refused', reason = ?, content = NULL "
                "WHERE job_id = ? AND state = 'waiting'",
                (failure, job_id),
            )
            files = _job(connection, job_id).files
            failed = failure or (files and all(one.state == "refused" for one in files))
            connection.execute(
                "UPDATE jobs SET state = ?, finished = ?, reason = ?, passages = passages + ? "
                "WHERE id = ?",
                ("failed" if failed else "done", now(), failure, passages, job_id),
            )

    def put_back(self, job_id: str, reason: str | None) -> None:
        """Have a job wait again; ``reason`` says for what.

        That the process is there to say so clears its files of having ended it.
        """
        with writing(self._service) as connection:
            connection.execute(
                "UPDATE uploads SET attempts = 0 WHERE job_id = ? AND state = 'waiting'", (job_id,)
            )
            connection.execute(
                "UPDATE jobs SET state = 'waiting', reason = ? WHERE id = ?", (reason, job_id)
            )


def _digest(uploads: Sequence[Upload]) -> str:
    whole = hashlib.sha256()
    for upload in uploads:
        for part in (upload.name.encode(), upload.content):
            whole.update(len(part).to_bytes(8, "big"))
            whole.update(part)
    return whole.hexdigest()


def _find(connection: sqlite3.Connection, owner: str, key: str, digest: str) -> Job | None:
    row = connection.execute(
        "SELECT id, content_digest FROM jobs WHERE owner = ? AND idempotency_key = ?", (owner, key)
    ).fetchone()
    if row is None:
        return None
    if row[1] != digest:
        raise ProblemError(
            422,
            f"The Idempotency-Key '{key}' was used for other files; take a new key for these.",
            param="Idempotency-Key",
        )
    return _job(connection, row[0])


def _check_room(connection: sqlite3.Connection) -> None:
    row = connection.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()
    if row[0] >= WAITING:
        detail = f"{WAITING} jobs are waiting already; try again when some are done."
        raise ProblemError(429, detail, headers={"Retry-After": str(_RETRY_S)})


def _insert(
    connection: sqlite3.Connection,
    kind: str,
    owner: str,
    digest: str,
    *,
    key: str | None = None,
    document_id: str | None = None,
) -> str:
    number = uuid4().hex
    connection.execute(
        "INSERT INTO jobs (id, kind, owner, state, document_id, idempotency_key, content_digest, "
        "created) VALUES (?, ?, ?, 'waiting', ?, ?, ?, ?)",
        (number, kind, owner, document_id, key, digest, now()),
    )
    return number


def _job(connection: sqlite3.Connection, job_id: str) -> Job:
    row = connection.execute(
        "SELECT id, kind, state, document_id, passages, reason, created, finished "
        "FROM jobs WHERE id = ?",
        (job_id,),
    ).fetchone()
    if row is None:
        raise ProblemError(404, f"There is no job '{job_id}'; jobs are kept for {KEPT_DAYS} days.")
    files = connection.execute(
        "SELECT name, state, document_id, reason FROM uploads WHERE job_id = ? ORDER BY place",
        (job_id,),
    ).fetchall()
    names = ("id", "kind", "state", "document_id", "passages", "reason", "created", "finished")
    return Job(
        **dict(zip(names, row, strict=True)),
        files=[
            JobFile(name=name, state=state, document_id=document_id, reason=reason)
            for name, state, document_id, reason in files
        ],
    )
