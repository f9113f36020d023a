"""Web pages, saved pages and books: HTML, MHTML, EPUB.

In: a made file; ``running`` is the navigation of a page, its entries parted by " · ". Out: its
bytes. Nothing can fail.
"""

from __future__ import annotations

import email.policy
from collections.abc import Iterable
from email.message import EmailMessage
from html import escape
from itertools import groupby

from eval.folder_set.parts import (
    FolderFile,
    Heading,
    Item,
    Paragraph,
    Table,
    TextPiece,
    pieces,
    sections,
)
from eval.folder_set.writing.archive import packed

_CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""


def marked_up(parts: Iterable[TextPiece]) -> str:
    """Pieces as HTML, one a line."""
    lines: list[str] = []
    for kind, group in groupby(parts, key=_kind):
        members = list(group)
        items = [f"<li>{escape(item.text)}</li>" for item in members if isinstance(item, Item)]
        if items:
            lines.append(f"<{kind}>{''.join(items)}</{kind}>")
        else:
            lines += [_marked(piece) for piece in members]
    return "\n".join(lines)


def _kind(piece: TextPiece) -> str:
    if not isinstance(piece, Item):
        return ""
    return "ul" if piece.mark == "-" else "ol"


def _marked(piece: TextPiece) -> str:
    if isinstance(piece, Heading):
        return f"<h{piece.level}>{escape(piece.text)}</h{piece.level}>"
    if isinstance(piece, Table):
        head, *rest = piece.rows
        rows = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
        rows += ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rest]
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
    assert isinstance(piece, Paragraph | Item)
    return "<p>" + escape(piece.text).replace("\n", "<br>") + "</p>"


def _page(file: FolderFile) -> str:
    title, _ = sections(file.text)
    entries = [entry for entry in file.running.split(" · ") if entry]
    links = "".join(f'<a href="/{entry.lower()}">{escape(entry)}</a> ' for entry in entries)
    return (
        f'<!DOCTYPE html>\n<html lang="{file.language}">\n<head><meta charset="utf-8">'
        f'<title>{escape(title)}</title><meta name="date" content="{file.date}"></head>\n<body>\n'
        f"<nav>{links}</nav>\n<main>\n{marked_up(pieces(file.text))}\n</main>\n"
        f"<footer>{escape(entries[-1] if entries else '')}</footer>\n</body>\n</html>\n"
    )


def write_html(file: FolderFile) -> bytes:
    """A page with its navigation and footer."""
    return _page(file).encode()


def write_mhtml(file: FolderFile) -> bytes:
    """A page as a browser saves it, in one file."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = "<Saved by a browser>"
    message["Snapshot-Content-Location"] = "https://intranet.northgate.example/page"
    message["Subject"] = sections(file.text)[0]
    message["MIME-Version"] = "1.0"
    page = EmailMessage(policy=email.policy.SMTP)
    page.set_content(_page(file), subtype="html", cte="quoted-printable")
    message.make_related(boundary="----MultipartBoundary--folder----")
    message.attach(page)
    return message.as_bytes()


def write_epub(file: FolderFile) -> bytes:
    """A book: a chapter for each section."""
    title, chapters = sections(file.text)
    names = [f"chapter{number}.xhtml" for number in range(1, len(chapters) + 1)]
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(names)))
    book = (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" '
        'version="3.0" unique-identifier="id"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title>'
        f"<dc:language>{file.language}</dc:language><dc:date>{file.date}</dc:date>"
        f'<dc:identifier id="id">{escape(file.name)}</dc:identifier></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>\n"
    )
    members = [
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", _CONTAINER.encode()),
        ("OEBPS/content.opf", book.encode()),
    ]
    for name, chapter in zip(names, chapters, strict=True):
        heading = Heading(chapter.title or title, 1)
        body = marked_up((heading, *chapter.pieces)).replace("<br>", "<br/>")
        page = (
            '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title>{escape(heading.text)}</title></head>\n<body>\n{body}\n</body></html>\n"
        )
        members.append((f"OEBPS/{name}", page.encode()))
    return packed(members, file.date)
