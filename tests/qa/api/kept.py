"""The whole application with people of each role, over a corpus of its own."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from api_samples import made_service
from fakes import ScriptedEngine
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from qa.api.app import create_app
from qa.api.app_state import Service
from qa.api.middleware.secured import secure
from qa.api.storage.keys import Access, KeyRole

LOOPBACK = "http://127.0.0.1"
WAIT_S = 300.0


@dataclass
class Api:
    """A running application; people have keys."""

    app: ASGIApp
    service: Service
    engine: ScriptedEngine
    access: Access

    def person(self, name: str, role: KeyRole) -> TestClient:
        """A client with a new key; without keys everybody would be one and the same person."""
        secret = self.access.keys.create(name, role)[1]
        headers = {"Authorization": f"Bearer {secret}"}
        return TestClient(self.app, base_url=LOOPBACK, headers=headers)

    def owner(self, name: str) -> str:
        """Whose answers are those of a person: the key's id, or the name where there is no key."""
        return next((key.id for key in self.access.keys.list() if key.name == name), name)


@contextlib.contextmanager
def running_api(folder: Path, *, empty: bool = False, **settings: Any) -> Iterator[Api]:
    """The application, started as a server starts it."""
    service, engine = made_service(folder, empty=empty, **settings)
    access = Access(service.settings.corpus, loopback=True)
    app = secure(create_app(service, access), access, service.settings)
    with TestClient(app, base_url=LOOPBACK):
        yield Api(app, service, engine, access)
    access.close()


def finished(client: TestClient, reply: httpx2.Response) -> dict[str, Any]:
    """The job that ``reply`` accepted, once it is over."""
    assert reply.status_code == 202, reply.text
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        job: dict[str, Any] = client.get(reply.headers["location"]).json()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.02)
    raise AssertionError(f"the job does not end: {job}")


def sent(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    """``files`` for the argument of that name of a request."""
    return [("files", one) for one in files]


def events(text: str) -> list[tuple[str, Any]]:
    """Kind and data of each event of a stream."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found
