"""Uploaded files as documents.

In: a name and bytes that somebody sent. Out: a name that can be shown, and a
:class:`~corpus.document.Document`. What can fail: a file that is no text belegt reads, as
UsageError or as a sentence.

A name is text and nothing else: it is shown, and it identifies the document, but no file is ever
opened by it. It keeps the folders that the sender names ("projekt-a/protokoll.md"), because a name
without them is shared by many files; a second upload of one name replaces the first. Two files of
one name in one upload are two documents; the later ones are numbered. What a loader reads lies
under a made-up name in a private folder that is gone afterwards; only the suffix, out of those
that loaders know, is the upload's own.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from base.errors import UsageError
from corpus.dates import find_date
from corpus.document import Document
from corpus.loaders import document_id, has_loader, load_documents
from corpus.loaders.assemble import INNER
from corpus.loaders.decode import MAX_BYTES
from corpus.loaders.sniff import HEAD_BYTES, unreadable_kind

NAME_CHARACTERS = 200
PREFIX = ".upload-"
_STEM = "upload-of-a-file"
_DRIVE = re.compile(r"^[a-zA-Z]:")


def display_name(sent: str | None) -> str:
    """``sent`` with its folders, without what leads out of them or is no visible character.

    Shortened from the front, whole folders first, then before its suffix.
    """
    path = (sent or "").replace("\\", "/")
    parts = [_visible(part) for part in _DRIVE.sub("", path).split("/")]
    parts = [part for part in parts if part.strip(".")]
    while len(parts) > 1 and len("/".join(parts)) > NAME_CHARACTERS:
        parts.pop(0)
    if not parts:
        return ""
    shown = "/".join(parts)
    suffix = Path(shown).suffix[:NAME_CHARACTERS]
    if len(shown) > NAME_CHARACTERS:
        shown = shown[: NAME_CHARACTERS - len(suffix)] + suffix
    return shown


def _visible(part: str) -> str:
    shown = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", part)
        # Control and format characters, halves of surrogate pairs: they hide or turn text around.
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    return " ".join(shown.split())


def distinct_names(names: Sequence[str]) -> list[str]:
    """``names`` of one upload, those that came before numbered ("protokoll (2).md")."""
    taken: set[str] = set()
    result = []
    for name in names:
        distinct, number = name, 1
        while name and distinct in taken:
            number += 1
            path = Path(name)
            distinct = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        taken.add(distinct)
        result.append(distinct)
    return result


def upload_id(name: str) -> str:
    """The id of the document that is uploaded as ``name``, the same every time."""
    return document_id(Path("/upload", name))


def refusal(name: str, content: bytes, most_bytes: int = MAX_BYTES) -> str | None:
    """One sentence on why a file is not taken, or None; looks at name, size and first bytes."""
    if not name:
        return "The file has no name; give it one that ends with .txt, .pdf or the like."
    if not has_loader(Path(name)):
        return (
            f"No loader knows the format of '{name}'; save it as text, PDF or in an office format."
        )
    if not content:
        return f"The file '{name}' is empty; give it text or leave it out."
    limit = min(most_bytes, MAX_BYTES)
    if len(content) > limit:
        return (
            f"The file '{name}' has {len(content) / 1e6:.1f} MB, more than the {limit / 1e6:.1f} "
            "MB that one document may have; split it into smaller files."
        )
    kind = unreadable_kind(content[:HEAD_BYTES])
    return f"The file '{name}' is {kind}, whatever its name says." if kind else None


def documents_of(name: str, content: bytes, within: Path) -> list[Document]:
    """The documents in ``content``; UsageError, in terms of ``name``, if it cannot be read.

    They are read from a private folder made in the folder ``within``, whose name begins with
    ``PREFIX``; only a process that was killed leaves one behind.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=within) as folder:
        file = Path(folder).resolve() / f"{_STEM}{Path(name).suffix.lower()}"
        file.write_bytes(content)
        try:
            documents = load_documents(file)
        except UsageError as error:
            raise UsageError(str(error).replace(str(file), name)) from None
    return [_named(document, name, file) for document in documents]


def _named(document: Document, name: str, file: Path) -> Document:
    """``document``, which was read from ``file``, as that of the upload ``name``."""
    inner = document.path.partition(INNER)[2]
    return document.model_copy(
        update={
            "id": document_id(Path("/upload", name), inner),
            "path": f"upload/{name}" + (f"{INNER}{inner}" if inner else ""),
            # Where the text names no title or date, the file's own name does.
            "title": Path(inner or name).stem if document.title == _STEM else document.title,
            "date": document.date or find_date("", name),
            "warnings": tuple(told.replace(str(file), name) for told in document.warnings),
        }
    )
