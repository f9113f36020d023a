from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from base.errors import UsageError
from corpus import schema
from corpus.migrations import version
from corpus.store import DATABASE, CorpusStore


def test_an_empty_database_becomes_the_latest(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    assert version(connection) == 0
    schema.migrate(connection, "a")
    assert version(connection) == schema.LATEST
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert {"meta", "documents", "passages", "passage_terms", "term_counts"} <= tables


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    schema.migrate(connection, "a")
    before = connection.execute("SELECT * FROM meta ORDER BY key").fetchall()
    schema.migrate(connection, "a")
    assert connection.execute("SELECT * FROM meta ORDER BY key").fetchall() == before


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    connection.execute(f"PRAGMA user_version = {schema.LATEST + 1}")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(UsageError, match=f"version {schema.LATEST + 1}.*update belegt"):
        CorpusStore.open(tmp_path, create=True)
    connection = sqlite3.connect(tmp_path / DATABASE)
    assert version(connection) == schema.LATEST + 1
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert before


def test_an_interrupted_migration_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "CREATE TABLE half (a); CREATE TABLE meta (b);"
    monkeypatch.setattr(schema, "_STEPS", (*schema._STEPS, broken))
    monkeypatch.setattr(schema, "LATEST", schema.LATEST + 1)
    connection = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(connection, "a")
    connection.close()
    again = sqlite3.connect(tmp_path / "a.sqlite")
    assert version(again) == schema.LATEST - 1
    names = {row[0] for row in again.execute("SELECT name FROM sqlite_master")}
    assert "half" not in names
    assert "documents" in names


def test_each_database_has_a_name_of_its_own(tmp_path: Path) -> None:
    names = set()
    for folder in ("eins", "zwei"):
        with CorpusStore.open(tmp_path / folder, create=True) as store:
            names.add(store.identity)
            assert store.generation == 0
    assert len(names) == 2
    assert all(names)


def test_processes_that_make_one_corpus_at_once_do_not_collide(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from corpus.store import CorpusStore\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(CorpusStore.open(Path(sys.argv[1]), create=True).identity)"
    )
    folder = str(tmp_path / "neu")
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=300) for process in started]
    assert [process.returncode for process in started] == [0] * 4, answers
    assert len({out for out, _ in answers}) == 1


def test_a_corpus_of_the_first_version_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "LATEST", 1)
        connection = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
        schema.migrate(connection, "a")
        connection.execute(
            "INSERT INTO documents VALUES "
            "('a', 'a', 'A', NULL, NULL, 'de', 'Er kam.', '{}', 'x', '')"
        )
        connection.execute(
            "INSERT INTO passages VALUES (1, 'a', 0, 0, 7, '[[0, 7]]', x'0000803f00000000')"
        )
        connection.close()
    with CorpusStore.open(tmp_path) as store:
        found = store.passages([1])[1]
    assert found.passage.text == "Er kam."
    assert found.sentence_vectors is None


def test_many_may_open_a_new_corpus_at_once(tmp_path: Path) -> None:
    def open_one(number: int) -> str:
        with CorpusStore.open(tmp_path / str(number // 8), create=True) as store:
            return store.identity

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(open_one, range(80)))
    assert [len(set(found[first : first + 8])) for first in range(0, 80, 8)] == [1] * 10
