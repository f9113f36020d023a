"""A document from what a loader returned: what every format ends with.

In: a :class:`~corpus.loaded.LoadedDocument`, the path of its file. Out: a
:class:`~corpus.document.Document` with its regions, its places, and a warning for each field that
could not be taken as it stands. What can fail: a file in which there is no text
(:class:`~base.errors.UsageError`).

Where nothing is stated: the title is the first heading, else the file's stem; the source is a line
"Quelle: ..." or "Source: ..." at the top or bottom, if there is just one in the text (several are
the sources of images); date and language are found in the text. A date is never taken from a
table, a list or code, which say when something happens, not when the document was written.

The id is the file's stem made readable plus a hash of its absolute path: the same file always
has the same id, two files of one name in two folders do not share one.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from base.errors import UsageError
from corpus.dates import find_date, parse_date
from corpus.document import Document, Language, Mark, Region
from corpus.language import detect
from corpus.loaded import Block, LoadedDocument, separator
from corpus.places import PlacedRun, PlaceMap
from corpus.regions import mark_furniture

TITLE_REGIONS = 5  # regions that may stand before the title, furniture left out
ID_CHARACTERS = 48
INNER = "!/"
"""Between a file's path and the name of a document within it."""

_LANGUAGES: dict[str, Language] = {
    "de": "de", "deu": "de", "ger": "de", "deutsch": "de", "german": "de",
    "en": "en", "eng": "en", "englisch": "en", "english": "en",
}  # fmt: skip
_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
_SOURCE = re.compile(r"(?:quelle|source)\s*:\s*(\S.{0,79})", re.IGNORECASE)
_SOURCE_REGIONS = 5  # from the top; at the bottom only the last
_DATED = ("heading", "paragraph", "furniture")


def assemble(loaded: LoadedDocument, path: Path) -> Document:
    """Return the document of the file at ``path``; see the module for what fills the gaps."""
    loaded.check()
    text, regions, places = lay_out(loaded.blocks)
    named = printable(path) + (f"{INNER}{loaded.name}" if loaded.name else "")
    if not text:
        raise UsageError(f"The file '{named}' has no text; add text to it or leave it out.")
    if loaded.media_type != "text/plain":
        regions = tuple(mark_furniture(text, regions, ("paragraph",)))
    warnings = [warning.replace("{file}", named) for warning in loaded.warnings]
    metadata = dict(loaded.metadata)
    if loaded.author:
        metadata["author"] = loaded.author
    language = _language(loaded.language)
    if loaded.language and language is None:
        warnings.append(
            f"'{named}' states the language '{loaded.language}'; belegt knows 'de' and 'en', so "
            "it was detected."
        )
    date = parse_date(loaded.date) if loaded.date else None
    if loaded.date and date is None:
        metadata.setdefault("date", loaded.date)
        warnings.append(
            f"The {loaded.date_from or 'file'} of '{named}' has the date '{loaded.date}', which "
            "is no date like 2025-06-13, 2025-06 or 2025; it was kept as a note of the document."
        )
    name = Path(loaded.name).name if loaded.name else path.name
    return Document(
        id=document_id(path.resolve(), loaded.name),
        title=loaded.title or _title(text, regions, loaded) or Path(name).stem,
        source=loaded.source or _source(text, regions),
        date=date or _found_date(text, regions, name, stated=bool(loaded.date)),
        language=language or detect(text),
        text=text,
        path=str(path.resolve()) + (f"{INNER}{loaded.name}" if loaded.name else ""),
        metadata=metadata,
        regions=regions,
        places=places,
        warnings=tuple(warnings),
    )


def lay_out(blocks: Sequence[Block]) -> tuple[str, tuple[Region, ...], PlaceMap]:
    """The stored text of ``blocks``, its regions, and the place of each character."""
    parts: list[str] = []
    regions: list[Region] = []
    runs: list[PlacedRun] = []
    length = 0
    before: Block | None = None
    for block in blocks:
        gap = separator(before, block) if before else ""
        parts += (gap, block.text)
        start = length + len(gap)
        at = start
        marks = []
        for run in block.runs:
            end = at + len(run.text)
            if run.place is not None:
                runs.append(PlacedRun(at, end, run.place, run.edges))
            if run.style:
                marks.append(Mark(at, end, run.style))
            at = end
        regions.append(
            Region(
                start=start,
                end=at,
                role=block.role,
                level=block.level,
                table=block.table,
                cells=tuple((start + first, start + last) for first, last in block.cells),
                headers=block.headers,
                reason=block.reason,
                path=block.path,
                marks=tuple(marks),
            )
        )
        length, before = at, block
    return "".join(parts), tuple(regions), PlaceMap(runs)


def document_id(path: Path, name: str = "") -> str:
    """Return the id of the document ``name`` of the file at ``path`` (an absolute path)."""
    stem = f"{path.stem}-{Path(name).stem}" if name else path.stem
    folded = stem.lower().translate(_UMLAUTS)
    ascii_only = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only)[:ID_CHARACTERS].strip("-") or "document"
    whole = path.as_posix() + (INNER + name if name else "")
    mark = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{slug}-{mark}"


def digest(document: Document) -> str:
    """Return the SHA-256 of all that a document says; where it lies does not matter."""
    said = document.model_dump(exclude={"id", "path"})
    if document.regions:
        said["regions"] = [
            [region.role, region.start, region.end, region.level] for region in document.regions
        ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def printable(path: Path) -> str:
    """Return ``path`` with bytes that are not UTF-8 written as escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _language(stated: str) -> Language | None:
    return _LANGUAGES.get(re.split(r"[-_]", stated.strip().lower())[0]) if stated else None


def _found_date(text: str, regions: Sequence[Region], name: str, *, stated: bool) -> str | None:
    """The date that the text gives itself; where one is stated in words, it is not guessed."""
    if stated:
        return None
    lines = [text[region.start : region.end] for region in regions if region.role in _DATED]
    return find_date("\n".join(lines), name)


def _title(text: str, regions: Sequence[Region], loaded: LoadedDocument) -> str | None:
    told = [region for region in regions if region.role not in ("furniture", "hidden")]
    # What reads like a heading far below the top of a plain text names a part of it.
    looked = told[:TITLE_REGIONS] if loaded.media_type == "text/plain" else told
    for region in looked:
        if region.role == "heading":
            return " ".join(text[region.start : region.end].split())
    return None


def _source(text: str, regions: Sequence[Region]) -> str | None:
    lines = [
        _SOURCE.fullmatch(text[region.start : region.end])
        if region.role in ("paragraph", "furniture")
        else None
        for region in regions
    ]
    stated = [(place, line[1]) for place, line in enumerate(lines) if line]
    if len(stated) != 1:
        return None
    place, name = stated[0]
    return name if place < _SOURCE_REGIONS or place == len(regions) - 1 else None
