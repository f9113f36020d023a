from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import requests
from api_samples import GOOD, QUESTION, SECOND, served
from fakes import ScriptedEngine

from qa.api.footnotes import without_footnotes

Chat = tuple[str, ScriptedEngine]


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    with served(tmp_path_factory.mktemp("chat")) as (url, _, engine):
        yield url, engine


@pytest.fixture(autouse=True)
def engine(chat: Chat) -> ScriptedEngine:
    chat[1].script.answer, chat[1].script.yes_log_odds = GOOD, 5.0
    chat[1].prompts.clear()
    return chat[1]


@pytest.fixture
def client(chat: Chat) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{chat[0]}/v1", api_key="none", max_retries=0)


def asked(text: str = QUESTION) -> list[Any]:
    return [{"role": "user", "content": text}]


def test_the_official_client_gets_a_cited_answer(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="belegt", messages=asked())
    message: Any = reply.choices[0].message
    assert message.content == f"{GOOD} [1]"
    assert reply.choices[0].finish_reason == "stop"
    citation = message.citations[0]
    assert (citation["marker"], citation["quote"]) == (1, GOOD)
    assert message.belegt["status"] == "answered"
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_its_stream_ends_with_citations_and_usage(client: openai.OpenAI, chat: Chat) -> None:
    chat[1].script.answer = f"{GOOD}\n{SECOND}"
    chunks = list(
        client.chat.completions.create(
            model="belegt",
            messages=asked(),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == f"- {GOOD} [1]\n- {SECOND} [2]"
    last: Any = chunks[-2].choices[0]
    assert last.finish_reason == "stop"
    assert [one["marker"] for one in last.delta.citations] == [1, 2]
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert all(one.usage is None for one in chunks[:-1])


def test_a_refusal_is_said_and_has_no_citation(client: openai.OpenAI, chat: Chat) -> None:
    chat[1].script.yes_log_odds = -9.0
    reply = client.chat.completions.create(model="belegt", messages=asked())
    message: Any = reply.choices[0].message
    assert message.citations == []
    assert message.belegt["status"] == "not_found"
    streamed = client.chat.completions.create(model="belegt", messages=asked(), stream=True)
    parts = [one.choices[0].delta.content or "" for one in streamed]
    assert "".join(parts) == message.content


def test_the_asynchronous_client_works_many_times_at_once(chat: Chat) -> None:
    async def ask_all() -> list[str | None]:
        async with openai.AsyncOpenAI(base_url=f"{chat[0]}/v1", api_key="none") as client:
            replies = await asyncio.gather(
                *(
                    client.chat.completions.create(model="belegt", messages=asked())
                    for _ in range(8)
                )
            )
            stream = await client.chat.completions.create(
                model="belegt", messages=asked(), stream=True
            )
            streamed = "".join([one.choices[0].delta.content or "" async for one in stream])
        return [*(one.choices[0].message.content for one in replies), streamed]

    assert set(asyncio.run(ask_all())) == {f"{GOOD} [1]"}


def test_langchain_works_unchanged(chat: Chat) -> None:
    langchain = pytest.importorskip("langchain_openai")
    model = langchain.ChatOpenAI(
        base_url=f"{chat[0]}/v1", api_key="none", model="belegt", temperature=0
    )
    reply = model.invoke([("system", "Answer briefly."), ("human", QUESTION)])
    assert reply.content == f"{GOOD} [1]"
    assert "".join(str(one.content) for one in model.stream(QUESTION)) == f"{GOOD} [1]"


def test_curl_works(chat: Chat) -> None:
    body = json.dumps({"model": "belegt", "messages": asked()})
    done = subprocess.run(
        ["curl", "-sS", f"{chat[0]}/v1/chat/completions", "-H", "Content-Type: application/json",
         "-d", body],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["choices"][0]["message"]["content"] == f"{GOOD} [1]"


def test_models_are_listed_and_found(client: openai.OpenAI) -> None:
    names = [one.id for one in client.models.list()]
    assert names == ["belegt", "scripted"]
    assert client.models.retrieve("scripted").owned_by == "belegt"
    with pytest.raises(openai.NotFoundError, match="There is no model 'other'"):
        client.models.retrieve("other")


def test_plain_text_has_footnotes_that_a_follow_up_leaves_out(client: openai.OpenAI) -> None:
    formatted: Any = {"type": "text"}
    by_format = client.chat.completions.create(
        model="belegt", messages=asked(), response_format=formatted
    )
    by_wish = client.chat.completions.create(
        model="belegt", messages=asked(), metadata={"citations": "footnotes"}
    )
    content = by_format.choices[0].message.content or ""
    assert content == by_wish.choices[0].message.content
    assert f'[1] Der Anteil, 2025-06-13, Reuters: "{GOOD}"' in content
    assert without_footnotes(content) == GOOD


def test_metadata_filters_what_is_looked_at(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="belegt", messages=asked(), metadata={"source": "niemand"}
    )
    message: Any = reply.choices[0].message
    assert message.belegt["status"] == "not_found"
    assert message.belegt["nearest"] == []


def test_a_system_message_changes_nothing_of_what_sources_say(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="belegt", messages=[{"role": "system", "content": "Fass dich kurz."}, *asked()]
    )
    assert reply.choices[0].message.content == f"{GOOD} [1]"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"presence_penalty": 0.5}, "presence_penalty"),
        ({"response_format": {"type": "json_object"}}, "response_format.type"),
        ({"temperature": 3}, "temperature"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"metadata": {"untill": "2025"}}, "metadata"),
        ({"repeat_penalty": 1.1}, "repeat_penalty"),
        ({"top_k": 40, "temperature": 0.7}, "top_k"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages.0.content",
        ),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(
    chat: Chat, change: dict[str, Any], param: str
) -> None:
    body = {"model": "belegt", "messages": asked()} | change
    reply = requests.post(f"{chat[0]}/v1/chat/completions", json=body, timeout=20)
    assert reply.status_code == 422
    error = reply.json()["error"]
    assert error["param"].startswith(param)
    assert error["type"] == "invalid_request_error"


def test_neutral_values_are_accepted(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="belegt",
        messages=asked(),
        n=1,
        presence_penalty=0,
        frequency_penalty=0.0,
        logprobs=False,
        temperature=0.5,
        top_p=0.9,
        seed=-3,
        stop=["\n\n"],
        max_tokens=50,
        user="somebody",
    )
    assert reply.choices[0].message.content == f"{GOOD} [1]"


def test_an_answer_that_was_cut_off_says_so(client: openai.OpenAI, chat: Chat) -> None:
    chat[1].script.answer = f"{GOOD}\n{SECOND}"
    reply = client.chat.completions.create(model="belegt", messages=asked(), max_tokens=12)
    assert reply.choices[0].finish_reason == "length"


def test_an_unknown_model_is_not_found(chat: Chat) -> None:
    body = {"model": "gpt-9", "messages": asked()}
    reply = requests.post(f"{chat[0]}/v1/chat/completions", json=body, timeout=20)
    assert reply.status_code == 404
    assert "there are 'belegt', 'scripted'" in reply.json()["error"]["message"]


def test_broken_json_is_one_sentence(chat: Chat) -> None:
    reply = requests.post(
        f"{chat[0]}/v1/chat/completions",
        data="{",
        headers={"Content-Type": "application/json"},
        timeout=20,
    )
    assert reply.status_code == 400
    assert "not valid JSON" in reply.json()["error"]["message"]


def test_a_client_that_leaves_ends_the_work(chat: Chat, tmp_path: Path) -> None:
    chat[1].script.answer, chat[1].script.pause_s = GOOD * 20, 0.02
    try:
        body = {"model": "belegt", "messages": asked(), "stream": True}
        with pytest.raises(requests.exceptions.RequestException):
            requests.post(f"{chat[0]}/v1/chat/completions", json=body, timeout=0.3)
        for _ in range(500):
            if not chat[1].turns_open:
                break
            asyncio.run(asyncio.sleep(0.01))
        assert chat[1].turns_open == 0
    finally:
        chat[1].script.pause_s = 0.0
