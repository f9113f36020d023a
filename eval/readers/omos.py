"""OMoS-QA: what newcomers ask, over the pages that a town keeps for them.

In: JSON Lines as ``../shared/eval`` has them (Kleinle et al. 2024), and the file of the pages.
Out: the answerable questions, each over all pages of its own town; gold answers are sentences of
the gold page. A question that its own page does not answer is left out: another page of the town
may. What can fail, each one sentence with file and line: a field that is missing or of the wrong
kind, a town without pages. The pages are belegt's own JSON Lines, called ``omos-TOWN-NUMBER``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from base.errors import UsageError
from eval.question import Question
from eval.readers.source import (
    FoundQuestion,
    Identifier,
    SetSource,
    Text,
    json_lines,
    language_of,
)


class PageRow(BaseModel):
    """Of a page its name."""

    model_config = ConfigDict(frozen=True)

    id: Identifier


class OmosRow(BaseModel):
    """A line; fields that nothing here needs are left out."""

    model_config = ConfigDict(frozen=True)

    id: Identifier
    question: Text
    answers: tuple[Text, ...] = ()
    doc_id: Identifier
    is_impossible: bool


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The answerable questions, one at a time."""
    pages = _pages(source)
    for place, row in json_lines(source.path, OmosRow):
        if row.is_impossible:
            continue
        town = _town(row.doc_id)
        if town not in pages:
            raise UsageError(f"{place}: no page is of the town of '{row.doc_id}'; mend 'doc_id'.")
        question = Question(
            id=row.id,
            text=row.question,
            language=language_of(source, None, row.question, place),
            answers=row.answers,
            answers_are="sentences",
            relevant={row.doc_id: 1},
            within=tuple(pages[town]),
        )
        yield FoundQuestion(place, question)


def files(source: SetSource) -> Iterator[Path]:
    """The files that are read."""
    yield source.path
    yield _file_of_pages(source)


def _pages(source: SetSource) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for _, row in json_lines(_file_of_pages(source), PageRow):
        found[_town(row.id)].append(row.id)
    return found


def _file_of_pages(source: SetSource) -> Path:
    assert source.originals is not None, "the set file was checked for it"
    return source.originals


def _town(page: str) -> str:
    """The part of a page's name that says whose it is."""
    parts = page.split("-")
    return parts[1] if len(parts) > 2 else ""
