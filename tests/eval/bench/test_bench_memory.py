"""What a process holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.bench import memory


def test_what_is_touched_is_resident() -> None:
    before = memory.resident()
    held = b"x" * (64 << 20)
    after = memory.resident()
    assert after["resident_mb"] - before["resident_mb"] > 48
    assert after["peak_mb"] >= after["resident_mb"] - 1
    assert after["own_mb"] + after["mapped_mb"] == pytest.approx(after["resident_mb"], rel=0.1)
    assert len(held)


def test_where_the_system_does_not_tell_there_is_no_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_PROCESS", tmp_path / "absent")
    assert memory.resident() == {}
    memory.forget_peak()
