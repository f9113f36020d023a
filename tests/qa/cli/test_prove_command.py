from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from real_models import CACHE, TINY, need_model

from qa.cli.main import main

PAIR = {
    "quote": "Meta zahlte 14,3 Milliarden Dollar.",
    "statement": "Meta zahlte 14,3 Mrd. Dollar.",
}
WRONG = {**PAIR, "statement": "Meta zahlte 14,8 Mrd. Dollar.", "statement_language": "de"}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_file_of_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(f"{json.dumps(PAIR)}\n\n{json.dumps(WRONG)}\n", encoding="utf-8")
    assert main(["prove", "--code-only", str(file)]) == 0
    right, wrong = lines(capsys)
    assert right["supported"] is True
    assert right["reasons"] == []
    assert wrong["supported"] is False
    assert "14,8 Mrd. Dollar" in str(wrong["reasons"])


def test_without_a_model_code_alone_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path))
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps(PAIR), encoding="utf-8")
    assert main(["prove", str(file)]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["supported"] is True
    assert told.err.startswith("belegt: Code alone decides")
    assert "belegt models pull" in told.err


@pytest.mark.llm
def test_the_reader_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need_model(TINY)
    monkeypatch.setenv("BELEGT_CACHE", str(CACHE))
    monkeypatch.setenv("BELEGT_LLM", TINY)
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join([json.dumps(PAIR)] * 20), encoding="utf-8")
    assert main(["prove", str(file)]) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 20
    assert "Code alone" not in told.err


def test_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(PAIR)))
    assert main(["prove", "--code-only", "-"]) == 0
    assert [proof["supported"] for proof in lines(capsys)] == [True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Line 1"),
        ('{"quote": "a"}', "statement"),
        ('{"quote": "a", "statement": "b", "quote_language": "fr"}', "quote_language"),
    ],
)
def test_what_is_no_pair_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(text, encoding="utf-8")
    assert main(["prove", "--code-only", str(file)]) == 2
    assert told in capsys.readouterr().err


def test_an_absent_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "--code-only", "absent.jsonl"]) == 2
    assert "'absent.jsonl' cannot be read" in capsys.readouterr().err
