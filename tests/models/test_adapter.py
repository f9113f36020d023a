from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from base.errors import UsageError
from base.settings import Settings
from models import adapter
from models.adapter import chosen_adapter, chosen_cross_encoder
from models.manifest import AdapterEntry, CrossEncoderEntry, Manifest

LLM = "1" * 64


def known(monkeypatch: pytest.MonkeyPatch, folder: Path, data: bytes) -> None:
    entry = AdapterEntry(
        file="reader.gguf",
        sha256=hashlib.sha256(data).hexdigest(),
        llm_sha256=LLM,
        licence="Apache-2.0",
    )
    monkeypatch.setattr(adapter, "FOLDER", folder)
    monkeypatch.setattr(adapter, "load_manifest", lambda: Manifest(model=(), adapter=(entry,)))


def test_none_is_none() -> None:
    assert chosen_adapter(Settings(adapter="none"), LLM) is None


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"weights")
    found = chosen_adapter(Settings(adapter=str(file)), LLM)
    assert found is not None
    assert (found.file, found.digest) == (file, hashlib.sha256(b"weights").hexdigest())


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no adapter .*BELEGT_ADAPTER"):
        chosen_adapter(Settings(adapter=str(tmp_path / "missing.gguf")), LLM)


def test_the_adapter_of_the_manifest_is_for_its_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, tmp_path, b"weights")
    (tmp_path / "reader.gguf").write_bytes(b"weights")
    found = chosen_adapter(Settings(), LLM)
    assert found is not None
    assert found.file == tmp_path / "reader.gguf"
    assert chosen_adapter(Settings(), "2" * 64) is None


@pytest.mark.parametrize("data", [b"others", None])
def test_another_file_than_that_of_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None
) -> None:
    known(monkeypatch, tmp_path, b"weights")
    if data is not None:
        (tmp_path / "reader.gguf").write_bytes(data)
    with pytest.raises(UsageError, match=r"reader\.gguf.*BELEGT_ADAPTER to 'none'"):
        chosen_adapter(Settings(), LLM)


def test_the_cross_encoder_of_the_manifest_is_for_its_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = CrossEncoderEntry(
        file="across.safetensors",
        sha256=hashlib.sha256(b"weights").hexdigest(),
        encoder_sha256=LLM,
        licence="Apache-2.0",
    )
    monkeypatch.setattr(adapter, "FOLDER", tmp_path)
    monkeypatch.setattr(
        adapter, "load_manifest", lambda: Manifest(model=(), cross_encoder=(entry,))
    )
    (tmp_path / "across.safetensors").write_bytes(b"weights")
    found = chosen_cross_encoder(Settings(), LLM)
    assert found is not None
    assert found.file == tmp_path / "across.safetensors"
    assert chosen_cross_encoder(Settings(), "2" * 64) is None
    assert chosen_cross_encoder(Settings(cross_encoder="none"), LLM) is None
    with pytest.raises(UsageError, match=r"no cross-encoder .*BELEGT_CROSS_ENCODER"):
        chosen_cross_encoder(Settings(cross_encoder=str(tmp_path / "missing")), LLM)
