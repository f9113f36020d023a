from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from base.errors import BelegtError, UsageError
from corpus.migrations import version
from qa.api.storage import database
from qa.api.storage.keys import LOCAL, ROLES, Access, Caller, Keys, NameTakenError, NoSuchKeyError


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    with Keys(tmp_path) as opened:
        yield opened


def test_a_new_key_is_found_by_its_secret(keys: Keys) -> None:
    key, secret = keys.create("anna", "editor")
    assert keys.find(secret) == key
    assert (key.name, key.role, key.revoked) == ("anna", "editor", None)


def test_a_secret_is_long_random_and_safe_in_a_url(keys: Keys) -> None:
    made = {keys.create(f"key {number}", "reader")[1] for number in range(50)}
    assert len(made) == 50
    for secret in made:
        assert secret.startswith("belegt_")
        assert len(secret) == len("belegt_") + 43
        assert all(char.isascii() and (char.isalnum() or char in "-_") for char in secret)


def test_no_secret_lies_on_disk(keys: Keys, tmp_path: Path) -> None:
    _, secret = keys.create("anna", "admin")
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()
        assert secret.removeprefix("belegt_").encode() not in file.read_bytes()


def test_nobody_else_may_read_the_database(keys: Keys, tmp_path: Path) -> None:
    keys.create("anna", "admin")
    files = list(tmp_path.iterdir())
    assert {file.name for file in files} >= {"service.sqlite", "service.sqlite-wal"}
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_nothing_else_is_found(keys: Keys, guess: str) -> None:
    if not keys.any():
        keys.create("anna", "admin")
    assert keys.find(guess) is None


def test_a_secret_with_one_character_changed_is_not_found(keys: Keys) -> None:
    _, secret = keys.create("anna", "admin")
    for place in range(len(secret)):
        other = "A" if secret[place] != "A" else "B"
        assert keys.find(secret[:place] + other + secret[place + 1 :]) is None


def test_the_id_alone_is_not_enough(keys: Keys) -> None:
    """A row whose digest agrees with the looked-up part only is refused."""
    key, secret = keys.create("anna", "admin")
    connection = sqlite3.connect(keys._connection.execute("PRAGMA database_list").fetchone()[2])
    connection.execute("UPDATE keys SET digest = zeroblob(32) WHERE id = ?", (key.id,))
    connection.commit()
    connection.close()
    assert keys.find(secret) is None


def test_a_revoked_key_is_useless_and_stays_listed(keys: Keys) -> None:
    key, secret = keys.create("anna", "reader")
    revoked = keys.revoke(key.id)
    assert revoked.revoked
    assert keys.find(secret) is None
    assert keys.list() == [revoked]
    assert keys.revoke(key.id) == revoked


def test_a_key_that_is_not_there_cannot_be_revoked(keys: Keys) -> None:
    with pytest.raises(NoSuchKeyError, match="There is no key 'x'"):
        keys.revoke("x")


def test_a_name_belongs_to_one_living_key(keys: Keys) -> None:
    key, _ = keys.create("anna", "reader")
    with pytest.raises(NameTakenError, match="a key named 'anna' already"):
        keys.create("anna", "admin")
    keys.revoke(key.id)
    keys.create("anna", "admin")


@pytest.mark.parametrize("name", ["", " ", " anna", "a\nb", "a\x1b[31m", "x" * 65, LOCAL])
def test_a_name_that_is_none_is_refused(keys: Keys, name: str) -> None:
    with pytest.raises(UsageError) as error:
        keys.create(name, "reader")
    assert "\n" not in str(error.value)
    assert keys.list() == []


def test_a_role_that_is_none_is_refused(keys: Keys) -> None:
    with pytest.raises(
        UsageError, match="'root' is not a role; known are metrics, reader, editor, admin"
    ):
        keys.create("anna", "root")


def test_the_last_use_is_kept_to_the_hour(keys: Keys) -> None:
    key, secret = keys.create("anna", "reader")
    assert Access.is_news(key)
    keys.used(key)
    found = keys.find(secret)
    assert found is not None
    assert found.last_used is not None
    assert len(found.last_used) == len("2026-11-22T04+00:00")


def test_what_one_process_changes_another_sees_at_once(keys: Keys, tmp_path: Path) -> None:
    with Keys(tmp_path) as other:
        key, secret = other.create("anna", "reader")
        assert keys.find(secret) == key
        other.revoke(key.id)
        assert keys.find(secret) is None


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_those_before_it_may(role: str) -> None:
    caller = Caller("anna", role)  # type: ignore[arg-type]
    may = [other for other in ROLES if caller.may(other)]
    assert may == list(ROLES[: ROLES.index(role) + 1])  # type: ignore[arg-type]


def test_beyond_loopback_nothing_starts_without_a_usable_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a key first; make one with 'belegt keys create"):
        Access(tmp_path, loopback=False)
    with Keys(tmp_path) as keys:
        key, _ = keys.create("anna", "admin")
        Access(tmp_path, loopback=False).close()
        keys.revoke(key.id)
    with pytest.raises(UsageError, match="needs a key first"):
        Access(tmp_path, loopback=False)


def test_loopback_is_open_until_the_first_key(tmp_path: Path) -> None:
    access = Access(tmp_path, loopback=True)
    assert access.open
    key, _ = access.keys.create("anna", "reader")
    assert not access.open
    access.keys.revoke(key.id)
    assert not access.open, "revoking the last key must not open the server"
    access.close()


def test_each_run_has_a_token_of_its_own(tmp_path: Path) -> None:
    one, two = Access(tmp_path, loopback=True), Access(tmp_path, loopback=True)
    assert one.authenticate(one.token) == (Caller(LOCAL, "admin"), None)
    assert one.authenticate(two.token) is None
    assert one.keys.list() == []
    one.close()
    two.close()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no corpus in"):
        database.connect(tmp_path / "nowhere")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / database.DATABASE).write_text("not a database" * 100, encoding="utf-8")
    with pytest.raises(BelegtError, match="cannot be used as a service database"):
        database.connect(tmp_path)


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    connection = database.connect(tmp_path)
    connection.execute(f"PRAGMA user_version = {database.LATEST + 1}")
    connection.close()
    with pytest.raises(UsageError, match=f"schema version {database.LATEST + 1}"):
        database.connect(tmp_path)


def test_a_database_of_the_first_version_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LATEST", 1)
    with Keys(tmp_path) as keys:
        _, secret = keys.create("anna", "reader")
    monkeypatch.undo()
    with Keys(tmp_path) as keys:
        assert keys.find(secret) is not None
        assert version(keys._connection) == database.LATEST
