"""Replies of chat completions, and what they say about probabilities.

In: the objects that a server sends. Out: text, log-probabilities, counts of tokens. What can fail:
an object that is no reply of such a server, or an error that it reports (one sentence).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import BelegtError
from qa.engine.remote.http import own_words

# Nats below the least likely token that a server lists, for what it does not list. What is not
# listed is at most as likely as that; how much less cannot be known.
BELOW_LISTED = 1.0
# Log-odds (nats) of a plain yes or no without probabilities. With the fitted weights
# (qa/proof/answerable.toml) the word then decides where the passages fit as they usually do, and is
# outweighed where they fit badly.
PLAIN_WORD = 2.0


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class ReplyToken(_Part):
    """A token and its log-probability (nats); None where the server gives none."""

    token: str
    logprob: float | None = None


class Chosen(ReplyToken):
    """A token of the reply; ``top_logprobs`` are the likeliest in its place."""

    top_logprobs: list[ReplyToken] | None = None


class _Chances(_Part):
    content: list[Chosen] | None = None


class _Words(_Part):
    content: str | None = None


class ServerChoice(_Part):
    """A reply, or a piece of it."""

    delta: _Words | None = None
    message: _Words | None = None
    logprobs: _Chances | None = None
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """What it says."""
        words = self.delta or self.message
        return (words.content if words else None) or ""

    @property
    def chosen(self) -> list[Chosen]:
        """Its tokens, where the server gives their probabilities."""
        return (self.logprobs.content if self.logprobs else None) or []


class _Cached(_Part):
    cached_tokens: int | None = None


class ServerUsage(_Part):
    """Tokens as the server counts them."""

    prompt_tokens: int | None = None
    prompt_tokens_details: _Cached | None = None

    @property
    def evaluated_tokens(self) -> int:
        """Tokens of the prompt that had to be computed."""
        cached = self.prompt_tokens_details.cached_tokens if self.prompt_tokens_details else 0
        return (self.prompt_tokens or 0) - (cached or 0)


class ServerReply(_Part):
    """A completion, or a chunk of one; the chunk that carries the usage has no choice."""

    choices: list[ServerChoice]
    usage: ServerUsage | None = None

    @property
    def choice(self) -> ServerChoice:
        """The first, or an empty one."""
        return self.choices[0] if self.choices else ServerChoice()


class _Served(_Part):
    id: str
    owned_by: str | None = None


class Models(_Part):
    """The models that a server lists."""

    data: list[_Served]


def reply(found: dict[str, Any]) -> ServerReply:
    """The reply in ``found``; raises BelegtError for an error or anything else."""
    if found.get("error"):
        raise BelegtError(f"The server stopped with an error: {own_words(found)}.")
    try:
        return ServerReply.model_validate(found)
    except ValidationError as error:
        raise BelegtError(
            f"The server sent something that is no chat completion ({_first(error)}); check that "
            "it is an OpenAI-compatible one."
        ) from error


def models(found: dict[str, Any], url: str) -> Models:
    """The models in ``found``; raises BelegtError where it is no list of models."""
    try:
        return Models.model_validate(found)
    except ValidationError as error:
        raise BelegtError(
            f"'{url}/models' does not answer with a list of models; check the address, which ends "
            "in /v1 at most servers."
        ) from error


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}"


def mean_log_probability(chosen: Sequence[Chosen]) -> float:
    """Of tokens that came together, in nats; 0 where the server gives none."""
    known = [one.logprob for one in chosen if one.logprob is not None]
    known = [value for value in known if math.isfinite(value)]
    return math.fsum(known) / len(known) if known else 0.0


def chances(
    listed: Sequence[ReplyToken], alternatives: Sequence[Sequence[str]]
) -> list[float] | None:
    """Log-probability (nats) that one of each alternative begins with one of the listed tokens.

    A server shows no token ids: a token counts for the alternative of which alone it is a spelling
    or the beginning of one. None where the list is empty.
    """
    known = [
        (one.token.strip(), one.logprob)
        for one in listed
        if one.logprob is not None and math.isfinite(one.logprob)
    ]
    if not known:
        return None
    least = min(value for _, value in known) - BELOW_LISTED
    masses = [0.0] * len(alternatives)
    for token, value in known:
        begun = [
            place
            for place, spellings in enumerate(alternatives)
            if token and any(spelling.startswith(token) for spelling in spellings)
        ]
        if len(begun) == 1:
            masses[begun[0]] += math.exp(min(value, 0.0))
    return [math.log(mass) if mass else least for mass in masses]


def word_chances(text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
    """The same from the first word of a reply, where the server gives no probabilities.

    Two alternatives differ by ``PLAIN_WORD`` where it is one of them, and by nothing otherwise.
    """
    words = "".join(sign if sign.isalpha() else " " for sign in text).split()
    said = words[0].casefold() if words else ""
    weights = [
        math.exp(PLAIN_WORD) if said in {one.casefold() for one in spellings} else 1.0
        for spellings in alternatives
    ]
    return [math.log(weight / math.fsum(weights)) for weight in weights]
