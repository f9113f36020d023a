from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa.api.storage.keys import Keys
from qa.cli.main import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def create(corpus: Path, name: str = "anna", role: str = "editor") -> int:
    return main(["keys", "create", "--role", role, "--name", name, "--corpus", str(corpus)])


def test_a_key_is_printed_once_and_works(corpus: Path, capsys: Capture) -> None:
    assert create(corpus) == 0
    told = capsys.readouterr()
    secret = told.out.strip()
    with Keys(corpus) as keys:
        found = keys.find(secret)
    assert found is not None
    assert (found.name, found.role) == ("anna", "editor")
    assert secret not in told.err
    assert main(["keys", "list", "--corpus", str(corpus)]) == 0
    listed = capsys.readouterr().out
    assert found.id in listed
    assert "never used" in listed
    assert secret not in listed


def test_a_key_is_revoked(corpus: Path, capsys: Capture) -> None:
    create(corpus)
    secret = capsys.readouterr().out.strip()
    with Keys(corpus) as keys:
        key = keys.find(secret)
        assert key is not None
        assert main(["keys", "revoke", key.id, "--corpus", str(corpus)]) == 0
        assert keys.find(secret) is None
    main(["keys", "list", "--corpus", str(corpus)])
    assert "revoked 20" in capsys.readouterr().out


def test_all_of_it_as_data(corpus: Path, capsys: Capture) -> None:
    arguments = ["--corpus", str(corpus), "--json"]
    main(["keys", "create", "--role", "admin", "--name", "ops", *arguments])
    made = json.loads(capsys.readouterr().out)
    main(["keys", "list", *arguments])
    (listed,) = json.loads(capsys.readouterr().out)
    assert made.pop("key").startswith("belegt_")
    assert listed == made


def test_nothing_made_yet(corpus: Path, capsys: Capture) -> None:
    corpus.mkdir()
    assert main(["keys", "list", "--corpus", str(corpus)]) == 0
    assert "belegt keys create" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list"], "There is no corpus in"),
        (["revoke", "x"], "There is no corpus in"),
        (["create", "--role", "reader", "--name", "a\nb"], "is not a name for a key"),
        (["create", "--role", "reader", "--name", "local"], "choose another name"),
    ],
)
def test_bad_use_is_one_sentence(
    corpus: Path, capsys: Capture, arguments: list[str], said: str
) -> None:
    assert main(["keys", *arguments, "--corpus", str(corpus)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_an_unknown_role_is_refused(corpus: Path, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stop:
        create(corpus, role="root")
    assert stop.value.code == 2
    assert "root" in capsys.readouterr().err
    assert not corpus.exists()
