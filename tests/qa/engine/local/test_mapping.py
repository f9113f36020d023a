from __future__ import annotations

import mmap
import re
from pathlib import Path

import pytest

from qa.engine.local.mapping import give_back

PAGES = 64
SIZE = PAGES * mmap.PAGESIZE


def resident_kb(file: Path) -> int:
    """Of all mappings of ``file``."""
    text = Path("/proc/self/smaps").read_text("utf-8")
    found = re.findall(rf"{re.escape(str(file))}\n(?:\w+: .*\n)*?Rss: +(\d+) kB", text)
    return sum(map(int, found))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights file.gguf"
    path.write_bytes(bytes(range(256)) * (SIZE // 256))
    return path


def test_pages_are_given_back_and_can_be_read_again(file: Path) -> None:
    with file.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ)
    before = bytes(mapped)
    assert resident_kb(file) == SIZE // 1024
    assert give_back(file) == SIZE
    assert resident_kb(file) == 0
    assert bytes(mapped) == before
    mapped.close()


def test_what_was_written_is_left_alone(file: Path) -> None:
    with file.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    mapped[:4] = b"mine"
    assert give_back(file) == 0
    assert mapped[:4] == b"mine"
    mapped.close()


def test_a_file_that_is_not_mapped(tmp_path: Path) -> None:
    assert give_back(tmp_path / "nowhere") == 0
