"""Backup and restore of a corpus, with what its server keeps.

In: a corpus folder, in use or not, and a file. Out: one tar file with both databases as they were
at one moment each, and a list of their digests; or, from such a file, a corpus folder. What can
fail, each one sentence: a file that exists, is no backup, or is damaged; a corpus that is there
already or in use; no space. Whatever fails leaves what was there.

The service's database is copied before the corpus: what the first says is stored is then in the
second, and an upload that is only in the first is added again, which changes nothing. The dense
index is derived and is made again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import BelegtError, UsageError
from corpus.store import DATABASE, CorpusStore

FORMAT = "belegt-backup-1"
_LIST = "backup.json"
_SERVICE = "service.sqlite"
_CHUNK = 1 << 20


class Contents(BaseModel):
    """What a backup says of itself. ``files``: name to SHA-256."""

    model_config = ConfigDict(frozen=True)

    format: str
    version: str
    made: str
    files: dict[str, str]


def back_up(folder: Path, file: Path) -> Contents:
    """Write a backup of the corpus in ``folder`` to ``file``; a server of it goes on meanwhile."""
    if file.exists():
        raise UsageError(f"'{file}' exists already; name another file for the backup.")
    CorpusStore.open(folder).close()
    partial = file.with_name(f"{file.name}.partial")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".belegt-backup-") as scratch:
            copies = Path(scratch)
            for name in (_SERVICE, DATABASE):
                if (folder / name).is_file():
                    _copy_database(folder / name, copies / name)
            contents = Contents(
                format=FORMAT,
                version=version("belegt"),
                made=datetime.now(UTC).isoformat(timespec="seconds"),
                files={one.name: _digest(one) for one in sorted(copies.iterdir())},
            )
            (copies / _LIST).write_text(contents.model_dump_json(indent=2) + "\n", "utf-8")
            # Questions of people and digests of keys are in it.
            with _private(partial) as out:
                with tarfile.open(fileobj=out, mode="w") as archive:
                    for name in (_LIST, *contents.files):
                        archive.add(copies / name, arcname=name)
                out.flush()
                os.fsync(out.fileno())
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BelegtError(
            f"The backup '{file}' could not be written ({error.strerror or error}); nothing was "
            "changed."
        ) from error
    return contents


def restore(file: Path, folder: Path, *, replace: bool = False) -> tuple[Contents, Path | None]:
    """Make the corpus in ``folder`` as the backup ``file`` has it.

    With ``replace``, a corpus that is there is moved aside; returned is where it lies then.
    """
    present = (folder / DATABASE).exists()
    if present and not replace:
        raise UsageError(
            f"There is a corpus in '{folder}' already; restore to another --corpus, or with "
            "--replace, which moves that one aside."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".belegt-restore-") as scratch:
            made = Path(scratch) / "corpus"
            contents = _unpack(file, made)
            aside = _move_aside(folder) if folder.exists() else None
            made.replace(folder)
    except OSError as error:
        raise BelegtError(
            f"'{file}' could not be restored to '{folder}' ({error.strerror or error}); what was "
            "there is unchanged."
        ) from error
    return contents, aside


def _move_aside(folder: Path) -> Path | None:
    if not any(folder.iterdir()):
        folder.rmdir()
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = folder.with_name(f"{folder.name}-before-{stamp}")
    folder.rename(aside)
    return aside


def _unpack(file: Path, target: Path) -> Contents:
    target.mkdir()
    try:
        with tarfile.open(file, "r:") as archive:
            contents = _contents(archive, file)
            for name, digest in contents.files.items():
                _extract(archive, name, target / name)
                if _digest(target / name) != digest:
                    raise UsageError(f"'{name}' in the backup '{file}' is damaged; take another.")
                _check_database(target / name, file)
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise UsageError(f"'{file}' is not a whole backup of belegt ({error}).") from error
    except FileNotFoundError:
        raise UsageError(f"There is no backup '{file}'; check the path.") from None
    return contents


def _contents(archive: tarfile.TarFile, file: Path) -> Contents:
    stream = archive.extractfile(_LIST)
    try:
        contents = Contents.model_validate_json(b"" if stream is None else stream.read(_CHUNK))
    except ValidationError as error:
        raise UsageError(
            f"'{file}' is not a backup of belegt ({error.errors()[0]['msg']})."
        ) from None
    if contents.format != FORMAT:
        raise UsageError(
            f"The backup '{file}' has the format '{contents.format}', this belegt knows '{FORMAT}'."
        )
    # Names come from the file; only these two are ever written.
    if DATABASE not in contents.files or set(contents.files) - {DATABASE, _SERVICE}:
        raise UsageError(f"The backup '{file}' does not hold what a backup holds.")
    return contents


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    stream = archive.extractfile(name)
    if stream is None:
        raise KeyError(f"'{name}' is no file")
    with stream, _private(target) as out:
        while chunk := stream.read(_CHUNK):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def _private(file: Path) -> IO[bytes]:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _copy_database(source: Path, target: Path) -> None:
    with _open(source) as here, _open(target) as there:
        here.backup(there)
        # One file, whole in itself: no log beside it.
        there.execute("PRAGMA journal_mode = DELETE")


def _check_database(database: Path, file: Path) -> None:
    try:
        with _open(database) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise UsageError(f"'{database.name}' in the backup '{file}' is damaged ({found}).")


@contextmanager
def _open(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as connection:
        yield connection


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
