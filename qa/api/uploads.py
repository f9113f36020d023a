"""Uploaded files as documents.

In: a name and bytes that somebody sent. Out: a name that can be shown, and a
:class:`~corpus.document.Document`. What can fail: a file that is no text belegt reads, as
UsageError or as a sentence.

A name is text and nothing else: it is shown, and it identifies the document (a second upload of
one name replaces the first), but no file is ever opened by it. What a loader reads lies under a
made-up name in a private folder that is gone afterwards; only the suffix, out of those that
loaders know, is the upload's own.
"""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path

from base.errors import UsageError
from corpus.dates import find_date
from corpus.document import Document
from corpus.loaders import document_id, is_known, load_documents
from corpus.loaders.assemble import INNER
from corpus.loaders.decode import MAX_BYTES
from corpus.loaders.sniff import HEAD_BYTES, unreadable_kind

NAME_CHARACTERS = 200
PREFIX = ".upload-"
_STEM = "upload-of-a-file"


def display_name(sent: str | None) -> str:
    """``sent`` without folders and what is no visible character, shortened before its suffix."""
    base = (sent or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", base)
        # Control and format characters, halves of surrogate pairs: they hide or turn text around.
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    shown = " ".join(shown.split())
    suffix = Path(shown).suffix[:NAME_CHARACTERS]
    if len(shown) > NAME_CHARACTERS:
        shown = shown[: NAME_CHARACTERS - len(suffix)] + suffix
    return shown


def upload_id(name: str) -> str:
    """The id of the document that is uploaded as ``name``, the same every time."""
    return document_id(Path("/upload", name))


def refusal(name: str, content: bytes, most_bytes: int = MAX_BYTES) -> str | None:
    """One sentence on why a file is not taken, or None; looks at name, size and first bytes."""
    if not name:
        return "The file has no name; give it one that ends with .txt, .pdf or the like."
    if not is_known(Path(name)):
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
    """The documents in ``content``, at least one; UsageError, in terms of ``name``, otherwise.

    It is read from a private folder made in the folder ``within``, whose name begins with
    ``PREFIX``; only a process that was killed leaves one behind.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=within) as folder:
        file = Path(folder).resolve() / f"{_STEM}{Path(name).suffix.lower()}"
        file.write_bytes(content)
        try:
            documents = load_documents(file)
        except UsageError as error:
            raise UsageError(str(error).replace(str(file), name)) from None
    return [_uploaded(document, name, str(file)) for document in documents]


def _uploaded(document: Document, name: str, file: str) -> Document:
    """The same document under the name of the upload."""
    inner = document.path.removeprefix(file).removeprefix(INNER)
    shown = Path(inner or name)
    return document.model_copy(
        update={
            "id": document_id(Path("/upload", name), inner),
            "path": f"upload/{name}" + (f"{INNER}{inner}" if inner else ""),
            # Where the text names no title or date, the file's own name does.
            "title": shown.stem if document.title == _STEM else document.title,
            "date": document.date or find_date("", shown.name),
            "warnings": tuple(warning.replace(file, name) for warning in document.warnings),
        }
    )
