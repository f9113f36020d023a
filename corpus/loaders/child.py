"""Loaders in a process of their own, with limits of time and memory.

In: a path. Out: the documents in the file, as :func:`read_guarded` returns them, or a page of a PDF
as a picture, as :func:`draw_guarded` does. What can fail, each a UsageError of one sentence that
names the file: what its loader says; more time or memory than the limits; a crash of the process
that read it. None of these harms the caller.

A process reads one file after the other and is kept for the next; one that was killed, crashed or
has read ``MOST_FILES`` files is replaced. A message is a 4-byte length and a pickle, of which
the parent takes nothing but the classes of :mod:`corpus.loaded`: what a hostile file makes of the
child is not carried over.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import pickle
import selectors
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from base.errors import UsageError
from corpus.loaded import LoadedDocument

MOST_FILES = 500
LONGEST_TEXT = 60_000_000
"""Characters of all documents of one file."""
_LONGEST_MESSAGE = 900_000_000
_HEADER = struct.Struct(">Q")
_ALLOWED = {("corpus.loaded", name) for name in ("LoadedDocument", "Block", "Run", "Place")}


@dataclass(frozen=True)
class LoadLimits:
    """What reading one file may take."""

    seconds: float = 180.0
    """By the clock."""
    megabytes: int = 1400
    """Of address space of the reading process."""


class _DiedError(Exception):
    """The child is gone; the text says how."""


class _ReadingProcess:
    """One child process."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self.files = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by end)
        code = "from corpus.loaders.child import serve; serve()"
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "OMP_THREAD_LIMIT": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            start_new_session=True,
        )

    def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """What the child answers; _DiedError or TimeoutError if it says nothing."""
        self.files += 1
        deadline = time.monotonic() + seconds
        try:
            _write(self._stdin, json.dumps(request).encode())
        except OSError:
            raise _DiedError(self._last_words()) from None
        (length,) = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if length > _LONGEST_MESSAGE:
            raise _DiedError("its text is too long")
        message = self._read(length, deadline)
        try:
            return _Unpickler(io.BytesIO(message)).load()
        except pickle.UnpicklingError as error:
            raise _DiedError(f"its reader gave no document ({error})") from None

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _read(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while len(received) < count:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError
                piece = os.read(handle, min(1 << 20, count - len(received)))
                if not piece:
                    raise _DiedError(self._last_words())
                received += piece
        return bytes(received)

    def _last_words(self) -> str:
        code = self._process.wait()
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - 4000))
        lines = self._errors.read().decode("utf-8", "replace").strip().split("\n")
        last = lines[-1].strip()
        if "MemoryError" in last or "bad_alloc" in last or code == -signal.SIGKILL:
            return f"it needs more than {self.megabytes} MB of memory"
        if code < 0:
            return f"its reader was ended by {signal.Signals(-code).name}"
        return last[:200] or f"its reader ended with code {code}"

    def end(self) -> None:
        """Kill the child and what it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._errors.close()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a document")
        return super().find_class(module, name)


_idle: list[_ReadingProcess] = []
_lock = threading.Lock()


def read_guarded(path: Path, limits: LoadLimits | None = None) -> Sequence[LoadedDocument]:
    """The documents in the file at ``path``, read by a child process."""
    documents: Sequence[LoadedDocument] = _ask(path, {"path": str(path)}, limits)
    return documents


def draw_guarded(path: Path, page: int, scale: float, limits: LoadLimits | None = None) -> bytes:
    """Page ``page`` (from 1) of the PDF at ``path`` as PNG, ``scale`` pixels a point."""
    picture: bytes = _ask(path, {"path": str(path), "page": page, "scale": scale}, limits)
    return picture


def _ask(path: Path, request: dict[str, Any], limits: LoadLimits | None) -> Any:
    limits = limits or LoadLimits()
    reader = _take(limits.megabytes)
    try:
        found = reader.ask(request, limits.seconds)
    except TimeoutError:
        reader.end()
        raise UsageError(
            f"The file '{path}' was left out: reading it took longer than {limits.seconds:g} s."
        ) from None
    except _DiedError as death:
        reader.end()
        raise UsageError(f"The file '{path}' was left out: {death}.") from None
    except BaseException:
        reader.end()
        raise
    _give_back(reader)
    if isinstance(found, str):
        raise UsageError(found)
    return found


def _take(megabytes: int) -> _ReadingProcess:
    with _lock:
        for reader in _idle:
            if reader.megabytes == megabytes:
                _idle.remove(reader)
                return reader
    return _ReadingProcess(megabytes)


def _give_back(reader: _ReadingProcess) -> None:
    if reader.files >= MOST_FILES:
        reader.end()
        return
    with _lock:
        _idle.append(reader)


@atexit.register
def end_readers() -> None:
    """End the processes that wait for files."""
    with _lock:
        while _idle:
            _idle.pop().end()


def serve() -> None:
    """Read the files that the parent names, until it closes the pipe; run by the child."""
    _limit(int(sys.argv[1]))
    replies = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the messages.
    os.dup2(2, 1)
    while True:
        header = sys.stdin.buffer.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        (length,) = _HEADER.unpack(header)
        request = json.loads(sys.stdin.buffer.read(length))
        _write(replies, pickle.dumps(_answer(request), protocol=5))


def _answer(request: dict[str, Any]) -> str | bytes | list[LoadedDocument]:
    path = Path(request["path"])
    try:
        if "page" in request:
            from corpus.loaders.pdf.picture import draw

            return draw(path, request["page"], request["scale"])
        documents = _documents(path)
    except UsageError as error:
        return str(error)
    except RecursionError:
        return f"The file '{path}' was left out: it is nested too deeply."
    except MemoryError:
        return f"The file '{path}' was left out: it needs more than {sys.argv[1]} MB of memory."
    length = sum(len(run.text) for doc in documents for block in doc.blocks for run in block.runs)
    if length > LONGEST_TEXT:
        return (
            f"The file '{path}' was left out: it holds {length} characters, more than "
            f"{LONGEST_TEXT}; split it."
        )
    return documents


def _documents(path: Path) -> list[LoadedDocument]:
    from contextvars import copy_context

    from corpus.loaders.registry import load_unguarded

    # A context of its own: what is counted for one file ends with it.
    return list(copy_context().run(load_unguarded, path))


def _limit(megabytes: int) -> None:
    import resource

    size = megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000_000, 2_000_000_000))


def _write(stream: IO[bytes], message: bytes) -> None:
    stream.write(_HEADER.pack(len(message)) + message)
    stream.flush()
