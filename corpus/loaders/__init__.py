"""The loader seam: files in, documents out.

In: paths of files. Out: :class:`~corpus.document.Document` objects. What can fail, each a
:class:`~base.errors.UsageError` of one sentence: a file whose format no loader knows, and what the
loader of the format says. A new format is a class of a file of its own that is a
:class:`corpus.loaded.Loader`, entered in ``_LOADERS``.
"""

from __future__ import annotations

from pathlib import Path

from base.errors import UsageError
from corpus.document import Document
from corpus.loaded import Loader
from corpus.loaders.assemble import assemble, digest, document_id, printable
from corpus.loaders.markdown import MarkdownLoader
from corpus.loaders.text import TextLoader

__all__ = [
    "Loader",
    "digest",
    "document_id",
    "is_known",
    "load_documents",
    "load_file",
    "loader_for",
    "printable",
]

_LOADERS: tuple[Loader, ...] = (TextLoader(), MarkdownLoader())
_BY_SUFFIX = {suffix: loader for loader in _LOADERS for suffix in loader.suffixes}


def is_known(path: Path) -> bool:
    """Whether a loader may know the format of ``path``."""
    return path.suffix.lower() in _BY_SUFFIX


def loader_for(path: Path) -> Loader:
    """Return the loader for the format of ``path``, told by its suffix."""
    loader = _BY_SUFFIX.get(path.suffix.lower())
    if loader is None:
        raise UsageError(
            f"No loader knows the format of '{path}'; known are {', '.join(sorted(_BY_SUFFIX))}."
        )
    return loader


def load_documents(path: Path) -> list[Document]:
    """Return the documents in the file at ``path``, most often one."""
    return [assemble(loaded, path) for loaded in loader_for(path).load(path)]


def load_file(path: Path) -> Document:
    """Return the document in the file at ``path``; UsageError if it holds several."""
    documents = load_documents(path)
    if len(documents) != 1:
        raise UsageError(
            f"The file '{printable(path)}' holds {len(documents)} documents, not one; "
            "add it with 'belegt index add'."
        )
    return documents[0]
