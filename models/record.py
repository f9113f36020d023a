"""What lies in a model's folder, written down when it was checked.

In: a folder of files. Out: ``belegt.json`` in it, and later the first fault found against it.
What can fail: nothing; a missing or unreadable record is reported as None, so that the model
counts as absent.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from base.files import sha256_of, write_text

RECORD = "belegt.json"


class FileFacts(BaseModel):
    """One file as it was when its digest was taken."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str
    modified_ns: int


class ModelRecord(BaseModel):
    """A model that was obtained, checked and (an encoder) converted."""

    model_config = ConfigDict(frozen=True)

    model: str
    source: str
    sha256: str
    conversion: int
    digest: str
    files: dict[str, FileFacts]


def file_facts(folder: Path) -> dict[str, FileFacts]:
    """Take size, digest and time of every file of ``folder`` but the record itself."""
    facts: dict[str, FileFacts] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != RECORD:
            status = file.stat()
            facts[file.relative_to(folder).as_posix()] = FileFacts(
                size=status.st_size, sha256=sha256_of(file), modified_ns=status.st_mtime_ns
            )
    return facts


def write_record(folder: Path, record: ModelRecord) -> None:
    """Put ``record`` into ``folder``."""
    write_text(folder / RECORD, record.model_dump_json(indent=2) + "\n")


def read_record(folder: Path) -> ModelRecord | None:
    """Return the record of ``folder``, or None where there is none that can be read."""
    try:
        return ModelRecord.model_validate_json((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def size_fault(folder: Path, record: ModelRecord) -> str | None:
    """Compare names and sizes only: fast enough for every start."""
    for name, facts in record.files.items():
        file = folder / name
        if not file.is_file():
            return f"{file} is missing"
        size = file.stat().st_size
        if size != facts.size:
            return f"{file} has {size:,} bytes, expected {facts.size:,}"
    return None


def content_fault(folder: Path, record: ModelRecord) -> str | None:
    """Compare sizes and digests: reads every byte."""
    fault = size_fault(folder, record)
    if fault:
        return fault
    for name, facts in record.files.items():
        found = sha256_of(folder / name)
        if found != facts.sha256:
            return f"{folder / name} has the SHA-256 {found}, expected {facts.sha256}"
    return None


def was_touched(folder: Path, record: ModelRecord) -> bool:
    """Tell whether a file was written to since its digest was taken."""
    return any(
        (folder / name).stat().st_mtime_ns != facts.modified_ns
        for name, facts in record.files.items()
    )
