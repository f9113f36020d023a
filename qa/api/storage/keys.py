"""API keys: who may use a running server, and as what.

In: a corpus folder whose service database holds the keys. Out: new keys, a list, and for a secret
that a request carries the :class:`Caller` behind it. What can fail, each as one sentence: a name
or a role that is not acceptable, a name that is taken, a key that is not there.

A key is ``belegt_`` and 32 random bytes, url-safe. Only its SHA-256 is stored. A plain digest is
right here, where it would be wrong for a password: there are 2^256 keys to try, so neither a table
nor a fast guesser helps whoever has read the database, and a slow hash would only cost each
request its time (OWASP, Password Storage Cheat Sheet, is about secrets that people choose).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from base.errors import UsageError
from qa.api.storage.database import connect

KeyRole = Literal["metrics", "reader", "editor", "admin"]
ROLES: tuple[KeyRole, ...] = ("reader", "editor", "admin")
"""From the least to the most allowed; each may do what those before it may."""
METRICS: KeyRole = "metrics"
"""Stands beside them: it reads counters and no document, and of the others only an admin may."""

PREFIX = "belegt_"
LOCAL = "local"
"""The name of whoever sits at this machine: without a key, or with the token of a run."""

_SECRET_BYTES = 32
_ID_DIGITS = 12
_NAME_CHARACTERS = 64
_COLUMNS = "id, name, role, created, last_used, revoked"


class NameTakenError(UsageError):
    """Two people under one name could not be told apart, in reviews for one."""


class NoSuchKeyError(UsageError):
    """An id that belongs to no key."""


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request. ``key_id`` is None where no stored key was needed."""

    name: str
    role: KeyRole
    key_id: str | None = None

    @property
    def owner(self) -> str:
        """Whose conversations and uploads these are: the key's id, which is never given twice.

        A name is, once its key was revoked.
        """
        return self.key_id or LOCAL

    def may(self, role: KeyRole) -> bool:
        """Whether ``role`` or more was given to this caller."""
        if METRICS in (role, self.role):
            return self.role in (role, "admin")
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class Key:
    """What may be shown of a key. Times are ISO 8601 in UTC, ``last_used`` to the hour."""

    id: str
    name: str
    role: KeyRole
    created: str
    last_used: str | None
    revoked: str | None


class Keys:
    """The keys of one corpus. Safe to use from many threads; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Raises what :func:`qa.api.storage.database.connect` does."""
        self._connection = connect(folder)
        self._lock = threading.Lock()

    def __enter__(self) -> Keys:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the database."""
        self._connection.close()

    def create(self, name: str, role: str) -> tuple[Key, str]:
        """Make a key; the secret is returned here and never again."""
        known = _role(role)
        _check_name(name)
        secret = new_secret()
        digest = _digest(secret)
        key = Key(_id(digest), name, known, _now("minutes"), None, None)
        row = (key.id, digest, key.name, key.role, key.created)
        try:
            with self._lock:
                self._connection.execute(
                    "INSERT INTO keys (id, digest, name, role, created) VALUES (?, ?, ?, ?, ?)", row
                )
        except sqlite3.IntegrityError:
            raise NameTakenError(
                f"There is a key named '{name}' already; revoke it or choose another name."
            ) from None
        return key, secret

    def list(self) -> list[Key]:
        """All keys, revoked ones too, the oldest first."""
        with self._lock:
            rows = self._connection.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created, id")
            return [Key(*row) for row in rows]

    def revoke(self, key_id: str) -> Key:
        """Make a key useless at once, in running servers too. Revoking twice changes nothing."""
        with self._lock:
            row = self._connection.execute(
                f"UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ? RETURNING {_COLUMNS}",
                (_now("minutes"), key_id),
            ).fetchone()
        if row is None:
            raise NoSuchKeyError(f"There is no key '{key_id}'; 'belegt keys list' shows them.")
        return Key(*row)

    def any(self) -> bool:
        """Whether a key was ever made: revoking the last one must not open the server."""
        with self._lock:
            return self._connection.execute("SELECT 1 FROM keys LIMIT 1").fetchone() is not None

    def usable(self) -> bool:
        """Whether there is a key that is not revoked."""
        with self._lock:
            found = self._connection.execute("SELECT 1 FROM keys WHERE revoked IS NULL LIMIT 1")
            return found.fetchone() is not None

    def find(self, secret: str) -> Key | None:
        """The key that ``secret`` belongs to, unless it is revoked.

        The row is looked up by a part of the digest, which whoever guesses cannot steer, and the
        whole digest is compared in constant time.
        """
        digest = _digest(secret)
        with self._lock:
            row = self._connection.execute(
                f"SELECT digest, {_COLUMNS} FROM keys WHERE id = ? AND revoked IS NULL",
                (_id(digest),),
            ).fetchone()
        if row is None or not hmac.compare_digest(row[0], digest):
            return None
        return Key(*row[1:])

    def used(self, key: Key) -> None:
        """Note that ``key`` is in use; to the hour, so that requests do not become writes."""
        with self._lock:
            self._connection.execute(
                "UPDATE keys SET last_used = ? WHERE id = ?", (_now("hours"), key.id)
            )


class Access:
    """Who may use a running server.

    ``loopback``: whether it listens on this machine only. ``token`` is an admin's key that is
    valid for this run and stored nowhere; the server hands it to ``belegt ask`` in a private file.
    """

    def __init__(self, folder: Path, *, loopback: bool) -> None:
        """Raises UsageError where a server beyond loopback would have no usable key."""
        self.keys = Keys(folder)
        # Noting a use waits for other writers; looking a key up never must.
        self._notes = Keys(folder)
        self.loopback = loopback
        self.token = new_secret()
        if not loopback and not self.keys.usable():
            self.close()
            raise UsageError(
                "A server that others can reach needs a key first; make one with "
                f"'belegt keys create --role admin --name NAME --corpus {folder}'."
            )

    def close(self) -> None:
        """Release the database."""
        self.keys.close()
        self._notes.close()

    @property
    def open(self) -> bool:
        """Whether no key is needed: on loopback, as long as none was ever made."""
        return self.loopback and not self.keys.any()

    def authenticate(self, secret: str) -> tuple[Caller, Key | None] | None:
        """Whoever ``secret`` belongs to and the stored key behind it, or None."""
        if hmac.compare_digest(_digest(secret), _digest(self.token)):
            return Caller(LOCAL, "admin"), None
        key = self.keys.find(secret)
        return None if key is None else (Caller(key.name, key.role, key.id), key)

    @staticmethod
    def is_news(key: Key) -> bool:
        """Whether the present hour is not noted yet as the last use of ``key``."""
        return key.last_used != _now("hours")

    def used(self, key: Key) -> None:
        """Note the use of ``key``; may wait for another writer."""
        self._notes.used(key)


def new_secret() -> str:
    """A key that nobody has seen."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _id(digest: bytes) -> str:
    return digest.hex()[:_ID_DIGITS]


def _now(timespec: str) -> str:
    return datetime.now(UTC).isoformat(timespec=timespec)


def _role(role: str) -> KeyRole:
    known_roles = (METRICS, *ROLES)
    for known in known_roles:
        if role == known:
            return known
    raise UsageError(f"'{role}' is not a role; known are {', '.join(known_roles)}.")


def _check_name(name: str) -> None:
    """A name stands in logs, lists and reviews; one line of plain characters keeps them whole."""
    if not (0 < len(name) <= _NAME_CHARACTERS and name.isprintable() and name == name.strip()):
        raise UsageError(
            f"{name!r} is not a name for a key; take 1 to {_NAME_CHARACTERS} printable characters."
        )
    if name == LOCAL:
        raise UsageError(f"'{LOCAL}' is whoever sits at this machine; choose another name.")
