"""OpenAI's official client of the Responses API, and the spans that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests
from api_samples import GOOD, QUESTION, SECOND, served
from fakes import ScriptedEngine

Chat = tuple[str, ScriptedEngine]


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    with served(tmp_path_factory.mktemp("chat")) as (url, _, engine):
        yield url, engine


@pytest.fixture(autouse=True)
def engine(chat: Chat) -> ScriptedEngine:
    chat[1].script.answer = f"{GOOD}\n{SECOND}"
    return chat[1]


@pytest.fixture
def client(chat: Chat) -> Any:
    return openai.OpenAI(base_url=f"{chat[0]}/v1", api_key="none", max_retries=0)


def test_the_official_client_gets_annotations_with_the_same_spans(client: Any, chat: Chat) -> None:
    reply = client.responses.create(model="belegt", input=QUESTION)
    assert reply.output_text == f"- {GOOD} [1]\n- {SECOND} [2]"
    (part,) = reply.output[0].content
    answer = requests.post(f"{chat[0]}/v1/ask", json={"question": QUESTION}, timeout=20).json()
    assert [
        (one.file_id, one.marker, one.start, one.end, one.quote) for one in part.annotations
    ] == [
        (one["document_id"], one["marker"], one["start"], one["end"], one["quote"])
        for one in answer["citations"]
    ]
    assert [reply.output_text[one.index :][:3] for one in part.annotations] == ["[1]", "[2]"]
    assert reply.status == "completed"


def test_its_stream_makes_the_same_response(client: Any) -> None:
    whole = client.responses.create(model="belegt", input=QUESTION)
    with client.responses.stream(model="belegt", input=QUESTION) as stream:
        events = list(stream)
        final = stream.get_final_response()
    text = "".join(one.delta for one in events if one.type == "response.output_text.delta")
    assert text == whole.output_text == final.output_text
    given = [one.model_dump() for one in whole.output[0].content[0].annotations]
    assert [one.model_dump() for one in final.output[0].content[0].annotations] == given
    added = [one for one in events if one.type == "response.output_text.annotation.added"]
    assert len(added) == len(given) == 2
    numbers = [one.sequence_number for one in events]
    assert numbers == sorted(set(numbers))


def test_what_it_got_may_be_sent_again(client: Any) -> None:
    first = client.responses.create(model="belegt", input=QUESTION)
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": QUESTION}]},
        *(item.model_dump() for item in first.output),
        {"role": "user", "content": QUESTION},
    ]
    reply = client.responses.create(
        model="belegt",
        input=items,
        instructions="Kurz.",
        store=True,
        tools=[],
        tool_choice="auto",
        truncation="auto",
        text={"format": {"type": "text"}},
        metadata={"user_id": "7"},
    )
    assert reply.output_text == first.output_text


def test_one_token_is_one_token(client: Any) -> None:
    reply = client.responses.create(model="belegt", input=QUESTION, max_output_tokens=1)
    assert reply.output_text == "-"
    assert reply.status == "incomplete"
    assert reply.incomplete_details.reason == "max_output_tokens"
    with client.responses.stream(model="belegt", input=QUESTION, max_output_tokens=1) as stream:
        assert [one.delta for one in stream if one.type == "response.output_text.delta"] == ["-"]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"background": True}, "background"),
        ({"text": {"format": {"type": "json_object"}}}, "format"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "pictures"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input"),
        ({"input": " "}, "input"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(client: Any, more: Any, named: str) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match=named):
        client.responses.create(**({"model": "belegt", "input": QUESTION} | more))


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_page_asks_by_itself_is_answered_without_a_search(
    client: Any, chat: Chat, stream: bool
) -> None:
    chat[1].prompts.clear()
    content = f'Fill {{"title": ""}}.\n<chat>\nUSER: {QUESTION}\nASSISTANT: {GOOD}\n</chat>'
    if stream:
        with client.responses.stream(model="belegt", input=content) as events:
            text = events.get_final_response().output_text
    else:
        text = client.responses.create(model="belegt", input=content).output_text
    assert text == '{"title": "Meta 49 Prozent Scale AI"}'
    assert chat[1].prompts == []
