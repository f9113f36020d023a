"""Killed at random moments, and on a disk that forgets or fails: nothing acknowledged is lost.

The long form is ``make crash`` (``CRASH_KILLS``); docs/durability.md says what is promised.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
KILLS = int(os.environ.get("CRASH_KILLS", "20"))
SEED = int(os.environ.get("CRASH_SEED", "1"))


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled shim; skips where there is no compiler or no Linux."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("the shim needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "shim.c"), "-ldl"],
        check=True,
    )
    return library


def shimmed(shim: Path, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "LD_PRELOAD": str(shim),
        "CRASH_FOLDER": str(folder / "corpus"),
        "CRASH_JOURNAL": str(folder / "journal"),
    }


def run(script: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    result = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


def test_nothing_is_lost_when_a_process_is_killed(tmp_path: Path) -> None:
    said = run("crasher.py", str(tmp_path), "--kills", str(KILLS), "--seed", str(SEED))
    assert f"{KILLS} kills" in said


def test_nothing_is_lost_when_the_power_goes(shim: Path, tmp_path: Path) -> None:
    said = run(
        "crasher.py",
        str(tmp_path),
        "--kills",
        str(KILLS),
        "--seed",
        str(SEED + 1),
        env=shimmed(shim, tmp_path),
    )
    assert f"{KILLS} kills" in said


FORGETFUL = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
folder.mkdir()
with open(folder / "a", "wb", buffering=0) as stream:
    stream.write(b"on the disk")
    os.fsync(stream.fileno())
    stream.seek(3)
    stream.write(b"THE")
    stream.write(b" disk, and more")
    stream.truncate(2)
"""


def test_the_forgetful_disk_forgets_what_was_not_synchronised(shim: Path, tmp_path: Path) -> None:
    from undo import undo

    folder = tmp_path / "corpus"
    subprocess.run(
        [sys.executable, "-c", FORGETFUL, str(folder)], env=shimmed(shim, tmp_path), check=True
    )
    assert (folder / "a").read_bytes() == b"on"
    assert undo(tmp_path / "journal") == 3
    assert (folder / "a").read_bytes() == b"on the disk"


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_every_write_may_fail_once(shim: Path, tmp_path: Path, error: str) -> None:
    said = run("failing.py", str(tmp_path), error, env=shimmed(shim, tmp_path))
    assert "0 wrong" in said
