"""The shapes of OpenAI's chat completions, as far as belegt serves them.

In: the body of a request. Out: a checked request, or a ValidationError that names the parameter.
The shapes follow OpenAI's API reference, "Create chat completion"; :mod:`qa.api.parameters` has the
rule by which parameters are accepted, ignored or refused.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from corpus.document import Language
from qa.api.content import Content, Text, text_of
from qa.api.parameters import ChatBody, Inert, SamplingParameters, TokenLimit, Unsupported
from qa.api.schemas import Day, Name
from qa.pipeline.answer import Citation, Conflict

_TOOL_FIELDS = ("tool_calls", "function_call", "audio")
_NOT_ASKED = ("name", "annotations", "refusal", "cache_control", "id", "timestamp", "citations")


class ChatMessage(BaseModel):
    """One message; what a system or developer says is put after belegt's own instruction.

    An assistant's message may carry whatever a server gave with it: only its text is read. In the
    other messages a field that has a value and is not known is refused by name, because it may be
    part of what is asked.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: Content = None
    citations: Any = Field(None, description="Of an earlier answer; not read.")
    belegt: Any = Field(None, description="Of an earlier answer; not read.")

    def text(self) -> str:
        """The content as one text."""
        return text_of(self.content)

    @model_validator(mode="after")
    def _says_nothing_else(self) -> ChatMessage:
        for name, value in (self.model_extra or {}).items():
            unread = self.role == "assistant" and name not in _TOOL_FIELDS
            if unread or name in _NOT_ASKED or value in (None, [], {}, "", False):
                continue
            raise ValueError(f"'{name[:60]}' is not supported by belegt; leave it out")
        return self


class StreamOptions(ChatBody):
    """What a stream carries beside the text."""

    include_usage: bool | None = False
    include_obfuscation: Any = Field(None, description="Not read: nothing is added to hide sizes.")


class TextFormat(ChatBody):
    """Plain text: citations as footnotes below it."""

    type: Literal["text"]


class Metadata(BaseModel):
    """Filters and options of belegt; every value is a string, as that API has it.

    Labels of the client's own are accepted and not read; one that is nearly the name of a filter is
    refused, because a filter that is misspelt would change the answer.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    since: Day | None = None
    until: Day | None = None
    source: Name | None = None
    document: Name | None = None
    document_language: Language | None = None
    language: Language | None = Field(None, description="Of the answer.")
    top_k: Annotated[str, StringConstraints(pattern=r"^([1-9]|[1-4]\d|50)$")] | None = None
    citations: Literal["markers", "footnotes"] | None = None

    @model_validator(mode="after")
    def _nothing_misspelt(self) -> Metadata:
        for name in self.model_extra or {}:
            meant = get_close_matches(name[:60].lower(), type(self).model_fields, 1, _MISSPELT)
            if meant:
                raise ValueError(f"'{name[:60]}' is not known; did you mean '{meant[0]}'")
        return self


_MISSPELT = 0.8
"""Likeness (difflib's ratio) from which a label is taken for a misspelt filter."""


class ChatRequest(ChatBody, Inert, SamplingParameters, Unsupported):
    """``POST /v1/chat/completions``; greedy unless a temperature is given."""

    model: Name
    messages: list[ChatMessage] = Field(min_length=1, max_length=200)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: TokenLimit = Field(None, description="-1 and null: the server's own limit.")
    max_completion_tokens: TokenLimit = Field(None, description="As max_tokens.")
    stop: Text | Annotated[list[Text], Field(max_length=4)] | None = None
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    metadata: Metadata | None = None
    response_format: TextFormat | None = None

    def most_tokens(self) -> int | None:
        """The smaller of the two limits to the answer's tokens."""
        limits = (self.max_tokens, self.max_completion_tokens)
        return min((limit for limit in limits if limit is not None), default=None)

    def question(self) -> str:
        """What the last message of the user asks."""
        return self.conversation()[-1].text()

    def conversation(self) -> list[ChatMessage]:
        """The messages of user and assistant; the last is the question."""
        return [message for message in self.messages if message.role in ("user", "assistant")]

    def instruction(self) -> str:
        """What system and developer say."""
        return "\n".join(
            text
            for message in self.messages
            if message.role in ("system", "developer") and (text := message.text())
        )

    @field_validator("messages")
    @classmethod
    def _end_with_a_question(cls, value: list[ChatMessage]) -> list[ChatMessage]:
        spoken = [message for message in value if message.role in ("user", "assistant")]
        if not spoken or spoken[-1].role != "user" or not spoken[-1].text().strip():
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
    belegt: Particulars | None = Field(
        None, description="Null where a chat page asked for a title or the like by itself."
    )


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
