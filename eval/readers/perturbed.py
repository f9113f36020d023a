"""Questions of another file asked in other words: with typos, in lower case, words swapped.

In: JSON Lines of ``id``, ``perturbation`` and ``question``, and the file of the original
questions in belegt's JSON Lines. Out: the originals with the changed text, the perturbation as
their kind, and ``id/perturbation`` as their id. What can fail: a line that names no original
question, and what belegt's own format refuses; each one sentence with file and line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from base.errors import UsageError
from eval.readers import belegt
from eval.readers.source import FoundQuestion, Identifier, SetSource, Text, json_lines


class PerturbedRow(BaseModel):
    """A line: which question, how it was changed, and how it reads now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    perturbation: Text
    question: Text


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The changed questions, one at a time."""
    path = _originals(source)
    found = belegt.questions(replace(source, path=path))
    originals = {one.question.id: one for one in found}
    for place, row in json_lines(source.path, PerturbedRow):
        if row.id not in originals:
            raise UsageError(f"{place}: there is no question '{row.id}' in '{path}'; mend the id.")
        original = originals[row.id]
        changed = original.question.model_copy(
            update={
                "id": f"{row.id}/{row.perturbation}",
                "text": row.question,
                "kind": row.perturbation,
            }
        )
        yield replace(original, place=place, question=changed)


def files(source: SetSource) -> Iterator[Path]:
    """The files that are read."""
    yield source.path
    yield _originals(source)


def _originals(source: SetSource) -> Path:
    if source.originals is None:
        raise UsageError(
            f"'{source.path}' holds changed questions; name the file of the original ones as "
            "'originals' in a set file."
        )
    return source.originals
