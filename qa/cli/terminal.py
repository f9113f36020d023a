"""Output that any terminal and any pipe can take.

In: the standard streams of the process. Out: the same streams, which replace what their encoding
cannot write instead of failing at it; for JSON, where the encoding is not UTF-8, pure ASCII with
escapes, which is the same JSON. Nothing can fail.
"""

from __future__ import annotations

import codecs
import io
import sys
from typing import TextIO

_ESCAPES = "belegt-json"


def adapt(*, json_wanted: bool) -> None:
    """Have standard output and error write whatever they are given."""
    if json_wanted:
        codecs.register_error(_ESCAPES, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if json_wanted and stream is sys.stdout:
            encoding = "utf-8" if is_utf8(stream) else "ascii"
            stream.reconfigure(encoding=encoding, errors=_ESCAPES)
        else:
            stream.reconfigure(errors="replace")


def is_utf8(stream: TextIO) -> bool:
    """Whether ``stream`` writes UTF-8."""
    try:
        return codecs.lookup(stream.encoding or "ascii").name == "utf-8"
    except LookupError:
        return False


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What JSON has for characters that cannot be written (RFC 8259, section 7).

    Outside its strings JSON is ASCII, so an escape is always right.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs), error.end
