"""The type of a file, told by its content.

In: a path. Out: a media type that some loader reads. What can fail, as UsageError, one sentence
that names what the file is: a type that none reads, an encrypted or an old office file, binary
data, an empty file, one that cannot be opened.

Magic bytes are those of the formats' specifications. A name counts only between kinds of plain
text (Markdown, CSV, source code), which no byte tells apart.
"""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

from base.errors import UsageError

HEAD_BYTES = 16_384

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_IN_ZIP = (
    ("word/", f"{_OPEN_XML}.wordprocessingml.document"),
    ("xl/", f"{_OPEN_XML}.spreadsheetml.sheet"),
    ("ppt/", f"{_OPEN_XML}.presentationml.presentation"),
)
_PACKED = {
    "application/epub+zip": "application/epub+zip",
    "application/vnd.oasis.opendocument.text": "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.text-template": "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.presentation": (
        "application/vnd.oasis.opendocument.presentation"
    ),
    "application/vnd.oasis.opendocument.spreadsheet": (
        "application/vnd.oasis.opendocument.spreadsheet"
    ),
}
_MAGIC = (
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_REFUSED = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3\0", "a database"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"\0asm", "a program"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MAIL_FIELDS = frozenset(
    """
    from to cc bcc subject date message-id mime-version received return-path delivered-to
    reply-to content-type content-transfer-encoding x-mailer in-reply-to references sender
    dkim-signature snapshot-content-location
    """.split()  # noqa: SIM905
)
_BY_SUFFIX = {
    "text/markdown": (".md", ".markdown", ".mdown", ".mkd"),
    "text/csv": (".csv",),
    "text/tab-separated-values": (".tsv", ".tab"),
    "text/x-source": (
        ".py", ".pyi", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".java", ".kt", ".c", ".h", ".cc",
        ".cpp", ".hpp", ".cs", ".go", ".rs", ".rb", ".php", ".pl", ".pm", ".sh", ".bash", ".ps1",
        ".bat", ".sql", ".r", ".jl", ".m", ".swift", ".scala", ".lua", ".vb", ".css", ".scss",
        ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".env", ".xml", ".xsd",
        ".svg", ".tex", ".bib", ".diff", ".patch", ".gradle", ".cmake", ".tf", ".proto",
        ".srt", ".vtt", ".ics", ".vcf",
    ),
}  # fmt: skip
_TYPE_OF = {suffix: kind for kind, suffixes in _BY_SUFFIX.items() for suffix in suffixes}
TEXT_SUFFIXES = tuple(_TYPE_OF)
"""Of kinds of plain text that are told apart by them."""
_FRAGMENTS = frozenset("meta title link p div span table h1 h2 h3 ul ol article section".split())  # noqa: SIM905
"""Elements with which a piece of a page may begin."""
_JSON_SUFFIXES = (".json", ".jsonl", ".ndjson", ".geojson")


def media_type(path: Path) -> str:
    """The media type of the file at ``path``, as loaders name it."""
    head = _head(path)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise UsageError(f"The file '{path}' is empty; give it text or leave it out.")
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    if head.startswith(_OLE):
        raise UsageError(_ole(path))
    for start, kind in _MAGIC:
        if head.startswith(start):
            return kind
    refused = unreadable_kind(head)
    if refused:
        raise UsageError(f"The file '{path}' is {refused}, which no loader reads; leave it out.")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return _textual(path, head)


def unreadable_kind(head: bytes) -> str:
    """What a file is that begins with ``head``, if it is of a kind that no loader reads."""
    return next((name for start, name in _REFUSED if head.startswith(start)), "")


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            gone = "does not exist" if not path.exists() else "is no file"
            raise UsageError(f"'{path}' {gone}; check the path.")
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise UsageError(
            f"The file '{path}' cannot be read ({error.strerror}); check its permissions."
        ) from None


def _ole(path: Path) -> str:
    with path.open("rb") as file:
        is_encrypted = _ENCRYPTED in file.read(1_000_000)
    if is_encrypted:
        return f"The file '{path}' is an encrypted office document; save it without a password."
    return (
        f"The file '{path}' is an office document of the old binary kind (.doc, .xls, .ppt, .msg); "
        "save it in the new format (.docx, .xlsx, .pptx) or as PDF."
    )


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                stated = archive.read("mimetype").decode("ascii", "replace").strip()
                if stated in _PACKED:
                    return _PACKED[stated]
            if "[Content_Types].xml" in names:
                for folder, kind in _IN_ZIP:
                    if any(name.startswith(folder) for name in names):
                        return kind
            if "META-INF/container.xml" in names:
                return "application/epub+zip"
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, OSError, EOFError):
        raise UsageError(
            f"The file '{path}' is a damaged archive or office document; save it again."
        ) from None
    return "application/zip"


def _textual(path: Path, head: bytes) -> str:
    suffix = path.suffix.lower()
    is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in head and not is_wide:
        raise UsageError(
            f"The file '{path}' is not text but binary data; convert it to text or leave it out."
        )
    text = head.decode("utf-16" if is_wide else "utf-8-sig", "replace").lstrip("\ufeff")
    start = text.lstrip()
    mail = _mail(text)
    if mail:
        return mail
    if suffix not in _TYPE_OF and _is_html(start):
        return "text/html"
    if start[:1] in "{[" and suffix not in _TYPE_OF and _is_json(path, suffix):
        return "application/json"
    return _TYPE_OF.get(suffix, "text/plain")


def _mail(text: str) -> str:
    """Whether a text begins with the header of a message (RFC 5322) or a mailbox (RFC 4155)."""
    lines = text.split("\n")[:60]
    is_box = lines[0].startswith("From ") and "@" in lines[0] + lines[1 if len(lines) > 1 else 0]
    known = set()
    for line in lines[1 if is_box else 0 :]:
        if not line.strip():
            break
        if line[0] in " \t":
            continue
        name, colon, _ = line.partition(":")
        if not colon or " " in name:
            break
        known.add(name.lower())
    fields = known & _MAIL_FIELDS
    if is_box and fields:
        return "application/mbox"
    if len(fields) >= 3 or {"from", "snapshot-content-location"} <= fields:
        is_page = "multipart/related" in text.lower() and "text/html" in text.lower()
        is_saved = "snapshot-content-location" in fields or ("to" not in fields and is_page)
        return "multipart/related" if is_page and is_saved else "message/rfc822"
    return ""


def _is_html(start: str) -> bool:
    low = start[:HEAD_BYTES].lower()
    if low.startswith(("<!doctype html", "<html", "<head", "<body")):
        return True
    if low.startswith("<?xml") or low.startswith("<!--"):
        return "<html" in low
    if not low.startswith("<"):
        return False
    first = low[1:].split(">", 1)[0].split(None, 1)[0] if len(low) > 1 and low[1].isalpha() else ""
    return first in _FRAGMENTS or ("</" in low and any(f"<{tag}>" in low for tag in _FRAGMENTS))


def _is_json(path: Path, suffix: str) -> bool:
    """Text may begin with a bracket too: a link, a task, a template's field."""
    if suffix in _JSON_SUFFIXES:
        return True
    if suffix in {".txt", ".text"}:
        return False
    import json

    from corpus.loaders.decode import read_text
    from corpus.loaders.structured import parsed

    try:
        parsed(read_text(path).text)
    except (json.JSONDecodeError, RecursionError):
        return False
    return True
