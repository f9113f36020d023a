"""GGUF files of small networks with random weights, for tests that need no real model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter

LAYERS, WIDTH, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY = 2, 64, 4, 2, 96, 50
KV_WIDTH = WIDTH // HEADS * KV_HEADS
SHAPES = {
    "attn_norm.weight": (WIDTH,),
    "attn_q.weight": (WIDTH, WIDTH),
    "attn_k.weight": (KV_WIDTH, WIDTH),
    "attn_v.weight": (KV_WIDTH, WIDTH),
    "attn_output.weight": (WIDTH, WIDTH),
    "ffn_norm.weight": (WIDTH,),
    "ffn_gate.weight": (FEED_FORWARD, WIDTH),
    "ffn_up.weight": (FEED_FORWARD, WIDTH),
    "ffn_down.weight": (WIDTH, FEED_FORWARD),
}
BIASES = {"attn_q.bias": (WIDTH,), "attn_k.bias": (KV_WIDTH,), "attn_v.bias": (KV_WIDTH,)}


def write_gguf(
    file: Path,
    architecture: str = "llama",
    *,
    without: str = "",
    beside: str = "",
    number: str = "",
    head: bool = False,
) -> Path:
    """A network in ``file``; ``without`` a tensor, or with one, a number or a ``head`` more."""
    dice = np.random.default_rng(7)
    writer = GGUFWriter(file, architecture)
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    if number:
        writer.add_uint32(f"{architecture}.{number}", 3)
    shapes = SHAPES | (BIASES if architecture == "qwen2" else {})
    tensors = {f"blk.{at}.{name}": shape for at in range(LAYERS) for name, shape in shapes.items()}
    tensors |= {"token_embd.weight": (VOCABULARY, WIDTH), "output_norm.weight": (WIDTH,)}
    if head:
        tensors["output.weight"] = (VOCABULARY, WIDTH)
    if beside:
        tensors[beside] = (WIDTH,)
    for name, shape in tensors.items():
        if name != without:
            values = dice.normal(0, shape[-1] ** -0.5, shape) + (1.0 if "norm" in name else 0.0)
            writer.add_tensor(name, values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file
