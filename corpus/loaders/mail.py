"""Mails: EML files and mailboxes (MBOX).

In: a file. Out: a document for each message, named by its number and subject within a mailbox, and
one for each attachment, named behind its message. A message is its headers (from, to, date,
subject), its text, what it quotes of earlier messages and its signature as furniture. The sender
is the author, the Date header the date; identity and thread are metadata. What can fail, as
UsageError: a file without a message. An attachment that cannot be read is a warning.

Of alternatives the plain text is read, unless it is empty or the HTML has a table of data.
"""

from __future__ import annotations

import email
import email.policy
import mailbox
from collections.abc import Iterator, Sequence
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import Block, LoadedDocument, Place, Run, text_block
from corpus.loaders.decode import decode_bytes, read_bytes
from corpus.loaders.html_text import BlockWriter
from corpus.loaders.nested import Within, read_within
from corpus.loaders.pieces import block_of

_SHOWN = ("From", "To", "Cc", "Date")
_FLOWED = "flowed"
_MOST_PARTS = 1000


class MailLoader:
    """Loads single messages and mailboxes."""

    media_types = ("message/rfc822", "application/mbox")
    suffixes = (".eml", ".mbox")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The messages in the file at ``path``, each followed by its attachments."""
        raw = read_bytes(path) if not _is_mailbox(path) else b""
        if raw:
            message = email.message_from_bytes(raw, policy=email.policy.default)
            documents = _documents(message, path, "", 1)
        else:
            documents = [
                document
                for number, message in enumerate(_messages(path), 1)
                for document in _documents(message, path, _name(number, message), number)
            ]
        if not documents:
            raise UsageError(f"The file '{path}' holds no message with text; leave it out.")
        return documents


def _is_mailbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _messages(path: Path) -> Iterator[Message]:
    def factory(file: Any) -> EmailMessage:
        return email.message_from_binary_file(file, policy=email.policy.default)

    box = mailbox.mbox(path, factory=factory, create=False)  # type: ignore[arg-type]
    try:
        yield from box
    finally:
        box.close()


def _header(message: Message, name: str) -> str:
    try:
        value = message.get(name, "")
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        # The standard library's parser stumbles over some malformed headers; the raw one stands.
        value = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    text = str(value).encode("utf-8", "replace").decode()
    return " ".join(text.split())


def _name(number: int, message: Message) -> str:
    subject = _header(message, "Subject").replace("/", "-")[:80].strip()
    return f"{number} {subject}".strip()


def _documents(message: Message, path: Path, name: str, number: int) -> list[LoadedDocument]:
    identity = _header(message, "Message-ID").strip("<> ") or str(number)
    place = Place(message=identity)
    blocks = [*_head(message, place), *_body(message, path, place)]
    within = Within()
    for part_name, content in _attachments(message):
        full = f"{name}/{part_name}" if name else part_name
        found = read_within(full, content, path)
        within.documents += found.documents
        within.warnings += found.warnings
    if not blocks:
        return within.documents
    thread = _header(message, "References").split() or _header(message, "In-Reply-To").split()
    facts = {
        "message": identity,
        "sender": _header(message, "From"),
        "to": _header(message, "To"),
        "subject": _header(message, "Subject"),
        "thread": thread[0].strip("<>") if thread else identity,
        "attachments": ", ".join(document.name.rpartition("/")[2] for document in within.documents),
    }
    date = _header(message, "Date")
    return [
        LoadedDocument(
            blocks=tuple(blocks),
            name=name,
            media_type="message/rfc822",
            title=_header(message, "Subject"),
            date=_day(message, date),
            date_from="Date header" if date else "",
            author=_header(message, "From"),
            metadata=tuple((key, value) for key, value in facts.items() if value),
            warnings=tuple(within.warnings),
        ),
        *within.documents,
    ]


def _day(message: Message, written: str) -> str:
    from email.utils import parsedate_to_datetime

    del message
    try:
        return parsedate_to_datetime(written).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return written


def _head(message: Message, place: Place) -> Iterator[Block]:
    subject = _header(message, "Subject")
    if subject:
        yield text_block(subject, "heading", place, level=1)
    first = True
    for name in _SHOWN:
        value = _header(message, name)
        if value:
            yield text_block(f"{name}: {value}", place=place, before=None if first else "\n")
            first = False


def _body(message: Message, path: Path, place: Place) -> Iterator[Block]:
    plain, marked = "", ""
    for part in _parts(message):
        if part.get_content_disposition() == "attachment" or part.get_filename():
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            plain += ("\n\n" if plain else "") + _unflowed(part, _text(part, path))
        elif kind == "text/html":
            marked += _text(part, path)
    if plain.strip() and "<table" not in marked.lower():
        yield from _plain_blocks(plain, place)
        return
    blocks = _marked_blocks(marked, place)
    has_table = any(block.role == "table_row" for block in blocks)
    yield from blocks if has_table or not plain.strip() else _plain_blocks(plain, place)


def _parts(message: Message) -> Iterator[Message]:
    """All parts of a message, but not those of a message attached to it."""
    waiting = [message]
    count = 0
    while waiting and count < _MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting = [*part.get_payload(), *waiting]
        else:
            yield part


def _text(part: Message, path: Path) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return ""
    charset = str(part.get_content_charset() or "")
    if charset and charset != "us-ascii":
        try:
            return content.decode("cp1252" if charset == "iso-8859-1" else charset).replace(
                "\r\n", "\n"
            )
        except (LookupError, UnicodeDecodeError):
            pass
    return decode_bytes(content, path).text


def _unflowed(part: Message, text: str) -> str:
    """Text without the line ends that a mail program set (RFC 3676)."""
    if str(part.get_param("format", "")).lower() != _FLOWED:
        return text
    lines: list[str] = []
    for line in text.split("\n"):
        flows = bool(lines) and lines[-1].endswith(" ") and lines[-1] != "-- " and line[:1] != ">"
        if flows and lines[-1][:1] != ">":
            lines[-1] += line
        else:
            lines.append(line)
    return "\n".join(lines)


def _plain_blocks(text: str, place: Place) -> Iterator[Block]:
    """Paragraphs; quoted lines and the signature are furniture."""
    paragraph: list[str] = []
    kind = ""
    signature = False
    for line in [*text.replace("\r\n", "\n").split("\n"), ""]:
        signature = signature or line.rstrip("\r") == "-- "
        now = "quoted" if line[:1] == ">" else "signature" if signature else ""
        if paragraph and (not line.strip() or now != kind):
            yield from _paragraph(paragraph, kind, place)
            paragraph = []
        kind = now
        if line.strip():
            paragraph.append(line)
    if paragraph:
        yield from _paragraph(paragraph, kind, place)


def _paragraph(lines: list[str], kind: str, place: Place) -> Iterator[Block]:
    reasons = {"quoted": "quoted from an earlier message", "signature": "signature of the sender"}
    runs = [Run("\n".join(lines), place)]
    block = (
        block_of("furniture", runs, reason=reasons[kind]) if kind else block_of("paragraph", runs)
    )
    if block is not None:
        yield block


def _marked_blocks(text: str, place: Place) -> list[Block]:
    from dataclasses import replace

    from corpus.loaders.html import tree_of

    root = tree_of(text) if text.strip() else None
    if root is None:
        return []
    return [
        replace(block, runs=tuple(replace(run, place=run.place and place) for run in block.runs))
        for block in BlockWriter(part="", lines=False).blocks(root)
    ]


def _attachments(message: Message) -> Iterator[tuple[str, bytes]]:
    used: set[str] = set()
    for number, part in enumerate(_parts(message), 1):
        is_message = part.get_content_type() == "message/rfc822"
        if not (
            is_message or part.get_content_disposition() == "attachment" or part.get_filename()
        ):
            continue
        name = str(part.get_filename() or ("message.eml" if is_message else f"part {number}"))
        name = " ".join(name.replace("/", "-").replace("\\", "-").split()) or f"part {number}"
        if name in used:
            name = f"{number} {name}"
        used.add(name)
        if is_message and part.is_multipart():
            inner = part.get_payload()[0]  # type: ignore[index]
            content: object = inner.as_bytes() if isinstance(inner, Message) else b""
        else:
            content = part.get_payload(decode=True)
        # A picture in the text is part of its look (a logo in a signature).
        if isinstance(content, bytes) and content and not _is_inline_picture(part):
            yield name, content


def _is_inline_picture(part: Message) -> bool:
    return part.get_content_maintype() == "image" and bool(part.get("Content-ID"))
