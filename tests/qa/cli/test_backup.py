from __future__ import annotations

import json
import shutil
import stat
import tarfile
import threading
from pathlib import Path

import pytest
from fakes import HashingEncoder
from samples import document

from base.errors import UsageError
from base.settings import Settings
from corpus.store import DATABASE, CorpusStore
from index.build import Indexer
from qa.api.storage.keys import Keys
from qa.cli.backup import back_up, restore
from qa.cli.main import main


def ids(folder: Path) -> list[str]:
    with CorpusStore.open(folder) as store:
        return [one.id for one in store.documents()]


def test_a_corpus_comes_back_with_what_its_server_kept(filled: CorpusStore, tmp_path: Path) -> None:
    with Keys(filled.folder) as keys:
        key, secret = keys.create("anna", "editor")
    back_up(filled.folder, tmp_path / "b.tar")
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert ids(tmp_path / "again") == ids(filled.folder)
    with CorpusStore.open(tmp_path / "again") as store:
        assert store.document("anteil") == filled.document("anteil")
        assert store.generation == filled.generation
    with Keys(tmp_path / "again") as keys:
        assert keys.find(secret) == key


def test_it_is_of_one_moment_while_documents_are_added(
    filled: CorpusStore, settings: Settings, encoder: HashingEncoder, tmp_path: Path
) -> None:
    more = [document(f"d{n}", f"Der Satz Nummer {n} steht hier ganz allein.") for n in range(40)]

    def add() -> None:
        with CorpusStore.open(settings.corpus) as store:
            indexer = Indexer(store, encoder, settings)
            for one in more:
                indexer.add_documents([one])

    adding = threading.Thread(target=add)
    adding.start()
    for number in range(5):
        back_up(settings.corpus, tmp_path / f"{number}.tar")
    adding.join()
    for number in range(5):
        folder = tmp_path / f"c{number}"
        restore(tmp_path / f"{number}.tar", folder)
        with CorpusStore.open(folder) as store:
            found = [one.id for one in store.documents() if one.id.startswith("d")]
            # Added one by one, so what is there is a beginning of the row, and each is whole.
            assert set(found) == {one.id for one in more[: len(found)]}
            assert all(one.passages for one in store.documents())


def test_a_corpus_that_is_there_is_never_lost(filled: CorpusStore, tmp_path: Path) -> None:
    back_up(filled.folder, tmp_path / "b.tar")
    with pytest.raises(UsageError, match=r"There is a corpus in .* already"):
        restore(tmp_path / "b.tar", filled.folder)
    with pytest.raises(UsageError, match="exists already"):
        back_up(filled.folder, tmp_path / "b.tar")
    shutil.copytree(filled.folder, tmp_path / "copy")
    _, aside = restore(tmp_path / "b.tar", tmp_path / "copy", replace=True)
    assert aside is not None
    assert ids(aside) == ids(tmp_path / "copy")


@pytest.mark.parametrize("damage", ["cut", "bits", "no list", "another", "a name", "empty"])
def test_what_is_no_whole_backup_changes_nothing(
    filled: CorpusStore, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "b.tar"
    back_up(filled.folder, file)
    data = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "bits":
        data[-20_000] ^= 0xFF
        file.write_bytes(data)
    elif damage == "empty":
        file.write_bytes(b"")
    else:
        names = {
            "no list": {"x": "y"},
            "another": {"format": "tar", "version": "1", "made": "now", "files": {}},
            "a name": {
                "format": "belegt-backup-1",
                "version": "1",
                "made": "now",
                "files": {DATABASE: "0", "../escaped": "0"},
            },
        }
        (tmp_path / "backup.json").write_text(json.dumps(names[damage]))
        with tarfile.open(file, "w") as archive:
            archive.add(tmp_path / "backup.json", arcname="backup.json")
    before = ids(filled.folder)
    with pytest.raises(UsageError):
        restore(file, filled.folder, replace=True)
    with pytest.raises(UsageError):
        restore(file, tmp_path / "new")
    assert ids(filled.folder) == before
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "escaped").exists()


def test_the_commands(
    filled: CorpusStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(filled.folder)
    assert main(["backup", str(tmp_path / "b.tar"), "--corpus", folder]) == 0
    assert main(["restore", str(tmp_path / "b.tar"), "--corpus", folder]) == 2
    assert "--replace" in capsys.readouterr().err
    new = str(tmp_path / "new")
    assert main(["restore", str(tmp_path / "b.tar"), "--corpus", new, "--json"]) == 0
    assert DATABASE in json.loads(capsys.readouterr().out)["files"]
    assert main(["restore", str(tmp_path / "none.tar"), "--corpus", new + "2"]) == 2
    assert main(["backup", str(tmp_path / "c.tar"), "--corpus", str(tmp_path / "no")]) == 2
