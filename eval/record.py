"""What one question got: the line that a run keeps.

In: what a system under test returned. Out: a value that is written as one JSON line, holds all
that any metric, comparison or report needs, and nothing that a metric computes (so that a metric
can be mended without asking again). Nothing here can fail.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from corpus.document import Language
from eval.question import Question


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ranked(_Frozen):
    """A document at the rank of its best passage; the order of a ranking is that of its list."""

    document_id: str
    score: float


class ShownPassage(_Frozen):
    """Evidence that the language model read."""

    document_id: str
    title: str
    text: str
    date: str | None = None
    source: str | None = None


class Cited(_Frozen):
    """A citation. ``start`` and ``end`` are None where a system names a document only.

    ``exact``: ``quote`` is ``text[start:end]`` of the named document; None where there is no span.
    """

    marker: int
    document_id: str
    title: str
    quote: str
    start: int | None = None
    end: int | None = None
    date: str | None = None
    source: str | None = None
    exact: bool | None = None


class Statement(_Frozen):
    """One sentence of an answer without its markers, and the markers it carried."""

    text: str
    markers: tuple[int, ...] = ()


class Cost(_Frozen):
    """What an answer cost; None where a system does not tell. Milliseconds and tokens."""

    total_ms: float
    first_token_ms: float | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None


class Reply(_Frozen):
    """A system's answer to one question."""

    status: Literal["answered", "not_found"]
    text: str
    statements: tuple[Statement, ...] = ()
    citations: tuple[Cited, ...] = ()
    shown: tuple[ShownPassage, ...] = ()
    confidence: float | None = Field(None, ge=0.0, le=1.0)
    cost: Cost
    draft: str = Field("", description="What the model wrote, where the answer differs.")


class QuestionRecord(_Frozen):
    """One line of ``answers.jsonl``: the question and all that came of it."""

    question: Question
    ranking: tuple[Ranked, ...] | None = Field(None, description="None: not retrieved.")
    reply: Reply | None = Field(None, description="None: not asked, or it failed.")
    reply_language: Language | None = Field(None, description="Detected; None without a reply.")
    error: str | None = Field(None, description="Why there is no reply.")


class SystemInfo(_Frozen):
    """What was measured: enough to say whether two runs are of the same thing."""

    name: str
    settings: dict[str, str | int | float | bool | None]
    models: dict[str, str] = Field(description="Role to 'name digest'.")


class Machine(_Frozen):
    """Where it was measured."""

    processor: str
    cores: int
    memory_gib: float
    gpus: tuple[str, ...] = ()


class RunInfo(_Frozen):
    """``run.json``: what was run, on what, when. Times are ISO 8601, UTC."""

    set: str
    set_digest: str
    parts: Literal["retrieval", "answers", "both"]
    pair: str | None = None
    limit: int | None = None
    seed: int
    questions: int
    system: SystemInfo
    settings_digest: str
    corpus_digest: str
    documents: int
    commit: str | None
    machine: Machine
    started: str
    ended: str | None = None
    peak_memory_mb: float | None = None
    prefill: str | None = Field(
        None, description="Who read the prompts, and why, as the system says in the end."
    )
