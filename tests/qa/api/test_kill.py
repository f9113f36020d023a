"""A server that is killed at any moment loses no acknowledged document and leaves no half one."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from fakes import HashingEncoder

from base.settings import Settings
from corpus.filters import Filters
from corpus.passages import build_passages
from corpus.store import CorpusStore

CHILD = Path(__file__).resolve().with_name("kill_server.py")
WAIT_S = 300.0
ROUNDS = 5


@dataclass
class Sender:
    """Uploads until the server is gone; what it was not told about is sent again, as one would."""

    chance: random.Random
    acknowledged: dict[str, str] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    pending: tuple[str, str] | None = None
    count: int = 0

    def run(self, url: str) -> None:
        gone = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
        with contextlib.suppress(*gone):
            while True:
                self.pending = self.pending or self._next()
                name, text = self.pending
                self._send(url, name, text)
                self.pending = None

    def _next(self) -> tuple[str, str]:
        self.count += 1
        known = sorted(self.acknowledged)
        is_new = not known or self.chance.random() < 0.7
        name = f"blatt-{self.count}.txt" if is_new else self.chance.choice(known)
        sentences = self.chance.randint(5, 120)
        lines = (
            f"Satz {line} von Fassung {self.count} nennt die Zahl {line * 7}."
            for line in range(sentences)
        )
        return name, " ".join(lines)

    def _send(self, url: str, name: str, text: str) -> None:
        reply = requests.post(
            f"{url}/v1/documents",
            files=[("files", (name, text.encode()))],
            headers={"Idempotency-Key": f"fassung-{self.count}"},
            timeout=WAIT_S,
        )
        if reply.status_code in (429, 503):
            time.sleep(0.02)
            return self._send(url, name, text)
        assert reply.status_code == 202, reply.text
        self.acknowledged[name] = text
        self.jobs.append(reply.json()["id"])
        return None


@contextlib.contextmanager
def child(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server of its own process, killed at the end."""
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    paths = os.pathsep.join(str(CHILD.parents[depth]) for depth in (2, 3))
    process = subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), str(port_file)],
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        until = time.monotonic() + WAIT_S
        while not port_file.exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        yield process, f"http://127.0.0.1:{port_file.read_text('utf-8')}"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def check_whole(folder: Path) -> dict[str, str]:
    """The texts that are stored, by name, after every passage was held against its document."""
    settings = Settings(corpus=folder / "corpus")
    encoder = HashingEncoder()
    texts = {}
    with CorpusStore.open(settings.corpus) as store:
        for info in store.documents():
            document = store.document(info.id)
            ids = store.passage_ids(Filters(documents=(info.id,)))
            stored = [one.passage for one in store.passages(ids).values()]
            made = build_passages(
                document, encoder.count_tokens, settings.passage_tokens, settings.passage_overlap
            )
            assert sorted(stored, key=lambda one: one.ordinal) == list(made)
            assert len(store.vectors(ids)[1]) == len(made)
            texts[document.path.removeprefix("upload/")] = document.text
    return texts


def check_kills(folder: Path, rounds: int, seed: int) -> Sender:
    """Kill a server ``rounds`` times while files are sent to it; assert what it must hold then."""
    chance = random.Random(seed)
    sender = Sender(random.Random(seed))
    for _ in range(rounds):
        with child(folder) as (process, url):
            sending = threading.Thread(target=sender.run, args=(url,))
            sending.start()
            time.sleep(chance.uniform(0.1, 1.2))
            process.send_signal(signal.SIGKILL)
            process.wait()
            sending.join(WAIT_S)
        check_whole(folder)
    with child(folder) as (_, url):
        sender.acknowledged.pop((sender.pending or ("",))[0], None)
        if sender.pending is not None:
            sender._send(url, *sender.pending)
        for job in sender.jobs:
            assert ended(url, job)["state"] == "done", ended(url, job)
        assert requests.get(f"{url}/readyz", timeout=WAIT_S).json()["status"] == "ready"
    assert check_whole(folder) == sender.acknowledged
    return sender


def ended(url: str, job_id: str) -> dict[str, Any]:
    """The job once it is over."""
    while True:
        reply = requests.get(f"{url}/v1/jobs/{job_id}", timeout=WAIT_S)
        job: dict[str, Any] = reply.json()
        if reply.ok and job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)


@pytest.mark.parametrize("seed", [11])
def test_a_killed_server_loses_nothing_it_acknowledged(tmp_path: Path, seed: int) -> None:
    sender = check_kills(tmp_path, ROUNDS, seed)
    assert len(sender.jobs) >= ROUNDS
