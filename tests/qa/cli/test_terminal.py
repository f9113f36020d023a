"""Output where a terminal or a pipe is not UTF-8, and what shells and logs get."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.progress import LogLines, count_bar
from eval.command import main
from qa.cli import terminal

ROOT = Path(__file__).resolve().parents[3]


def printed(code: str, encoding: str) -> bytes:
    """What a process writes whose streams have ``encoding``."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONUTF8", None)
    done = subprocess.run(
        [sys.executable, "-c", f"from qa.cli import terminal\n{code}"],
        env=environment,
        capture_output=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
def test_no_answer_ends_in_a_traceback(encoding: str) -> None:
    text = "„Größe“ → 14 € 🏗 \udc80"
    written = printed(f"terminal.adapt(json_wanted=False)\nprint({text!r})", encoding)
    assert written.decode(encoding).rstrip().endswith("?")
    if encoding == "utf-8":
        assert written.decode().startswith("„Größe“ → 14 € 🏗")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_json_stays_json(encoding: str) -> None:
    value = {"text": "„Größe“ → 14 € 🏗", "name": "\udc80"}
    dumped = f"json.dumps({value!r}, ensure_ascii=False)"
    code = f"import json\nterminal.adapt(json_wanted=True)\nprint({dumped})"
    written = printed(code, encoding)
    assert json.loads(written.decode("utf-8")) == value
    assert written.isascii() == (encoding != "utf-8")


@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["ascii", "latin-1", "cp1252"]))
def test_escapes_are_the_same_text(text: str, encoding: str) -> None:
    terminal.adapt(json_wanted=True)
    quoted = json.dumps(text, ensure_ascii=False)
    assert json.loads(quoted.encode("ascii", "belegt-json")) == text


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_gets_its_completions(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("shtab")
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("ask", "serve", "mcp", "keys", "no-server"):
        assert word in script


def test_in_a_log_progress_is_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    with count_bar("Adding", 3, "files") as bar:
        for _ in range(3):
            bar.update()
    lines = log.getvalue().splitlines()
    assert "\r" not in log.getvalue()
    assert lines[-1].startswith("Adding: 3 of 3 files (100 %)")
    assert all(line.startswith("Adding: ") for line in lines)


def test_a_log_has_no_empty_lines() -> None:
    log = io.StringIO()
    lines = LogLines(log)
    lines.write("\rone\r two \n\n")
    lines.flush()
    assert log.getvalue() == "one\ntwo\n"
