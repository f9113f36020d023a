"""Vectors of some passages of a language, spread evenly over when they were stored.

In: the database, a language with the number of its passages, how many vectors are wanted. Out:
about so many of its vectors. Nothing can fail but the database.
"""

from __future__ import annotations

import numpy as np

from corpus.change_log import last_position
from corpus.document import Language
from corpus.filters import Filters
from corpus.store import CorpusStore, Vectors

_LISTED = 100_000
"""So many passages are listed in a moment; of more, ids are tried instead."""


def sample_vectors(store: CorpusStore, language: Language, count: int, wanted: int) -> Vectors:
    """float32 (about ``wanted``, dimension); all vectors where there are fewer."""
    if count <= _LISTED:
        ids = store.passage_ids(Filters(languages=(language,)))
        step = max(1, len(ids) // wanted)
        return store.vectors(ids[::step][:wanted].tolist())[1]
    with store.reading() as connection:
        rows = connection.execute(
            "WITH RECURSIVE tried (id) AS "
            "(SELECT 1 UNION ALL SELECT id + :step FROM tried WHERE id + :step <= :last) "
            "SELECT vector FROM tried CROSS JOIN passages ON passages.id = tried.id "
            "JOIN documents ON documents.id = document_id WHERE language = :language LIMIT :wanted",
            {
                "step": max(1, count // wanted),
                "last": last_position(store).passage,
                "language": language,
                "wanted": 2 * wanted,
            },
        ).fetchall()
    data = np.frombuffer(b"".join(row[0] for row in rows), dtype="<f4").astype(np.float32)
    return data.reshape(len(rows), -1) if rows else np.zeros((0, 0), np.float32)
