"""Cases: small inputs in a folder each, with questions and what must and must not be in the answer.

In: a folder that holds ``questions.jsonl`` and, by case, the files that are added. Out: the files
that a loader knows, and the questions, each over the files of its own case. What can fail, each one
sentence with file and line: a folder that is not on this machine, a field that is missing or of the
wrong kind, a case without a file.

An answer in several parts is written ``A&B``; in a run it is joined by `` && ``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from base.errors import UsageError
from corpus.document import Document
from corpus.folders import iter_files
from corpus.loaders import load_file
from eval.metrics.text import PARTS
from eval.question import Question
from eval.readers.source import (
    FoundDocument,
    FoundQuestion,
    SetAbsentError,
    SetSource,
    Text,
    json_lines,
    language_of,
)

QUESTIONS = "questions.jsonl"
_PART = "&"


class CaseRow(BaseModel):
    """A line; fields that nothing here needs are left out."""

    model_config = ConfigDict(frozen=True)

    case: Text
    add: Text = Field(description="Folder of the files, relative to the folder of the cases.")
    question: Text
    expect: Text = Field(description="'answered', or another word where nothing is to be found.")
    must_have_one_of: tuple[Text, ...] = ()
    must_not_have: tuple[Text, ...] = ()


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """The files of all cases that are asked about; the id of each is its path."""
    folders = dict.fromkeys(row.add for _, row in json_lines(_questions(source), CaseRow))
    for paths in _files(source, folders).values():
        for path in paths:
            name = path.relative_to(source.path).as_posix()
            yield FoundDocument(f"'{path}'", _document(path, name))


def _document(path: Path, name: str) -> Document:
    """What is in the file; where it cannot be loaded, only why: the case then fails by itself."""
    try:
        return load_file(path).model_copy(update={"id": name, "path": name})
    except UsageError as error:
        return Document(id=name, title=path.name, language="en", text=str(error), path=name)


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The questions, one at a time; the case is their kind."""
    rows = list(json_lines(_questions(source), CaseRow))
    held = _files(source, dict.fromkeys(row.add for _, row in rows))
    for number, (place, row) in enumerate(rows, 1):
        names = tuple(path.relative_to(source.path).as_posix() for path in held[row.add])
        if not names:
            raise UsageError(f"{place}: the folder '{row.add}' holds no file that a loader knows.")
        answerable = row.expect == "answered"
        answers = tuple(answer.replace(_PART, PARTS) for answer in row.must_have_one_of)
        question = Question(
            id=f"{row.case}-{number}",
            text=row.question,
            language=language_of(source, None, row.question, place),
            answerable=answerable,
            answers=answers if answerable else (),
            wrong_answers=row.must_not_have,
            within=names,
            kind=row.case,
        )
        yield FoundQuestion(place, question)


def files(source: SetSource) -> Iterator[Path]:
    """The files that are read."""
    file = _questions(source)
    yield file
    folders = dict.fromkeys(row.add for _, row in json_lines(file, CaseRow))
    for paths in _files(source, folders).values():
        yield from paths


def _questions(source: SetSource) -> Path:
    return source.path / QUESTIONS


def _files(source: SetSource, folders: dict[str, None]) -> dict[str, list[Path]]:
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for folder in folders:
        path = source.path / folder
        if not path.is_dir():
            raise SetAbsentError(
                f"The case '{path}' is not on this machine; get it, or mend '{QUESTIONS}'."
            )
        found[folder] = list(iter_files([path]))
    return found
