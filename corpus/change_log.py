"""What a dense index must take in and forget to follow the database.

In: how far an index has come. Out: the passages that are new since then, in pieces, and those that
are gone. Nothing can fail but the database.

Passage ids grow and are never reused, so what is new has a higher id than all that was seen; what
is gone is written down by a trigger, in order. So one more document costs what one document
costs, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.document import Language
from corpus.store import CorpusStore, Ids, Vectors

_PIECE = 20_000
"""Passages read at once; of 384 dimensions they take 31 MB."""


@dataclass(frozen=True)
class Position:
    """How far something has followed: the last passage taken in, the last removal."""

    passage: int = 0
    removal: int = 0


@dataclass(frozen=True)
class Facts:
    """What filters look at; ``source`` and ``date`` are those of the document."""

    document: str
    language: Language
    source: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class Entries:
    """Passages for a dense index: int64 (n,), float32 (n, dimension), facts of each."""

    ids: Ids
    vectors: Vectors
    facts: Sequence[Facts]


def entries_after(store: CorpusStore, passage: int) -> Iterator[Entries]:
    """The passages with an id above ``passage``, ascending, in pieces."""
    while True:
        with store.reading() as connection:
            rows = connection.execute(
                "SELECT passages.id, vector, document_id, language, source, date "
                "FROM passages JOIN documents ON document_id = documents.id "
                "WHERE passages.id > ? ORDER BY passages.id LIMIT ?",
                (passage, _PIECE),
            ).fetchall()
        if not rows:
            return
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        data = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").astype(np.float32)
        yield Entries(ids, data.reshape(len(rows), -1), [Facts(*row[2:]) for row in rows])
        passage = rows[-1][0]


def removed_after(store: CorpusStore, removal: int) -> tuple[Ids, int]:
    """Passages removed since ``removal``, int64 (n,), and the number of the last of them."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT number, passage_id FROM removed_passages WHERE number > ? ORDER BY number",
            (removal,),
        ).fetchall()
    ids = np.fromiter((row[1] for row in rows), dtype=np.int64, count=len(rows))
    return ids, rows[-1][0] if rows else removal


def forget_removals(store: CorpusStore, until: int) -> None:
    """Forget removals up to the number ``until``, which nobody has to follow any more."""
    with store.transaction(), store.reading() as connection:
        connection.execute("DELETE FROM removed_passages WHERE number <= ?", (until,))


def last_position(store: CorpusStore) -> Position:
    """Where something that has taken in everything stands."""
    with store.reading() as connection:
        passage, removal = (
            connection.execute(
                "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0)", (name,)
            ).fetchone()[0]
            for name in ("passages", "removed_passages")
        )
    return Position(passage, removal)
