from __future__ import annotations

from pathlib import Path

import pytest

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
