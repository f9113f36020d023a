from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import requests
from api_samples import GOOD, QUESTION, served
from fakes import ScriptedEngine
from pytest import MonkeyPatch

from base.errors import BelegtError, UsageError
from base.settings import Settings, bearing_on_answers
from qa.api.app_state import Service
from qa.api.server_client import ServedAssistant
from qa.api.server_discovery import FILE, announce, behaviour, find_server
from qa.pipeline.answer import Answer, DoneEvent, RetrievedEvent, SentenceEvent
from qa.pipeline.options import AskOptions

Place = tuple[str, Service, ScriptedEngine]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with served(tmp_path_factory.mktemp("ask")) as found:
        yield found


def post(place: Place, path: str, body: Any, **options: Any) -> requests.Response:
    return requests.post(f"{place[0]}{path}", json=body, timeout=20, **options)


def events(reply: requests.Response) -> list[tuple[str, Any]]:
    found = []
    for block in reply.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_an_answer_in_one_piece(place: Place) -> None:
    reply = post(place, "/v1/ask", {"question": QUESTION})
    assert reply.status_code == 200
    answer = Answer.model_validate(reply.json())
    assert answer.text == f"{GOOD} [1]"
    text = requests.get(
        f"{place[0]}/v1/documents/{answer.citations[0].document_id}", timeout=20
    ).json()["text"]
    assert text[answer.citations[0].start : answer.citations[0].end] == answer.citations[0].quote


@pytest.mark.parametrize("way", ["field", "header"])
def test_an_answer_as_it_grows(place: Place, way: str) -> None:
    body = {"question": QUESTION} | ({"stream": True} if way == "field" else {})
    headers = {"Accept": "text/event-stream"} if way == "header" else {}
    reply = post(place, "/v1/ask", body, headers=headers)
    assert reply.headers["content-type"].startswith("text/event-stream")
    found = events(reply)
    kinds = [kind for kind, _ in found]
    assert kinds == ["retrieved", "sentence", "citation", "done"]
    assert found[-2][1]["quote"] == GOOD
    assert found[-1][1]["answer"]["text"] == f"{GOOD} [1]"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"question": ""}, 422),
        ({"question": "   "}, 400),
        ({"question": "x" * 5000}, 400),
        ({"question": "Wer?", "colour": "red"}, 422),
        ({"question": "Wer?", "top_k": 0}, 422),
        ({"question": "Wer?", "filters": {"since": "gestern"}}, 422),
        ({"question": "Wer?", "filters": {"since": "2025-02-31"}}, 400),
        ({"question": "Wer?", "conversation_id": "0" * 32}, 404),
        ({"question": "Wer?", "conversation_id": "../x"}, 422),
        ({"question": "\ud800"}, 422),
        ([], 422),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(place: Place, body: Any, status: int) -> None:
    reply = post(place, "/v1/ask", body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert problem["instance"] == "/v1/ask"


def test_a_search_needs_no_model(place: Place) -> None:
    place[2].prompts.clear()
    found = post(place, "/v1/search", {"question": QUESTION, "top_k": 2}).json()
    assert found["language"] == "de"
    assert len(found["passages"]) == 2
    assert found["passages"][0]["document_id"] == "anteil"
    assert not place[2].prompts


def test_info_says_what_there_is(place: Place) -> None:
    found = requests.get(f"{place[0]}/v1/info", timeout=20).json()
    assert found["documents"] == 4
    assert found["sources"] == ["Bloomberg", "Reuters"]
    assert found["role"] == "admin"


def test_an_error_in_the_middle_of_a_stream_is_its_last_event(
    place: Place, monkeypatch: MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise BelegtError("The model has broken.")

    monkeypatch.setattr(place[2], "extract_all", broken)
    found = events(post(place, "/v1/ask", {"question": QUESTION, "stream": True}))
    assert [kind for kind, _ in found] == ["retrieved", "error"]
    assert found[-1][1]["detail"] == "The model has broken."


def test_health(place: Place) -> None:
    assert requests.get(f"{place[0]}/healthz", timeout=20).json() == {"status": "ok"}
    ready = requests.get(f"{place[0]}/readyz", timeout=20)
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


def test_an_engine_that_cannot_answer_is_not_ready_and_not_asked(place: Place) -> None:
    url, service, engine = place
    engine.broken = "The engine has stopped."
    try:
        ready = requests.get(f"{url}/readyz", timeout=20)
        assert ready.status_code == 503
        assert ready.json()["checks"]["engine"] == "The engine has stopped."
        with announce(service.settings, url, "token"):
            assert find_server(service.settings) is None
        assert requests.get(f"{url}/metrics", timeout=20).status_code == 200
    finally:
        engine.broken = None


def other_value(name: str, settings: Settings) -> Any:
    """A value that a setting could have and has not."""
    value, kind = getattr(settings, name), Settings.model_fields[name].annotation
    if isinstance(value, bool):
        return not value
    kinds = (kind, *get_args(kind))
    if int in kinds or float in kinds:
        return (value or 0) + 1
    choices = [choice for part in kinds for choice in get_args(part)]
    others = [choice for choice in choices if isinstance(choice, str | bool) and choice != value]
    if others:
        return others[0]
    return True if bool in kinds else f"{value}-other"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_server_whose_answers_would_differ_is_not_asked(name: str, tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path, corpus=tmp_path)
    changed = settings.model_copy(update={name: other_value(name, settings)})
    differs = behaviour(changed) != behaviour(settings)
    assert differs == (name in bearing_on_answers())


def test_a_running_server_is_found_and_asked(place: Place) -> None:
    url, service, _ = place
    settings = service.settings
    assert find_server(settings) is None
    with announce(settings, url, "token"):
        mode = (settings.corpus / FILE).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        assert find_server(settings.model_copy(update={"top_k": 3})) is None
        running = find_server(settings)
        assert running is not None
        found = list(ServedAssistant(running).stream(QUESTION, AskOptions(top_k=3)))
    assert isinstance(found[0], RetrievedEvent)
    assert isinstance(found[-2], SentenceEvent)
    assert isinstance(found[-1], DoneEvent)
    assert found[-1].answer.text == f"{GOOD} [1]"
    assert not (settings.corpus / FILE).exists()


def test_a_server_that_is_gone_is_not_found(place: Place) -> None:
    settings = place[1].settings
    with announce(settings, "http://127.0.0.1:9", "token"):
        assert find_server(settings) is None
    (settings.corpus / FILE).write_text("{")
    assert find_server(settings) is None
    (settings.corpus / FILE).unlink()


def test_what_a_server_refuses_is_told_in_its_words(place: Place) -> None:
    url, service, _ = place
    with announce(service.settings, url, "token"):
        running = find_server(service.settings)
        assert running is not None
        with pytest.raises(UsageError, match="at most 4000 are accepted"):
            list(ServedAssistant(running).stream("x" * 5000))
