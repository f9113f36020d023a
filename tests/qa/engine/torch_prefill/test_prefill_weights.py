from __future__ import annotations

from pathlib import Path

import pytest
from gguf_models import VOCABULARY, write_gguf

from base.errors import BelegtError
from qa.engine.torch_prefill import weights
from qa.engine.torch_prefill.architecture import UnsupportedModelError
from qa.engine.torch_prefill.choice import Format
from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.network import NetworkInput
from qa.engine.torch_prefill.weights import (
    load_network,
    read_manifest,
    unpack,
    unpacked_bytes,
    weights_folder,
)

TEXT = [at % VOCABULARY for at in range(3, 60, 2)]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "model.gguf", "qwen2")


@pytest.mark.parametrize("format_", ["int8", "mixed", "bfloat16"])
def test_all_formats_compute_nearly_the_same(model: Path, tmp_path: Path, format_: Format) -> None:
    found = {}
    for one in ("bfloat16", format_):
        folder = weights_folder(tmp_path, "digest", one)
        network = load_network(model, folder, unpack(model, folder, one, TEXT))
        found[one] = KVCache(network.architecture, len(TEXT))
        network.forward([NetworkInput(found[one], TEXT)])
    plain, rounded = found["bfloat16"].values, found[format_].values
    assert float((plain - rounded).norm() / plain.norm()) < 0.03


def test_a_whole_folder_is_kept_and_a_torn_one_made_again(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    assert read_manifest(folder) is None
    made = unpack(model, folder, "int8", TEXT)
    assert read_manifest(folder) == made
    layer = folder / sorted(made.files)[1]
    layer.write_bytes(layer.read_bytes()[:-1])
    assert read_manifest(folder) is None
    assert unpack(model, folder, "int8", TEXT) == made
    assert read_manifest(folder) == made
    layer.unlink()
    assert read_manifest(folder) is None
    (folder / "manifest.json").write_text("{")
    assert read_manifest(folder) is None


def test_what_is_ended_leaves_nothing(model: Path, tmp_path: Path) -> None:
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise BelegtError("enough")

    with pytest.raises(BelegtError, match="enough"):
        unpack(model, tmp_path / "cache" / "weights", "int8", TEXT, check)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_full_disk_is_said(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("base.files.RESERVE", 1 << 60)
    with pytest.raises(BelegtError, match="free some space"):
        unpack(model, tmp_path / "weights", "int8", TEXT)


def test_sizes_follow_the_format(model: Path) -> None:
    shape = weights.inspect(model)
    sizes = [unpacked_bytes(shape, one) for one in ("int8", "mixed", "bfloat16")]
    assert sizes == sorted(sizes)
    assert sizes[2] == 2 * sizes[0] == 2 * (shape.parameters + VOCABULARY * shape.width)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"architecture": "gemma"}, "architecture 'gemma'"),
        ({"beside": "blk.0.attn_q_norm.weight"}, "tensor 'blk.0.attn_q_norm.weight'"),
        ({"beside": "rope_freqs.weight"}, "tensor 'rope_freqs.weight'"),
        ({"without": "blk.1.ffn_up.weight"}, "no tensor 'blk.1.ffn_up.weight'"),
        ({"number": "attention.sliding_window"}, "sets llama.attention.sliding_window"),
        ({"number": "rope.dimension_count"}, "a part of each head"),
    ],
)
def test_networks_that_are_not_known_are_refused(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    file = write_gguf(tmp_path / "other.gguf", **change)
    with pytest.raises(UnsupportedModelError, match=reason):
        weights.inspect(file)
