from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEncoder

from base.settings import Settings
from corpus.cache_folder import FOLDER
from corpus.store import CorpusStore
from index.build import open_dense
from index.check import Checker, CheckReport

EXACT = Settings()
WITH_FILES = Settings(exact_passages=0)


def change(store: CorpusStore, statement: str, *values: object) -> None:
    with store.transaction(), store.reading() as connection:
        connection.execute(statement, values)


def check(store: CorpusStore, encoder: HashingEncoder, *, repair: bool = False) -> CheckReport:
    return Checker(store, WITH_FILES, lambda: encoder).run(repair=repair)


@pytest.fixture
def sound(filled: CorpusStore, encoder: HashingEncoder) -> CorpusStore:
    open_dense(filled, encoder.describe(), WITH_FILES)[0].save()
    return filled


def test_a_sound_corpus_has_no_fault(sound: CorpusStore, encoder: HashingEncoder) -> None:
    generation = sound.generation
    report = check(sound, encoder, repair=True)
    assert (report.faults, report.repaired) == ([], [])
    assert (report.documents, report.passages) == (4, sound.passage_count())
    assert sound.generation == generation


def stale_terms(store: CorpusStore) -> None:
    change(store, "UPDATE passage_terms SET stems = 'falsch' WHERE rowid = 2")


def no_terms(store: CorpusStore) -> None:
    change(store, "DELETE FROM passage_terms WHERE rowid = 2")


def lone_terms(store: CorpusStore) -> None:
    change(store, "INSERT INTO passage_terms (rowid, stems) VALUES (999, 'verwaist')")


def short_vector(store: CorpusStore) -> None:
    change(store, "UPDATE passages SET vector = x'00000000' WHERE id = 1")


def long_vector(store: CorpusStore) -> None:
    change(store, "UPDATE passages SET vector = ? WHERE id = 1", np.ones(64, "<f4").tobytes())


def outside(store: CorpusStore) -> None:
    change(store, "UPDATE passages SET sentences = '[[0, 999]]' WHERE id = 1")


def no_passage(store: CorpusStore) -> None:
    change(store, "DELETE FROM passages WHERE id = 1")
    change(store, "DELETE FROM passage_terms WHERE rowid = 1")


def no_file(store: CorpusStore) -> None:
    next(store.folder.glob("dense-*")).unlink()


def flipped_bit(store: CorpusStore) -> None:
    file = next(store.folder.glob("dense-*"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def lone_reading(store: CorpusStore) -> None:
    (store.folder / FOLDER / "0123").mkdir(parents=True)


@pytest.mark.parametrize(
    "damage",
    [
        stale_terms,
        no_terms,
        lone_terms,
        short_vector,
        long_vector,
        outside,
        no_passage,
        no_file,
        flipped_bit,
        lone_reading,
    ],
    ids=lambda damage: damage.__name__,
)
def test_what_is_derived_is_made_again(
    sound: CorpusStore, encoder: HashingEncoder, damage: Callable[[CorpusStore], None]
) -> None:
    damage(sound)
    found = check(sound, encoder)
    assert found.faults
    assert all(fault.endswith(".") for fault in found.faults)
    assert not found.repaired
    mended = check(sound, encoder, repair=True)
    assert mended.faults == found.faults
    assert mended.repaired
    assert check(sound, encoder).faults == []


def test_a_text_that_does_not_fit_its_digest_is_told_and_kept(
    sound: CorpusStore, encoder: HashingEncoder
) -> None:
    change(sound, "UPDATE documents SET text = replace(text, 'Meta', 'Mega') WHERE id = 'anteil'")
    report = check(sound, encoder, repair=True)
    assert any("'anteil' does not fit its digest; add it again" in one for one in report.faults)
    assert "Mega" in sound.document("anteil").text


def test_an_empty_corpus_has_no_fault(store: CorpusStore, encoder: HashingEncoder) -> None:
    assert check(store, encoder).faults == []


def test_every_part_of_a_database_that_is_damaged_is_told(
    tmp_path: Path, sound: CorpusStore, encoder: HashingEncoder
) -> None:
    change(sound, "UPDATE passage_terms_data SET block = x'00' WHERE id > 10")
    assert any("full-text index" in fault for fault in check(sound, encoder).faults)
