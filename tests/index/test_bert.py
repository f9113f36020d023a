"""BERT's layers in numpy; that they compute what the library does, test_quick_encoder shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index.bert import holds_bert, mapped_tensors


def write(file: Path, kind: str, data: bytes, shape: list[int]) -> None:
    entry = {"dtype": kind, "shape": shape, "data_offsets": [0, len(data)]}
    header = json.dumps({"rows": entry, "__metadata__": {"format": "pt"}}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header + data)


@pytest.mark.parametrize(("kind", "dtype"), [("F32", np.float32), ("F16", np.float16)])
def test_tensors_are_mapped_as_they_are(tmp_path: Path, kind: str, dtype: type) -> None:
    rows = np.arange(6, dtype=dtype).reshape(2, 3)
    write(tmp_path / "a.safetensors", kind, rows.tobytes(), [2, 3])
    tensors = mapped_tensors(tmp_path / "a.safetensors")
    assert list(tensors) == ["rows"]
    assert np.array_equal(tensors["rows"], rows)


@pytest.mark.parametrize("config", ["", "{}", '{"model_type": "gpt2", "hidden_act": "gelu"}'])
def test_other_folders_hold_none(tmp_path: Path, config: str) -> None:
    assert not holds_bert(tmp_path)
    (tmp_path / "config.json").write_text(config, "utf-8")
    assert not holds_bert(tmp_path)
