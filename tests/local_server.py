"""HTTP servers on a socket of this machine, for tests of what asks one.

In: a handler of requests. Out: the address behind which it answers, each connection in a thread
of its own, until the block ends; and the events in which servers of chat completions stream.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that has gone is part of the test."""


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address, without a slash at its end. Nothing is logged."""

    class Quiet(handler):
        def log_message(self, *_: Any) -> None:
            return

    server = _Server(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def event(value: Any) -> bytes:
    """One event of a stream; text is sent as it is."""
    return f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n".encode()


DONE = event("[DONE]")
