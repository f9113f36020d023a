"""A document from text and fields: what every loader ends with.

In: the path of a file, its text as it will be quoted, the fields of its front matter, a title if
the format marks one. Out: a :class:`~corpus.document.Document`. What can fail, each a
:class:`~base.errors.UsageError` that names file, field and value: a date or a language in the
fields that is none, and a file in which no text remains.

Where the fields are silent: the title is the first heading-like line, else the file's stem; the
source is a line "Quelle: ..." or "Source: ..." at the top or bottom, if there is just one in the
text (several are the sources of images); date and language are found in the text.

The id is the file's stem made readable plus a hash of its absolute path: the same file always
has the same id, two files of one name in two folders do not share one.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from pathlib import Path

from base.errors import UsageError
from corpus.blocks import blocks, is_heading
from corpus.cleaning import boilerplate_spans
from corpus.dates import find_date, parse_date
from corpus.document import Document, Language
from corpus.language import detect

TITLE_BLOCKS = 5  # blocks that may stand before the title, boilerplate left out
ID_CHARACTERS = 48

_LANGUAGES: dict[str, Language] = {
    "de": "de", "deu": "de", "ger": "de", "deutsch": "de", "german": "de",
    "en": "en", "eng": "en", "englisch": "en", "english": "en",
}  # fmt: skip
_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
_SOURCE = re.compile(r"(?:quelle|source)\s*:\s*(\S.{0,79})", re.IGNORECASE)
_SOURCE_BLOCKS = 5  # blocks from the top; at the bottom only the last


def assemble(path: Path, text: str, fields: dict[str, str], heading: str | None = None) -> Document:
    """Return the document of the file at ``path``; see the module for what fills the gaps."""
    if not text.strip():
        raise UsageError(f"The file '{path}' has front matter but no text; add text to it.")
    path = path.resolve()
    rest = dict(fields)
    language = _language(rest.pop("language", rest.pop("lang", "")), path) or detect(text)
    stated = rest.pop("date", "")
    return Document(
        id=document_id(path),
        title=rest.pop("title", "") or heading or _title(text, language) or path.stem,
        source=rest.pop("source", "") or _source(text),
        date=_date(stated, path) if stated else find_date(text, path.name),
        language=language,
        text=text,
        path=str(path),
        metadata=rest,
    )


def document_id(path: Path) -> str:
    """Return the id of the document that comes from ``path`` (an absolute path)."""
    folded = path.stem.lower().translate(_UMLAUTS)
    ascii_only = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only)[:ID_CHARACTERS].strip("-") or "document"
    mark = hashlib.sha256(path.as_posix().encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{slug}-{mark}"


def digest(document: Document) -> str:
    """Return the SHA-256 of all that a document says; where it lies does not matter."""
    said = document.model_dump(exclude={"id", "path"})
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _language(stated: str, path: Path) -> Language | None:
    if not stated:
        return None
    language = _LANGUAGES.get(re.split(r"[-_]", stated.lower())[0])
    if language is None:
        raise UsageError(
            f"The front matter of '{path}' has the language '{stated}'; "
            "use 'de' or 'en', or leave it out to have it detected."
        )
    return language


def _date(stated: str, path: Path) -> str:
    found = parse_date(stated)
    if found is None:
        raise UsageError(
            f"The front matter of '{path}' has the date '{stated}'; "
            "write it as 2025-06-13, 2025-06 or 2025."
        )
    return found


def _title(text: str, language: Language) -> str | None:
    boilerplate = {span.start for span in boilerplate_spans(text, language)}
    candidates = [block for block in blocks(text) if block.start not in boilerplate]
    for block in candidates[:TITLE_BLOCKS]:
        line = text[block.start : block.end]
        if is_heading(line):
            return line
    return None


def _source(text: str) -> str | None:
    found = blocks(text)
    lines = [_SOURCE.fullmatch(text[block.start : block.end]) for block in found]
    stated = [(place, line[1]) for place, line in enumerate(lines) if line]
    if len(stated) != 1:
        return None
    place, name = stated[0]
    return name if place < _SOURCE_BLOCKS or place == len(found) - 1 else None
