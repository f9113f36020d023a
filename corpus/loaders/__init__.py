"""The loader seam: files in, documents out.

In: paths of files. Out: :class:`~corpus.document.Document` objects. What can fail, each a
:class:`~base.errors.UsageError` of one sentence: a file whose type no loader reads, and what the
loader of the type says. A file's type is told by its content (:mod:`corpus.loaders.sniff`); its
suffix only says whether a folder's file is looked at. A new format is a class in a file of its own
that is a :class:`corpus.loaded.Loader`, entered in :mod:`corpus.loaders.registry`.

Plain text and Markdown are read in this process, all else in one with limits of time and memory
(:mod:`corpus.loaders.child`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from base.errors import UsageError
from corpus.document import Document
from corpus.loaded import LoadedDocument, Loader
from corpus.loaders.assemble import assemble, digest, document_id, printable
from corpus.loaders.registry import IN_PROCESS, SUFFIXES, loader_of
from corpus.loaders.sniff import media_type

__all__ = [
    "Loader",
    "digest",
    "document_id",
    "has_loader",
    "load_documents",
    "load_file",
    "loader_for",
    "printable",
]


def has_loader(path: Path) -> bool:
    """Whether a loader may know the format of ``path``."""
    return path.suffix.lower() in SUFFIXES


def loader_for(path: Path) -> Loader:
    """Return the loader for the content of the file at ``path``."""
    return loader_of(media_type(path))


def load_documents(path: Path) -> list[Document]:
    """Return the documents in the file at ``path``, most often one."""
    return [_storable(assemble(loaded, path), path) for loaded in _loaded(path)]


def _storable(document: Document, path: Path) -> Document:
    """``document``; UsageError where its name or what it states of itself is not valid Unicode."""
    facts = (document.path, document.title, document.source or "", *document.metadata.values())
    try:
        "".join(facts).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair: bytes of a file name, or an escape in front matter.
        raise UsageError(
            f"The name or the front matter of '{printable(path)}' is not valid Unicode; "
            "rename or mend the file."
        ) from None
    return document


def load_file(path: Path) -> Document:
    """Return the document in the file at ``path``; UsageError if it holds several."""
    documents = load_documents(path)
    if len(documents) != 1:
        raise UsageError(
            f"The file '{printable(path)}' holds {len(documents)} documents, not one; "
            "add it with 'belegt index add'."
        )
    return documents[0]


def _loaded(path: Path) -> Sequence[LoadedDocument]:
    from corpus.loaders.child import read_guarded

    kind = media_type(path)
    if kind in IN_PROCESS:
        return loader_of(kind).load(path)
    return read_guarded(path)
