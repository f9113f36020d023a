"""What a person is told by ``belegt ask`` where the language model cannot run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from fakes import HashingEncoder
from real_models import TINY, need_model

from models.native import library
from qa.cli import index_commands
from qa.cli.main import main
from qa.engine.local import binding
from qa.pipeline import session

TEXT = "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI.\n"
QUESTION = "Wie viele Milliarden Dollar zahlte Meta für Scale AI?"


class Ask:
    """Asks with the real engine; the exit code, and the one sentence that was said."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, question: str = QUESTION) -> tuple[int, str]:
        code = main(["ask", question])
        shown = self._capture.readouterr()
        assert shown.out == ""
        (line,) = shown.err.splitlines()
        assert line.startswith("belegt: ")
        return code, line


@pytest.fixture
def ask(
    tmp_path: Path,
    encoder: HashingEncoder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    monkeypatch.setattr(index_commands, "load_encoder", lambda _: encoder)
    monkeypatch.setattr(session, "load_encoder", lambda _, **__: encoder)
    monkeypatch.setenv("BELEGT_CORPUS", str(tmp_path / "corpus"))
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    assert main(["index", "add", str(tmp_path / "text.txt")]) == 0
    capsys.readouterr()
    return Ask(capsys)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Path:
    file = need_model(TINY)
    monkeypatch.setenv("BELEGT_LLM", str(file))
    monkeypatch.setenv("BELEGT_THREADS", "1")
    return file


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/file.gguf"])
def test_a_model_that_is_not_known(ask: Ask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("BELEGT_LLM", name)
    code, said = ask()
    assert code == 2
    assert name in said


def test_a_folder_is_no_model(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BELEGT_LLM", str(tmp_path))
    code, said = ask()
    assert code == 2
    assert f"'{tmp_path}' is a folder" in said


def test_a_file_that_is_no_model(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + b"\xff" * 5000)
    monkeypatch.setenv("BELEGT_LLM", str(tmp_path / "bad.gguf"))
    code, said = ask()
    assert code == 2
    assert "bad.gguf' cannot be loaded" in said


def test_a_library_for_another_processor(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("llama_cpp")
    (tmp_path / "any.gguf").write_bytes(b"GGUF")
    monkeypatch.setenv("BELEGT_LLM", str(tmp_path / "any.gguf"))
    monkeypatch.setattr(library, "processor_features", lambda: ())
    code, said = ask()
    assert code == 1
    assert "built for another processor" in said
    assert said.endswith("run: make native")


def test_no_library(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "any.gguf").write_bytes(b"GGUF")
    monkeypatch.setenv("BELEGT_LLM", str(tmp_path / "any.gguf"))
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    code, said = ask()
    assert code == 1
    assert "not installed; run: make native" in said


@pytest.mark.llm
def test_a_model_larger_than_the_memory(
    ask: Ask, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binding, "total_memory", lambda: 50_000_000)
    code, said = ask()
    assert code == 1
    assert re.search(r"has \d+ MB, more than the 50 MB of memory here; name a smaller model", said)


@pytest.mark.llm
def test_a_context_that_does_not_fit(ask: Ask, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binding, "free_memory", lambda: 1_000_000_000)
    monkeypatch.setenv("BELEGT_CELLS", "100000")
    code, said = ask()
    assert code == 1
    # Thirty layers, three heads of 64 for keys and for values, two bytes each.
    assert "context of 100000 tokens" in said
    assert "(2.30 GB for keys and values)" in said
    assert said.endswith("set BELEGT_CELLS lower.")


@pytest.mark.llm
def test_a_prompt_longer_than_the_context(
    ask: Ask, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEGT_CONTEXT_TOKENS", "1024")
    code, said = ask(QUESTION + " Und warum?" * 330)
    assert code == 2
    assert re.search(r"prompt has \d+ tokens .* has 1024; ask a shorter question", said)


@pytest.mark.llm
def test_a_model_without_a_chat_template(
    ask: Ask, tiny: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.gguf"
    shutil.copy(tiny, bare)
    with bare.open("r+b") as stream:
        at = stream.read(20_000_000).index(b"tokenizer.chat_template")
        stream.seek(at)
        stream.write(b"tokenizer.chat_templat_")
    monkeypatch.setenv("BELEGT_LLM", str(bare))
    code, said = ask()
    assert code == 2
    assert "'bare.gguf' has no chat template; take an instruction-tuned GGUF file." in said


@pytest.mark.llm
def test_settings_that_contradict_each_other(
    ask: Ask, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEGT_KV_TYPE", "q8_0")
    monkeypatch.setenv("BELEGT_FLASH_ATTENTION", "false")
    code, said = ask()
    assert code == 2
    assert "needs flash attention" in said
