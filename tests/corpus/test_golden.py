"""Databases as each schema version's own belegt wrote them, opened by this one.

``golden/versionN.sqlite.gz`` were made with the code of their time (two documents, HashingEncoder
of 16 dimensions) and are never made again; whoever adds a schema step adds a file.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from fakes import HashingEncoder

from corpus import schema
from corpus.filters import Filters
from corpus.migrations import version
from corpus.store import DATABASE, CorpusStore
from index.build import open_dense
from index.terms import stems

GOLDEN = sorted((Path(__file__).parent / "golden").glob("version*.sqlite.gz"))


def test_there_is_a_golden_database_of_each_of_the_first_versions() -> None:
    assert [file.name.split(".")[0] for file in GOLDEN][:3] == ["version1", "version2", "version3"]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_database_of_an_earlier_version_goes_on(golden: Path, tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(gzip.decompress(golden.read_bytes()))
    with CorpusStore.open(tmp_path) as store:
        with store.reading() as connection:
            assert version(connection) == schema.LATEST
        assert [info.id for info in store.documents()] == ["a", "b"]
        document = store.document("a")
        assert document.text == "Meta zahlt 14,3 Milliarden Dollar. Das sind 49 Prozent."
        ((number, _),) = store.bm25(stems("14,3 Milliarden", "de"), Filters(), 5)
        passage = store.passages([number])[number].passage
        passage.check(document)
        encoder = HashingEncoder(16)
        dense, reason = open_dense(store, encoder.describe())
        assert reason is None
        assert dense.count() == store.passage_count() == 2
        assert dense.search(encoder.encode_questions(["Meta zahlt 14,3"])[0], 1)[0] == [number]
        store.remove("b")
        assert dense.followed(store).count() == 1
