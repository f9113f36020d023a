"""Question sets: documents, questions, and what counts as right.

In: the name of a set that ships with belegt (``eval/sets``), the path of a set file, or of data
that holds questions and documents both. Out: :class:`QuestionSet`, whose documents are streamed.
What can fail, each one sentence: a set that nobody knows, data that is not on this machine
(:class:`SetAbsentError`, so that a run can skip it), and what is malformed, with file and line.

A *pair* is the language of the questions and that of the documents, such as ``de-en``: German
questions over English documents. One pair is one corpus. The ids of questions and documents are
those of the data, so in parallel sets they come again in each pair: what identifies a question
in a run is its pair and its id together.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeVar

from base.errors import UsageError
from corpus.document import Document, Language
from eval.pairs import SUFFIX
from eval.question import Question
from eval.readers import READERS, FoundDocument, FoundQuestion, SetAbsentError, SetSource
from eval.readers.source import open_data
from eval.set_check import Check, unique
from eval.set_file import (
    ANY,
    DocumentsEntry,
    QuestionsEntry,
    SetFile,
    bare,
    load_set_file,
    source_of,
)

__all__ = ["QuestionSet", "SetAbsentError", "bundled_sets", "find_set"]

_BUNDLED = Path(__file__).parent / "sets"
_T = TypeVar("_T")
_CHUNK = 1 << 20
_LANGUAGES: dict[str, Language | None] = {"de": "de", "en": "en", ANY: None}
_NOTHING_RIGHT = {
    "answerable": False,
    "answers": (),
    "wrong_answers": (),
    "relevant": {},
    "needed": "any",
}


class QuestionSet:
    """A set as its file describes it. ``root`` is the folder of its data."""

    def __init__(self, described: SetFile, root: Path, file: Path | None = None) -> None:
        self._described = described
        self._root = root
        self._file = file
        self.name = described.name
        self.description = described.description
        self.licence = described.licence
        self.default_pairs = described.usual_pairs

    def pairs(self) -> tuple[str, ...]:
        """All pairs that can be asked; ``any`` stands for documents or questions of both."""
        return self._described.pairs

    def present(self) -> bool:
        """Whether all its data is on this machine."""
        try:
            return all(path.exists() for _, path in self._files())
        except SetAbsentError:
            return False

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the set file, and over names and content of the data, in hexadecimal."""
        whole = hashlib.sha256()
        if self._file is not None:
            whole.update(self._file.read_bytes())
        for name, path in self._files():
            whole.update(f"\0{name}\0".encode())
            with open_data(path) as stream:
                while chunk := stream.read(_CHUNK):
                    whole.update(chunk)
        return whole.hexdigest()

    def documents(self, pair: str | None = None) -> Iterator[Document]:
        """The corpus of ``pair``, one document at a time; None: of the only default pair."""
        if pair is None:
            if len(self.default_pairs) > 1:
                raise UsageError(
                    f"The set '{self.name}' has a corpus for each pair; name one of "
                    f"{', '.join(self.default_pairs)}."
                )
            (pair,) = self.default_pairs
        _, language = self._languages(pair)
        return unique(self._found_documents(language))

    def questions(
        self, pair: str | None = None, limit: int | None = None, seed: int = 7
    ) -> list[Question]:
        """The questions of ``pair``, in the order of the data; None: of each default pair in turn.

        With ``limit``: that many of each pair, the first after a shuffle by ``seed``, and what they
        are compared with. The whole set is checked against its documents all the same, and raises
        UsageError for its first fault.
        """
        if pair is None:
            each = (self.questions(name, limit, seed) for name in self.default_pairs)
            return list(chain.from_iterable(each))
        asked, held = self._languages(pair)
        check = Check(_LANGUAGES[held])
        for found in self._found_questions(asked):
            check.hear(found)
        if not check.count:
            raise UsageError(f"The set '{self.name}' has no questions for the pair '{pair}'.")
        names = check.read(self.documents(pair))
        ranks = _ranks(check.count, limit, seed)
        chosen = {
            ranks[number]: _place(found.question, held, names)
            for number, found in enumerate(self._found_questions(asked))
            if number in ranks
        }
        questions = [chosen[rank] for rank in sorted(chosen)]
        questions += self._without_injections(questions, asked, held, names)
        if self._described.answers_of_both_languages and asked != held != ANY:
            return self._with_answers_of(held, questions)
        return questions

    def _languages(self, pair: str) -> tuple[str, str]:
        if pair not in self.pairs():
            raise UsageError(
                f"The set '{self.name}' has no pair '{pair}'; it has {', '.join(self.pairs())}."
            )
        asked, _, held = pair.partition("-")
        return asked, held

    def _found_documents(self, language: str) -> Iterator[FoundDocument]:
        for entry in self._described.documents:
            if language in (ANY, entry.language):
                source = source_of(entry, self._root)
                yield from _some(_documents(entry, source), source, "documents")

    def _found_questions(self, language: str) -> Iterator[FoundQuestion]:
        for entry in self._described.questions:
            if language == ANY or entry.language in (None, language):
                source = source_of(entry, self._root)
                for found in _some(_questions(entry, source), source, "questions"):
                    if language in (ANY, found.question.language):
                        yield found

    def _without_injections(
        self, questions: list[Question], asked: str, held: str, names: dict[str, str]
    ) -> list[Question]:
        """What ``questions`` are compared with, where a limit has left it out."""
        there = {question.id for question in questions}
        wanted = {question.without_injection for question in questions} - there - {None}
        if not wanted:
            return []
        return [
            _place(found.question, held, names)
            for found in self._found_questions(asked)
            if found.question.id in wanted
        ]

    def _with_answers_of(self, language: str, questions: list[Question]) -> list[Question]:
        wanted = {question.id for question in questions if question.language != language}
        more = {
            found.question.id: found.question.answers
            for found in self._found_questions(language)
            if found.question.id in wanted
        }
        for alone in sorted(wanted - more.keys()):
            raise UsageError(
                f"The set '{self.name}' has no question '{alone}' in '{language}'; add it, or "
                "leave 'answers_of_both_languages' out of the set file."
            )
        return [
            one.model_copy(update={"answers": (*one.answers, *more.get(one.id, ()))})
            for one in questions
        ]

    def _files(self) -> Iterator[tuple[str, Path]]:
        entries: tuple[DocumentsEntry | QuestionsEntry, ...] = (
            *self._described.documents,
            *self._described.questions,
        )
        for entry in entries:
            source = source_of(entry, self._root)
            for path in READERS[entry.format].files(source):
                yield os.path.relpath(path, self._root), path


def _documents(entry: DocumentsEntry, source: SetSource) -> Iterator[FoundDocument]:
    read = READERS[entry.format].documents
    assert read is not None, "the set file was checked for it"
    return read(source)


def _questions(entry: QuestionsEntry, source: SetSource) -> Iterator[FoundQuestion]:
    read = READERS[entry.format].questions
    assert read is not None, "the set file was checked for it"
    update: dict[str, object] = {} if entry.kind is None else {"kind": entry.kind}
    if entry.answerable is not None:
        update |= {"answerable": True} if entry.answerable else _NOTHING_RIGHT
    for found in read(source):
        question = found.question.model_copy(update=update) if update else found.question
        spans = () if entry.answerable is False else found.spans
        yield replace(found, question=question, spans=spans)


def _some(found: Iterable[_T], source: SetSource, what: str) -> Iterator[_T]:
    empty = True
    for one in found:
        empty = False
        yield one
    if empty:
        raise UsageError(f"'{source.path}' holds no {what}; add some or leave it out of the set.")


def _ranks(count: int, limit: int | None, seed: int) -> dict[int, int]:
    """By number of a chosen question, its place in the run.

    Numbers are shuffled as the questions themselves would be, which then need not all be kept.
    """
    order = list(range(count))
    if limit is not None:
        random.Random(seed).shuffle(order)
    return {number: rank for rank, number in enumerate(order[:limit])}


def _place(question: Question, held: str, names: dict[str, str]) -> Question:
    return question.model_copy(
        update={
            "document_language": _LANGUAGES[held],
            "relevant": {names.get(key, key): one for key, one in question.relevant.items()},
            "within": tuple(names.get(key, key) for key in question.within),
        }
    )


def bundled_sets() -> list[QuestionSet]:
    """The sets that ship with belegt, by name; their data may be absent."""
    files = sorted(_BUNDLED.glob("*.toml"), key=lambda one: one.stem)
    return [_load(file) for file in files if not file.name.endswith(SUFFIX)]


def find_set(name_or_path: str | Path) -> QuestionSet:
    """The set of that name, or the one in that set file, data file or folder."""
    bundled = {one.name: one for one in bundled_sets()}
    if str(name_or_path) in bundled:
        return bundled[str(name_or_path)]
    path = Path(name_or_path)
    if not path.exists():
        raise UsageError(
            f"There is no set '{name_or_path}'; known are {', '.join(bundled)}, or give the path "
            "of a set file."
        )
    if path.suffix == ".toml":
        return _load(path)
    return QuestionSet(bare(path), path.resolve().parent)


def _load(file: Path) -> QuestionSet:
    described = load_set_file(file)
    return QuestionSet(described, (file.parent / described.root).resolve(), file)
