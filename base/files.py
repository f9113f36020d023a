"""Small things done to files, safely.

In: paths. Out: digests, sizes for people, durable writes. What can fail: the file system, as
OSError; too little space, as BelegtError before anything is written.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base.errors import BelegtError

RESERVE = 64 << 20
"""Bytes left free beyond what a pull needs, so that logs and databases can go on."""


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of ``file`` in hexadecimal."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def human(size: int) -> str:
    """Return ``size`` bytes as people read it, such as ``1.12 GB``."""
    value = float(size)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.2f} GB"


def flush(path: Path) -> None:
    """Have the disk hold ``path`` (file or folder) before something relies on it.

    Where folders cannot be opened (Windows) the system orders renames itself.
    """
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that takes ``folder``'s place if the block succeeds.

    Whatever happens in between, ``folder`` is the old one, the new one or (for the moment
    between two renames) absent, never half of one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        new, old = work / "new", work / "old"
        new.mkdir()
        yield new
        for path in new.rglob("*"):
            flush(path)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        flush(folder.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_text(file: Path, text: str) -> None:
    """Write ``file`` whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def require_space(folder: Path, needed: int, purpose: str) -> None:
    """Raise BelegtError unless ``needed`` bytes and a reserve are free where ``folder`` lies."""
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise BelegtError(
            f"{purpose} needs {human(needed + RESERVE)} in {folder}, {human(free)} are free; "
            "free some space or set BELEGT_CACHE to a folder on a larger disk."
        )
