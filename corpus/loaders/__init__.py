"""The loader seam: files in, documents out.

In: paths of files and folders. Out: :class:`~corpus.document.Document` objects. What can fail,
each a :class:`~base.errors.UsageError` of one sentence: a path that does not exist, a file
whose format no loader knows, and what the loader of the format says. A new format is a class
with ``suffixes`` and ``load`` in a file of its own, entered in ``_LOADERS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from base.errors import UsageError
from corpus.document import Document
from corpus.loaders.assemble import digest, document_id
from corpus.loaders.markdown import MarkdownLoader
from corpus.loaders.text import TextLoader

__all__ = ["Loader", "digest", "document_id", "iter_files", "load_file", "loader_for", "printable"]


class Loader(Protocol):
    """Reads the files of one format."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name suffixes of the format, in lower case, with the dot."""
        ...

    def load(self, path: Path) -> Document:
        """Return the document in the file at ``path``; raise UsageError if it cannot be read."""
        ...


_LOADERS: tuple[Loader, ...] = (TextLoader(), MarkdownLoader())
_BY_SUFFIX = {suffix: loader for loader in _LOADERS for suffix in loader.suffixes}


def loader_for(path: Path) -> Loader:
    """Return the loader for the format of ``path``, told by its suffix."""
    loader = _BY_SUFFIX.get(path.suffix.lower())
    if loader is None:
        raise UsageError(
            f"No loader knows the format of '{path}'; known are {', '.join(sorted(_BY_SUFFIX))}."
        )
    return loader


def load_file(path: Path) -> Document:
    """Return the document in the file at ``path``."""
    document = loader_for(path).load(path)
    try:
        document.model_dump_json()
    except ValueError:
        # Half a surrogate pair: bytes of a file name, or an escape in front matter.
        raise UsageError(
            f"The name or the front matter of '{printable(path)}' is not valid Unicode; "
            "rename or mend the file."
        ) from None
    return document


def printable(path: Path) -> str:
    """Return ``path`` with bytes that are not UTF-8 written as escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def iter_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Return the files that ``paths`` name, each once, in a fixed order.

    A file that is named itself is always among them. Folders are searched with all their
    subfolders for files that a loader knows, sorted by name; hidden files and folders are left
    out, symbolic links are followed once. A path that does not exist is refused before the
    first file is handed out.
    """
    named = list(paths)
    for path in named:
        if not path.exists():
            raise UsageError(f"The path '{path}' does not exist; check its spelling.")
    return _unique(named)


def _unique(named: list[Path]) -> Iterator[Path]:
    files: set[Path] = set()
    folders: set[Path] = set()
    for path in named:
        for file in _walk(path, folders) if path.is_dir() else [path]:
            real = file.resolve()
            if real not in files:
                files.add(real)
                yield file


def _walk(folder: Path, seen: set[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"The folder '{folder}' cannot be read ({error.strerror}); check its permissions."
        ) from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, seen)
        elif entry.suffix.lower() in _BY_SUFFIX and entry.is_file():
            yield entry
