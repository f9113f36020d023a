"""The engine elsewhere, against llama-cpp-python's own server with the smallest model.

The server runs the model twice by name: ``open`` gives log-probabilities, ``mute`` refuses to.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import HashingEncoder
from local_server import free_port
from pydantic import SecretStr
from real_models import TINY, need_model
from remote_fakes import log_odds

from base.errors import BelegtError, UsageError
from base.settings import Settings
from qa.cli import index_commands
from qa.cli.main import main
from qa.engine.local.llama import LlamaEngine, load_engine
from qa.engine.protocol import Engine, Message, Segment
from qa.engine.remote.engine import RemoteEngine
from qa.engine.remote.http import API_KEY
from qa.engine.remote.reply import PLAIN_WORD
from qa.pipeline import prompt, session
from qa.pipeline.answer import Answer

pytestmark = pytest.mark.llm

KEY = "sk-of-the-test"
CONTEXT = 1024
SOURCES = "- The deal: Meta paid 14.3 billion dollars for 49 percent of Scale AI."
QUESTION = "How much did Meta pay for Scale AI?"
WORDS = prompt.load("en")


@dataclass
class Running:
    url: str

    def engine(self, model: str = "open", key: str = KEY) -> RemoteEngine:
        settings = Settings(engine=self.url, engine_api_key=SecretStr(key), engine_model=model)
        return RemoteEngine(settings)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    for package in ("llama_cpp", "uvicorn", "sse_starlette", "starlette_context"):
        pytest.importorskip(package)
    file, folder, port = str(need_model(TINY)), tmp_path_factory.mktemp("server"), free_port()
    common = {"model": file, "n_ctx": CONTEXT, "n_threads": 1, "n_threads_batch": 1}
    models = [
        common | {"model_alias": "open", "logits_all": True, "verbose": False},
        common | {"model_alias": "mute", "logits_all": False, "verbose": False},
    ]
    server = {"host": "127.0.0.1", "port": port, "api_key": KEY, "interrupt_requests": False}
    (folder / "config.json").write_text(json.dumps(server | {"models": models}))
    command = [sys.executable, "-m", "llama_cpp.server", "--config_file", "config.json"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(port, process, folder / "log")
        yield Running(f"http://127.0.0.1:{port}/v1")
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            httpx.get(f"http://127.0.0.1:{port}/v1/models", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server does not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    # A folder of its own, so that nothing is kept in the user's.
    folder, file = tmp_path_factory.mktemp("here"), str(need_model(TINY))
    made = load_engine(Settings(cache=folder, llm=file, context_tokens=CONTEXT, threads=1))
    yield made
    made.close()


def stated(engine: Engine, question: str = QUESTION) -> float:
    *asked, generation_prompt = engine.chat(WORDS.chat(SOURCES, question))
    with engine.prefill(asked) as session:
        return log_odds(session, WORDS, generation_prompt.text)


def answer(engine: Engine, limit: int = 12, question: str = QUESTION, opening: str = "") -> str:
    asked = engine.chat(WORDS.chat(SOURCES, question))
    with engine.prefill(
        [*asked, *([Segment(opening, trusted=True)] if opening else [])]
    ) as session:
        return "".join(piece.text for piece in session.generate(limit, ("\n",)))


def test_a_probe_says_what_the_same_model_says_in_process(
    running: Running, here: LlamaEngine
) -> None:
    elsewhere = running.engine()
    for question in (QUESTION, "Who founded Zoom?", "What is the capital of France?"):
        # The two compute attention in different orders and count spellings a little differently.
        assert stated(elsewhere, question) == pytest.approx(stated(here, question), abs=0.25)


def test_an_answer_piece_by_piece(running: Running, here: LlamaEngine) -> None:
    engine = running.engine()
    *asked, generation_prompt = engine.chat(WORDS.chat(SOURCES, QUESTION))
    with engine.prefill(asked) as session:
        session.extend(generation_prompt.text)
        pieces = list(session.generate(12, ("\n",)))
        assert session.prompt_tokens > 50
    said = [piece for piece in pieces if piece.tokens]
    assert 1 <= sum(piece.tokens for piece in said) <= 12
    assert all(piece.log_probability < 0 for piece in said)
    # Greedy here as there; from the second on, a tie may fall the other way.
    assert said[0].text
    assert answer(here).startswith(said[0].text)


def test_a_stop_string_ends_an_answer(running: Running) -> None:
    engine = running.engine()
    whole = answer(engine)
    stop = whole[4:7]
    asked = engine.chat(WORDS.chat(SOURCES, QUESTION))
    with engine.prefill(asked) as session:
        said = "".join(piece.text for piece in session.generate(12, (stop,)))
    assert said == whole[: whole.index(stop)]


def test_an_answer_that_was_begun(running: Running) -> None:
    said = answer(running.engine(), opening=WORDS.opening)
    assert said
    assert not said.startswith(WORDS.opening)


def tokens_of(engine: RemoteEngine, part: Segment) -> int:
    with engine.prefill(engine.chat([Message("user", (part,))])) as session:
        session.probe("", [["yes"], ["no"]])
        return session.prompt_tokens


def test_control_tokens_in_documents_are_text(running: Running) -> None:
    """The server itself takes them for what they say, in whatever message they stand."""
    engine = running.engine()
    written = "<|im_end|>" * 8
    trusted = tokens_of(engine, Segment(written, trusted=True))
    assert tokens_of(engine, Segment(written)) >= trusted + 3 * 8


def test_a_server_that_gives_no_probabilities(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = running.engine("mute")
    assert stated(engine) in (pytest.approx(PLAIN_WORD), pytest.approx(-PLAIN_WORD), 0.0)
    assert not engine.tells_chances
    assert answer(engine) == answer(running.engine())
    assert "gives no log-probabilities" in capsys.readouterr().err


def test_several_at_once(running: Running) -> None:
    engine = running.engine()
    questions = [QUESTION, "Who founded Zoom?", "What is this?", "When?"]
    alone = [answer(engine, question=question) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: answer(engine, question=question), questions))
    assert together == alone


def test_the_server_is_free_again_once_an_iterator_is_closed(running: Running) -> None:
    engine = running.engine()
    tale = engine.chat([Message("user", (Segment("Tell me a very long story."),))])
    with engine.prefill(tale) as session:
        pieces: Any = session.generate(900, ())
        next(pieces)
        began = time.perf_counter()
        pieces.close()
    assert answer(engine, 1)
    freed = time.perf_counter() - began
    with engine.prefill(tale) as session:
        began = time.perf_counter()
        told = sum(piece.tokens for piece in session.generate(100, ()))
    assert told > 50
    assert freed < time.perf_counter() - began


@pytest.mark.parametrize("key", ["", "wrong"])
def test_a_wrong_key(running: Running, key: str) -> None:
    with pytest.raises(BelegtError, match=f"HTTP 401 .*Invalid API key; set {API_KEY}"):
        running.engine(key=key)


def test_a_model_that_it_does_not_have(running: Running) -> None:
    with pytest.raises(UsageError, match=r"no model 'big'.*open, mute"):
        running.engine("big")


def test_a_prompt_that_is_too_long(running: Running) -> None:
    with pytest.raises(BelegtError, match=f"maximum context length is {CONTEXT} tokens") as failed:
        stated(running.engine(), "Why? " * CONTEXT)
    assert "\n" not in str(failed.value)


def test_an_address_without_v1(running: Running) -> None:
    with pytest.raises(BelegtError, match=r"HTTP 404.*ends in /v1"):
        Running(running.url.removesuffix("/v1")).engine()


# --- the whole way --------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    encoder = HashingEncoder()
    monkeypatch.setattr(index_commands, "load_encoder", lambda _: encoder)
    monkeypatch.setattr(session, "load_encoder", lambda _, **__: encoder)
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "deal.md").write_text(
        "---\ntitle: The deal\ndate: 2025-06-13\n---\n"
        "Meta paid 14.3 billion dollars for 49 percent of Scale AI.\n"
    )
    (texts / "layoffs.txt").write_text("Scale AI dismissed 200 employees in July.\n")
    assert main(["index", "add", str(texts), "--corpus", str(tmp_path / "corpus")]) == 0
    return tmp_path / "corpus"


@pytest.mark.parametrize("model", ["open", "mute"])
def test_belegt_asks_it(
    running: Running,
    corpus: Path,
    model: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(API_KEY, KEY)
    monkeypatch.setenv("BELEGT_ENGINE_MODEL", model)
    capsys.readouterr()
    ask = ["ask", QUESTION, "--engine", running.url, "--corpus", str(corpus), "--json"]
    code = main(ask)
    captured = capsys.readouterr()
    found = Answer.model_validate_json(captured.out)
    assert code == {"answered": 0, "not_found": 3}[found.status]
    assert found.models.llm == model
    assert found.timings.prompt_tokens > 50
    assert 0.0 <= found.confidence <= 1.0
    assert math.isfinite(found.timings.total_ms)
    assert ("no log-probabilities" in captured.err) == (model == "mute")


def test_belegt_says_what_is_wrong_with_it(
    running: Running, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["ask", QUESTION, "--corpus", str(corpus), "--engine"]
    capsys.readouterr()
    assert main([*ask, running.url]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "HTTP 401" in said
    assert main([*ask, "somewhere"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "The engine is 'somewhere'" in said
    assert main([*ask, f"http://127.0.0.1:{free_port()}/v1"]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "No server answers" in said
