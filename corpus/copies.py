"""Documents that say the same, word for word or nearly so.

In: texts of documents; later ids of documents. Out: a :class:`Signature` of each text, stored with
the document; which stored documents are copies of a new one; and for ids that retrieval found,
groups of copies, each of which is one piece of evidence. Nothing can fail but the database.

* Copies: equal in the normal form, case and white space aside.
* Near-copies: at least ``ALIKE`` of the runs of ``WORDS`` words in either text stand in both
  (Jaccard similarity, estimated by MinHash with ``HASHES`` hash functions: Broder, "On the
  resemblance and containment of documents", 1997). To find them among all documents, signatures
  are cut into bands that collide where texts are alike (Leskovec, Rajaraman, Ullman, "Mining of
  Massive Datasets", section 3.4). A text of few words has no near-copies: a name or a figure makes
  all the difference there.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpus.normal_form import normalized

HASHES = 128
BANDS = 32
WORDS = 5
ALIKE = 0.6
FEWEST_WORDS = 40
_PRIME = np.uint64((1 << 31) - 1)
_AT_ONCE = 4096
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Signature:
    """What tells copies of a text."""

    exact: str
    """SHA-256 of the normal form without white space, in lower case."""
    minhash: bytes
    """``HASHES`` little-endian uint32; empty for a text of few words."""


@dataclass(frozen=True)
class Copy:
    """A stored document that says what another does."""

    document_id: str
    """The stored one."""
    kind: Literal["copy", "near-copy"]
    """Word for word, or nearly so."""


def signature(text: str) -> Signature:
    """The signature of a text."""
    folded = normalized(text).casefold()
    exact = hashlib.sha256("".join(folded.split()).encode("utf-8", "replace")).hexdigest()
    words = _WORD.findall(folded)
    if len(words) < FEWEST_WORDS:
        return Signature(exact, b"")
    runs = {
        zlib.crc32(" ".join(words[at : at + WORDS]).encode("utf-8", "replace"))
        for at in range(len(words) - WORDS + 1)
    }
    return Signature(exact, _minhash(runs).astype("<u4").tobytes())


def _minhash(runs: Iterable[int]) -> NDArray[np.uint64]:
    """The least value of each hash function over ``runs``: uint64 (HASHES,)."""
    factors, offsets = _functions()
    values = np.fromiter(runs, dtype=np.uint64) % _PRIME
    least = np.full(HASHES, _PRIME, dtype=np.uint64)
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE, None]
        np.minimum(least, ((some * factors + offsets) % _PRIME).min(axis=0), out=least)
    return least


def _functions() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Factors and offsets of the hash functions, the same in every run: uint64 (HASHES,) each."""
    generator = np.random.Generator(np.random.PCG64(1997))
    factors = generator.integers(1, int(_PRIME), HASHES, dtype=np.uint64)
    return factors, generator.integers(0, int(_PRIME), HASHES, dtype=np.uint64)


def similarity(first: bytes, second: bytes) -> float:
    """The estimated share of runs of words that two texts have in common; 0 for short texts."""
    if not first or not second:
        return 0.0
    return float(np.mean(np.frombuffer(first, "<u4") == np.frombuffer(second, "<u4")))


def _band_keys(minhash: bytes) -> list[int]:
    rows = len(minhash) // BANDS
    return [zlib.crc32(minhash[at : at + rows]) for at in range(0, len(minhash), rows or 1)]


def put(connection: sqlite3.Connection, document_id: str, told: Signature) -> None:
    """Store the signature of a document that is stored."""
    connection.execute(
        "INSERT INTO copies VALUES (?, ?, ?)", (document_id, told.exact, told.minhash)
    )
    connection.executemany(
        "INSERT INTO copy_bands VALUES (?, ?, ?)",
        [(band, key, document_id) for band, key in enumerate(_band_keys(told.minhash))],
    )


def find(connection: sqlite3.Connection, document_id: str, told: Signature) -> list[Copy]:
    """The stored documents, ``document_id`` left out, that are copies of what ``told`` is of."""
    exact = connection.execute(
        "SELECT document_id FROM copies WHERE exact = ? AND document_id != ? ORDER BY document_id",
        (told.exact, document_id),
    ).fetchall()
    known = {row[0] for row in exact}
    near: dict[str, float] = {}
    for band, key in enumerate(_band_keys(told.minhash)):
        rows = connection.execute(
            "SELECT copies.document_id, signature FROM copy_bands JOIN copies "
            "ON copies.document_id = copy_bands.document_id WHERE band = ? AND key = ?",
            (band, key),
        )
        for other, minhash in rows:
            if other != document_id and other not in known and other not in near:
                near[other] = similarity(told.minhash, minhash)
    alike = sorted(other for other, share in near.items() if share >= ALIKE)
    return [Copy(row[0], "copy") for row in exact] + [Copy(other, "near-copy") for other in alike]


def groups(connection: sqlite3.Connection, document_ids: Sequence[str]) -> dict[str, str]:
    """For each of ``document_ids`` the first of them, in their order, that it is a copy of.

    A document that is no copy of one before it stands for itself.
    """
    wanted = list(dict.fromkeys(document_ids))
    rows = connection.execute(
        "SELECT document_id, exact, signature FROM copies "
        f"WHERE document_id IN ({', '.join('?' * len(wanted))})",
        wanted,
    )
    told = {row[0]: Signature(row[1], row[2]) for row in rows}
    first: dict[str, str] = {}
    for document_id in wanted:
        own = told.get(document_id)
        first[document_id] = next(
            (
                other
                for other, group in first.items()
                if group == other and own and other in told and _are_copies(own, told[other])
            ),
            document_id,
        )
    return first


def _are_copies(one: Signature, other: Signature) -> bool:
    return one.exact == other.exact or similarity(one.minhash, other.minhash) >= ALIKE
