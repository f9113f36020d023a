from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
from model_helpers import PAYLOAD, manifest_of, model_of

from base.errors import UsageError
from models import cli, store


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path))
    monkeypatch.setattr(store, "load_manifest", lambda: manifest_of(model_of(PAYLOAD)))
    return tmp_path


def belegt(*arguments: str) -> int:
    parser = argparse.ArgumentParser(prog="belegt")
    cli.register(parser.add_subparsers(required=True))
    args = parser.parse_args(["models", *arguments])
    code: int = args.func(args)
    return code


def test_list_pull_path_and_verify(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brought = tmp_path / "brought.gguf"
    brought.write_bytes(PAYLOAD)
    assert belegt("list", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "missing"
    assert belegt("pull", "tiny", "--from", str(brought), "--quiet") == 0
    path = capsys.readouterr().out.strip()
    assert Path(path).read_bytes() == PAYLOAD
    assert belegt("path", "tiny") == 0
    assert capsys.readouterr().out.strip() == path
    assert belegt("verify") == belegt("verify", "tiny") == 0
    assert capsys.readouterr().out.count("tiny: verified") == 2
    assert belegt("list") == 0
    assert "verified" in capsys.readouterr().out


def test_verify_of_nothing_says_so(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert belegt("verify") == 0
    assert "No model is here yet" in capsys.readouterr().out


def test_one_file_is_not_two_models(cache: Path) -> None:
    with pytest.raises(UsageError, match="is one file, but 2 models are named"):
        belegt("pull", "tiny", "other", "--from", "x")


def test_registering_loads_nothing_heavy() -> None:
    script = (
        "import sys, argparse; from models import cli;"
        "cli.register(argparse.ArgumentParser().add_subparsers());"
        "heavy = {'pydantic', 'numpy', 'torch', 'requests', 'tqdm', 'tokenizers'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
