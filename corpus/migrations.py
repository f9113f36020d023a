"""A database brought up to date, by numbered steps from the first version on.

In: an open SQLite connection in autocommit mode, and the steps, each a script. Out: the same
database after the last of them; SQLite keeps their number as ``user_version``. What can fail: a
database written by a newer belegt, refused by name before anything is touched. Every step runs in
one transaction, so an interrupted migration leaves the old version.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence

from base.errors import UsageError

_PATIENCE_S = 10.0
_PAUSE_S = 0.01


def version(connection: sqlite3.Connection) -> int:
    """The schema version that the database states of itself (0: empty)."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def write_ahead(connection: sqlite3.Connection) -> None:
    """Have readers and a writer not wait for each other (SQLite, "Write-Ahead Logging").

    To change the mode of a new database one connection must have it alone, which SQLite does not
    wait for, whatever the connection's timeout: many that open it at once would fail. Raises
    sqlite3.OperationalError where it cannot be had for ten seconds.
    """
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def migrate(
    connection: sqlite3.Connection,
    steps: Sequence[str],
    *,
    name: str,
    remedy: str = "update belegt",
) -> None:
    """Take the steps that the database ``name`` lacks.

    Raises UsageError, with ``remedy`` as what to do, if it has taken more than there are.
    """
    found = version(connection)
    if found > len(steps):
        raise UsageError(
            f"The {name} has schema version {found}, this belegt knows {len(steps)}; {remedy}."
        )
    for number in range(found, len(steps)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have taken the same step while this one waited for the lock.
            if version(connection) == number:
                for statement in _statements(steps[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _statements(script: str) -> Iterator[str]:
    """One by one, because ``executescript`` would commit what is open."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
