from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import HashingEncoder

from base.settings import Settings
from corpus.store import CorpusStore
from index.build import open_dense
from index.milvus_index import recorded_address
from qa.cli import index_care
from qa.cli.main import main


@pytest.fixture(autouse=True)
def _encoder(monkeypatch: pytest.MonkeyPatch, encoder: HashingEncoder) -> None:
    monkeypatch.setattr(index_care, "load_encoder", lambda _: encoder)


def test_a_check_says_what_is_wrong_and_mends_it(
    filled: CorpusStore, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["index", "check", "--corpus", str(filled.folder)]
    assert main(command) == 0
    assert "0 faults" in capsys.readouterr().out
    with filled.transaction(), filled.reading() as connection:
        connection.execute("DELETE FROM passage_terms WHERE rowid = 1")
    assert main(command) == 1
    assert "has other terms than its text" in capsys.readouterr().out
    assert main([*command, "--repair", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (len(said["faults"]), said["left"]) == (1, [])
    assert main(command) == 0


def test_an_index_moves_to_milvus_and_back(
    filled: CorpusStore,
    encoder: HashingEncoder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("milvus_lite")
    address = f"milvus://{tmp_path}/milvus.db"
    command = ["index", "move", "--corpus", str(filled.folder), "--to"]
    assert main([*command, address]) == 0
    assert f"set BELEGT_INDEX={address}" in capsys.readouterr().out
    assert recorded_address(filled) == address
    question = encoder.encode_questions(["49 Prozent"])[0]
    wanted = open_dense(filled, encoder.describe())[0].search(question, 9)[0].tolist()
    moved, _ = open_dense(filled, encoder.describe(), Settings(index=address))
    assert moved.search(question, 9)[0].tolist() == wanted
    moved.close()
    assert main(["index", "status", "--json", "--corpus", str(filled.folder)]) == 0
    capsys.readouterr()
    assert main([*command, "local"]) == 0
    assert "unset BELEGT_INDEX" in capsys.readouterr().out
    assert recorded_address(filled) is None


@pytest.mark.parametrize("address", ["redis://x", "milvus://", ""])
def test_an_address_of_no_index_is_refused(
    filled: CorpusStore, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", "move", "--corpus", str(filled.folder), "--to", address]) == 2
    assert "BELEGT_INDEX" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_one_sentence(
    filled: CorpusStore, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pymilvus")
    command = ["index", "move", "--corpus", str(filled.folder), "--to", "milvus://127.0.0.1:9"]
    assert main(command) == 1
    error = capsys.readouterr().err
    assert "milvus://127.0.0.1:9" in error
    assert "Traceback" not in error
