"""Which documents a search may look at.

In: dates, sources, languages, ids. Out: a condition over the database of a corpus. What can fail: a
date that is none (UsageError).
"""

from __future__ import annotations

import re
from datetime import date

from pydantic import BaseModel, ConfigDict, field_validator

from base.errors import UsageError
from corpus.document import Language

_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


class Filters(BaseModel):
    """Which documents a search may look at; every field that is set must hold.

    Dates are ISO, whole or shortened, and compare by their common length, so that
    ``since="2025-06-10"`` keeps a document dated ``2025-06``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    documents: tuple[str, ...] = ()

    @field_validator("since", "until")
    @classmethod
    def _check_date(cls, value: str | None) -> str | None:
        """Anything else would be compared letter by letter and keep whatever it keeps."""
        if value is not None and not _is_date(value):
            raise UsageError(f"'{value}' is not a date; write it as 2025, 2025-06 or 2025-06-13.")
        return value

    def where(self) -> tuple[str, list[str]]:
        """An SQL condition over ``documents`` and its parameters ("1" when nothing is set)."""
        parts: list[str] = []
        values: list[str] = []
        for operator, limit in ((">=", self.since), ("<=", self.until)):
            if limit is not None:
                parts.append(
                    f"substr(documents.date, 1, ?) {operator} substr(?, 1, length(documents.date))"
                )
                values += [str(len(limit)), limit]
        for column, allowed in (
            ("source", self.sources),
            ("language", self.languages),
            ("id", self.documents),
        ):
            if allowed:
                parts.append(f"documents.{column} IN ({', '.join('?' * len(allowed))})")
                values += list(allowed)
        return " AND ".join(parts) or "1", values


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return _DATE.fullmatch(text) is not None
