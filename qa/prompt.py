"""Evidence and a question to a prompt.

In: the evidence of a question, the question, its language. Out: chat messages in that language,
whatever the language of the documents. What can fail: nothing, the prompts are package data that
a test reads.

The same evidence and question also carry a check (is exactly this stated, yes or no), put after
the question; its probabilities are read and the check is taken back before the answer begins.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from corpus.document import Language
from index.evidence import Evidence
from qa.engine.protocol import Message, Segment


class Prompt(BaseModel):
    """Everything said to the model in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str
    sources: str
    question: str
    check: str
    yes: str
    no: str
    refusal: str
    opening: str
    """How an answer begins whose first attempt strayed into the sources' language."""

    def messages(
        self, evidence: Sequence[Evidence], question: str, more: str = ""
    ) -> list[Message]:
        """The chat for ``question``; everything before the evidence is one constant start.

        ``more``: what a caller wants said to the model beside belegt's own instruction.
        """
        sources = "\n".join(f"- {_title(one)}: {one.text}" for one in evidence)
        return self.chat(sources, question, more)

    def chat(self, sources: str, question: str, more: str = "") -> list[Message]:
        """The same for sources that are one text already."""
        wanted = (Segment(f"\n{more}"),) if more else ()
        return [
            Message("system", (_constant(self.instruction.strip()), *wanted)),
            Message(
                "user",
                (
                    _constant(f"{self.sources}\n"),
                    Segment(sources),
                    Segment(f"\n\n{self.question} ", trusted=True),
                    Segment(" ".join(question.split())),
                ),
            ),
        ]


def _constant(text: str) -> Segment:
    return Segment(text, trusted=True, constant=True)


def _title(evidence: Evidence) -> str:
    date = evidence.stored.date
    return f"{evidence.stored.title} ({date})" if date else evidence.stored.title


@cache
def load(language: Language) -> Prompt:
    """The prompt of ``language``."""
    file = Path(__file__).parent / "prompts" / f"{language}.toml"
    return Prompt.model_validate(tomllib.loads(file.read_text("utf-8")))
