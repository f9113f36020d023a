"""Where a training run is, kept so that an interrupted one goes on.

In: an output folder, what is trained, its optimiser, counts of how far the run is. Out: the counts
that the run goes on from. What can fail: a disk that is full, a checkpoint of other tensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

_FILE = "checkpoint.pt"


def restore(
    out: Path, parameters: Sequence[Tensor], optimiser: Optimizer, state: dict[str, float]
) -> dict[str, float]:
    """The counts of the checkpoint in ``out``, whose values are taken; ``state`` without one."""
    import torch

    checkpoint = out / _FILE
    if not checkpoint.exists():
        return state
    saved = torch.load(checkpoint)
    for tensor, kept in zip(parameters, saved["tensors"], strict=True):
        tensor.data.copy_(kept)
    optimiser.load_state_dict(saved["optimiser"])
    kept_state: dict[str, float] = saved["state"]
    return kept_state


def keep(
    out: Path, parameters: Sequence[Tensor], optimiser: Optimizer, state: dict[str, float]
) -> None:
    """Write a checkpoint; the one before stays whole until it is done."""
    import torch

    partial = out / "checkpoint.partial"
    tensors = [tensor.detach() for tensor in parameters]
    torch.save({"tensors": tensors, "optimiser": optimiser.state_dict(), "state": state}, partial)
    partial.replace(out / _FILE)
