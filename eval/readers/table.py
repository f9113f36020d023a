"""CSV: a table with one question in each row, as a spreadsheet saves it.

In: a file whose first row names the columns: ``question``, ``answer`` and ``source``, and if
wanted ``id``, ``language``, ``kind`` and ``note``; parted by commas, semicolons or tabs. Several
answers, or several sources, are parted by ``|``; a source is the id or the file name of a
document. Out: questions. A row without answer and without source is a question that no document
answers. What can fail, each one sentence with file and line: a column that is missing or not
known, a row of another length, a blank question, a language that is none.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import cast, get_args

from base.errors import UsageError
from corpus.document import Language
from eval.question import Question
from eval.readers.source import FoundQuestion, SetSource, language_of, line_place, text_lines

NEEDED = ("question", "answer", "source")
KNOWN = (*NEEDED, "id", "language", "kind", "note")
_DELIMITERS = ",;\t"


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The questions, one at a time; without a column ``id`` they are called FILE-1, FILE-2..."""
    for number, (place, row) in enumerate(_rows(source), 1):
        text, stated = row["question"], row.get("language")
        if not text.strip():
            raise UsageError(f"{place}: the question is blank; fill it in or remove the row.")
        if stated and stated not in get_args(Language):
            raise UsageError(f"{place}: the language is '{stated}'; use de or en.")
        answers, sources = _parts(row["answer"]), _parts(row["source"])
        question = Question(
            id=row.get("id") or f"{source.path.stem}-{number}",
            text=text,
            language=language_of(source, cast("Language | None", stated or None), text, place),
            answerable=bool(answers or sources),
            answers=answers,
            relevant=dict.fromkeys(sources, 1),
            kind=row.get("kind") or "plain",
        )
        yield FoundQuestion(place, question)


def _rows(source: SetSource) -> Iterator[tuple[str, dict[str, str]]]:
    path = source.path
    lines = text_lines(path)
    _, header = next(lines)
    delimiter = max(_DELIMITERS, key=header.count)
    (names,) = csv.reader([header], delimiter=delimiter)
    columns = [name.strip().lower() for name in names]
    _check_columns(columns, line_place(path, 1))
    reader = csv.reader((line for _, line in lines), delimiter=delimiter, strict=True)
    while True:
        place = line_place(path, reader.line_num + 2)
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise UsageError(f"{place}: the row cannot be read as CSV ({error}).") from None
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(columns):
            raise UsageError(
                f"{place}: the row has {len(row)} cells, the first row {len(columns)}; put text "
                f"that has a '{delimiter}' in it into double quotes."
            )
        yield place, dict(zip(columns, row, strict=True))


def _check_columns(columns: list[str], place: str) -> None:
    for name in NEEDED:
        if name not in columns:
            raise UsageError(f"{place}: the column '{name}' is missing.")
    for name in columns:
        if name not in KNOWN:
            raise UsageError(
                f"{place}: the column '{name}' is not known; known are {', '.join(KNOWN)}."
            )
        if columns.count(name) > 1:
            raise UsageError(f"{place}: the column '{name}' is there twice; remove one.")


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())
