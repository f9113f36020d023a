from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.engine.kv.prefix_cache import UNUSED_S, evict_prefixes, mark_used


def start(folder: Path, name: str, size: int, age: float = 0.0) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(size))
    then = time.time() - age
    os.utime(file, (then, then))
    return file


def left(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def test_what_nobody_used_for_a_month_goes_with_its_folder(tmp_path: Path) -> None:
    start(tmp_path, "old/a.state", 10, UNUSED_S + 60)
    start(tmp_path, "old/b.1.partial", 10, UNUSED_S + 60)
    start(tmp_path, "layout-before.state", 10, UNUSED_S + 60)
    start(tmp_path, "other/a.state", 10, UNUSED_S - 60)
    new = start(tmp_path, "new/a.state", 10)
    evict_prefixes(tmp_path, 1000, keep=new)
    assert left(tmp_path) == {"other/a.state", "new/a.state"}
    assert not (tmp_path / "old").exists()


def test_the_oldest_go_until_the_rest_fits(tmp_path: Path) -> None:
    for age in range(1, 6):
        start(tmp_path, f"model{age % 2}/{age}.state", 100, age * 3600)
    new = start(tmp_path, "model0/new.state", 100)
    evict_prefixes(tmp_path, 350, keep=new)
    assert left(tmp_path) == {"model0/new.state", "model1/1.state", "model0/2.state"}


def test_what_was_just_written_stays_however_large(tmp_path: Path) -> None:
    start(tmp_path, "other/a.state", 10)
    new = start(tmp_path, "new/a.state", 1000, UNUSED_S * 2)
    evict_prefixes(tmp_path, 100, keep=new)
    assert left(tmp_path) == {"new/a.state"}


def test_reading_a_start_makes_it_young(tmp_path: Path) -> None:
    read = start(tmp_path, "a/read.state", 100, UNUSED_S + 60)
    mark_used(read)
    new = start(tmp_path, "a/new.state", 100)
    evict_prefixes(tmp_path, 1000, keep=new)
    assert left(tmp_path) == {"a/read.state", "a/new.state"}
    mark_used(tmp_path / "no folder" / "x.state")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    start(tmp_path, "a/notes.txt", 10, UNUSED_S * 2)
    start(tmp_path, "a/b/c.state", 10, UNUSED_S * 2)
    (tmp_path / "empty").mkdir()
    new = start(tmp_path, "new/a.state", 10)
    evict_prefixes(tmp_path, 1, keep=new)
    assert left(tmp_path) == {"a/notes.txt", "a/b/c.state", "new/a.state"}
    assert (tmp_path / "empty").is_dir()


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    evict_prefixes(tmp_path / "none", 1, keep=tmp_path / "none" / "a" / "b.state")


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 10_000)), max_size=12),
    st.integers(0, 1000),
)
def test_the_limit_holds_and_nothing_goes_needlessly(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[tuple[int, int]], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("starts")
    files = {
        start(folder, f"m{at % 3}/{at}.state", size, age * 60.0): (age, size)
        for at, (size, age) in enumerate(sizes)
    }
    new = start(folder, "new/x.state", 50)
    evict_prefixes(folder, limit, keep=new)
    kept = {file for file in files if file.exists()}
    total = 50 + sum(files[file][1] for file in kept)
    assert total <= limit or not kept
    for file in files.keys() - kept:
        age, size = files[file]
        younger = sum(s for other, (a, s) in files.items() if a <= age and other != file)
        assert 50 + younger + size > limit
