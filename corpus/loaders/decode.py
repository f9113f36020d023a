"""Bytes of a file to text.

In: a file. Out: a :class:`Decoded`, its text, line ends as ``\\n``, without a byte order mark,
otherwise unchanged, and a warning where characters are damaged or the encoding had to be guessed.
What can fail, each a :class:`~base.errors.UsageError` of one sentence: the file is missing,
no file, unreadable, empty, larger than ``MAX_BYTES``, or not text.

Order of the decisions: a byte order mark names UTF-8, UTF-16 or UTF-32; then strict UTF-8; then
UTF-8 with a few damaged bytes (characters of more than one byte elsewhere, ``PROVEN`` times as
many, prove that it is UTF-8: no other encoding has them; each damaged byte becomes U+FFFD); then
Windows-1252, a superset of Latin-1, if nearly all its special characters are ones that German
and English texts use; then what charset-normalizer finds. Windows-1252 goes first because a few
umlauts are too little for a statistical detector (it read "Müller" as Arabic).
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from base.errors import UsageError

MAX_BYTES = 50_000_000
PROVEN = 3
CONTROL_SHARE = 0.01
WESTERN_SHARE = 0.9

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXT_CONTROLS = frozenset("\n\r\t\f\v\x85\x1b")
_WESTERN = frozenset("äöüÄÖÜßéèêëáàâåçñôóòíîïúûæøœÉÈÀÅÆØ„“”‚‘’‹›«»–—…•·€£§°©®™†²³½¼¾µ±×÷¿¡\xa0\xad")
_NO_TEXT = "The file '{}' is not text but binary data; convert it to text or leave it out."


@dataclass(frozen=True)
class Decoded:
    """The text of a file."""

    text: str
    """As the file has it, line ends as "\\n"."""
    warnings: tuple[str, ...] = ()
    """One sentence each, naming the file."""


def read_text(path: Path) -> Decoded:
    """Return the text of the file at ``path``."""
    return decode_bytes(read_bytes(path), path)


def decode_bytes(raw: bytes, path: Path) -> Decoded:
    """Return the text in ``raw``, which the file at ``path`` holds."""
    text, guessed = _decode(raw, path)
    if not text.strip("\ufeff\u200b \t\r\n\f\v\xa0"):
        raise UsageError(f"The file '{path}' is empty; give it text or leave it out.")
    if "\0" in text or _control_share(text) > CONTROL_SHARE:
        raise UsageError(_NO_TEXT.format(path))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    warnings = []
    if guessed:
        warnings.append(
            f"The file '{path}' is not UTF-8; it was read as {guessed}. Save it as UTF-8 if "
            "letters look wrong."
        )
    damaged = text.count("\ufffd")
    if damaged:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        warnings.append(
            f"The file '{path}' has {damaged} damaged characters, the first in line {line}; "
            "they are shown as \ufffd."
        )
    return Decoded(text, tuple(warnings))


def read_bytes(path: Path) -> bytes:
    """Return what the file at ``path`` holds."""
    try:
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise UsageError(f"'{path}' is not a file; name a text file or a folder of them.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UsageError(
                f"The file '{path}' has {size / 1e6:.0f} MB, more than the {MAX_BYTES // 10**6} "
                "MB that one document may have; split it into smaller files."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"The file '{path}' does not exist; check the path.") from None
    except OSError as error:
        raise UsageError(
            f"The file '{path}' cannot be read ({error.strerror}); check its permissions."
        ) from None


def _decode(raw: bytes, path: Path) -> tuple[str, str]:
    """The text, and the name of the encoding where that had to be guessed."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), ""
            except UnicodeDecodeError:
                raise UsageError(
                    f"The file '{path}' begins as {encoding.upper()} but is damaged; "
                    "save it again as UTF-8."
                ) from None
    if b"\0" in raw:
        raise UsageError(_NO_TEXT.format(path))
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        mended = raw.decode("utf-8", errors="replace")
    return (mended, "") if _is_damaged_utf8(mended) else _detect(raw, path)


def _is_damaged_utf8(mended: str) -> bool:
    damaged = mended.count("\ufffd")
    proven = sum(character > "\x7f" and character != "\ufffd" for character in mended)
    return proven >= PROVEN * damaged or (damaged == 1 and proven > 1)


def _detect(raw: bytes, path: Path) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    try:
        western = raw.decode("cp1252")
    except UnicodeDecodeError:
        western = ""
    special = [character for character in western if character > "\x7f"]
    if western and sum(map(_WESTERN.__contains__, special)) >= WESTERN_SHARE * len(special):
        return western, "Windows-1252"
    best = from_bytes(raw).best()
    if best is None:
        raise UsageError(_NO_TEXT.format(path))
    return str(best), best.encoding


def _control_share(text: str) -> float:
    odd = sum(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)
    odd -= sum(text.count(character) for character in _TEXT_CONTROLS)
    return odd / len(text)
