"""Server-sent events, as chat completions stream them.

In: bytes as they arrive. Out: the JSON object of each event, up to ``[DONE]``. What can fail: an
event that is not a JSON object (``MalformedEventError`` with its beginning).

The format is that of the HTML standard, section 9.2: lines that end in LF, CRLF or CR; ``data``
lines of one event are joined; comments and other fields are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from base.errors import BelegtError

DONE = "[DONE]"
_EXCERPT = 80


class MalformedEventError(BelegtError):
    """A server sent something else than JSON objects."""


def objects(chunks: Iterable[bytes]) -> Iterator[dict[str, Any] | None]:
    """The object of each event; a last ``None`` says that the stream ended as it should."""
    for data in _events(_lines(chunks)):
        if data == DONE:
            yield None
            return
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


def _events(lines: Iterable[str]) -> Iterator[str]:
    data: list[str] = []
    for line in lines:
        if not line and data:
            yield "\n".join(data)
            data = []
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
    # The standard drops an event without its blank line; some servers leave out the last one.
    if data:
        yield "\n".join(data)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        # A CR at the end may be half of a CRLF.
        held = rest + chunk
        whole = held[:-1] if held.endswith(b"\r") else held
        *lines, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += held[len(whole) :]
        for line in lines:
            yield line.decode("utf-8", "replace")
    for line in rest.splitlines():
        yield line.decode("utf-8", "replace")
