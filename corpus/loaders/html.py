"""HTML files and web pages saved by a browser as HTML or MHTML.

In: a file. Out: one document with the blocks of the page (:mod:`corpus.loaders.html_text`), the
title, date, author, publisher and language that its head states. What can fail, as UsageError: a
file that is no text or in which no text is; an MHTML without a page.

The encoding is that of a byte order mark, else what the page declares if it decodes so, else as
:mod:`corpus.loaders.decode` finds it.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import LoadedDocument
from corpus.loaders.decode import decode_bytes, read_bytes
from corpus.loaders.html_text import BlockWriter
from corpus.loaders.office import FileProperties
from corpus.loaders.pieces import collapse

_HEAD_BYTES = 4096
_XML = "{http://www.w3.org/XML/1998/namespace}"
_DATES = (
    "article:published_time", "datepublished", "dcterms.date", "dc.date", "dcterms.created",
    "dc.date.issued", "date", "pubdate", "publish-date", "citation_publication_date",
)  # fmt: skip


class HtmlLoader:
    """Loads HTML and MHTML."""

    media_types = ("text/html", "application/xhtml+xml", "multipart/related")
    suffixes = (".html", ".htm", ".xhtml", ".mhtml", ".mht")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        raw = read_bytes(path)
        kind, part = "text/html", None
        if is_mhtml(raw):
            raw, part = _page_of(raw, path)
            kind = "multipart/related"
        document = document_of(raw, path, part=part, media_type=kind)
        if not document.blocks:
            raise UsageError(f"The page '{path}' has no text; leave it out.")
        return [document]


def document_of(
    raw: bytes, path: Path, *, part: str | None = None, media_type: str = "text/html"
) -> LoadedDocument:
    """The document of the page in ``raw``; it may be without blocks."""
    text = decoded(raw, path)
    root = tree_of(text)
    if root is None:
        return LoadedDocument(blocks=(), media_type=media_type)
    blocks = BlockWriter(part).blocks(root)
    return LoadedDocument(
        blocks=tuple(blocks),
        media_type=media_type,
        **_facts(root),
    )


def tree_of(text: str) -> Any:
    """The root element of a page as lxml reads it, or None where there is none."""
    from lxml import etree, html

    # A declaration of another encoding would overrule that the text is decoded already.
    if text.lstrip()[:5] == "<?xml":
        text = text.partition("?>")[2]
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=False
    )
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def decoded(raw: bytes, path: Path) -> str:
    """The text of a page; UsageError where it is none."""
    declared = _declared(raw[:_HEAD_BYTES])
    if declared and not raw.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            # Browsers read Latin-1 as Windows-1252 (WHATWG Encoding, 4.2).
            name = codecs.lookup(declared).name
            return raw.decode("cp1252" if name in {"iso8859-1", "ascii"} else name)
        except (LookupError, UnicodeDecodeError, UnicodeError):
            pass
    return decode_bytes(raw, path).text


def is_mhtml(raw: bytes) -> bool:
    """Whether a file is a page saved with its resources (RFC 2557)."""
    head = raw[:_HEAD_BYTES].lower()
    start = head.lstrip()
    return b"multipart/related" in head and (
        start.startswith((b"from:", b"mime-version:", b"content-type:", b"snapshot-content"))
    )


def _declared(head: bytes) -> str:
    text = head.decode("ascii", "replace").lower()
    at = text.find("charset=")
    if at < 0:
        at = text.find("encoding=") + 1
        if at < 1:
            return ""
    rest = text[at + 8 : at + 60].lstrip(" \"'")
    name = ""
    for character in rest:
        if not (character.isalnum() or character in "-_:."):
            break
        name += character
    return name


def _page_of(raw: bytes, path: Path) -> tuple[bytes, str | None]:
    import email
    import email.policy

    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content, str(part.get("Content-Location", "")) or None
    raise UsageError(f"The saved page '{path}' holds no HTML; save it again.")


def _facts(root: Any) -> FileProperties:
    names: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        content = collapse(meta.get("content") or "").strip()
        if name and content:
            names.setdefault(name, content)
    linked = _linked_data(root)
    title = root.find(".//title")
    written = collapse("".join(title.itertext())).strip() if title is not None else ""
    date = next((names[name] for name in _DATES if name in names), "") or linked.get("date", "")
    if not date:
        times = root.xpath("//time[@pubdate or @itemprop='datePublished'][@datetime]")
        date = times[0].get("datetime") if times else ""
    return {
        "language": root.get("lang") or root.get(f"{_XML}lang") or "",
        "title": names.get("og:title") or written,
        "date": date,
        "date_from": "the page's metadata" if date else "",
        "author": names.get("author") or linked.get("author", ""),
        "source": names.get("og:site_name") or linked.get("source", ""),
    }


def _linked_data(root: Any) -> dict[str, str]:
    """What JSON-LD says of the article (schema.org)."""
    for script in root.xpath("//script[@type='application/ld+json']"):
        try:
            found = json.loads("".join(script.itertext()))
        except (ValueError, RecursionError):
            # Data for machines that is no data says nothing; the page is read all the same.
            continue
        for item in found if isinstance(found, list) else [found]:
            if isinstance(item, dict) and item.get("datePublished"):
                return {
                    "date": str(item["datePublished"]),
                    "author": _name(item.get("author")),
                    "source": _name(item.get("publisher")),
                }
    return {}


def _name(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value)))
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, str) else ""
