"""Mails and mailboxes: EML, MBOX.

In: a made file; its text is the header, a blank line and the body; a body that begins with
"<html>" in its first line is written as HTML in the markup below it. A mailbox holds its inner
files as messages, each with its own attachments. Out: its bytes. Nothing can fail.
"""

from __future__ import annotations

import email.policy
import zlib
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from eval.folder_set.parts import FolderFile, pieces
from eval.folder_set.writing import content_of
from eval.folder_set.writing.web import marked_up

_HTML = "<html>\n"


def write_eml(file: FolderFile) -> bytes:
    """One message."""
    return bytes(_message(file))


def write_mbox(file: FolderFile) -> bytes:
    """A mailbox, its messages in the order of the inner files."""
    parts: list[bytes] = []
    for inner in file.inner:
        message = _message(inner)
        sent = parsedate_to_datetime(str(message["Date"]))
        sender = str(message["From"]).rpartition("<")[2].rstrip(">")
        parts.append(f"From {sender} {sent.strftime('%a %b %d %H:%M:%S %Y')}\n".encode())
        lines = bytes(message).split(b"\n")
        parts += [(b">" if line.startswith(b"From ") else b"") + line + b"\n" for line in lines]
        parts.append(b"\n")
    return b"".join(parts)


def _message(file: FolderFile) -> EmailMessage:
    head, _, body = file.text.strip("\n").partition("\n\n")
    message = EmailMessage(policy=email.policy.default)
    for line in head.replace("\n ", " ").split("\n"):
        name, _, value = line.partition(": ")
        message[name] = value
    if body.startswith(_HTML):
        page = f"<html><body>\n{marked_up(pieces(body.removeprefix(_HTML)))}\n</body></html>\n"
        message.set_content(page, subtype="html", cte="quoted-printable")
    else:
        message.set_content(body + "\n", cte="quoted-printable")
    for inner in file.inner:
        message.add_attachment(
            content_of(inner),
            maintype="application",
            subtype="octet-stream",
            filename=inner.name,
        )
    if message.is_multipart():
        message.set_boundary(f"=_{zlib.crc32(file.text.encode()):08x}")
    return message
