"""Parameters of other services' chat APIs that belegt does not carry out.

In: their values. Out: the same values, or a ValidationError that names the parameter. The rule,
which docs/clients.md states for clients: what would change the answer and is not supported is
refused by name unless it has the value that changes nothing; what changes nothing is accepted.
A parameter that nobody knows is refused by name as well, because nobody knows what it would change.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)


def only(*neutral: Any) -> AfterValidator:
    """Accept null and ``neutral``, which ask for nothing; refuse everything else by name."""

    def check(value: Any, info: ValidationInfo) -> Any:
        if value is None or any(_same(value, known) for known in neutral):
            return value
        raise ValueError(f"'{info.field_name}' is not supported by belegt; leave it out")

    return AfterValidator(check)


def only_greedy(*neutral: Any) -> AfterValidator:
    """Accept anything while the likeliest word is always taken: a narrower choice keeps it."""

    def check(value: Any, info: ValidationInfo) -> Any:
        if value is None or not info.data.get("temperature"):
            return value
        if any(_same(value, known) for known in neutral):
            return value
        raise ValueError(
            f"'{info.field_name}' is not supported by belegt with a temperature above 0; leave out "
            "one of the two"
        )

    return AfterValidator(check)


def _same(value: Any, known: Any) -> bool:
    """True equals 1 in Python, and asks for something else."""
    return bool(value == known) and isinstance(value, bool) == isinstance(known, bool)


def _no_limit(value: Any) -> Any:
    """Minus one is how several servers are told that the answer may be as long as it likes."""
    return None if _same(value, -1) else value


TokenLimit = Annotated[Annotated[int, Field(ge=1, le=1_000_000)] | None, BeforeValidator(_no_limit)]
"""Tokens of an answer; -1 and null mean the server's own limit."""


class ChatBody(BaseModel):
    """A body in which null says nothing, whatever its name, and an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        known = cls.model_fields
        return {name: value for name, value in body.items() if name in known or value is not None}


class Inert(BaseModel):
    """Parameters that change no answer: they are accepted and not read."""

    user: Annotated[str, Field(max_length=512)] | None = Field(
        None, description="Whom the client asks for; belegt needs no such name and keeps none."
    )
    store: Any = Field(None, description="Not read: belegt keeps answers by its own settings.")
    service_tier: Any = Field(None, description="Not read.")
    parallel_tool_calls: Any = Field(None, description="Not read: there are no tools.")
    prompt_cache_key: Any = Field(None, description="Not read: what can be reused is.")
    prompt_cache_retention: Any = Field(None, description="Not read.")
    safety_identifier: Any = Field(None, description="Not read.")
    prediction: Any = Field(None, description="Not read: it would change the speed alone.")
    reasoning_effort: Any = Field(None, description="Not read: the model does not reason aloud.")
    reasoning: Any = Field(None, description="Not read.")
    include_reasoning: Any = Field(None, description="Not read.")
    thinking: Any = Field(None, description="Not read.")
    think: Any = Field(None, description="Not read.")
    enable_thinking: Any = Field(None, description="Not read.")
    cache_prompt: Any = Field(None, description="Not read.")
    id_slot: Any = Field(None, description="Not read.")
    keep_alive: Any = Field(None, description="Not read.")
    timings_per_token: Any = Field(None, description="Not read.")
    return_progress: Any = Field(None, description="Not read.")
    chat_id: Any = Field(None, description="Not read.")
    session_id: Any = Field(None, description="Not read.")


class SamplingParameters(BaseModel):
    """How the next word is chosen; greedy unless a temperature is given."""

    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    top_k: Annotated[Any, only_greedy(0, -1)] = Field(None, description="Only when greedy.")
    min_p: Annotated[Any, only_greedy(0)] = Field(None, description="Only when greedy.")
    top_a: Annotated[Any, only_greedy(0)] = Field(None, description="Only when greedy.")
    typical_p: Annotated[Any, only_greedy(1)] = Field(None, description="Only when greedy.")
    tfs_z: Annotated[Any, only_greedy(1)] = Field(None, description="Only when greedy.")
    frequency_penalty: Annotated[Any, only(0)] = Field(None, description="Only 0.")
    presence_penalty: Annotated[Any, only(0)] = Field(None, description="Only 0.")
    repeat_penalty: Annotated[Any, only(1)] = Field(None, description="Only 1.")
    repetition_penalty: Annotated[Any, only(1)] = Field(None, description="Only 1.")
    length_penalty: Annotated[Any, only(1)] = Field(None, description="Only 1.")
    mirostat: Annotated[Any, only(0)] = Field(None, description="Only 0.")
    logit_bias: Annotated[Any, only({}, [])] = Field(None, description="Only an empty one.")
    min_tokens: Annotated[Any, only(0)] = Field(None, description="Only 0.")
    ignore_eos: Annotated[Any, only(False)] = Field(None, description="Only false.")


class Unsupported(BaseModel):
    """Parameters that would change the answer, with the values that ask for nothing."""

    n: Annotated[Any, only(1)] = Field(None, description="Only 1.")
    best_of: Annotated[Any, only(1)] = Field(None, description="Only 1.")
    logprobs: Annotated[Any, only(False)] = Field(None, description="Only false.")
    top_logprobs: Annotated[Any, only(0)] = Field(None, description="Only 0.")
    tools: Annotated[Any, only([])] = Field(None, description="Only an empty list.")
    tool_choice: Annotated[Any, only("none", "auto")] = Field(
        None, description="Only none and auto, as there are no tools."
    )
    functions: Annotated[Any, only([])] = Field(None, description="Only an empty list.")
    function_call: Annotated[Any, only("none", "auto")] = Field(
        None, description="Only none and auto."
    )
    modalities: Annotated[Any, only(["text"], [])] = Field(None, description="Only text.")
    audio: Annotated[Any, only()] = Field(None, description="Not supported.")
    web_search_options: Annotated[Any, only()] = Field(None, description="Not supported.")
    verbosity: Annotated[Any, only("medium")] = Field(None, description="Only medium.")
    grammar: Annotated[Any, only("")] = Field(None, description="Not supported.")
    n_predict: Annotated[Any, only(-1)] = Field(None, description="Only -1; see max_tokens.")
    options: Annotated[Any, only({})] = Field(None, description="Only an empty one.")
    chat_template_kwargs: Annotated[
        Any, only({}, {"enable_thinking": False}, {"enable_thinking": True})
    ] = Field(None, description="Only enable_thinking, which changes nothing here.")
