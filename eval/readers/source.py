"""What every reader of a question set starts from and ends with.

In: the path of a data file and what the set says about it. Out: documents and questions, each
with its place in the file, so that whoever finds a fault in them can name it. What can fail,
each one sentence with file and line: data that is not on this machine (:class:`SetAbsentError`), a
file that cannot be read, is empty or not UTF-8, a line that is not what its format asks for.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from base.errors import UsageError
from corpus.document import Document, Language
from corpus.language import detect
from eval.question import Question

RowModel = TypeVar("RowModel", bound=BaseModel)
_SHOWN = 60
"""Characters of a faulty value that a message shows."""


class SetAbsentError(UsageError):
    """The data of a set is not on this machine."""


@dataclass(frozen=True)
class SetSource:
    """One data file or folder of a set. ``name`` is how the set file calls it.

    ``language``: of all that is in it; None where each entry has its own. ``split``: which qrels
    of a BEIR folder. ``originals``: the file whose questions this one asks in other words, or
    of the pages that its questions are about.
    """

    path: Path
    name: str
    language: Language | None = None
    split: str = "test"
    originals: Path | None = None


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document and where it was found."""

    place: str
    document: Document


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """An answer and the character of its document at which it is said to begin."""

    document_id: str
    start: int
    answer: str


@dataclass(frozen=True, slots=True)
class FoundQuestion:
    """A question and where it was found.

    ``spans`` are yet to be checked against the documents. ``places``: where a document is named, by
    its id, if that is not ``place``.
    """

    place: str
    question: Question
    spans: tuple[GoldSpan, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)


def span_fault(place: str, span: GoldSpan, text: str) -> str | None:
    """A sentence if the answer does not stand in ``text`` where it should, else None."""
    if text.startswith(span.answer, span.start):
        return None
    found = text.find(span.answer)
    where = f"it first stands at {found}" if found >= 0 else "it is nowhere in its text"
    return (
        f"{place}: the answer {_short(span.answer)} does not stand at character {span.start} of "
        f"document '{span.document_id}'; {where}."
    )


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


Text = Annotated[str, AfterValidator(_not_blank)]
"""Text with something in it, kept as it is."""
Identifier = Annotated[str, Field(coerce_numbers_to_str=True), AfterValidator(_not_blank)]


def line_place(path: Path, number: int) -> str:
    """The place of a line, counted from 1."""
    return f"'{path}', line {number}"


@contextmanager
def open_data(path: Path) -> Iterator[BinaryIO]:
    """``path`` for reading bytes; raises SetAbsentError or UsageError where that cannot be."""
    try:
        with path.open("rb") as stream:
            if not stream.peek(1):
                raise UsageError(f"'{path}' is empty; give it content or leave it out of the set.")
            yield stream
    except FileNotFoundError:
        raise SetAbsentError(
            f"The data '{path}' is not on this machine; get it, or mend the path in the set."
        ) from None
    except OSError as error:
        raise UsageError(
            f"'{path}' cannot be read ({error.strerror}); the set needs a file there."
        ) from error


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line with its end, one at a time; a byte order mark is left out."""
    with open_data(path) as stream:
        for number, raw in enumerate(stream, 1):
            line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            try:
                yield number, line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise UsageError(
                    f"{line_place(path, number)}: byte {error.start + 1} of the line is not UTF-8; "
                    "save the file as UTF-8."
                ) from None


def json_lines(path: Path, model: type[RowModel]) -> Iterator[tuple[str, RowModel]]:
    """Place and content of each line of a JSON Lines file; blank lines are left out."""
    for number, line in text_lines(path):
        if line.strip():
            place = line_place(path, number)
            with one_sentence(place, model):
                row = model.model_validate_json(line)
            yield place, row


@contextmanager
def one_sentence(place: str, model: type[BaseModel]) -> Iterator[None]:
    """Within, a value that ``model`` does not take raises UsageError instead of pydantic's."""
    try:
        yield
    except ValidationError as error:
        raise UsageError(f"{place}: {problem(error, model)}.") from None


def problem(error: ValidationError, model: type[BaseModel]) -> str:
    """The first fault of ``error``, as a clause that names the field and its value."""
    first = error.errors(include_url=False)[0]
    kind, message = first["type"], first["msg"]
    key = ".".join(str(part) for part in first["loc"])
    if kind == "missing":
        return f"the field '{key}' is missing"
    if kind == "extra_forbidden":
        known = f"; known are {', '.join(model.model_fields)}" if "." not in key else ""
        return f"the field '{key}' is not known{known}"
    if kind == "json_invalid":
        return f"it is not valid JSON ({first['ctx']['error'].replace('at line 1 column', 'at')})"
    if kind == "value_error":
        return f"the field '{key}' {first['ctx']['error']}" if key else str(first["ctx"]["error"])
    if not key:
        return "it is not a JSON object with fields"
    value = _short(first["input"])
    return f"the field '{key}' is {value}; {message[0].lower()}{message[1:]}"


def _short(value: object) -> str:
    """On one line, and not a long one."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def language_of(source: SetSource, stated: Language | None, text: str, place: str) -> Language:
    """The set's language for the file, else the entry's own, else the one found in ``text``.

    Raises UsageError where set and entry contradict each other.
    """
    if source.language and stated and source.language != stated:
        raise UsageError(
            f"{place}: the language is '{stated}', but the set says '{source.language}' for the "
            "whole file; mend one, or leave 'language' out of the set file."
        )
    return source.language or stated or detect(text)
