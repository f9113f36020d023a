"""The shapes of OpenAI's Responses API, as far as belegt serves them.

In: the body of a request. Out: a checked request, or a ValidationError that names the parameter;
responses and their events as that API has them (OpenAI's API reference, "Responses"). Nothing is
stored under a response's id: a conversation is sent along in ``input``.
:mod:`qa.api.parameters` has the rule for what is not supported.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from qa.api.chat_schemas import ChatMessage, Metadata, Particulars
from qa.api.content import Content, Text, text_of
from qa.api.parameters import ChatBody, Inert, SamplingParameters, TokenLimit, only
from qa.api.schemas import Name


class InputMessage(ChatMessage):
    """A message; items of an earlier response may be sent as they came."""

    type: Literal["message"] | None = None


def _items(value: Any) -> Any:
    """A bare text is the user's question; what an earlier response thought is passed over."""
    if isinstance(value, str):
        return [{"role": "user", "content": value}]
    if isinstance(value, list):
        return [
            item for item in value if not (isinstance(item, dict) and item.get("type") == _THOUGHTS)
        ]
    return value


_THOUGHTS = "reasoning"
_Messages = Annotated[list[InputMessage], Field(min_length=1, max_length=200)]
Input = Annotated[_Messages, BeforeValidator(_items, json_schema_input_type=Text | _Messages)]
"""A question, or the messages of a conversation that ends with one."""


class TextOptions(ChatBody):
    """How text is written: as it is."""

    format: Annotated[Any, only({"type": "text"})] = Field(None, description="Only text.")
    verbosity: Annotated[Any, only("medium")] = Field(None, description="Only medium.")


class ResponsesRequest(ChatBody, Inert, SamplingParameters):
    """``POST /v1/responses``; greedy unless a temperature is given."""

    model: Name
    input: Input
    instructions: Content = None
    stream: bool | None = False
    max_output_tokens: TokenLimit = Field(None, description="-1 and null: the server's own limit.")
    metadata: Metadata | None = None
    text: TextOptions | None = None
    include: Any = Field(None, description="Not read.")
    stream_options: Any = Field(None, description="Not read.")
    truncation: Any = Field(None, description="Not read: what does not fit is left out.")
    background: Annotated[Any, only(False)] = Field(None, description="Only false.")
    conversation: Annotated[Any, only()] = Field(None, description="Not supported; see input.")
    previous_response_id: Annotated[Any, only()] = Field(
        None, description="Not supported; send the conversation in input."
    )
    prompt: Annotated[Any, only()] = Field(None, description="Not supported.")
    tools: Annotated[Any, only([])] = Field(None, description="Only an empty list.")
    tool_choice: Annotated[Any, only("none", "auto")] = Field(
        None, description="Only none and auto, as there are no tools."
    )
    max_tool_calls: Any = Field(None, description="Not read: there are no tools.")
    top_logprobs: Annotated[Any, only(0)] = Field(None, description="Only 0.")

    def instruction(self) -> str:
        """What the caller, systems and developers say."""
        said = [message.text() for message in self.input if message.role in ("system", "developer")]
        return "\n".join(text for text in [text_of(self.instructions), *said] if text)

    def conversation_messages(self) -> list[InputMessage]:
        """The messages of user and assistant; the last is the question."""
        return [message for message in self.input if message.role in ("user", "assistant")]

    @model_validator(mode="after")
    def _end_with_a_question(self) -> ResponsesRequest:
        spoken = self.conversation_messages()
        if not spoken or spoken[-1].role != "user" or not spoken[-1].text().strip():
            raise ValueError("the last message of 'input' must be the user's question")
        return self


class FileCitation(BaseModel):
    """An annotation as that API has it, and the exact span that it stands for.

    ``index``: the character of the text before the marker. ``start``, ``end``: characters of the
    document's stored text; ``quote`` is what stands there.
    """

    type: Literal["file_citation"] = "file_citation"
    file_id: str
    filename: str
    index: int
    marker: int
    start: int
    end: int
    quote: str


class OutputText(BaseModel):
    """The text of a response, with markers, and its citations."""

    type: Literal["output_text"] = "output_text"
    text: str
    annotations: list[FileCitation]
    logprobs: list[Any] = Field(default_factory=list, max_length=0)


Status = Literal["in_progress", "completed", "incomplete"]


class OutputMessage(BaseModel):
    """The one item of a response."""

    id: str
    type: Literal["message"] = "message"
    role: Literal["assistant"] = "assistant"
    status: Status
    content: list[OutputText]


class InputTokens(BaseModel):
    """Of the tokens that were read, those that had been read before."""

    cached_tokens: int = 0
    cache_write_tokens: int = 0


class OutputTokens(BaseModel):
    """Of the tokens that were written, those of reasoning: none."""

    reasoning_tokens: Literal[0] = 0


class ResponsesUsage(BaseModel):
    """Tokens of the language model."""

    input_tokens: int
    input_tokens_details: InputTokens
    output_tokens: int
    output_tokens_details: OutputTokens = Field(default_factory=OutputTokens)
    total_tokens: int


class IncompleteDetails(BaseModel):
    """Why a response is not whole."""

    reason: Literal["max_output_tokens"] = "max_output_tokens"


class ResponseBody(BaseModel):
    """A response."""

    id: str
    object: Literal["response"] = "response"
    created_at: int
    status: Status
    model: str
    output: list[OutputMessage]
    error: None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: str | None = None
    parallel_tool_calls: bool = True
    temperature: float | None = None
    top_p: float | None = None
    tool_choice: Literal["none", "auto"] = "auto"
    tools: list[Any] = Field(default_factory=list, max_length=0)
    store: Literal[False] = False
    usage: ResponsesUsage | None = None
    belegt: Particulars | None = None


class ResponsesEvent(BaseModel):
    """An event of a stream; which fields it has beside these depends on its type."""

    type: Literal[
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
        "response.incomplete",
        "error",
    ]
    sequence_number: int
