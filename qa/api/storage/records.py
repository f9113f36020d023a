"""Reading and writing what a service keeps.

In: a service. Out: connections for as long as one request, transactions, points in time, and the
cursors by which long lists are read page by page. What can fail, as problems: a database that
cannot be written now (503), a cursor that no list gave out (422).
"""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query

from qa.api.app_state import Service
from qa.api.problems import RETRY_S, ProblemError

Limit = Annotated[int, Query(ge=1, le=100, description="Entries of a page.")]
Cursor = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9_-]+$",
        max_length=1000,
        description="`next` of the page before; left out for the first page.",
    ),
]


@contextmanager
def open_connection(service: Service) -> Iterator[sqlite3.Connection]:
    """A connection to the service's database, closed at the end."""
    with closing(service.database()) as connection:
        yield connection


@contextmanager
def writing(service: Service, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
    """The same within one transaction: all or nothing.

    With ``durable`` the disk has it at the end, so that it outlives a power cut (SQLite
    documentation, "PRAGMA synchronous"). Raises ProblemError where the database cannot be written.
    """
    with open_connection(service) as connection:
        if durable:
            connection.execute("PRAGMA synchronous = FULL")
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            detail = f"The server cannot keep this now ({error}); nothing was changed."
            raise ProblemError(503, detail, headers={"Retry-After": str(RETRY_S)}) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def now() -> str:
    """This moment, ISO 8601 in UTC; later moments come later in the alphabet."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def days_ago(days: int) -> str:
    """The moment so many days ago, to be compared with :func:`now`."""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")


def cursor_of(*place: str) -> str:
    """A cursor that names the last entry of a page by the keys of its order."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def keys_of(cursor: str, keys: int) -> tuple[str, ...]:
    """The ``keys`` values that :func:`cursor_of` got; ProblemError (422) for anything else."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    if (
        not isinstance(place, list)
        or len(place) != keys
        or not all(isinstance(one, str) and one.isprintable() for one in place)
    ):
        raise ProblemError(
            422, "Field 'cursor': it is none that this list gave out.", param="cursor"
        )
    return tuple(place)
