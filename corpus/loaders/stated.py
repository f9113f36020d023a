"""What front matter states of its document, in the terms of a loaded document.

In: front matter and warnings so far. Out: fields for :class:`~corpus.loaded.LoadedDocument`.
Nothing can fail.
"""

from __future__ import annotations

from typing import TypedDict

from corpus.loaders.frontmatter import FrontMatter

_NAMED = ("title", "source", "author", "date", "language", "lang")


class Stated(TypedDict):
    """Fields of a loaded document; see there."""

    title: str
    date: str
    date_from: str
    source: str
    author: str
    language: str
    metadata: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def stated_fields(matter: FrontMatter, warnings: tuple[str, ...] = ()) -> Stated:
    """What ``matter`` says, the fields that have a meaning of their own apart from the rest."""
    fields = matter.fields
    date = fields.get("date", "")
    return Stated(
        title=fields.get("title", ""),
        date=date,
        date_from="front matter" if date else "",
        source=fields.get("source", ""),
        author=fields.get("author", ""),
        language=fields.get("language", "") or fields.get("lang", ""),
        metadata=tuple((key, value) for key, value in fields.items() if key not in _NAMED),
        warnings=(
            *warnings,
            *(f"In the front matter of '{{file}}' {warning}." for warning in matter.warnings),
        ),
    )
