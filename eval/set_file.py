"""The TOML file that describes a question set.

In: the path of a set file, or of data whose format shows. Out: a checked :class:`SetFile`, and
the sources that it names. What can fail, each one sentence that names the file and the key: text
that is not TOML, a key that is missing, not known or of the wrong kind, a format that does not
hold what is asked of it, data that cannot stand alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from base.errors import UsageError
from corpus.document import Language
from corpus.language import detect
from eval.readers import READERS, SetSource
from eval.readers.source import Text, one_sentence, text_lines

ANY = "any"
"""Stands for a language in a pair where documents, or questions, are of both languages."""
_SAMPLE = 20
_SAMPLE_CHARACTERS = 500


class _SetEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    path: Text = Field(description="Relative to the set's root.")
    language: Language | None = Field(
        None, description="Of the whole file; left out: each entry's own, else detected."
    )

    def _check_format(self, part: Literal["documents", "questions"]) -> None:
        able = [name for name, reader in READERS.items() if getattr(reader, part)]
        if self.format not in able:
            raise ValueError(
                f"has the format '{self.format}'; formats with {part} are {', '.join(able)}"
            )


class DocumentsEntry(_SetEntry):
    """``[[documents]]``: a file or folder of documents."""

    @model_validator(mode="after")
    def _is_possible(self) -> DocumentsEntry:
        self._check_format("documents")
        return self


class QuestionsEntry(_SetEntry):
    """``[[questions]]``: a file or folder of questions, and what is to be said of all of them."""

    answerable: bool | None = Field(
        None, description="False: nothing here answers them, whatever the file says."
    )
    kind: Text | None = Field(None, description="A slice of its own in comparisons.")
    split: Text | None = Field(None, description="Of a BEIR folder; default: test.")
    originals: Text | None = Field(
        None, description="Of the format 'perturbed': the file of the original questions."
    )
    pages: Text | None = Field(
        None, description="Of the format 'omos': the file of the pages that are searched."
    )

    @model_validator(mode="after")
    def _is_possible(self) -> QuestionsEntry:
        self._check_format("questions")
        if self.split is not None and self.format != "beir":
            raise ValueError("has 'split', which only the format 'beir' knows")
        if (self.originals is not None) != (self.format == "perturbed"):
            raise ValueError("needs 'originals' if its format is 'perturbed', and only then")
        if (self.pages is not None) != (self.format == "omos"):
            raise ValueError("needs 'pages' if its format is 'omos', and only then")
        return self


class SetFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", description="Used in folder names.")
    description: Text
    licence: Text = "not stated"
    root: Text = Field(".", description="Folder of the data, relative to the set file.")
    documents: tuple[DocumentsEntry, ...] = Field(min_length=1)
    questions: tuple[QuestionsEntry, ...] = Field(min_length=1)
    answers_of_both_languages: bool = Field(
        False,
        description="Across languages, also accept the answers of the question of the same id "
        "in the documents' language.",
    )
    default_pairs: tuple[str, ...] = Field(
        (), description="Pairs that are run if none is named; default: those of one language."
    )

    @model_validator(mode="after")
    def _pairs_are_known(self) -> SetFile:
        for pair in self.default_pairs:
            if pair not in self.pairs:
                raise ValueError(
                    f"'default_pairs' has '{pair}'; the set has {', '.join(self.pairs)}"
                )
        return self

    @property
    def pairs(self) -> tuple[str, ...]:
        """Language of the questions and of the documents, such as ``de-en``; see ``ANY``."""
        asked = _languages(entry.language for entry in self.questions)
        if ANY in asked:
            asked = [ANY, "de", "en"]
        held = _languages(entry.language for entry in self.documents)
        return tuple(f"{question}-{document}" for question in asked for document in held)

    @property
    def usual_pairs(self) -> tuple[str, ...]:
        """The pairs that are run if none is named."""
        same = tuple(pair for pair in self.pairs if len(set(pair.split("-"))) == 1)
        return self.default_pairs or same or self.pairs


def _languages(stated: Iterable[Language | None]) -> list[str]:
    return list(dict.fromkeys(language or ANY for language in stated))


def load_set_file(file: Path) -> SetFile:
    """The set that ``file`` describes."""
    text = "".join(line for _, line in text_lines(file))
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"'{file}' is not TOML ({error}); mend it there.") from None
    with one_sentence(f"'{file}'", SetFile):
        return SetFile.model_validate(content)


def source_of(entry: DocumentsEntry | QuestionsEntry, root: Path) -> SetSource:
    """What a reader needs to know of ``entry``."""
    source = SetSource(root / entry.path, entry.path, entry.language)
    if isinstance(entry, DocumentsEntry):
        return source
    second = entry.originals or entry.pages
    originals = None if second is None else root / second
    return SetSource(source.path, source.name, source.language, entry.split or "test", originals)


def bare(path: Path) -> SetFile:
    """A set of one data file or folder that holds questions and documents both.

    All questions count as of one language, told from the first of them; all documents likewise.
    """
    kind = _format_of(path)
    reader, source = READERS[kind], SetSource(path, path.name)
    if reader.documents is None or reader.questions is None:
        raise UsageError(
            f"'{path}' holds no documents; write a set file that names them (docs/evaluation.md)."
        )
    texts = (found.document.text for found in reader.documents(source))
    asked = (found.question.text for found in reader.questions(source))
    return SetFile.model_validate(
        {
            "name": _name(path),
            "description": f"The data '{path.name}'",
            "documents": [{"format": kind, "path": path.name, "language": _language(texts)}],
            "questions": [{"format": kind, "path": path.name, "language": _language(asked)}],
        }
    )


def _format_of(path: Path) -> str:
    if path.is_dir():
        if (path / "corpus.jsonl").is_file():
            return "beir"
    elif path.suffix == ".json":
        return "squad"
    elif path.suffix == ".csv":
        return "csv"
    elif path.suffix == ".jsonl" and "documents" in _first_row(path):
        return "ramdocs"
    raise UsageError(
        f"'{path}' is not data that holds questions and documents both (SQuAD, BEIR, RAMDocs); "
        "write a set file that names them (docs/evaluation.md)."
    )


def _first_row(path: Path) -> dict[str, Any]:
    for _, line in text_lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            break
        return row if isinstance(row, dict) else {}
    return {}


def _language(texts: Iterable[str]) -> Language | None:
    sample = [text[:_SAMPLE_CHARACTERS] for text in islice(texts, _SAMPLE)]
    return detect(" ".join(sample)) if sample else None


def _name(path: Path) -> str:
    kept = [letter if letter.isascii() and letter.isalnum() else "-" for letter in path.stem]
    return "".join(kept).lower().strip("-") or "data"
