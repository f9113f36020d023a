"""Where the server of a corpus can be found, for programs of the same person on this machine.

In: settings. Out: a small file beside the corpus, readable by its owner alone, that says where the
server listens and holds a key of this run; or what a server wrote there. What can fail: nothing a
person must know; a file that is old, torn or of other settings counts as no server.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from base.settings import Settings, bearing_on_answers

FILE = "server.json"
_ANSWERS_IN_S = 1.0


class Running(BaseModel):
    """A server at ``url``; ``token`` is a key with every right, valid until the server stops."""

    model_config = ConfigDict(frozen=True)

    url: str
    token: str
    pid: int
    behaviour: str


def behaviour(settings: Settings) -> str:
    """A digest of the settings that bear on answers, and of the version that has them."""
    facts = settings.model_dump(mode="json", include=bearing_on_answers())
    facts["version"] = version("belegt")
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


@contextlib.contextmanager
def announce(settings: Settings, url: str, token: str) -> Iterator[None]:
    """Say that a server of the corpus listens at ``url``, as long as the context lasts."""
    file = settings.corpus / FILE
    running = Running(url=url, token=token, pid=os.getpid(), behaviour=behaviour(settings))
    temporary = file.with_suffix(f".{os.getpid()}.partial")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(running.model_dump_json())
    temporary.replace(file)
    try:
        yield
    finally:
        # A later server of the same corpus may have put its own in this place.
        found = _read(file)
        if found is not None and found.pid == os.getpid():
            file.unlink(missing_ok=True)


def find_server(settings: Settings) -> Running | None:
    """A server of the corpus of ``settings`` that answers as this program would; else None."""
    found = _read(settings.corpus / FILE)
    if found is None or found.behaviour != behaviour(settings):
        return None
    return found if _alive(found) else None


def _read(file: Path) -> Running | None:
    try:
        # Where files have no owner that can be compared, a folder of one's own has to do.
        mine = not hasattr(os, "getuid") or file.stat().st_uid == os.getuid()
        return Running.model_validate_json(file.read_bytes()) if mine else None
    except (OSError, ValidationError):
        return None


def _alive(running: Running) -> bool:
    """Whether it is ready; asked of the address, because a process id may be somebody else's."""
    import httpx

    address = f"{running.url}/readyz"
    try:
        found = httpx.get(address, timeout=_ANSWERS_IN_S, trust_env=False, verify=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return found.status_code == 200
