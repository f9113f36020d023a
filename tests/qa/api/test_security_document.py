"""docs/security.md names a test for each threat; here it is held to that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from base.settings import PREFIX, Settings

TESTS = Path(__file__).resolve().parents[2]
DOCUMENT = TESTS.parent / "docs" / "security.md"
TEXT = DOCUMENT.read_text("utf-8")


def threats() -> Iterator[tuple[str, str]]:
    """The first and the last cell of each row of the tables of threats."""
    for line in TEXT.partition("## Threats")[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0] not in ("threat", "---"):
            yield cells[0], cells[2]


@pytest.mark.parametrize(("threat", "tests"), list(threats()), ids=lambda text: text[:40])
def test_each_threat_has_its_tests(threat: str, tests: str) -> None:
    named = re.findall(r"`([^`]*)::(test_[a-z0-9_]+)`", tests)
    assert named, threat
    file = ""
    for path, function in named:
        file = path or file
        assert f"def {function}(" in (TESTS / file).read_text("utf-8"), f"{file}::{function}"


def test_settings_go_by_their_names() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"BELEGT_[A-Z_]+", TEXT))
    assert named
    assert named - known == set()
