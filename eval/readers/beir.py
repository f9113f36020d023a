"""BEIR folders: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/SPLIT.tsv``.

In: a folder as BEIR publishes its data sets (Thakur et al. 2021). Out: its documents, and those
of its questions that the chosen split judges; no answers are known. What can fail, each one
sentence with file and line: a field that is missing or of the wrong kind, a judgement that is
not three columns, names no question of the folder or comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from base.errors import UsageError
from corpus.document import Document
from eval.question import Question
from eval.readers.source import (
    FoundDocument,
    FoundQuestion,
    Identifier,
    SetSource,
    Text,
    json_lines,
    language_of,
    line_place,
    text_lines,
)

CORPUS, QUERIES = "corpus.jsonl", "queries.jsonl"
_HEADER = ["query-id", "corpus-id", "score"]


class _BeirRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: Identifier = Field(alias="_id")


class BeirDocumentRow(_BeirRow):
    """A line of ``corpus.jsonl``."""

    title: str = ""
    text: str


class QueryRow(_BeirRow):
    """A line of ``queries.jsonl``."""

    text: Text


@dataclass
class _Judged:
    """Grades of one question, and the line of each, by document."""

    grades: dict[str, int] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """The documents, one at a time; one that has only a title has it as its text."""
    for place, row in json_lines(source.path / CORPUS, BeirDocumentRow):
        text = row.text if row.text.strip() else row.title
        if not text.strip():
            raise UsageError(f"{place}: the document '{row.id}' is blank; remove the line.")
        document = Document(
            id=row.id,
            title=row.title,
            language=language_of(source, None, text, place),
            text=text,
            path=source.name,
        )
        yield FoundDocument(place, document)


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The questions that the split judges, one at a time."""
    judged = _judgements(_qrels(source))
    for place, row in json_lines(source.path / QUERIES, QueryRow):
        found = judged.pop(row.id, None)
        if found is not None:
            language = language_of(source, None, row.text, place)
            question = Question(id=row.id, text=row.text, language=language, relevant=found.grades)
            yield FoundQuestion(place, question, places=found.places)
    for name, one in judged.items():
        raise UsageError(
            f"{next(iter(one.places.values()))}: there is no question '{name}' in {QUERIES}, or "
            "it is there twice; mend the id."
        )


def files(source: SetSource) -> Iterator[Path]:
    """The files that are read."""
    yield source.path / CORPUS
    yield source.path / QUERIES
    yield _qrels(source)


def _qrels(source: SetSource) -> Path:
    folder = source.path / "qrels"
    chosen = folder / f"{source.split}.tsv"
    present = sorted(path.stem for path in folder.glob("*.tsv"))
    if present and not chosen.is_file():
        raise UsageError(
            f"'{folder}' has no split '{source.split}'; set 'split' to one of {', '.join(present)}."
        )
    return chosen


def _judgements(path: Path) -> dict[str, _Judged]:
    judged: dict[str, _Judged] = {}
    for number, line in text_lines(path):
        columns = line.rstrip("\r\n").split("\t")
        place = line_place(path, number)
        if number == 1:
            if columns != _HEADER:
                raise UsageError(
                    f"{place}: the columns should be {', '.join(_HEADER)}, parted by tabs."
                )
        elif line.strip():
            name, document, grade = _columns(columns, place)
            one = judged.setdefault(name, _Judged())
            if document in one.grades:
                raise UsageError(
                    f"{place}: question '{name}' and document '{document}' are judged a second "
                    "time; remove one of the lines."
                )
            one.grades[document], one.places[document] = grade, place
    return judged


def _columns(columns: list[str], place: str) -> tuple[str, str, int]:
    if len(columns) != len(_HEADER):
        raise UsageError(f"{place}: {len(columns)} columns instead of {len(_HEADER)}.")
    name, document, grade = columns
    try:
        return name, document, int(grade)
    except ValueError:
        raise UsageError(f"{place}: the score is '{grade}'; it must be a whole number.") from None
