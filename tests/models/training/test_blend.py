from __future__ import annotations

from pathlib import Path

import pytest

from models.training.adapter import read_adapter, write_adapter
from models.training.blend import blend


def test_the_mean_of_two_runs(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    save_file({"up": torch.tensor([0.0, 2.0])}, str(tmp_path / "before"))
    save_file({"up": torch.tensor([4.0, 2.0])}, str(tmp_path / "after"))
    blend(tmp_path / "before", tmp_path / "after", tmp_path / "out", 0.25)
    found = load_file(str(tmp_path / "out"))["up"]
    assert found.dtype == torch.float16
    assert found.tolist() == [1.0, 2.0]


def test_runs_of_two_trainings_are_told(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"up": torch.zeros(2)}, str(tmp_path / "before"))
    save_file({"up": torch.zeros(3)}, str(tmp_path / "after"))
    with pytest.raises(ValueError, match="has other matrices than"):
        blend(tmp_path / "before", tmp_path / "after", tmp_path / "out", 0.5)


def test_the_mean_of_two_adapters(tmp_path: Path) -> None:
    import torch

    down, up = "blk.3.attn_q.weight.lora_a", "blk.3.attn_q.weight.lora_b"
    before, after, out = (tmp_path / f"{name}.gguf" for name in ("before", "after", "out"))
    write_adapter(before, {down: torch.zeros(2, 4), up: torch.ones(6, 2)})
    write_adapter(after, {down: torch.ones(2, 4), up: torch.ones(6, 2)})
    blend(before, after, out, 0.75)
    found = read_adapter(out)
    assert found[down].tolist() == [[0.75] * 4] * 2
    assert found[up].tolist() == [[1.0] * 2] * 6
