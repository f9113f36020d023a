"""How a server ends: told to, with answers running; and killed, with answers running."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from api_samples import GOOD, QUESTION
from children import REAL, ROOT, SCRIPTED, WAIT_S, Child, environment, serving, streaming
from fakes import HashingEncoder
from real_models import CACHE, TINY, need_model
from samples import DOCUMENTS

from base.settings import Settings
from corpus.store import DATABASE, CorpusStore
from index.build import Indexer
from qa.api.server_discovery import FILE
from qa.api.storage.database import DATABASE as SERVICE_DATABASE

STREAMS = 4
KILLS = 3
ENGLISH = "How many employees did Scale AI lay off in July 2025?"
SAMPLE = ROOT / "corpus" / "documents"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    settings = Settings(cache=tmp_path / "cache", corpus=tmp_path / "corpus")
    with CorpusStore.open(settings.corpus, create=True) as store:
        Indexer(store, HashingEncoder(), settings).add_documents(DOCUMENTS)
    return settings.corpus


@pytest.fixture(scope="module")
def real_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_model(TINY)
    need_model(Settings(cache=CACHE).encoder)
    folder = tmp_path_factory.mktemp("real") / "corpus"
    belegt("index", "add", str(SAMPLE), corpus=folder)
    return folder


def belegt(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    found = subprocess.run(
        [sys.executable, *REAL, *arguments],
        env=environment(cache=CACHE, llm=TINY, **settings),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert found.returncode in (0, 3), found.stderr
    return found


def check_clean(child: Child) -> None:
    code, said = child.ended()
    assert code == 0, said
    assert "Traceback" not in said
    assert "exception=" not in said
    assert not (child.corpus / FILE).exists()


def refused(child: Child) -> bool:
    try:
        socket.create_connection(child.address, timeout=5).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        pass  # It was on its way when the server stopped to listen; the next one says more.
    return False


def stop_while_answering(child: Child, question: str) -> None:
    """Send SIGTERM while answers run; they end, nobody else gets in."""
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(streaming(child, question)) for _ in range(STREAMS)]
        child.process.send_signal(signal.SIGTERM)
        for stream in streams:
            stream.read_until("done")
        assert [stream.kinds[-1] for stream in streams] == ["done"] * STREAMS
    check_clean(child)


def test_a_stopping_server_finishes_what_it_has_begun_and_begins_nothing(corpus: Path) -> None:
    program = (SCRIPTED, "0.1")
    with serving(program, corpus, shutdown_seconds=round(WAIT_S)) as child:
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(streaming(child, QUESTION)) for _ in range(STREAMS)]
            child.process.send_signal(signal.SIGTERM)
            while not refused(child):
                assert child.process.poll() is None
            for stream in streams:
                assert "done" not in stream.kinds
                stream.read_until("done")
            assert [stream.kinds[-1] for stream in streams] == ["done"] * STREAMS
        check_clean(child)


@pytest.mark.parametrize("seconds", [0, 1])
def test_what_takes_longer_than_a_stopping_server_waits_is_cut(corpus: Path, seconds: int) -> None:
    program = (SCRIPTED, "1")
    with serving(program, corpus, shutdown_seconds=seconds) as child:
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(streaming(child, QUESTION)) for _ in range(STREAMS)]
            child.process.send_signal(signal.SIGTERM)
            for stream in streams:
                stream.read_until("done")
                assert stream.kinds[-1] == "error"
                assert "shutting down" in json.loads(stream.data)["detail"]
        check_clean(child)


def test_no_acknowledged_turn_is_lost_when_a_server_is_killed(
    corpus: Path, request: pytest.FixtureRequest
) -> None:
    """A turn is acknowledged with its last event. ``--kills 20`` kills more often."""
    rounds = request.config.getoption("--kills", default=None) or KILLS
    acknowledged: list[str] = []
    conversation = ""
    for number in range(rounds):
        with serving((SCRIPTED, "0.05"), corpus) as child:
            if not conversation:
                made = requests.post(f"{child.url}/v1/conversations", json={}, timeout=WAIT_S)
                conversation = f"/v1/conversations/{made.json()['id']}"
            check_kept(child, conversation, acknowledged)
            whole = requests.post(
                f"{child.url}{conversation}/ask", json={"question": QUESTION}, timeout=WAIT_S
            )
            assert whole.json()["text"] == f"{GOOD} [1]"
            acknowledged.append(whole.json()["id"])
            with streaming(child, QUESTION, f"{conversation}/ask") as stream:
                for _ in range(number % 20):
                    stream.read_until("token")
                child.process.kill()
                stream.read_until("done")
                if stream.kinds[-1] == "done":
                    acknowledged.append(json.loads(stream.data)["answer"]["id"])
    with serving((SCRIPTED, "0"), corpus) as child:
        check_kept(child, conversation, acknowledged)
    for name in (DATABASE, SERVICE_DATABASE):
        with contextlib.closing(sqlite3.connect(corpus / name)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def check_kept(child: Child, conversation: str, acknowledged: list[str]) -> None:
    found = requests.get(f"{child.url}{conversation}", timeout=WAIT_S).json()
    kept = [turn["id"] for turn in found["turns"]]
    assert [one for one in kept if one in acknowledged] == acknowledged
    assert all(turn["answer"]["text"] == f"{GOOD} [1]" for turn in found["turns"])


@pytest.mark.encoder
@pytest.mark.llm
def test_a_real_server_stops_as_well(real_corpus: Path) -> None:
    settings = {"cache": CACHE, "llm": TINY, "shutdown_seconds": round(WAIT_S)}
    with serving(REAL, real_corpus, **settings) as child:
        stop_while_answering(child, ENGLISH)


@pytest.mark.encoder
@pytest.mark.llm
def test_ask_leaves_the_question_to_a_running_server(real_corpus: Path) -> None:
    arguments = ("ask", ENGLISH, "--json")
    # Only a server has the time to make PyTorch ready, which reads a little otherwise; and what it
    # reads ahead takes both cores from the process beside it.
    reading = {"prefill": "llama", "keep_passages": "never"}
    with serving(REAL, real_corpus, cache=CACHE, llm=TINY, **reading) as child:
        before = asked(child)
        over = belegt(*arguments, corpus=real_corpus, **reading)
        assert asked(child) == before + 1
        alone = belegt(*arguments, "--no-server", corpus=real_corpus, **reading)
        other = belegt(*arguments, corpus=real_corpus, top_k=3, **reading)
        assert asked(child) == before + 1
    first, second = json.loads(over.stdout), json.loads(alone.stdout)
    # Which of two passages the tiny model holds likelier, how a batch is cut may decide.
    assert (first["models"], first["status"]) == (second["models"], second["status"])
    assert json.loads(other.stdout)["question"] == ENGLISH


def asked(child: Child) -> int:
    """Answers that the server counted."""
    reply = requests.get(
        f"{child.url}/metrics", headers={"Authorization": f"Bearer {child.token}"}, timeout=WAIT_S
    )
    lines = [one for one in reply.text.splitlines() if one.startswith("belegt_answers_total")]
    return sum(round(float(line.rpartition(" ")[2])) for line in lines)


def test_a_server_whose_model_cannot_load_ends_with_the_reason(corpus: Path) -> None:
    done = subprocess.run(
        [sys.executable, *REAL, "serve", "--port", "0"],
        env=environment(corpus=corpus, cache=corpus.parent / "cache", llm="/nowhere/model.gguf"),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert done.returncode in (1, 2)
    *log, last = done.stderr.strip().splitlines()
    assert last.startswith("belegt: ")
    assert "Traceback" not in done.stderr
    assert any("could not be loaded" in line for line in log)
