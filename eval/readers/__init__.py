"""The formats of question sets.

In: a :class:`~eval.readers.source.Source`. Out: documents and questions, streamed. What can fail:
what the reader of the format says. A new format is a file of its own, entered in ``READERS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.readers import (
    beir,
    belegt,
    cases,
    folder,
    nomiracl,
    omos,
    perturbed,
    ramdocs,
    squad,
    table,
)
from eval.readers.source import FoundDocument, FoundQuestion, SetAbsentError, Source

__all__ = ["READERS", "FoundDocument", "FoundQuestion", "Reader", "SetAbsentError", "Source"]


def _one_file(source: Source) -> Iterator[Path]:
    yield source.path


@dataclass(frozen=True)
class Reader:
    """What a format holds: documents, questions or both. ``files`` are all that is read."""

    documents: Callable[[Source], Iterator[FoundDocument]] | None = None
    questions: Callable[[Source], Iterator[FoundQuestion]] | None = None
    files: Callable[[Source], Iterator[Path]] = _one_file


READERS: dict[str, Reader] = {
    "belegt": Reader(belegt.documents, belegt.questions),
    "squad": Reader(squad.documents, squad.questions),
    "beir": Reader(beir.documents, beir.questions, beir.files),
    "csv": Reader(questions=table.questions),
    "ramdocs": Reader(ramdocs.documents, ramdocs.questions),
    "perturbed": Reader(questions=perturbed.questions, files=perturbed.files),
    "omos": Reader(questions=omos.questions, files=omos.files),
    "nomiracl": Reader(questions=nomiracl.questions),
    "cases": Reader(cases.documents, cases.questions, cases.files),
    "files": Reader(documents=folder.documents, files=folder.files),
}
