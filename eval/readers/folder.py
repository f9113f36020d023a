"""Documents as files: a folder of files in any format that belegt itself can load.

In: a folder, or one file. Out: its documents; the id of each is its path within the folder, so
that questions can name a document as a person does. A file that holds several (a mailbox, a mail
with attachments, an archive) has for each the path, "!/" and its name within the file. What can
fail: the folder is not on this machine, and what the loaders say about a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.folders import iter_files
from corpus.loaders import load_documents
from eval.readers.source import FoundDocument, SetAbsentError, SetSource


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """The documents, one at a time, sorted by path."""
    base = source.path if source.path.is_dir() else source.path.parent
    for path in files(source):
        relative, whole = path.relative_to(base).as_posix(), str(path.resolve())
        for loaded in load_documents(path):
            # What the loader adds to the path of the file names the document within it.
            name = relative + loaded.path.removeprefix(whole)
            language = source.language or loaded.language
            yield FoundDocument(
                f"'{path}'",
                loaded.model_copy(update={"id": name, "path": name, "language": language}),
            )


def files(source: SetSource) -> Iterator[Path]:
    """The files that are read."""
    if not source.path.exists():
        raise SetAbsentError(
            f"The documents '{source.path}' are not on this machine; get them, or mend the path "
            "in the set."
        )
    return iter_files([source.path])
