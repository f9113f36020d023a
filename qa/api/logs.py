"""The log of a running server: one line for each thing that happened.

In: log records of belegt and of the libraries it runs on. Out: lines of text or of JSON on standard
error, each with the id of the request it belongs to. Nothing can fail.

What people ask and what documents say has no place in a log, and neither has a key. Requests are
logged by the template of their route, never by path and query. Of an exception the kind and the
places are written, not its message, which often quotes what it could not digest. And whatever
looks like a key is blotted out, wherever it came from.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from base.settings import Settings

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request that is being served here."""

_KEY = re.compile(r"belegt_[A-Za-z0-9_\-]{20,}")
_BLOT = "belegt_[key]"
_Error = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None
)


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Write the log of this process to ``stream`` (standard error) as ``settings`` say.

    Replaces the handlers of the root logger: libraries that log by themselves, uvicorn among
    them, then go through the same formatter.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("belegt", "uvicorn"):
        logging.getLogger(name).setLevel(logging.INFO)


class TextLines(logging.Formatter):
    """``TIME LEVEL REQUEST LOGGER MESSAGE name=value ...``."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        parts = [_time(record), record.levelname, request_id.get(), record.name]
        parts.append(record.getMessage())
        parts += [f"{name}={value}" for name, value in _fields(record).items()]
        return _one_line(_blot(" ".join(parts)))


class JsonLines(logging.Formatter):
    """An object with time, level, request_id, logger, message and whatever else is known."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        said = {
            "time": _time(record),
            "level": record.levelname,
            "request_id": request_id.get(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        return _blot(json.dumps(said, default=str))


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields = dict(getattr(record, "fields", {}))
    if record.exc_info:
        fields["exception"] = _places(record.exc_info)
    return fields


def _places(found: _Error) -> str:
    """Kinds and places of an exception and what it came from, the outermost first."""
    error = found[1] if found else None
    kinds: list[str] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)
        )
        kinds.append(f"{type(error).__name__} at {where or 'an unknown place'}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "; from ".join(kinds)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _blot(line: str) -> str:
    return _KEY.sub(_BLOT, line)


def _one_line(text: str) -> str:
    """A line break in a value must not look like another entry."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
