"""What the OpenAPI document says of server-sent events.

In: the kinds of events and the models of their data. Out: the content of a response, and the
schemas that it refers to. Nothing can fail. Each event is described by ``itemSchema``, as OpenAPI
3.2 has it ("Sequential Media Types") and FastAPI writes it; ``data`` is JSON in a string.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from qa.api.chat_schemas import Chunk, OpenAIError
from qa.api.messages_schemas import AnthropicError, MessagesEvent
from qa.api.problems import ProblemDetails
from qa.api.responses_schemas import ResponsesEvent
from qa.api.storage.jobs import Job
from qa.pipeline.answer import (
    Citation,
    Conflict,
    DoneEvent,
    RetractedEvent,
    RetrievedEvent,
    SentenceEvent,
    TokenEvent,
)

EVENT_STREAM = "text/event-stream"
_SCHEMAS = "#/components/schemas/"
_ANSWER: dict[str, type[BaseModel]] = {
    "retrieved": RetrievedEvent,
    "token": TokenEvent,
    "sentence": SentenceEvent,
    "citation": Citation,
    "retracted": RetractedEvent,
    "conflict": Conflict,
    "done": DoneEvent,
    "error": ProblemDetails,
}
_JOB: dict[str, type[BaseModel]] = {"progress": Job, "done": Job, "error": ProblemDetails}
_CHUNKS = (Chunk, OpenAIError)
_MESSAGES = (MessagesEvent, AnthropicError)
_RESPONSES = (ResponsesEvent, OpenAIError)
_EXAMPLE = 'event: retrieved\ndata: {"kind":"retrieved","passages":5,"sentences":9}\n\n'


def answer_events() -> dict[str, Any]:
    """The content of an answer as it grows."""
    return _content([_event(kind, model) for kind, model in _ANSWER.items()], _EXAMPLE)


def job_events() -> dict[str, Any]:
    """The content of a job as it goes on."""
    example = 'event: done\ndata: {"id":"0f8fad5bd9cb469fa16570867728950e","state":"done"}\n\n'
    return _content([_event(kind, model) for kind, model in _JOB.items()], example)


def chunk_events() -> dict[str, Any]:
    """The content of a completion in chunks; its events have no kind."""
    chunks = [_data(model) for model in _CHUNKS]
    ending = {"properties": {"data": {"const": "[DONE]"}}, "required": ["data"]}
    return _content([*chunks, ending], "data: [DONE]\n\n")


def message_events() -> dict[str, Any]:
    """The content of a message of ``/v1/messages`` as it grows; the kind stands in the data too."""
    return _content([_data(model) for model in _MESSAGES], 'data: {"type":"message_stop"}\n\n')


def response_events() -> dict[str, Any]:
    """The content of a response of ``/v1/responses`` as it grows."""
    example = 'data: {"type":"response.output_text.delta","sequence_number":4}\n\n'
    return _content([_data(model) for model in _RESPONSES], example)


def event_schemas() -> dict[str, Any]:
    """The schemas to which these contents refer, by name."""
    models: set[type[BaseModel]] = {
        *_ANSWER.values(),
        *_JOB.values(),
        *_CHUNKS,
        *_MESSAGES,
        *_RESPONSES,
    }
    inputs = [(model, "validation") for model in sorted(models, key=_name)]
    _, found = models_json_schema(inputs, ref_template=f"{_SCHEMAS}{{model}}")  # type: ignore[arg-type]
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _content(items: list[dict[str, Any]], example: str) -> dict[str, Any]:
    media = {"itemSchema": {"type": "object", "oneOf": items}, "example": example}
    return {EVENT_STREAM: media}


def _event(kind: str, model: type[BaseModel]) -> dict[str, Any]:
    found = _data(model)
    found["properties"]["event"] = {"const": kind}
    return {**found, "required": ["event", "data"]}


def _data(model: type[BaseModel]) -> dict[str, Any]:
    data: Mapping[str, Any] = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": f"{_SCHEMAS}{model.__name__}"},
    }
    return {"properties": {"data": data}, "required": ["data"]}
