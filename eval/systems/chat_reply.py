"""A reply of chat completions, as its chunks come in.

In: the JSON objects that a server streams, or the one that it sends in whole. Out: the text, when
it began, and what the server says beside it. What can fail: a field of the wrong kind, or an
error that the server reports (``QuestionFailedError``, one sentence).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.systems.protocol import QuestionFailedError
from qa.pipeline.answer import Citation


class ReportedUsage(BaseModel):
    """Tokens, where the server counts them."""

    model_config = ConfigDict(extra="ignore")

    prompt_tokens: int | None = Field(None, ge=0)
    completion_tokens: int | None = Field(None, ge=0)


class ReplyExtras(BaseModel):
    """What a server may say beside the text."""

    model_config = ConfigDict(extra="ignore")

    citations: list[Citation] | None = None
    status: Literal["answered", "not_found"] | None = None
    confidence: float | None = Field(None, ge=0.0, le=1.0)
    usage: ReportedUsage | None = None


@dataclass
class Received:
    """A reply so far.

    ``started`` is a reading of ``time.perf_counter``; ``more`` holds the fields of
    :class:`ReplyExtras`, the last of each.
    """

    started: float
    text: str = ""
    first_token_ms: float | None = None
    complete: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    def since_start(self) -> float:
        """Milliseconds."""
        return (time.perf_counter() - self.started) * 1000

    def take(self, event: dict[str, Any]) -> None:
        """Add what one chunk, or a whole completion, says."""
        if event.get("error"):
            raise QuestionFailedError(
                f"The server stopped with an error: {error_words(event['error'])}."
            )
        choice = _choice(event)
        part = _object(choice.get("delta") or choice.get("message") or {}, "delta")
        for place in (event, choice, part):
            given = {name: place.get(name) for name in ReplyExtras.model_fields}
            self.more |= {name: value for name, value in given.items() if value is not None}
        piece = part.get("content") or ""
        if not isinstance(piece, str):
            raise QuestionFailedError(
                f"The server sent a 'content' that is no text: {piece!r:.80}."
            )
        if piece and self.first_token_ms is None:
            self.first_token_ms = self.since_start()
        self.text += piece
        self.complete = self.complete or choice.get("finish_reason") is not None

    def extension(self) -> ReplyExtras:
        """What was said beside the text, checked."""
        try:
            return ReplyExtras.model_validate(self.more)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise QuestionFailedError(
                f"The server sent a '{place}' that does not fit: {first['msg']}."
            ) from error


def _choice(event: dict[str, Any]) -> dict[str, Any]:
    """The first choice; the chunk that carries the usage has none."""
    choices = event.get("choices") or [{}]
    if not isinstance(choices, list):
        raise QuestionFailedError(f"The server sent 'choices' that are no list: {choices!r:.80}.")
    return _object(choices[0], "choices")


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise QuestionFailedError(f"The server sent a '{name}' that is no object: {value!r:.80}.")
    return value


def error_words(error: Any) -> str:
    """A server's own words about an error, in one line."""
    words = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(words).split()).rstrip(".")[:200]
