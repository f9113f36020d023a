"""The formats of question sets.

In: a :class:`~eval.readers.source.SetSource`. Out: documents and questions, streamed. What can
fail: what the reader of the format says. A new format is a file of its own, entered in ``READERS``.
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
    written,
)
from eval.readers.source import FoundDocument, FoundQuestion, SetAbsentError, SetSource

__all__ = ["READERS", "FoundDocument", "FoundQuestion", "SetAbsentError", "SetReader", "SetSource"]


def _one_file(source: SetSource) -> Iterator[Path]:
    yield source.path


@dataclass(frozen=True)
class SetReader:
    """What a format holds: documents, questions or both. ``files`` are all that is read."""

    documents: Callable[[SetSource], Iterator[FoundDocument]] | None = None
    questions: Callable[[SetSource], Iterator[FoundQuestion]] | None = None
    files: Callable[[SetSource], Iterator[Path]] = _one_file


READERS: dict[str, SetReader] = {
    "belegt": SetReader(belegt.documents, belegt.questions),
    "squad": SetReader(squad.documents, squad.questions),
    "beir": SetReader(beir.documents, beir.questions, beir.files),
    "csv": SetReader(questions=table.questions),
    "ramdocs": SetReader(ramdocs.documents, ramdocs.questions),
    "perturbed": SetReader(questions=perturbed.questions, files=perturbed.files),
    "omos": SetReader(questions=omos.questions, files=omos.files),
    "nomiracl": SetReader(questions=nomiracl.questions),
    "cases": SetReader(cases.documents, cases.questions, cases.files),
    "written": SetReader(written.documents, written.questions, written.files),
    "files": SetReader(documents=folder.documents, files=folder.files),
}
