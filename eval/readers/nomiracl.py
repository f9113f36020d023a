"""NoMIRACL: questions with ten passages each that look right, and often answer nothing.

In: JSON Lines as ``../shared/eval`` has them (Thakur et al. 2024). Out: the questions that people
and GPT-4 judge alike: each searches its own ten passages. Where both say that none answers, a
refusal is right; where both say that one does, no gold answer is known. What can fail, each one
sentence with file and line: a field that is missing or of the wrong kind. The passages are belegt's
own JSON Lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from eval.question import Question
from eval.readers.source import (
    FoundQuestion,
    Identifier,
    SetSource,
    Text,
    json_lines,
    language_of,
)


class NomiraclRow(BaseModel):
    """A line; fields that nothing here needs are left out."""

    model_config = ConfigDict(frozen=True)

    id: Identifier
    question: Text
    is_impossible: bool = Field(description="What people say.")
    gpt4_says_present: bool = Field(description="What GPT-4 says.")
    passage_ids: tuple[Identifier, ...] = Field(min_length=1)


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The questions that both judges see alike, one at a time."""
    for place, row in json_lines(source.path, NomiraclRow):
        if row.is_impossible == row.gpt4_says_present:
            continue
        question = Question(
            id=row.id,
            text=row.question,
            language=language_of(source, None, row.question, place),
            answerable=not row.is_impossible,
            within=row.passage_ids,
            kind="unanswerable" if row.is_impossible else "answerable",
        )
        yield FoundQuestion(place, question)
