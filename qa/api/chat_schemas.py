"""The shapes of OpenAI's chat completions, as far as belegt serves them.

In: the body of a request. Out: a checked request, or a ValidationError that names the parameter.
The shapes follow OpenAI's API reference, "Create chat completion"; a parameter that would change
an answer and is not supported is refused unless it has the value that changes nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from corpus.document import Language
from qa.api.schemas import Day, Name
from qa.pipeline.answer import Citation, Conflict

Text = Annotated[str, StringConstraints(max_length=100_000)]
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (None, 1),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "logit_bias": (None, {}),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "tools": (None, []),
    "tool_choice": (None, "none"),
    "functions": (None, []),
    "function_call": (None, "none"),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "prediction": (None,),
    "reasoning_effort": (None,),
    "web_search_options": (None,),
    "verbosity": (None,),
    "store": (None, False),
    "service_tier": (None, "auto", "default"),
    "parallel_tool_calls": (None, True, False),
}
"""Parameters that are not supported, with the values that ask for nothing."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextPart(_Body):
    """A piece of a message's content."""

    type: Literal["text"]
    text: Text


class ChatMessage(_Body):
    """One message; what a system or developer says is put after belegt's own instruction."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | Annotated[list[TextPart], Field(min_length=1, max_length=100)]
    name: Annotated[str, StringConstraints(max_length=64)] | None = None
    refusal: Literal[None] = None
    citations: list[Citation] | None = Field(None, description="Of an earlier answer; not read.")
    belegt: dict[str, Any] | None = Field(None, description="Of an earlier answer; not read.")

    def said(self) -> str:
        """The content as one text."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)


class StreamOptions(_Body):
    """What a stream carries beside the text."""

    include_usage: bool = False
    include_obfuscation: Literal[False] = False


class TextFormat(_Body):
    """Plain text: citations as footnotes below it."""

    type: Literal["text"]


class Metadata(_Body):
    """Filters and options of belegt; every value is a string, as that API has it."""

    since: Day | None = None
    until: Day | None = None
    source: Name | None = None
    document: Name | None = None
    document_language: Language | None = None
    language: Language | None = Field(None, description="Of the answer.")
    top_k: Annotated[str, StringConstraints(pattern=r"^([1-9]|[1-4]\d|50)$")] | None = None
    citations: Literal["markers", "footnotes"] | None = None


class ChatRequest(_Body):
    """``POST /v1/chat/completions``; greedy unless a temperature is given."""

    model: Name
    messages: list[ChatMessage] = Field(min_length=1, max_length=200)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=1_000_000)
    max_completion_tokens: int | None = Field(None, ge=1, le=1_000_000)
    stop: Text | Annotated[list[Text], Field(max_length=4)] | None = None
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    metadata: Metadata | None = None
    response_format: TextFormat | None = None
    user: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        None, description="Whom the client asks for; belegt needs no such name and keeps none."
    )
    n: Any = Field(None, description="Only 1.")
    frequency_penalty: Any = Field(None, description="Only 0.")
    presence_penalty: Any = Field(None, description="Only 0.")
    logit_bias: Any = Field(None, description="Not supported.")
    logprobs: Any = Field(None, description="Not supported.")
    top_logprobs: Any = Field(None, description="Not supported.")
    tools: Any = Field(None, description="Not supported.")
    tool_choice: Any = Field(None, description="Not supported.")
    functions: Any = Field(None, description="Not supported.")
    function_call: Any = Field(None, description="Not supported.")
    modalities: Any = Field(None, description="Only text.")
    audio: Any = Field(None, description="Not supported.")
    prediction: Any = Field(None, description="Not supported.")
    reasoning_effort: Any = Field(None, description="Not supported.")
    web_search_options: Any = Field(None, description="Not supported.")
    verbosity: Any = Field(None, description="Not supported.")
    store: Any = Field(None, description="Only false.")
    service_tier: Any = Field(None, description="Only auto.")
    parallel_tool_calls: Any = Field(None, description="Means nothing without tools.")

    def most_tokens(self) -> int | None:
        """The smaller of the two limits to the answer's tokens."""
        limits = (self.max_tokens, self.max_completion_tokens)
        return min((one for one in limits if one is not None), default=None)

    @field_validator(*_NEUTRAL)
    @classmethod
    def _refuse(cls, value: Any, info: Any) -> Any:
        # True equals 1 in Python, and asks for something else.
        known = _NEUTRAL[info.field_name]
        if not any(
            value == one and isinstance(value, bool) == isinstance(one, bool) for one in known
        ):
            raise ValueError(f"'{info.field_name}' is not supported by belegt; leave it out")
        return value

    @field_validator("messages")
    @classmethod
    def _end_with_a_question(cls, value: list[ChatMessage]) -> list[ChatMessage]:
        if value[-1].role != "user" or not value[-1].said().strip():
            raise ValueError("the last message must be the user's question")
        return value

    @field_validator("stop")
    @classmethod
    def _stop_at_something(cls, value: str | list[str] | None) -> str | list[str] | None:
        if value == "" or (isinstance(value, list) and "" in value):
            raise ValueError("an empty string cannot be a stop")
        return value


class Particulars(BaseModel):
    """What belegt knows of an answer beside its text."""

    answer_id: str
    status: Literal["answered", "not_found"]
    language: Language
    confidence: float
    nearest: list[Citation]
    conflicts: list[Conflict]


class CompletionMessage(BaseModel):
    """The answer; ``citations`` resolve the markers in ``content``."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    citations: list[Citation]
    belegt: Particulars


Reason = Literal["stop", "length"]
"""Why an answer ended; "length" where the model was cut off."""


class Choice(BaseModel):
    """The one choice there is."""

    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Reason


class CachedTokens(BaseModel):
    """Of the prompt, what had been read before."""

    cached_tokens: int


class Usage(BaseModel):
    """Tokens of the language model."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: CachedTokens


class Completion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class Delta(BaseModel):
    """What a chunk adds; the last one carries the citations."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    citations: list[Citation] | None = None
    belegt: Particulars | None = None


class ChunkChoice(BaseModel):
    """The one choice there is."""

    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Reason | None = None


class Chunk(BaseModel):
    """A piece of an answer in a stream."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None


class Model(BaseModel):
    """A model as that API lists it."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["belegt"] = "belegt"


class ModelList(BaseModel):
    """All models: belegt itself, and the name of the language model it runs."""

    object: Literal["list"] = "list"
    data: list[Model]


class OpenAIErrorBody(BaseModel):
    """What went wrong, and with which parameter."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """Errors of the OpenAI routes."""

    error: OpenAIErrorBody
