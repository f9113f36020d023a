"""The adapter: low-rank products beside the matrices of the upper layers, trained and exported.

In: the sizes of a network, a rank. Out: trainable tensors, and a GGUF file that llama.cpp loads.
What can fail: a disk that is full. Method: Hu et al. 2021, LoRA, arXiv:2106.09685, section 4.1.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.training.base_network import MATRICES

if TYPE_CHECKING:
    from torch import Tensor

SCALE = 2.0
"""The adapter's product is multiplied by this: alpha divided by rank."""


class LowRankAdapter:
    """``down`` (rank, inputs) and ``up`` (outputs, rank) for each matrix of the trained layers."""

    def __init__(self, layers: range, sizes: dict[str, tuple[int, int]], rank: int, seed: int):
        """``sizes``: (outputs, inputs) by matrix."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        self.tensors: dict[str, Tensor] = {}
        for layer in layers:
            for matrix in MATRICES:
                outputs, inputs = sizes[matrix]
                down = torch.empty(rank, inputs)
                torch.nn.init.kaiming_uniform_(down, a=5**0.5, generator=generator)
                name = f"blk.{layer}.{matrix}.weight"
                self.tensors[f"{name}.lora_a"] = down.requires_grad_()
                self.tensors[f"{name}.lora_b"] = torch.zeros(outputs, rank).requires_grad_()

    def add(self, layer: int, matrix: str, inputs: Tensor, product: Tensor) -> Tensor:
        """``product`` (rows, outputs) with the adapter's own product of ``inputs`` added."""
        name = f"blk.{layer}.{matrix}.weight"
        down, up = self.tensors[f"{name}.lora_a"], self.tensors[f"{name}.lora_b"]
        return product + SCALE * ((inputs @ down.T) @ up.T)

    def load(self, file: Path) -> None:
        """Take the values of an exported file of the same layers and rank."""
        for name, tensor in read_adapter(file).items():
            self.tensors[name].data.copy_(tensor)

    def export(self, file: Path) -> None:
        """Write the adapter as it is now."""
        write_adapter(file, {name: tensor.detach() for name, tensor in self.tensors.items()})


def read_adapter(file: Path) -> dict[str, Tensor]:
    """The matrices of an exported file by their names, in half precision."""
    import torch
    from gguf import GGUFReader

    return {
        tensor.name: torch.from_numpy(tensor.data.copy())
        for tensor in GGUFReader(str(file)).tensors
    }


def write_adapter(file: Path, tensors: dict[str, Tensor]) -> None:
    """Write matrices of an adapter in half precision as llama.cpp reads it."""
    import numpy as np
    from gguf import GGUFWriter

    rank = next(len(tensor) for name, tensor in tensors.items() if name.endswith(".lora_a"))
    partial = file.with_suffix(".partial")
    writer = GGUFWriter(str(partial), "qwen2")
    writer.add_type("adapter")
    writer.add_name("belegt reader")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", SCALE * rank)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor.numpy().astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(file)
