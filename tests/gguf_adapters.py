"""LoRA files with random weights, in the form that llama.cpp loads."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

MATRICES = (
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_output",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
)


def write_adapter(
    model: Path,
    file: Path,
    *,
    rank: int = 4,
    seed: int = 1,
    first_layer: int = 0,
    architecture: str = "llama",
) -> Path:
    """An adapter of all matrices from ``first_layer`` on, for the network in ``model``."""
    shapes = {one.name: [int(size) for size in one.shape] for one in gguf.GGUFReader(model).tensors}
    layers = 1 + max(int(name.split(".")[1]) for name in shapes if name.startswith("blk."))
    writer = gguf.GGUFWriter(file, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 2.0 * rank)
    dice = np.random.default_rng(seed)
    for layer in range(first_layer, layers):
        for matrix in MATRICES:
            name = f"blk.{layer}.{matrix}.weight"
            # GGUF names the inner dimension first.
            inputs, outputs = shapes[name]
            low = dice.normal(0, inputs**-0.5, (rank, inputs)).astype(np.float16)
            high = dice.normal(0, 0.1, (outputs, rank)).astype(np.float16)
            writer.add_tensor(f"{name}.lora_a", low)
            writer.add_tensor(f"{name}.lora_b", high)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file
