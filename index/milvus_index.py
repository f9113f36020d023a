"""Dense search by Milvus: a server for many machines, or milvus-lite on a local file.

In: the database of a corpus and an address, ``milvus://HOST:PORT`` or ``milvus:///FILE.db``. Out:
the nearest passages. What can fail, each one sentence: the package is not installed, the server
does not answer.

The collection is derived from the database, as FAISS's files are. How far it has followed stands
in the database, written after Milvus has taken everything in; what is sent twice replaces itself.
A search is of the consistency level "Strong": it sees every passage that was added before it, and
none that was deleted. So an index opened for an earlier state searches the present one; what the
database has no more is left out by whoever reads the passages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.errors import BelegtError, UsageError
from corpus.change_log import Entries, Position, entries_after, removed_after
from corpus.document import Language
from corpus.filters import Filters
from corpus.store import CorpusStore, Ids, Vectors
from index.dense import DenseDescription

SCHEME = "milvus://"
META = "milvus"
_PIECE = 1000
"""Passages sent at once: 1.5 MB of 384 dimensions, far below gRPC's limit."""
_LONGEST = 16_384
"""The most that Milvus returns (its documentation, "Limits")."""
_TEXT = 65_535
_PUSHED = {"since", "until", "sources", "languages", "documents"}
_AFTER_ANY = "~"
"""Sorts behind what may follow a date's beginning."""


class Followed(BaseModel):
    """What the database says of a collection: where it is and how far it has followed."""

    model_config = ConfigDict(frozen=True)

    address: str = Field(description="Of the server, or the file.")
    passage: int = Field(description="Id of the last passage that it has taken in.")
    removal: int = Field(description="Number of the last removal that it has followed.")


class MilvusIndex:
    """See the module and :class:`~index.dense.DenseIndex`; ``add`` replaces known ids."""

    def __init__(
        self, store: CorpusStore, dimension: int, address: str, token: str = "", client: Any = None
    ) -> None:
        self._store = store
        self._dimension = dimension
        self._address = address
        self._token = token
        self._collection = f"belegt_{store.identity}"
        self._client = client or _connect(address, token)
        self._position = Position()

    @classmethod
    def open(cls, store: CorpusStore, dimension: int, address: str, token: str = "") -> MilvusIndex:
        """The index at ``address``, which follows the database first where that can be written."""
        index = cls(store, dimension, address, token)
        with _told(address):
            index._prepare()
            index._follow()
        return index

    def _prepare(self) -> None:
        """Make the collection, if there is none of the vectors' length."""
        known = self._client.has_collection(self._collection)
        if known and self._stored_dimension() != self._dimension:
            self._client.drop_collection(self._collection)
            known = False
        followed = _followed(self._store)
        if known and followed is not None and followed.address == self._address:
            self._position = Position(followed.passage, followed.removal)
        if not known:
            self._create()
        self._client.load_collection(self._collection)

    def _create(self) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dimension)
        for name in ("language", "document", "source", "date"):
            schema.add_field(name, DataType.VARCHAR, max_length=_TEXT)
        indexed = self._client.prepare_index_params()
        indexed.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        self._client.create_collection(
            self._collection, schema=schema, index_params=indexed, consistency_level="Strong"
        )

    def _stored_dimension(self) -> int:
        fields = self._client.describe_collection(self._collection)["fields"]
        return next(int(one["params"]["dim"]) for one in fields if one["name"] == "vector")

    def _follow(self) -> None:
        """Take in what is new and delete what is gone; a reader's corpus stays as it is."""
        if not self._store.writable:
            return
        removed, removal = removed_after(self._store, self._position.removal)
        new = False
        if len(removed):
            # A database that a power cut set back would have again what is deleted here.
            self._store.make_durable()
            self.delete(removed.tolist())
            new = True
        for entries in entries_after(self._store, self._position.passage):
            self.add(entries)
            new = True
        self._position = Position(self._position.passage, removal)
        if new:
            self.save()

    def followed(self, store: CorpusStore) -> MilvusIndex:
        """The same collection after it has followed ``store``."""
        twin = MilvusIndex(store, self._dimension, self._address, self._token, self._client)
        twin._position = self._position
        with _told(self._address):
            twin._follow()
        return twin

    def add(self, entries: Entries) -> None:
        """Take passages in; those of known ids are replaced."""
        for first in range(0, len(entries.ids), _PIECE):
            rows = [
                {
                    "id": int(entries.ids[place]),
                    "vector": entries.vectors[place],
                    "language": facts.language,
                    "document": facts.document,
                    "source": facts.source or "",
                    "date": facts.date or "",
                }
                for place, facts in enumerate(entries.facts[first : first + _PIECE], first)
            ]
            self._client.upsert(self._collection, rows)
        if len(entries.ids):
            last = max(self._position.passage, int(entries.ids.max()))
            self._position = Position(last, self._position.removal)

    def delete(self, ids: Sequence[int]) -> None:
        """Forget passages."""
        for first in range(0, len(ids), _PIECE):
            piece = [int(number) for number in ids[first : first + _PIECE]]
            self._client.delete(self._collection, ids=piece)

    def search(
        self, vector: Vectors, k: int, filters: Filters | None = None
    ) -> tuple[Ids, Vectors]:
        """The nearest passages; see :class:`~index.dense.DenseIndex`."""
        with _told(self._address):
            (hits,) = self._client.search(
                self._collection,
                data=[np.asarray(vector, dtype=np.float32).tolist()],
                limit=min(k, _LONGEST),
                filter=self._expression(filters or Filters()),
                output_fields=["id"],
                consistency_level="Strong",
            )
        ids = np.asarray([hit["id"] for hit in hits], dtype=np.int64)
        return ids, np.asarray([hit["distance"] for hit in hits], dtype=np.float32)

    def _expression(self, filters: Filters) -> str:
        """``filters`` as Milvus has them; what it has no field for as a list of passages."""
        given = {name for name, value in filters if value}
        if given - _PUSHED:
            ids = self._store.passage_ids(filters).tolist()
            return f"id in {json.dumps(ids)}"
        return expression(filters)

    def count(self, language: Language | None = None) -> int:
        """How many passages are in it."""
        narrowed = f'language == "{language}"' if language is not None else "id >= 0"
        with _told(self._address):
            rows = self._client.query(
                self._collection,
                filter=narrowed,
                output_fields=["count(*)"],
                consistency_level="Strong",
            )
        return int(rows[0]["count(*)"])

    def languages(self) -> dict[Language, int]:
        """How many passages of each language are in it."""
        counts: dict[Language, int] = {"de": self.count("de"), "en": self.count("en")}
        return {language: count for language, count in counts.items() if count}

    def save(self) -> None:
        """Have Milvus keep it, then write down in the database how far it has come."""
        with _told(self._address):
            self._client.flush(self._collection)
        followed = Followed(
            address=self._address,
            passage=self._position.passage,
            removal=self._position.removal,
        )
        if self._store.writable and followed != _followed(self._store):
            self._store.set_meta(META, followed.model_dump_json())

    def describe(self) -> DenseDescription:
        """What it is; how many of the nearest it finds is the server's affair."""
        return DenseDescription(
            kind="milvus",
            dimension=self._dimension,
            count=self.count(),
            passage=self._position.passage,
            removal=self._position.removal,
            recall=1.0,
        )

    def drop(self) -> None:
        """Remove the collection and what the database says of it."""
        with _told(self._address):
            self._client.drop_collection(self._collection)
        self._store.set_meta(META, "")

    def close(self) -> None:
        """Close the connection; whoever shares it must be done."""
        self._client.close()


def expression(filters: Filters) -> str:
    """``filters`` as a boolean expression over the fields of a collection ("" for none).

    Dates compare by their common length, which is how :meth:`Filters.where` has it: of dates
    written from the year on, one that is shorter than the limit passes where it begins it.
    """
    parts = []
    if filters.since is not None:
        begun = [filters.since[:length] for length in (4, 7) if length < len(filters.since)]
        parts.append(f"(date >= {json.dumps(filters.since)} or date in {json.dumps(begun)})")
    if filters.until is not None:
        parts.append(f'date != "" and date <= {json.dumps(filters.until + _AFTER_ANY)}')
    for field, allowed in (
        ("source", filters.sources),
        ("language", filters.languages),
        ("document", filters.documents),
    ):
        if allowed:
            parts.append(f"{field} in {json.dumps(list(allowed), ensure_ascii=False)}")
    return " and ".join(parts)


def last_followed_removal(store: CorpusStore) -> int | None:
    """The removal up to which a collection has followed, or None where there is none."""
    followed = _followed(store)
    return None if followed is None else followed.removal


def recorded_address(store: CorpusStore) -> str | None:
    """Where the collection of ``store`` is, if it has one."""
    followed = _followed(store)
    return None if followed is None else followed.address


def _followed(store: CorpusStore) -> Followed | None:
    try:
        return Followed.model_validate_json(store.meta(META) or "")
    except ValidationError:
        return None


def _connect(address: str, token: str) -> Any:
    try:
        from pymilvus import MilvusClient
    except ImportError:
        raise UsageError(
            f"The index '{address}' needs the package pymilvus; run: pip install 'belegt[milvus]'."
        ) from None
    place = address.removeprefix(SCHEME)
    with _told(address):
        if place.startswith("/"):
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            return MilvusClient(place)
        return MilvusClient(f"http://{place}", token=token)


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn what the client says of a server into one sentence."""
    import pymilvus

    try:
        yield
    except pymilvus.MilvusException as error:
        said = " ".join(str(error).split())[:200]
        raise BelegtError(
            f"The index '{address}' did not do what was asked ({said}); check that Milvus runs "
            "there, or unset BELEGT_INDEX to search in this process."
        ) from error
