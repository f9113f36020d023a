"""The official client over both transports, and what it is told."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_samples import GOOD, QUESTION, running
from children import environment
from fakes import HashingEncoder, Script, ScriptedEngine
from samples import DOCUMENTS

from base.settings import Settings
from corpus.store import CorpusStore
from index.build import Indexer
from qa.api.middleware.connection import server_options
from qa.api.storage.keys import Access
from qa.mcp.corpus_tools import CorpusTools

pytest.importorskip("mcp")

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from qa.mcp.http_app import http_app
from qa.mcp.server import mcp_server

CHILD = Path(__file__).parents[1] / "api" / "child_server.py"


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[CorpusTools]:
    settings = Settings(cache=tmp_path / "cache", corpus=tmp_path / "corpus")
    with CorpusStore.open(settings.corpus, create=True) as store:
        Indexer(store, HashingEncoder(), settings).add_documents(DOCUMENTS)
    engine = ScriptedEngine(Script(answer=GOOD))
    made = CorpusTools(settings, lambda _: (HashingEncoder(), engine))
    yield made
    made.close()


def call(target: Any, name: str, **arguments: Any) -> Any:
    async def calling() -> Any:
        async with Client(target) as client:
            return await client.call_tool(name, arguments)

    return asyncio.run(calling())


def test_the_tools_are_four_and_read_only(tools: CorpusTools) -> None:
    async def listed() -> Any:
        async with Client(mcp_server(tools)) as client:
            return await client.list_tools()

    found = asyncio.run(listed()).tools
    assert {tool.name for tool in found} == {"ask", "search", "read_span", "list_documents"}
    assert all(tool.annotations.read_only_hint for tool in found)
    assert all(tool.description and tool.output_schema for tool in found)


def test_an_answer_s_spans_are_read_again(tools: CorpusTools) -> None:
    server = mcp_server(tools)
    answer = call(server, "ask", question=QUESTION).structured_content
    assert answer["status"] == "answered"
    assert answer["text"] == f"{GOOD} [1]"
    (citation,) = answer["citations"]
    place = {name: citation[name] for name in ("document_id", "start", "end")}
    span = call(server, "read_span", **place).structured_content
    assert span["quote"] == citation["quote"] == GOOD


def test_nothing_found_is_no_error(tools: CorpusTools) -> None:
    server = mcp_server(tools)
    asked = call(server, "ask", question=QUESTION, source="niemand")
    assert not asked.is_error
    assert asked.structured_content["status"] == "not_found"
    for name, arguments in (
        ("search", {"question": QUESTION, "source": "niemand"}),
        ("list_documents", {"words": "gibt es nicht"}),
    ):
        found = call(server, name, **arguments)
        assert not found.is_error
        assert found.structured_content["status"] == "nothing_found"


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("read_span", {"document_id": "x", "start": 0, "end": 1}, "There is no document 'x'"),
        ("read_span", {"document_id": "x", "start": 0, "end": 0}, "end"),
        ("ask", {"question": ""}, "question"),
        ("ask", {"question": " "}, "The question is empty"),
        ("ask", {"question": QUESTION, "since": "gestern"}, "'gestern' is not a date"),
        ("search", {"question": QUESTION, "limit": 99}, "limit"),
    ],
)
def test_an_error_says_what_is_wrong(
    tools: CorpusTools, name: str, arguments: dict[str, Any], said: str
) -> None:
    found = call(mcp_server(tools), name, **arguments)
    assert found.is_error
    assert said in found.content[0].text


def test_without_a_corpus_every_tool_says_so(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path / "cache", corpus=tmp_path / "corpus")
    server = mcp_server(CorpusTools(settings, lambda _: pytest.fail("no model is needed")))
    for name, arguments in (
        ("ask", {"question": QUESTION}),
        ("search", {"question": QUESTION}),
        ("list_documents", {}),
    ):
        found = call(server, name, **arguments)
        assert found.is_error
        assert "belegt index add" in found.content[0].text


def test_documents_are_listed_page_by_page(tools: CorpusTools) -> None:
    server = mcp_server(tools)
    ids: list[str] = []
    after: str | None = ""
    while after is not None:
        page = call(server, "list_documents", after=after, limit=3).structured_content
        ids += [document["document_id"] for document in page["documents"]]
        after = page["next"]
    assert ids == sorted(document.id for document in DOCUMENTS)
    assert page["total"] == len(ids)


def test_over_http_the_first_key_closes_it(tools: CorpusTools, tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path / "cache", corpus=tmp_path / "corpus")
    access = Access(settings.corpus, loopback=True)
    with running(http_app(tools, access, settings), **server_options(settings)) as url:
        found = call(f"{url}/mcp", "ask", question=QUESTION)
        assert found.structured_content["status"] == "answered"
        access.keys.create("reader", "reader")
        with pytest.raises(BaseException):  # noqa: B017 - whatever the client makes of 401
            call(f"{url}/mcp", "list_documents")
    access.close()


def test_over_standard_input(tools: CorpusTools, tmp_path: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=[str(CHILD), "0", "mcp", "--corpus", str(tmp_path / "corpus")],
        env=environment(cache=tmp_path / "cache"),
    )

    async def calling() -> tuple[Any, Any]:
        async with Client(stdio_client(server)) as client:
            return (
                await client.call_tool("ask", {"question": QUESTION}),
                await client.call_tool("read_span", {"document_id": "x", "start": 0, "end": 1}),
            )

    answer, error = asyncio.run(calling())
    assert json.loads(answer.content[0].text)["text"] == f"{GOOD} [1]"
    assert error.is_error
