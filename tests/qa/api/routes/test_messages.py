"""Anthropic's official client, and the spans that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from api_samples import GOOD, QUESTION, SECOND, served
from fakes import ScriptedEngine

anthropic = pytest.importorskip("anthropic")

Chat = tuple[str, ScriptedEngine]
PLACE = ("cited_text", "document_index", "start_char_index", "end_char_index")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    with served(tmp_path_factory.mktemp("chat")) as (url, _, engine):
        yield url, engine


@pytest.fixture(autouse=True)
def engine(chat: Chat) -> ScriptedEngine:
    chat[1].script.answer, chat[1].script.stated = GOOD, 5.0
    return chat[1]


@pytest.fixture
def client(chat: Chat) -> Any:
    return anthropic.Anthropic(base_url=chat[0], api_key="none", max_retries=0)


def ask(client: Any, **more: Any) -> Any:
    messages = [{"role": "user", "content": QUESTION}]
    body = {"model": "belegt", "max_tokens": 500, "messages": messages} | more
    return client.messages.create(**body)


def spans(url: str) -> list[tuple[str, int, int, str]]:
    answer = requests.post(f"{url}/v1/ask", json={"question": QUESTION}, timeout=20).json()
    return [(one["document_id"], one["start"], one["end"], one["quote"])
            for one in answer["citations"]]  # fmt: skip


def test_the_official_client_gets_blocks_with_the_same_spans(client: Any, chat: Chat) -> None:
    chat[1].script.answer = f"{GOOD}\n{SECOND}"
    reply = ask(client)
    assert [block.text for block in reply.content] == [f"- {GOOD}", f"\n- {SECOND}"]
    found = [citation for block in reply.content for citation in block.citations]
    assert [type(citation).__name__ for citation in found] == ["CitationCharLocation"] * 2
    assert spans(chat[0]) == [
        (one.file_id, one.start_char_index, one.end_char_index, one.cited_text) for one in found
    ]
    assert found[0].document_title == "Der Anteil"
    assert reply.stop_reason == "end_turn"
    assert reply.belegt["status"] == "answered"


def test_its_stream_makes_the_same_message(client: Any, chat: Chat) -> None:
    chat[1].script.answer = f"{GOOD}\n{SECOND}"
    whole = ask(client)
    messages = [{"role": "user", "content": QUESTION}]
    with client.messages.stream(model="belegt", max_tokens=500, messages=messages) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == f"- {GOOD}\n- {SECOND}"
    assert [block.text for block in final.content] == [block.text for block in whole.content]
    streamed, given = (
        [[one.model_dump(include=set(PLACE)) for one in block.citations] for block in one.content]
        for one in (final, whole)
    )
    assert streamed == given
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_what_it_got_may_be_sent_again(client: Any) -> None:
    first = ask(client)
    messages = [
        {"role": "user", "content": [{"type": "text", "text": QUESTION, "cache_control": None}]},
        {"role": "assistant", "content": [block.model_dump() for block in first.content]},
        {"role": "user", "content": QUESTION},
    ]
    reply = ask(
        client,
        messages=messages,
        system=[{"type": "text", "text": "Kurz."}],
        tools=[],
        metadata={"user_id": "7"},
        thinking={"type": "disabled"},
    )
    assert [block.text for block in reply.content] == [GOOD]


def test_a_refusal_has_no_citation(client: Any, chat: Chat) -> None:
    chat[1].script.answer = "Nichts davon."
    reply = ask(client)
    assert len(reply.content) == 1
    assert reply.content[0].citations is None
    assert reply.belegt["status"] == "not_found"


def test_one_token_is_one_token(client: Any) -> None:
    reply = ask(client, max_tokens=1)
    assert [block.text for block in reply.content] == ["Meta"]
    assert reply.stop_reason == "max_tokens"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"tools": [{"name": "f", "input_schema": {}}]}, "tools"),
        ({"tool_choice": {"type": "any"}}, "tool_choice"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "pictures"),
        ({"messages": [{"role": "user", "content": [{"type": "document"}]}]}, "'document'"),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}, "'tool_result'"),
        ({"extra_body": {"unheard_of": 1}}, "unheard_of"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(client: Any, more: Any, named: str) -> None:
    with pytest.raises(anthropic.UnprocessableEntityError) as raised:
        ask(client, **more)
    assert raised.value.body["error"]["type"] == "invalid_request_error"
    assert named in raised.value.body["error"]["message"]


def test_an_unknown_model_and_a_missing_key_are_told_as_that_api_does(
    client: Any, tmp_path: Path
) -> None:
    with pytest.raises(anthropic.NotFoundError):
        ask(client, model="other")
    with served(tmp_path) as (url, service, _):
        from qa.api.storage.keys import Access

        access = Access(service.settings.corpus, loopback=True)
        key = access.keys.create("reader", "reader")[1]
        access.close()
        with pytest.raises(anthropic.AuthenticationError):
            ask(anthropic.Anthropic(base_url=url, api_key="wrong", max_retries=0))
        assert ask(anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)).content


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_page_asks_by_itself_is_answered_without_a_search(
    client: Any, chat: Chat, stream: bool
) -> None:
    chat[1].prompts.clear()
    content = f'Fill {{"title": ""}}.\n<chat>\nUSER: {QUESTION}\nASSISTANT: {GOOD}\n</chat>'
    messages = [{"role": "user", "content": content}]
    if stream:
        with client.messages.stream(model="belegt", max_tokens=9, messages=messages) as events:
            text = "".join(events.text_stream)
    else:
        text = ask(client, messages=messages).content[0].text
    assert text == '{"title": "Meta 49 Prozent Scale AI"}'
    assert chat[1].prompts == []


def test_a_document_with_pages_is_cited_by_page() -> None:
    from anthropic.types import CitationPageLocation

    from qa.api.messages_schemas import MessagesRequest
    from qa.api.routes.messages import _Maker
    from qa.pipeline.answer import Citation

    messages: Any = [{"role": "user", "content": QUESTION}]
    body = MessagesRequest(model="belegt", max_tokens=5, messages=messages)
    citation = Citation(
        marker=1, document_id="d", path="d.pdf", title="D", date=None, source=None,
        start=3, end=5, quote="ab", page=7,
    )  # fmt: skip
    made = _Maker(body, 9, lambda texts: [1 for _ in texts])._location(citation)
    location = CitationPageLocation.model_validate(made.model_dump())
    assert (location.start_page_number, location.end_page_number) == (7, 8)
    assert location.cited_text == "ab"
