"""Documents as files: a folder of texts in any format that belegt itself can load.

In: a folder, or one file. Out: its documents; the id of each is its path within the folder, so
that questions can name a document as a person does. What can fail: the folder is not on this
machine, and what the loaders say about a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.folders import iter_files
from corpus.loaders import load_file
from eval.readers.source import FoundDocument, SetAbsentError, SetSource


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """The documents, one at a time, sorted by path."""
    base = source.path if source.path.is_dir() else source.path.parent
    for path in files(source):
        loaded = load_file(path)
        name, place = path.relative_to(base).as_posix(), f"'{path}'"
        language = source.language or loaded.language
        yield FoundDocument(
            place, loaded.model_copy(update={"id": name, "path": name, "language": language})
        )


def files(source: SetSource) -> Iterator[Path]:
    """The files that are read."""
    if not source.path.exists():
        raise SetAbsentError(
            f"The documents '{source.path}' are not on this machine; get them, or mend the path "
            "in the set."
        )
    return iter_files([source.path])
