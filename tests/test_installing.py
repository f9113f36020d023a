"""What an installation that is no checkout carries, and where a user has no home."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from base.errors import UsageError
from base.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("base", "models", "corpus", "index", "qa", "eval")
LEFT_OUT = ("models/training/",)
"""What trains models needs much that an installation does not."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES, "pyproject.toml", "README.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir"]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_a_wheel_carries_every_file_of_the_packages(wheel: Path) -> None:
    there = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    missing = [
        name
        for name in listed.stdout.splitlines()
        if name not in there and not name.startswith(LEFT_OUT)
    ]
    assert missing == []


def test_it_works_where_there_is_no_checkout(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(place)
    code = (
        "from qa.pipeline import prompt; from qa.api.page import page_files; "
        "from models.manifest import load_manifest; from models.native.advice import REBUILD; "
        "import qa; print(qa.__file__); prompt.load('de'); assert page_files(); "
        "assert load_manifest().model; assert REBUILD == 'run: belegt setup'; "
        "from eval.command import main; main(['models', 'list'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place), "BELEGT_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(place) in done.stdout


def test_a_user_without_a_home_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "BELEGT_CORPUS", "BELEGT_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(UsageError, match=r"no home folder.*set BELEGT_CORPUS and BELEGT_CACHE"):
        load_settings()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("BELEGT_CORPUS", str(tmp_path / "corpus"))
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path / "cache"))
    assert load_settings().corpus == tmp_path / "corpus"
    assert Settings().cache == tmp_path / "cache"


@pytest.mark.parametrize("command", [["index", "status"], ["doctor"], ["ask", "Wer?"], ["serve"]])
def test_no_command_makes_a_folder_named_after_the_tilde(
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from eval.command import main

    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "BELEGT_CORPUS", "BELEGT_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert main(command) == 2
    said = capsys.readouterr().err
    assert said.startswith("belegt: This user has no home folder")
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
