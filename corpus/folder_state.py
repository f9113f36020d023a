"""What folders held when the corpus was last brought in step with them.

In: a corpus and files. Out: the stored state of each file, and changes of it together with the
documents that came from it. Nothing can fail but the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.document import Document
from corpus.folders import SourceFile
from corpus.loaders.assemble import INNER, printable
from corpus.store import CorpusStore

_COLUMNS = "root, path, name, size, modified, digest, document_id"


@dataclass(frozen=True)
class FileState:
    """A document of a file as it was."""

    root: str
    """The folder that was brought in step."""
    path: str
    """The file's path from there."""
    name: str
    """The document's name within its file; empty where the file is one document."""
    size: int
    """Bytes of the file."""
    modified: int
    """When it was changed, in nanoseconds since 1970."""
    digest: str
    """SHA-256 of its bytes."""
    document_id: str | None
    """The document; None if it was removed by other means."""


class FolderState:
    """The ``files`` table of one corpus."""

    def __init__(self, store: CorpusStore) -> None:
        self._store = store

    def of(self, root: Path) -> list[FileState]:
        """All files of one folder."""
        return self._states("root = ?", str(root))

    def of_file(self, root: Path, path: str) -> list[FileState]:
        """The documents of one file."""
        return self._states("root = ? AND path = ?", str(root), path)

    def known(self, root: Path, path: str) -> bool:
        """Whether there is a document of that file."""
        return bool(self.of_file(root, path))

    def of_lost_roots(self, root: Path) -> list[FileState]:
        """The files of folders that are not there any more: the whole folder may have moved."""
        rows = self._store.ask("SELECT DISTINCT root FROM files WHERE root != ?", (str(root),))
        lost = [row[0] for row in rows if not Path(row[0]).exists()]
        return [state for gone in lost for state in self._states("root = ?", gone)]

    def _states(self, condition: str, *values: str) -> list[FileState]:
        rows = self._store.ask(
            f"SELECT {_COLUMNS} FROM files WHERE {condition} ORDER BY path, name", values
        )
        return [FileState(*row) for row in rows]

    def put(self, root: Path, file: SourceFile, name: str, digest: str, document_id: str) -> None:
        """Note the state of a document's file."""
        self._store.change(
            f"INSERT OR REPLACE INTO files ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (str(root), file.relative, name, file.size, file.modified, digest, document_id),
        )

    def touch(self, root: Path, file: SourceFile, digest: str) -> None:
        """Note that a file has another size or time but the bytes that it had."""
        self._store.change(
            "UPDATE files SET size = ?, modified = ?, digest = ? WHERE root = ? AND path = ?",
            (file.size, file.modified, digest, str(root), file.relative),
        )

    def move(self, state: FileState, root: Path, file: SourceFile, digest: str) -> None:
        """Note that a document's file has another path; the document keeps its id."""
        whole = printable(file.path) + (f"{INNER}{state.name}" if state.name else "")
        with self._store.transaction():
            self._store.change(
                "DELETE FROM files WHERE root = ? AND path = ? AND name = ?",
                (state.root, state.path, state.name),
            )
            if state.document_id is not None:
                self.put(root, file, state.name, digest, state.document_id)
                self._store.change(
                    "UPDATE documents SET path = ? WHERE id = ?", (whole, state.document_id)
                )

    def forget(self, state: FileState) -> None:
        """Remove the document of a file that is gone, and the note of it."""
        with self._store.transaction():
            if state.document_id is not None:
                self._store.remove(state.document_id)
            self._store.change(
                "DELETE FROM files WHERE root = ? AND path = ? AND name = ?",
                (state.root, state.path, state.name),
            )

    def free_id(self, document: Document) -> str:
        """The document's id, or one like it where a document that was moved has that."""
        candidate, number = document.id, 1
        while rows := self._store.ask("SELECT path FROM documents WHERE id = ?", (candidate,)):
            if rows[0][0] == document.path:
                break
            number += 1
            candidate = f"{document.id}-{number}"
        return candidate
