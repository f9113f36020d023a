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

from corpus.cache_folder import kept_folder
from corpus.document import Language
from corpus.store import StoredPassage
from index.evidence import Evidence
from qa.engine.protocol import Message, Segment

TITLE_CHARACTERS = 120
"""Of a title or file name in a prompt; a longer one would take the place of evidence."""


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
        self,
        evidence: Sequence[Evidence],
        question: str,
        more: str = "",
        whole: Sequence[Segment] = (),
    ) -> list[Message]:
        """The chat for ``question``; everything before the evidence is one static prefix.

        ``more``: what a caller wants said to the model beside belegt's own instruction. ``whole``:
        passages to stand before the evidence, each by :func:`passage`.
        """
        sources = "\n".join(f"- {_title(one.stored)}: {one.text}" for one in evidence)
        return self.chat(sources, question, more, whole)

    def chat(
        self, sources: str, question: str, more: str = "", whole: Sequence[Segment] = ()
    ) -> list[Message]:
        """The same for sources that are one text already."""
        wanted = (Segment(f"\n{more}"),) if more else ()
        # A passage brings its own end of line.
        apart = "\n\n" if sources else "\n"
        return [
            Message("system", (_constant(self.instruction.strip()), *wanted)),
            Message(
                "user",
                (
                    _constant(f"{self.sources}\n"),
                    *whole,
                    Segment(sources),
                    Segment(f"{apart}{self.question} ", trusted=True),
                    Segment(" ".join(question.split())),
                ),
            ),
        ]


def passage(stored: StoredPassage, corpus: Path) -> Segment:
    """A whole passage as a prompt shows it, the same for every question.

    What the model makes of it may be kept in the folder ``corpus``.
    """
    text = " ".join(" ".join(stored.passage.sentence_texts()).split())
    kept_in = kept_folder(corpus, stored.passage.document_id)
    return Segment(f"- {_title(stored)}: {text}\n", kept_in=kept_in)


def _constant(text: str) -> Segment:
    return Segment(text, trusted=True, constant=True)


def _title(stored: StoredPassage) -> str:
    title = clipped(stored.title, TITLE_CHARACTERS)
    return f"{title} ({stored.date})" if stored.date else title


def clipped(text: str, limit: int) -> str:
    """``text`` on one line, and of a longer one ``limit`` characters that end with an ellipsis.

    It is cut between words where the last of them leaves half of the limit.
    """
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    start = line[: limit - 1]
    head, _, _ = start.rpartition(" ")
    return f"{(head if 2 * len(head) > limit else start).rstrip()}…"


@cache
def load(language: Language) -> Prompt:
    """The prompt of ``language``."""
    file = Path(__file__).parent / "prompts" / f"{language}.toml"
    return Prompt.model_validate(tomllib.loads(file.read_text("utf-8")))
