"""The shapes of Anthropic's Messages API, as far as belegt serves them.

In: the body of a request. Out: a checked request, or a ValidationError that names the parameter;
answers, their events and errors as that API has them (Anthropic's API reference, "Messages",
"Streaming" and "Citations"). :mod:`qa.api.parameters` has the rule for what is not supported.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator

from qa.api.chat_schemas import ChatMessage, Particulars
from qa.api.content import Content, Text, text_of
from qa.api.parameters import ChatBody, only, only_greedy
from qa.api.schemas import Name


class AnthropicMessage(ChatMessage):
    """One message of a conversation; the last must be the user's question."""

    role: Literal["user", "assistant"]


class MessagesRequest(ChatBody):
    """``POST /v1/messages``; greedy unless a temperature is given."""

    model: Name
    messages: list[AnthropicMessage] = Field(min_length=1, max_length=200)
    max_tokens: int = Field(ge=1, le=1_000_000)
    system: Content = None
    stream: bool | None = False
    temperature: float | None = Field(None, ge=0, le=1)
    top_p: float | None = Field(None, gt=0, le=1)
    top_k: Annotated[Any, only_greedy(0, -1)] = Field(None, description="Only when greedy.")
    stop_sequences: Annotated[list[Text], Field(max_length=16)] | None = None
    metadata: Any = Field(None, description="Not read.")
    service_tier: Any = Field(None, description="Not read.")
    thinking: Any = Field(None, description="Not read: the model does not reason aloud.")
    cache_control: Any = Field(None, description="Not read: what can be reused is.")
    inference_geo: Any = Field(None, description="Not read: nothing leaves this machine.")
    tools: Annotated[Any, only([])] = Field(None, description="Only an empty list.")
    tool_choice: Annotated[Any, only({"type": "auto"}, {"type": "none"})] = Field(
        None, description="Only auto and none, as there are no tools."
    )
    mcp_servers: Annotated[Any, only([])] = Field(None, description="Only an empty list.")
    container: Annotated[Any, only()] = Field(None, description="Not supported.")
    output_config: Annotated[Any, only({})] = Field(None, description="Not supported.")

    def instruction(self) -> str:
        """What the system says."""
        return text_of(self.system)

    @field_validator("messages")
    @classmethod
    def _end_with_a_question(cls, value: list[AnthropicMessage]) -> list[AnthropicMessage]:
        if value[-1].role != "user" or not value[-1].text().strip():
            raise ValueError("the last message must be the user's question")
        return value

    @field_validator("stop_sequences")
    @classmethod
    def _stop_at_something(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and "" in value:
            raise ValueError("an empty string cannot be a stop")
        return value


class CharLocation(BaseModel):
    """A citation as that API has it: a span of characters of a document's stored text."""

    type: Literal["char_location"] = "char_location"
    cited_text: str
    document_index: int = Field(description="Of the documents this answer cites, in their order.")
    document_title: str | None
    start_char_index: int
    end_char_index: int = Field(description="One past the last character.")
    file_id: str | None = Field(None, description="The document's id.")


class PageLocation(BaseModel):
    """A citation of a document that has pages, as that API has it; its characters stand beside."""

    type: Literal["page_location"] = "page_location"
    cited_text: str
    document_index: int = Field(description="Of the documents this answer cites, in their order.")
    document_title: str | None
    start_page_number: int = Field(description="From 1.")
    end_page_number: int = Field(description="One past the last page.")
    start_char_index: int
    end_char_index: int = Field(description="One past the last character.")
    file_id: str | None = Field(None, description="The document's id.")


class TextBlock(BaseModel):
    """A piece of an answer, without markers, and what proves it."""

    type: Literal["text"] = "text"
    text: str
    citations: list[CharLocation | PageLocation] | None


StopReason = Literal["end_turn", "max_tokens"]


class MessagesUsage(BaseModel):
    """Tokens of the language model; those read from its cache stand apart."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0


class MessagesAnswer(BaseModel):
    """A whole answer."""

    id: str
    type: Literal["message"] = "message"
    role: Literal["assistant"] = "assistant"
    model: str
    content: list[TextBlock]
    stop_reason: StopReason | None
    stop_sequence: None = None
    usage: MessagesUsage
    belegt: Particulars | None = None


class AnthropicErrorBody(BaseModel):
    """What went wrong."""

    type: str
    message: str


class AnthropicError(BaseModel):
    """Errors of ``/v1/messages``."""

    type: Literal["error"] = "error"
    error: AnthropicErrorBody


class MessagesEvent(BaseModel):
    """An event of a stream; which fields it has depends on its type."""

    type: Literal[
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
    ]
