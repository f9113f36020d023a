"""Servers in processes of their own, for tests of how they start and end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import requests

from base.settings import PREFIX
from qa.api.server_discovery import FILE

ROOT = Path(__file__).resolve().parents[3]
SCRIPTED = Path(__file__).with_name("child_server.py")
_CODE = (ROOT, ROOT / "tests", ROOT / "tests" / "qa" / "api")
REAL = ("-m", "eval.command")
WAIT_S = 600.0
"""Time after which a test that waits for a process has failed."""


@dataclass
class Child:
    """A process that serves ``corpus``. ``said``: its lines on standard error so far."""

    process: subprocess.Popen[str]
    corpus: Path
    url: str = ""
    said: list[str] = field(default_factory=list)
    listening: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    @property
    def token(self) -> str:
        return str(json.loads((self.corpus / FILE).read_text("utf-8"))["token"])

    def ended(self) -> tuple[int, str]:
        """Exit code and all it said, once it has ended by itself."""
        code = self.process.wait(WAIT_S)
        assert self.listening is not None
        self.listening.join(WAIT_S)
        return code, "\n".join(self.said)

    def listen(self) -> None:
        assert self.process.stderr is not None
        self.said += (line.rstrip("\n") for line in self.process.stderr)


def environment(**settings: Any) -> dict[str, str]:
    """That of a child; nothing of a person's settings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    mine = {f"{PREFIX}{name.upper()}": str(value) for name, value in settings.items()}
    return {**others, **mine, "PYTHONPATH": os.pathsep.join(map(str, _CODE))}


@contextlib.contextmanager
def serving(program: Sequence[str | Path], corpus: Path, **settings: Any) -> Iterator[Child]:
    """``program serve --port 0`` over ``corpus``, ready; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, *map(str, program), "serve", "--port", "0"],
        env=environment(corpus=corpus, **settings),
        stderr=subprocess.PIPE,
        text=True,
    )
    child = Child(process, corpus)
    child.listening = threading.Thread(target=child.listen, daemon=True)
    child.listening.start()
    try:
        child.url = wait_for(child, lambda: _address(child))
        wait_for(child, lambda: _ready(child))
        yield child
    finally:
        process.kill()
        process.wait()
        child.listening.join()
        assert process.stderr is not None
        process.stderr.close()


def wait_for(child: Child, look: Any) -> Any:
    until = time.monotonic() + WAIT_S
    while not (found := look()):
        assert child.process.poll() is None, child.said
        assert time.monotonic() < until, child.said
        time.sleep(0.1)
    return found


def _address(child: Child) -> str | None:
    found = re.search(r"^belegt: Serving .* at (\S+)$", "\n".join(child.said), re.MULTILINE)
    return found.group(1) if found else None


def _ready(child: Child) -> bool:
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{child.url}/readyz", timeout=WAIT_S).status_code == 200
    return False


@dataclass
class Stream:
    """An answer that grows, read line by line. ``kinds``: of the events so far."""

    connection: HTTPConnection
    response: HTTPResponse
    kinds: list[str] = field(default_factory=list)
    data: str = ""

    def read_until(self, kind: str) -> None:
        """Read on to an event of ``kind``, or to the end, which may be a cut connection."""
        with contextlib.suppress(HTTPException, ConnectionError):
            for line in self.response:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    self.kinds.append(value)
                elif name == "data":
                    self.data = value
                    if self.kinds[-1] == kind:
                        return
        self.connection.close()


@contextlib.contextmanager
def streaming(child: Child, question: str, path: str = "/v1/ask") -> Iterator[Stream]:
    """An answer whose passages are found."""
    connection = HTTPConnection(*child.address, timeout=WAIT_S)
    body = json.dumps({"question": question, "stream": True})
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    stream = Stream(connection, connection.getresponse())
    try:
        stream.read_until("retrieved")
        yield stream
    finally:
        connection.close()
