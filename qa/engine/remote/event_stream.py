"""Server-sent events, as chat completions stream them.

In: bytes as they arrive. Out: the JSON object of each event, up to ``[DONE]``. What can fail: an
event that is not a JSON object (``MalformedEventError`` with its beginning).

The format is that of the HTML standard, section 9.2, as httpx-sse reads it. An event that has no
blank line at its end counts too, because some servers leave out the last one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from base.errors import BelegtError

DONE = "[DONE]"
_EXCERPT = 80


class MalformedEventError(BelegtError):
    """A server sent something else than JSON objects."""


def objects(chunks: Iterable[bytes]) -> Iterator[dict[str, Any] | None]:
    """The object of each event; a last ``None`` says that the stream ended as it should."""
    import httpx
    from httpx_sse import EventSource

    whole = chain(chunks, (b"\n\n",))
    stream = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=whole)
    for data in (event.data for event in EventSource(stream).iter_sse()):
        if data == DONE:
            yield None
            return
        if data:
            yield parse_event(data)


def parse_event(data: str | bytes) -> dict[str, Any]:
    """One JSON object."""
    try:
        found = json.loads(data)
    # A ValueError: no JSON, no UTF-8, or a number of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise MalformedEventError(
            f"The server sent an event that is not JSON: {_excerpt(data)}"
        ) from error
    if not isinstance(found, dict):
        raise MalformedEventError(f"The server sent an event that is no object: {_excerpt(data)}")
    return found


def _excerpt(data: str | bytes) -> str:
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    return f"'{text[:_EXCERPT]}{'…' if len(text) > _EXCERPT else ''}'."
