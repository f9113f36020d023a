"""Files within a file: attachments of mails, members of archives.

In: a name and content that another file holds. Out: the documents in it, each with the outer name
before its own, and a warning in place of what could not be read. What can fail: only what a whole
archive exceeds, as UsageError: depth, number and size are limited for a file and all within it
together, so that an archive that holds itself ends soon.
"""

from __future__ import annotations

import tempfile
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from base.errors import UsageError
from corpus.loaded import LoadedDocument

DEEPEST = 4
MOST_FILES = 20_000
MOST_BYTES = 1_000_000_000


@dataclass
class _Account:
    depth: int = 0
    files: int = 0
    size: int = 0


_ACCOUNT: ContextVar[_Account] = ContextVar("account")


@dataclass
class Within:
    """What was read of the files in a file."""

    documents: list[LoadedDocument] = field(default_factory=list)
    """In order."""
    warnings: list[str] = field(default_factory=list)
    """One sentence for each that was left out."""


def read_within(name: str, content: bytes, path: Path) -> Within:
    """The documents in ``content``, which the file at ``path`` holds as ``name``."""
    from corpus.loaders.registry import load_unguarded

    account = _ACCOUNT.get(None)
    if account is None:
        account = _Account()
        _ACCOUNT.set(account)
    if account.depth >= DEEPEST:
        return Within(warnings=[f"'{name}' lies more than {DEEPEST} files deep and was left out."])
    account.files += 1
    account.size += len(content)
    if account.files > MOST_FILES or account.size > MOST_BYTES:
        raise UsageError(
            f"The file '{path}' holds more than {MOST_FILES} files or {MOST_BYTES // 10**6} MB; "
            "unpack and split it."
        )
    account.depth += 1
    try:
        return _read(name, content, load_unguarded)
    finally:
        account.depth -= 1


def _read(name: str, content: bytes, load: object) -> Within:
    with tempfile.TemporaryDirectory() as folder:
        suffix = PurePosixPath(name.replace("\\", "/")).suffix[:12]
        safe = "".join(letter for letter in suffix if letter.isalnum() or letter == ".")
        file = Path(folder) / f"file{safe}"
        file.write_bytes(content)
        try:
            documents = load(file)  # type: ignore[operator]
        except UsageError as error:
            return Within(warnings=[str(error).replace(str(file), name)])
    return Within(
        [
            replace(
                document,
                name=f"{name}/{document.name}" if document.name else name,
                warnings=tuple(text.replace(str(file), name) for text in document.warnings),
            )
            for document in documents
        ]
    )
