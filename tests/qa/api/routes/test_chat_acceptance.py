"""What clients send along and send back, and requests that chat pages make by themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import requests
from api_samples import GOOD, QUESTION, served
from fakes import ScriptedEngine
from shared_data import SHARED

from qa.api.app_state import Service

Chat = tuple[str, Service, ScriptedEngine]
ECHO: dict[str, Any] = {
    "role": "assistant",
    "content": f"{GOOD} [1]",
    "refusal": None,
    "annotations": None,
    "audio": None,
    "function_call": None,
    "tool_calls": None,
}
EARLIER: dict[str, Any] = {"role": "user", "content": "Was tat Meta?"}
LAST: dict[str, Any] = {"role": "user", "content": QUESTION}


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    with served(tmp_path_factory.mktemp("chat")) as found:
        yield found


def send(chat: Chat, body: dict[str, Any], path: str = "/v1/chat/completions") -> Any:
    chat[2].script.answer, chat[2].script.stated = GOOD, 5.0
    return requests.post(f"{chat[0]}{path}", json={"model": "belegt", **body}, timeout=20)


@pytest.mark.parametrize(
    "messages",
    [
        [EARLIER, ECHO, LAST],
        [EARLIER, {"role": "assistant", "content": None}, LAST],
        [EARLIER, {"role": "assistant", "content": []}, LAST],
        [EARLIER, {"role": "assistant"}, LAST],
        [EARLIER, {**ECHO, "reasoning_content": "", "reasoning_details": [], "parsed": None}, LAST],
        [EARLIER, {**ECHO, "id": "m1", "weight": 1, "provider_specific_fields": {"a": 1}}, LAST],
        [EARLIER, {**ECHO, "content": [{"type": "output_text", "text": "Ja."}]}, LAST],
        [
            EARLIER,
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}]},
            LAST,
        ],
        [{"role": "user", "content": [{"type": "text", "text": QUESTION, "cache_control": {}}]}],
        [{"role": "user", "content": [{"type": "input_text", "text": QUESTION}]}],
        [{**LAST, "name": "anna", "images": [], "tool_calls": None, "attachments": None}],
        [{"role": "developer", "content": "Kurz."}, {"role": "system", "content": None}, LAST],
        [LAST, {"role": "system", "content": "Antworte auf Deutsch."}],
        [{"role": "user", "content": ""}, LAST],
    ],
)
def test_a_message_that_a_client_got_or_keeps_is_accepted(
    chat: Chat, messages: list[dict[str, Any]]
) -> None:
    reply = send(chat, {"messages": messages})
    assert reply.status_code == 200, reply.text
    assert reply.json()["choices"][0]["message"]["content"] == f"{GOOD} [1]"


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ({**LAST, "images": ["AA=="]}, "'images'"),
        ({**LAST, "content": [{"type": "input_audio", "input_audio": {}}]}, "'input_audio'"),
        ({**LAST, "content": [{"type": "file", "file": {"file_id": "f"}}]}, "'file'"),
        ({**LAST, "content": [{"type": "input_image", "image_url": "x"}]}, "pictures"),
        ({**LAST, "content": [{"type": "text"}]}, "'text'"),
        ({**ECHO, "tool_calls": [{"id": "1"}]}, "'tool_calls'"),
    ],
)
def test_what_would_change_the_question_is_refused_by_name(
    chat: Chat, message: dict[str, Any], named: str
) -> None:
    reply = send(chat, {"messages": [EARLIER, message, LAST]})
    assert reply.status_code == 422
    assert named in reply.json()["error"]["message"]
    assert reply.json()["error"]["param"].startswith("messages.1")


@pytest.mark.parametrize(
    "more",
    [
        {"max_tokens": -1},
        {"max_completion_tokens": None, "max_tokens": None},
        {"n": 1, "user": "u", "store": True, "service_tier": "flex"},
        {"response_format": {"type": "text"}, "tools": [], "tool_choice": "auto"},
        {"tools": None, "functions": [], "function_call": "none", "parallel_tool_calls": True},
        {"top_k": 40, "min_p": 0.05, "cache_prompt": True, "repeat_penalty": 1.0},
        {"prompt_cache_key": "k", "safety_identifier": "u", "reasoning_effort": "low"},
        {"metadata": {"user_id": "7", "since": "2020"}},
        {"logprobs": False, "top_logprobs": 0, "logit_bias": {}, "stop": None, "seed": 1},
        {"never_heard_of": None, "stream_options": None, "stream": None, "verbosity": "medium"},
        {"chat_template_kwargs": {"enable_thinking": False}, "modalities": ["text"]},
    ],
)
def test_a_parameter_that_changes_nothing_is_accepted(chat: Chat, more: dict[str, Any]) -> None:
    reply = send(chat, {"messages": [LAST], **more})
    assert reply.status_code == 200, reply.text
    assert reply.json()["choices"][0]["message"]["content"].startswith(f"{GOOD} [1]")


def test_the_official_client_goes_on_with_what_it_got(chat: Chat) -> None:
    chat[2].script.answer, chat[2].script.stated = GOOD, 5.0
    client = openai.OpenAI(base_url=f"{chat[0]}/v1", api_key="none", max_retries=0)
    history: list[Any] = [LAST]
    for _ in range(3):
        reply = client.chat.completions.create(model="belegt", messages=history)
        history += [reply.choices[0].message.model_dump(), LAST]
        assert reply.choices[0].message.content == f"{GOOD} [1]"


def test_the_shared_messages_are_accepted_or_refused_as_documented(chat: Chat) -> None:
    folder = SHARED / "cases" / "30-echo-message"
    if not folder.is_dir():
        pytest.skip("the shared cases are not here")
    statuses = {
        file.name[0]: send(chat, json.loads(file.read_text("utf-8"))).status_code
        for file in folder.glob("*.json")
    }
    refused = {"g": 422, "j": 422}
    assert statuses == {name: refused.get(name, 200) for name in "abcdefghij"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_limit_of_tokens_is_kept(chat: Chat, limit: int, stream: bool) -> None:
    reply = send(chat, {"messages": [LAST], "max_tokens": limit, "stream": stream})
    if stream:
        chunks = [json.loads(line[6:]) for line in reply.text.split("\n") if "{" in line]
        content = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
        message, reason = chunks[-1]["choices"][0]["delta"], chunks[-1]["choices"][0]
    else:
        reason = reply.json()["choices"][0]
        message = reason["message"]
        content = message["content"]
        assert reply.json()["usage"]["completion_tokens"] <= limit
    assert GOOD.startswith(content)
    # The engine of these tests counts words.
    assert len(content.split()) == limit
    assert message["citations"] == []
    assert reason["finish_reason"] == "length"


TRANSCRIPT = f"<chat_history>\nUSER: {QUESTION}\nASSISTANT: {GOOD} [1]\n</chat_history>"
TASKS = [
    f'### Task:\nGenerate a concise, 3-5 word title.\nJSON: {{ "title": "..." }}\n{TRANSCRIPT}',
    f'### Task:\nGenerate 1-3 broad tags.\n{{ "tags": ["tag1", "tag2"] }}\n{TRANSCRIPT}',
    f'Suggest 3-5 follow-up questions. {{ "follow_ups": ["Question 1?"] }}\n{TRANSCRIPT}',
    f'Search queries wanted: {{ "queries": ["query1"] }}\n{TRANSCRIPT}',
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("task", TASKS)
def test_what_a_page_asks_by_itself_searches_and_keeps_nothing(
    chat: Chat, task: str, stream: bool
) -> None:
    url, service, engine = chat
    engine.prompts.clear()
    kept = len(requests.get(f"{url}/v1/reviews", timeout=20).content)
    answers = service.metrics.text().count(b"belegt_answers_total")
    body = {"messages": [{"role": "user", "content": task + " " * 5000}], "stream": stream}
    reply = send(chat, body)
    assert reply.status_code == 200
    assert engine.prompts == []
    assert len(requests.get(f"{url}/v1/reviews", timeout=20).content) == kept
    assert service.metrics.text().count(b"belegt_answers_total") == answers
    if not stream:
        content = json.loads(reply.json()["choices"][0]["message"]["content"])
        assert next(iter(content)) in ("title", "tags", "follow_ups", "queries")


def test_what_a_page_asks_by_itself_does_not_count(tmp_path: Path) -> None:
    with served(tmp_path, answers_per_day=1) as found:
        task = {"messages": [{"role": "user", "content": TASKS[0]}]}
        assert send(found, task).status_code == 200
        assert send(found, {"messages": [LAST]}).status_code == 200
        assert send(found, {"messages": [LAST]}).status_code == 429
        assert send(found, task).status_code == 200


def test_the_shared_requests_of_a_page_are_answered(chat: Chat) -> None:
    folder = SHARED / "cases" / "32-owui-tasks"
    if not folder.is_dir():
        pytest.skip("the shared cases are not here")
    for file in folder.glob("*.json"):
        reply = send(chat, json.loads(file.read_text("utf-8")))
        assert reply.status_code == 200
        content = json.loads(reply.json()["choices"][0]["message"]["content"])
        assert content in ({"title": "Filiale Bonn"}, {"follow_ups": []})
