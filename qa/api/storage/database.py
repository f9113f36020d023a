"""The database of a service: what a running server keeps that is not the corpus.

In: a corpus folder. Out: a connection to ``service.sqlite`` in it, at ``LATEST``, in WAL mode, so
that the command line may change keys while a server reads them. What can fail, each as one
sentence: a folder that is not there or cannot be written, a file that is no such database, a
database written by a newer belegt. New tables are a new step at the end, never a changed one.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from base.errors import BelegtError, UsageError
from corpus.migrations import migrate, write_ahead

DATABASE = "service.sqlite"
_WAIT_S = 10.0

_STEPS: tuple[str, ...] = (
    """
    CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'admin')),
        created TEXT NOT NULL,
        last_used TEXT,
        revoked TEXT
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX keys_by_name ON keys (name) WHERE revoked IS NULL;
    """,
    """
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        title TEXT,
        created TEXT NOT NULL,
        updated TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX conversations_of_owner ON conversations (owner, updated, id);
    CREATE TABLE answers (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        conversation_id TEXT REFERENCES conversations (id) ON DELETE SET NULL,
        filters TEXT NOT NULL,
        confidence REAL NOT NULL,
        answer TEXT NOT NULL,
        created TEXT NOT NULL
    );
    CREATE INDEX answers_of_conversation ON answers (conversation_id, number);
    """,
    """
    CREATE TABLE feedback (
        answer_id TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
        caller TEXT NOT NULL,
        verdict TEXT NOT NULL,
        comment TEXT,
        document_id TEXT,
        start INTEGER,
        quote TEXT,
        created TEXT NOT NULL,
        PRIMARY KEY (answer_id, caller)
    ) WITHOUT ROWID;
    CREATE TABLE verdicts (
        answer_id TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
        reviewer TEXT NOT NULL,
        verdict TEXT NOT NULL,
        comment TEXT,
        created TEXT NOT NULL,
        PRIMARY KEY (answer_id, reviewer)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('add', 'reindex')),
        owner TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
        document_id TEXT,
        passages INTEGER NOT NULL DEFAULT 0,
        reason TEXT,
        idempotency_key TEXT,
        content_digest TEXT NOT NULL,
        created TEXT NOT NULL,
        finished TEXT,
        UNIQUE (owner, idempotency_key)
    );
    CREATE INDEX jobs_by_state ON jobs (state, number);
    CREATE TABLE uploads (
        job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        document_id TEXT,
        reason TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        content BLOB,
        PRIMARY KEY (job_id, place)
    );
    """,
    """
    CREATE TABLE keys_with_metrics (
        id TEXT PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('metrics', 'reader', 'editor', 'admin')),
        created TEXT NOT NULL,
        last_used TEXT,
        revoked TEXT
    ) WITHOUT ROWID;
    INSERT INTO keys_with_metrics SELECT * FROM keys;
    DROP TABLE keys;
    ALTER TABLE keys_with_metrics RENAME TO keys;
    CREATE UNIQUE INDEX keys_by_name ON keys (name) WHERE revoked IS NULL;
    UPDATE conversations SET owner = coalesce(
        (SELECT id FROM keys WHERE name = owner AND keys.created <= conversations.created
         ORDER BY keys.created DESC LIMIT 1), owner);
    UPDATE answers SET owner = coalesce(
        (SELECT id FROM keys WHERE name = owner AND keys.created <= answers.created
         ORDER BY keys.created DESC LIMIT 1), owner);
    UPDATE jobs SET owner = coalesce(
        (SELECT id FROM keys WHERE name = owner AND keys.created <= jobs.created
         ORDER BY keys.created DESC LIMIT 1), owner);
    """,
)

LATEST = len(_STEPS)


def connect(folder: Path) -> sqlite3.Connection:
    """Open (and make or bring up to date) the service database of the corpus in ``folder``.

    The connection is in autocommit mode and may be handed from thread to thread; whoever shares
    it between threads guards it with a lock. Raises UsageError for a folder that cannot hold the
    database or a database newer than this belegt, BelegtError for a file that is none.
    """
    file = folder / DATABASE
    if not folder.is_dir():
        raise UsageError(
            f"There is no corpus in '{folder}'; add documents with "
            f"'belegt index add PATH --corpus {folder}'."
        )
    try:
        _make_private(file)
        connection = sqlite3.connect(
            file, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.OperationalError) as error:
        raise UsageError(f"The service database '{file}' cannot be opened ({error}).") from error
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection, _STEPS[:LATEST], name=f"service database '{file}'")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise BelegtError(
            f"'{file}' cannot be used as a service database ({error}); move it away or restore it."
        ) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(file: Path) -> None:
    """Digests of keys and people's questions lie in it; SQLite gives -wal and -shm its mode."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
