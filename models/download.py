"""Fetch one address into a file, going on where an earlier attempt stopped.

In: an ``http(s)`` or ``file`` address and the file to fill. Out: the file, complete and (where a
digest is given) checked. What can fail: the network, after a few tries, and a wrong digest; both
BelegtError. A file with a wrong digest is removed; one that is merely cut off stays and is
continued by the next call.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tqdm import tqdm

from base.errors import BelegtError
from base.files import sha256_of
from base.http import client_for

CHUNK = 1 << 16
"""What a connection that breaks can cost: an unfinished chunk is not delivered."""
TIMEOUT_S = (5, 60, 60, 60)
"""To connect, read, write and be given a connection."""
TRIES = 3
"""In a row and without a byte; few, since another source may be reachable."""
PAUSE_S = 1.0


def download(
    address: str,
    target: Path,
    sha256: str,
    bar: tqdm[Any],
    headers: Mapping[str, str] | None = None,
) -> None:
    """Fill ``target`` from ``address``; what is in it already counts and is not fetched again."""
    resumed = target.exists() and target.stat().st_size > 0
    _fetch(address, target, bar, headers or {})
    found = sha256_of(target)
    if found == sha256:
        return
    target.unlink()
    if resumed:
        # The first part came from an earlier attempt, perhaps of other bytes: once from the start.
        download(address, target, sha256, bar, headers)
        return
    raise BelegtError(
        f"{_redact(address)} has the SHA-256 {found}, expected {sha256}; it was removed."
    )


def _fetch(address: str, target: Path, bar: tqdm[Any], headers: Mapping[str, str]) -> None:
    if urlsplit(address).scheme == "file":
        _copy(Path(unquote(urlsplit(address).path)), target, bar)
        return
    import httpx

    failures = 0
    while True:
        before = target.stat().st_size if target.exists() else 0
        try:
            _request(address, target, bar, headers)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            # An answer of the server is final; a connection that breaks is worth another try,
            # and one that brought bytes before it broke does not count.
            brought = target.exists() and target.stat().st_size > before
            failures = 0 if brought else failures + 1
            cause = type(error).__name__
            if final := isinstance(error, httpx.HTTPStatusError):
                answer = error.response
                cause = f"the server answers {answer.status_code} {answer.reason_phrase}"
            if final or failures == TRIES:
                raise BelegtError(f"{_redact(address)} cannot be fetched: {cause}.") from None
            time.sleep(PAUSE_S * 2**failures)
        else:
            return


def _request(address: str, target: Path, bar: tqdm[Any], headers: Mapping[str, str]) -> None:
    have = target.stat().st_size if target.exists() else 0
    wanted = {**headers, "Accept-Encoding": "identity"}
    if have:
        wanted["Range"] = f"bytes={have}-"
    with (
        client_for(address, timeout=TIMEOUT_S) as client,
        client.stream("GET", address, headers=wanted) as answer,
    ):
        if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is left to fetch; the digest tells whether that is right
        answer.raise_for_status()
        continued = answer.status_code == HTTPStatus.PARTIAL_CONTENT
        bar.reset(total=int(answer.headers.get("Content-Length", 0)) + (have if continued else 0))
        bar.update(have if continued else 0)
        with target.open("ab" if continued else "wb") as stream:
            for chunk in answer.iter_bytes(CHUNK):
                stream.write(chunk)
                bar.update(len(chunk))


def _copy(source: Path, target: Path, bar: tqdm[Any]) -> None:
    if not source.is_file():
        raise BelegtError(f"{source} is not there.")
    bar.reset(total=source.stat().st_size)
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            writing.write(chunk)
            bar.update(len(chunk))


def _redact(address: str) -> str:
    """Return ``address`` without credentials or signatures."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
