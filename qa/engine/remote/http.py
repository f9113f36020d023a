"""Requests to an OpenAI-compatible server, that another thread can end at any moment.

In: where the server is, a path, a body. Out: the JSON object of a reply, or those of a stream as
they arrive. What can fail, each one sentence: nobody there, a key that is not accepted, any other
refusal in the server's own words, silence, a connection that breaks, a reply that is no such API,
a deadline, a cancellation.

Each request has a connection of its own, because only then does closing it tell the server that
nobody waits any more. Closing httpx's client or response from another thread wakes nobody; shutting
down the socket does, and its trace extension hands that out before the first byte of a reply. The
connection is direct, whatever proxies the environment names, and redirections are not followed, so
that evidence and key reach only the server that was named.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx

from base.errors import BelegtError, UsageError
from base.http import cause
from qa.engine.cancellation import Cancellation
from qa.engine.remote.event_stream import MalformedEventError, objects, parse_event
from qa.engine.request import DeadlinePassedError, EngineBusyError

API_KEY = "BELEGT_ENGINE_API_KEY"
"""Environment variable of the setting that holds the key."""
CONNECT_S = 10.0
SILENCE_S = 300.0
"""Longest wait for the next byte. A prompt may have to be read by a CPU, behind others' prompts."""
_WORDS = 200


class ServerRefusedError(BelegtError):
    """The server answered with an HTTP error; ``words`` are its own about it."""

    def __init__(self, sentence: str, words: str) -> None:
        super().__init__(sentence)
        self.words = words


@dataclass(frozen=True)
class RemoteServer:
    """``url`` up to ``/v1``, with the key, if any, and the longest silence in seconds."""

    url: str
    key: str | None = field(default=None, repr=False)
    silence_s: float = SILENCE_S

    def __post_init__(self) -> None:
        """Raise UsageError for what is no address, or no key."""
        if not _is_address(self.url):
            raise UsageError(
                f"The engine is '{_hide_password(self.url)}'; name 'local' or an address "
                "without user, query or fragment such as "
                "http://127.0.0.1:8080/v1 (--engine or BELEGT_ENGINE)."
            )
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise UsageError(
                f"{API_KEY} holds a character that no key has, a line break perhaps; set it again."
            )

    @cached_property
    def tls(self) -> ssl.SSLContext | bool:
        """What the system trusts; False where nothing is encrypted."""
        return self.url.startswith("https:") and ssl.create_default_context()


def _is_address(url: str) -> bool:
    if not re.fullmatch(r"https?://[!-~]+", url) or re.search("[?#@]", url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _hide_password(url: str) -> str:
    """The address as it may be shown: a password stays out of messages and logs."""
    return re.sub(r"//[^/]*@", "//…@", url)


class RemoteClient:
    """Requests to ``server``, one after the other, by one thread; :meth:`end` is for any other."""

    def __init__(
        self,
        server: RemoteServer,
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> None:
        self._server = server
        self._deadline = deadline
        self._cancellation = cancellation or Cancellation()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._ended = False

    def get(self, path: str) -> dict[str, Any]:
        """The object at ``path``."""
        with self._reply("GET", path, None) as response:
            return self._whole(response)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The object that answers ``body``."""
        with self._reply("POST", path, body) as response:
            return self._whole(response)

    def stream(
        self, path: str, body: dict[str, Any]
    ) -> Generator[dict[str, Any] | None, None, None]:
        """The objects that answer ``body``; a last ``None`` where the server says it is the last.

        A server that streams nothing sends one object instead.
        """
        with self._reply("POST", path, body) as response:
            if response.headers.get("Content-Type", "").startswith("text/event-stream"):
                yield from objects(self._pieces(response))
            else:
                yield self._whole(response)

    def end(self) -> None:
        """Break the connection, which wakes the thread that waits on it; there will be no other."""
        with self._lock:
            self._ended = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _reply(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> Iterator[httpx.Response]:
        self._check()
        silence_s = self._server.silence_s
        connect_s = min(CONNECT_S, silence_s, self._seconds_left())
        # Waits of httpx begin anew with each byte; this ends at the deadline.
        timer = threading.Timer(min(self._seconds_left(), threading.TIMEOUT_MAX), self.end)
        timer.daemon = True
        timer.start()
        try:
            with (
                self._translate_errors(),
                httpx.Client(trust_env=False, verify=self._server.tls) as client,
                client.stream(
                    method,
                    self._server.url.rstrip("/") + path,
                    # Not as httpx writes JSON, which has no place for half a character.
                    content=None if body is None else json.dumps(body).encode(),
                    headers=self._headers(),
                    timeout=httpx.Timeout(silence_s, connect=connect_s),
                    extensions={"trace": self._hold_socket},
                ) as response,
            ):
                if response.status_code != 200:
                    raise self._refusal(response, path)
                yield response
        finally:
            timer.cancel()
            with self._lock:
                if self._socket is not None:
                    self._socket.close()
                self._socket = None

    def _hold_socket(self, event: str, facts: dict[str, Any]) -> None:
        """Keep a copy of the socket, which TLS would take apart, as soon as it is connected."""
        if event == "connection.connect_tcp.complete":
            with self._lock:
                self._socket = facts["return_value"].get_extra_info("socket").dup()
            if self._ended:
                self.end()

    def _headers(self) -> dict[str, str]:
        key = {} if self._server.key is None else {"Authorization": f"Bearer {self._server.key}"}
        plain = {"Accept-Encoding": "identity", "Connection": "close"}
        return {"Content-Type": "application/json", **plain, **key}

    def _pieces(self, response: httpx.Response) -> Iterator[bytes]:
        """Bytes as they arrive."""
        for piece in response.iter_bytes():
            self._check()
            yield piece
        self._check()

    def _whole(self, response: httpx.Response) -> dict[str, Any]:
        data = response.read()
        self._check()
        try:
            return parse_event(data)
        except MalformedEventError as error:
            raise BelegtError(
                f"'{self._server.url}' does not answer as an OpenAI-compatible server does; check "
                "the address, which ends in /v1 at most servers."
            ) from error

    def _check(self) -> None:
        """Raise for what ends requests: so ended, a connection may look as if it were complete."""
        self._cancellation.check()
        self._seconds_left()

    def _seconds_left(self) -> float:
        """Seconds until the deadline."""
        if self._deadline is None:
            return float("inf")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassedError("The request took longer than it was allowed to.")
        return left

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """What goes wrong on the way, as one sentence."""
        try:
            yield
        # A UnicodeError: a part of the name is too long to be looked up.
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            self._check()
            url = self._server.url
            if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
                raise BelegtError(
                    f"The server at '{url}' said nothing for {self._server.silence_s:g} s; see "
                    "whether it still works and ask again."
                ) from error
            if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) or not isinstance(
                error, httpx.HTTPError
            ):
                raise BelegtError(
                    f"No server answers at '{url}' ({cause(error)}); start it or mend the address "
                    "(--engine or BELEGT_ENGINE)."
                ) from error
            raise BelegtError(
                f"The connection to '{url}' was lost before the reply was complete "
                f"({cause(error)}); ask again."
            ) from error

    def _refusal(self, response: httpx.Response, path: str) -> BelegtError:
        words = self._error_words(response.read())
        status = response.status_code
        sentence = f"'{self._server.url}{path}' answered HTTP {status} {response.reason_phrase}"
        told = f"{sentence}: {words}" if words else sentence
        if status in (401, 403):
            return ServerRefusedError(f"{told}; set {API_KEY} to a key that it accepts.", words)
        if status in (429, 503):
            return EngineBusyError(f"{told}; try again in a moment.")
        if status in (301, 302, 303, 307, 308, 404, 405) and path == "/models":
            return ServerRefusedError(
                f"{told}; check the address, which ends in /v1 at most servers.", words
            )
        return ServerRefusedError(f"{told}.", words)

    def _error_words(self, data: bytes) -> str:
        """A server's own words about an error, in one line that shows no key."""
        text = data.decode("utf-8", "replace")
        with contextlib.suppress(ValueError, RecursionError):
            text = own_words(json.loads(text))
        if self._server.key:
            text = text.replace(self._server.key, "…")
        return text if not text.lstrip().startswith("<") else ""


def own_words(error: Any) -> str:
    """What a server says about an error, in one line: ``error``, ``message`` or ``detail``."""
    for name in ("error", "message", "detail"):
        if isinstance(error, dict) and error.get(name):
            error = error[name]
    shown = "".join(sign if sign.isprintable() else " " for sign in str(error))
    return " ".join(shown.split()).rstrip(".")[:_WORDS]
