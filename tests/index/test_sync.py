"""A corpus kept in step with folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fakes import HashingEncoder

from base.errors import UsageError
from base.settings import Settings
from corpus.store import CorpusStore
from index.build import Indexer
from index.sync import Syncer


@pytest.fixture
def syncer(store: CorpusStore, encoder: HashingEncoder, settings: Settings) -> Syncer:
    return Syncer(store, Indexer(store, encoder, settings))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "akten"
    for name, text in {
        "a.md": "Das Budget beträgt 40.000 Euro.",
        "b/a.md": "Das Budget beträgt 75.000 Euro.",
        "b/c.txt": "Der Vertrag endet im Mai.",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def stored(store: CorpusStore) -> dict[str, str]:
    """The id of each document by its path from the folder."""
    return {info.path.partition("akten/")[2]: info.id for info in store.documents()}


def test_the_first_time_all_is_new_the_second_nothing(
    syncer: Syncer, store: CorpusStore, folder: Path, encoder: HashingEncoder
) -> None:
    assert len(syncer.sync([folder]).added) == 3
    assert set(stored(store)) == {"a.md", "b/a.md", "b/c.txt"}
    encoder.encoded.clear()
    generation = store.generation
    again = syncer.sync([folder])
    assert len(again.unchanged) == 3
    assert not again.added + again.replaced + again.moved + again.removed
    assert store.generation == generation
    assert not encoder.encoded


@pytest.mark.parametrize("target", ["neu.md", "b/neu.md", "c/a.md"])
def test_what_was_moved_or_renamed_keeps_its_id_and_is_not_encoded(
    syncer: Syncer, store: CorpusStore, folder: Path, encoder: HashingEncoder, target: str
) -> None:
    (folder / "a.md").write_text("# Budget\n\nDas Budget beträgt 40.000 Euro.", encoding="utf-8")
    syncer.sync([folder])
    before = stored(store)["a.md"]
    encoder.encoded.clear()
    (folder / target).parent.mkdir(exist_ok=True)
    (folder / "a.md").rename(folder / target)
    report = syncer.sync([folder])
    assert report.moved == [before]
    assert not report.added + report.removed + report.replaced
    assert stored(store)[target] == before
    assert not encoder.encoded
    assert len(stored(store)) == 3


def test_a_new_file_in_the_place_of_a_moved_one_is_another_document(
    syncer: Syncer, store: CorpusStore, folder: Path
) -> None:
    syncer.sync([folder])
    before = stored(store)["a.md"]
    (folder / "a.md").rename(folder / "alt.md")
    syncer.sync([folder])
    (folder / "a.md").write_text("Ein neuer Text.", encoding="utf-8")
    syncer.sync([folder])
    now = stored(store)
    assert now["alt.md"] == before
    assert now["a.md"] not in (before, now["b/a.md"])
    assert store.document(now["a.md"]).text == "Ein neuer Text."


def test_deleted_and_renamed_with_another_text(
    syncer: Syncer, store: CorpusStore, folder: Path
) -> None:
    syncer.sync([folder])
    (folder / "b/c.txt").unlink()
    (folder / "a.md").unlink()
    (folder / "a2.md").write_text("Das Budget beträgt 50.000 Euro.", encoding="utf-8")
    report = syncer.sync([folder])
    assert (len(report.removed), len(report.added)) == (2, 1)
    assert set(stored(store)) == {"a2.md", "b/a.md"}


def test_changed_is_replaced_and_touched_is_not(
    syncer: Syncer, store: CorpusStore, folder: Path, encoder: HashingEncoder
) -> None:
    syncer.sync([folder])
    ids = stored(store)
    (folder / "a.md").write_text("Das Budget beträgt 41.000 Euro.", encoding="utf-8")
    (folder / "b/a.md").touch()
    report = syncer.sync([folder])
    assert report.replaced == [ids["a.md"]]
    assert len(report.unchanged) == 2
    assert "41.000" in store.document(ids["a.md"]).text
    assert stored(store) == ids


@pytest.mark.parametrize("state", ["missing", "empty"])
def test_a_folder_that_is_not_mounted_removes_nothing(
    syncer: Syncer, store: CorpusStore, folder: Path, state: str
) -> None:
    syncer.sync([folder])
    shutil.rmtree(folder)
    if state == "empty":
        folder.mkdir()
    with pytest.raises(UsageError, match=r"missing or empty.*--allow-empty"):
        syncer.sync([folder])
    assert len(stored(store)) == 3
    assert len(syncer.sync([folder], allow_empty=True).removed) == 3
    assert not stored(store)


def test_a_folder_that_lies_elsewhere_now_keeps_its_documents(
    syncer: Syncer, store: CorpusStore, folder: Path, tmp_path: Path, encoder: HashingEncoder
) -> None:
    (folder / "a.md").write_text("# Budget\n\nDas Budget beträgt 40.000 Euro.", encoding="utf-8")
    syncer.sync([folder])
    ids = set(stored(store).values())
    moved = tmp_path / "neu" / "akten"
    moved.parent.mkdir()
    folder.rename(moved)
    report = syncer.sync([moved])
    assert set(report.moved) == ids
    assert {info.id for info in store.documents()} == ids
    assert all(str(moved) in info.path for info in store.documents())


def test_a_dry_run_changes_nothing(syncer: Syncer, store: CorpusStore, folder: Path) -> None:
    syncer.sync([folder])
    (folder / "b/c.txt").unlink()
    (folder / "a.md").rename(folder / "z.md")
    (folder / "d.md").write_text("Neu.", encoding="utf-8")
    before = stored(store)
    report = Syncer(store, None).sync([folder], dry_run=True)
    assert (len(report.added), len(report.moved), len(report.removed)) == (1, 1, 1)
    assert stored(store) == before


def test_two_copies_that_move_keep_both_ids(
    syncer: Syncer, store: CorpusStore, folder: Path
) -> None:
    for name in ("x/gleich.md", "y/gleich.md"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("Ein und derselbe Satz.", encoding="utf-8")
    syncer.sync([folder])
    ids = {stored(store)["x/gleich.md"], stored(store)["y/gleich.md"]}
    (folder / "x").rename(folder / "x2")
    (folder / "y").rename(folder / "y2")
    report = syncer.sync([folder])
    assert set(report.moved) == ids
    assert not report.removed + report.added


@pytest.mark.parametrize("stop", [1, 2])
def test_an_interrupted_sync_ends_as_an_undisturbed_one(
    store: CorpusStore, settings: Settings, folder: Path, stop: int, tmp_path: Path
) -> None:
    for number in range(5):
        (folder / f"{number}.md").write_text(f"Satz {number} steht hier. " * 3000, "utf-8")
    broken = Syncer(store, Indexer(store, HashingEncoder(interrupt_after=stop * 300), settings))
    with pytest.raises(KeyboardInterrupt):
        broken.sync([folder])
    Syncer(store, Indexer(store, HashingEncoder(), settings)).sync([folder])
    with CorpusStore.open(tmp_path / "anders", create=True) as other:
        Syncer(other, Indexer(other, HashingEncoder(), settings)).sync([folder])
        for question in (
            "SELECT id, path, digest FROM documents ORDER BY id",
            "SELECT * FROM files",
        ):
            assert store.ask(question) == other.ask(question)
        assert store.passage_count() == other.passage_count()


def test_what_cannot_be_read_and_what_is_left_out_is_told(syncer: Syncer, folder: Path) -> None:
    (folder / "bild.xyz").write_bytes(b"\0\1\2")
    (folder / "leer.md").touch()
    report = syncer.sync([folder])
    assert report.left_out == {".xyz": 1}
    assert [Path(refused.path).name for refused in report.refused] == ["leer.md"]
    assert len(report.added) == 3


def test_odd_front_matter_is_a_warning(syncer: Syncer, folder: Path) -> None:
    (folder / "d.md").write_text("---\ncreated: {{date}}\n---\nEin Satz.", encoding="utf-8")
    report = syncer.sync([folder])
    assert len(report.added) == 4
    assert "'created'" in report.warnings[0]
    assert "d.md" in report.warnings[0]
