"""What a GGUF file must hold for its network to be computed here.

In: a file's metadata and tensors, as the ``gguf`` package reads them. Out: an
:class:`Architecture`. What can fail: a network that this package does not know in every detail
(:class:`UnsupportedModelError`, with what is strange about it), which llama.cpp then reads by
itself.

Names of metadata and tensors: the GGUF specification
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from base.errors import BelegtError

if TYPE_CHECKING:
    from gguf import GGUFReader

# By architecture: whether pairs of a rotary embedding are neighbours, as llama.cpp's converter
# orders the rows of Llama, or half a head apart (llama_model_rope_type in llama-model.cpp).
_NEIGHBOURS = {"qwen2": False, "llama": True}
# Metadata that changes what is computed and is not heeded here.
_UNKNOWN = (
    "rope.scaling.type",
    "rope.scaling.factor",
    "rope.scale_linear",
    "attention.sliding_window",
    "attention.scale",
    "attention.key_length",
    "attention.value_length",
    "expert_count",
    "logit_scale",
    "residual_scale",
    "embedding_scale",
)
_MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
_BIASES = ("attn_q", "attn_k", "attn_v")
_NORMS = ("attn_norm", "ffn_norm")
EMBEDDING = "token_embd.weight"
HEAD = "output.weight"
"""Not there where the embedding is the head as well."""
FINAL_NORM = "output_norm.weight"
_OUTSIDE = {EMBEDDING, HEAD, FINAL_NORM}


class UnsupportedModelError(BelegtError):
    """Prompts of this model, on this machine, are better left to llama.cpp."""


class Architecture(BaseModel):
    """Sizes and constants of a decoder with RMS norm, rotary embedding and gated feed-forward."""

    model_config = ConfigDict(frozen=True)

    name: str
    layers: int
    width: int = Field(description="Size of the residual stream.")
    heads: int
    kv_heads: int = Field(description="Heads of keys and values; each serves several of queries.")
    head_size: int
    feed_forward: int
    epsilon: float
    rotary_base: float
    rotary_neighbours: bool = Field(description="Whether rotated pairs are neighbours.")
    biases: bool = Field(description="Whether queries, keys and values have a bias.")
    vocabulary: int = Field(description="Tokens that there are.")

    @property
    def kv_width(self) -> int:
        """Numbers in the keys of one token and layer."""
        return self.kv_heads * self.head_size

    @property
    def parameters(self) -> int:
        """Numbers in the matrices of all layers."""
        attention = self.width * self.head_size * 2 * (self.heads + self.kv_heads)
        return self.layers * (attention + 3 * self.width * self.feed_forward)


def read_architecture(reader: GGUFReader) -> Architecture:
    """What ``reader``'s file holds. Raises UnsupportedModelError."""
    name = str(_value(reader, "general.architecture"))
    if name not in _NEIGHBOURS:
        raise UnsupportedModelError(f"the architecture '{name}' is not known here")
    for key in _UNKNOWN:
        if reader.get_field(f"{name}.{key}") is not None:
            raise UnsupportedModelError(f"the model sets {name}.{key}")

    def number(key: str) -> Any:
        return _value(reader, f"{name}.{key}")

    width, heads = int(number("embedding_length")), int(number("attention.head_count"))
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    if EMBEDDING not in tensors:
        raise UnsupportedModelError(f"the model has no tensor '{EMBEDDING}'")
    found = Architecture(
        name=name,
        layers=int(number("block_count")),
        width=width,
        heads=heads,
        kv_heads=int(number("attention.head_count_kv")),
        head_size=width // heads,
        feed_forward=int(number("feed_forward_length")),
        epsilon=float(number("attention.layer_norm_rms_epsilon")),
        rotary_base=float(number("rope.freq_base")),
        rotary_neighbours=_NEIGHBOURS[name],
        biases="blk.0.attn_q.bias" in tensors,
        vocabulary=int(tensors[EMBEDDING].shape[1]),
    )
    rotated = reader.get_field(f"{name}.rope.dimension_count")
    if rotated is not None and rotated.contents() != found.head_size:
        raise UnsupportedModelError("only a part of each head is rotated")
    _require_exactly(set(tensors), found)
    return found


def _require_exactly(tensors: set[str], architecture: Architecture) -> None:
    names = [f"{one}.weight" for one in (*_MATRICES, *_NORMS)]
    if architecture.biases:
        names += [f"{one}.bias" for one in _BIASES]
    wanted = {f"blk.{at}.{name}" for at in range(architecture.layers) for name in names}
    if strange := sorted(tensors - wanted - _OUTSIDE):
        raise UnsupportedModelError(f"the model has a tensor '{strange[0]}'")
    if missing := sorted((wanted | {FINAL_NORM}) - tensors):
        raise UnsupportedModelError(f"the model has no tensor '{missing[0]}'")


def _value(reader: GGUFReader, key: str) -> Any:
    field = reader.get_field(key)
    if field is None:
        raise UnsupportedModelError(f"the model does not say {key}")
    return field.contents()
