"""A client that asks, counts its time, and may go away in the middle.

In: a server's address, a question, after how long to leave. Out: what came back
(:class:`ApiReply`). Nothing can fail: a connection that breaks is a reply that says so.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

import httpx

from eval.bench.api_server import ServerProcess

LEFT = 0
BROKEN = -1
_PATIENCE_S = 300.0


@dataclass(frozen=True)
class ApiReply:
    """``status``: of HTTP, ``LEFT`` or ``BROKEN``. ``said``: what must be the same each time.

    ``draft``: what the model wrote, before it was checked.
    """

    status: int
    said: tuple[Any, ...] | None = None
    draft: str = ""
    retry_after: str | None = None
    first_s: float = 0.0
    total_s: float = 0.0
    error: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether there is an answer."""
        return self.said is not None


def new_client(server: ServerProcess) -> httpx.AsyncClient:
    """A client with a connection of its own for each request that is under way."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=16)
    return httpx.AsyncClient(
        base_url=server.running.url, headers=server.headers, timeout=_PATIENCE_S, limits=limits
    )


async def post_question(
    client: httpx.AsyncClient, question: str, leave_after: float | None = None
) -> ApiReply:
    """Ask, and read the answer's events to the end or until ``leave_after`` seconds are over."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(leave_after):
            return await _post(client, question, began)
    except TimeoutError:
        return ApiReply(LEFT, total_s=time.monotonic() - began)
    except httpx.HTTPError as error:
        said = f"{type(error).__name__}: {error}"
        return ApiReply(BROKEN, total_s=time.monotonic() - began, error=said)


async def _post(client: httpx.AsyncClient, question: str, began: float) -> ApiReply:
    body = {"question": question, "stream": True}
    async with client.stream("POST", "/v1/ask", json=body) as response:
        if response.status_code != 200:
            text = (await response.aread()).decode()
            return ApiReply(
                response.status_code,
                retry_after=response.headers.get("retry-after"),
                total_s=time.monotonic() - began,
                error=text,
            )
        first, kind, data = 0.0, "", ""
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = value
                if kind != "retrieved":
                    first = first or time.monotonic() - began
    if kind != "done":
        return ApiReply(
            BROKEN, total_s=time.monotonic() - began, error=f"ended with {kind}: {data}"
        )
    answer = json.loads(data)["answer"]
    return ApiReply(
        200, _comparable(answer), answer["draft"], first_s=first, total_s=time.monotonic() - began
    )


def _comparable(answer: dict[str, Any]) -> tuple[Any, ...]:
    cited = tuple(
        (one["marker"], one["document_id"], one["start"], one["end"]) for one in answer["citations"]
    )
    return answer["question"], answer["status"], answer["text"], cited
