"""The weights of a GGUF file, unpacked once into files that are mapped into memory.

In: a GGUF file, a format. Out: a folder with one safetensors file a layer, one for the head, and
a ``manifest.json``; the :class:`~qa.engine.torch_prefill.network.Network` made from it. What can
fail: a model that is not known here (UnsupportedModelError), a disk that is full (BelegtError,
OSError). A folder that is torn (a file missing or of another size, no manifest) counts as not there
and is made again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from base.files import require_space, write_text
from qa.engine.torch_prefill.architecture import (
    EMBEDDING,
    FINAL_NORM,
    HEAD,
    Architecture,
    read_architecture,
)
from qa.engine.torch_prefill.choice import Format
from qa.engine.torch_prefill.gguf_file import open_gguf
from qa.engine.torch_prefill.layers import Tensors, build_head, build_layer
from qa.engine.torch_prefill.matrices import quantise_weight
from qa.engine.torch_prefill.network import Embed, Network
from qa.engine.torch_prefill.smoothing import Smoothing

if TYPE_CHECKING:
    from gguf import GGUFReader, ReaderTensor
    from torch import Tensor

VERSION = 2
_MANIFEST = "manifest.json"
_HEAD = "head.safetensors"
StopCheck = Callable[[], None]


class Embedding(BaseModel):
    """Where the GGUF file holds the embedding: bytes from its start, rows, bytes of a row."""

    model_config = ConfigDict(frozen=True)

    offset: int
    rows: int
    row_bytes: int
    kind: int


class WeightsManifest(BaseModel):
    """What a folder of unpacked weights holds; it is written last. ``files``: bytes of each."""

    model_config = ConfigDict(frozen=True)

    version: int
    architecture: Architecture
    embedding: Embedding
    files: dict[str, int]


def weights_folder(cache: Path, digest: str, format_: Format) -> Path:
    """Where the weights of a model file lie in a format."""
    return cache / "prefill" / f"{digest[:16]}-{format_}"


def unpacked_bytes(architecture: Architecture, format_: Format) -> int:
    """Bytes that the matrices take in ``format_``, on disk and in memory."""
    shape = architecture
    down = shape.layers * shape.width * shape.feed_forward
    head = shape.vocabulary * shape.width
    numbers = shape.parameters + head
    width = {"bfloat16": 2 * numbers, "int8": numbers}
    return width.get(format_, numbers + down)


def read_manifest(folder: Path) -> WeightsManifest | None:
    """Of a folder that is whole; None where it is not."""
    try:
        text = (folder / _MANIFEST).read_text(encoding="utf-8")
        found = WeightsManifest.model_validate_json(text)
        sizes = {name: (folder / name).stat().st_size for name in found.files}
    except (OSError, ValidationError):
        return None
    return found if found.version == VERSION and sizes == found.files else None


def inspect(file: Path) -> Architecture:
    """The architecture of a GGUF file. Raises UnsupportedModelError."""
    return read_architecture(open_gguf(file))


# --- unpacking --------------------------------------------------------------------------------


def unpack(
    file: Path, folder: Path, format_: Format, text: Sequence[int], check: StopCheck = lambda: None
) -> WeightsManifest:
    """Write ``folder`` whole or not at all. ``check`` may raise to end it.

    ``text``: tokens like those that will be read, for 8 bits to be fitted to.
    """
    reader = open_gguf(file)
    architecture = read_architecture(reader)
    folder.parent.mkdir(parents=True, exist_ok=True)
    require_space(folder.parent, unpacked_bytes(architecture, format_), "Unpacking the weights")
    embedding = _locate(reader)
    smoothing = Smoothing(architecture, open_embedding(file, embedding), text)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        sizes = {}
        for at in range(architecture.layers):
            check()
            tensors = _plain(reader, architecture, at)
            if format_ != "bfloat16":
                smoothing.apply(at, tensors)
            name = f"layer-{at:03}.safetensors"
            sizes[name] = _save(encode(tensors, format_), temporary / name)
        head = _head(reader)
        if format_ != "bfloat16":
            smoothing.apply_to_head(head)
        sizes[_HEAD] = _save(encode(head, format_), temporary / _HEAD)
        found = WeightsManifest(
            version=VERSION, architecture=architecture, embedding=embedding, files=sizes
        )
        write_text(temporary / _MANIFEST, found.model_dump_json(indent=1) + "\n")
        temporary.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return found


def _plain(reader: GGUFReader, architecture: Architecture, at: int) -> Tensors:
    """One layer in float32, what is multiplied with the same inputs put together."""
    held = {one.name: one for one in reader.tensors if one.name.startswith(f"blk.{at}.")}

    def take(*names: str) -> Tensor:
        return _floats(held[f"blk.{at}.{name}"] for name in names)

    tensors = {
        "attention_norm": take("attn_norm.weight"),
        "attention_in": take("attn_q.weight", "attn_k.weight", "attn_v.weight"),
        "attention_out": take("attn_output.weight"),
        "feed_norm": take("ffn_norm.weight"),
        "feed_in": take("ffn_gate.weight", "ffn_up.weight"),
        "feed_out": take("ffn_down.weight"),
    }
    if architecture.biases:
        tensors["attention_in.bias"] = take("attn_q.bias", "attn_k.bias", "attn_v.bias")
    return tensors


def _head(reader: GGUFReader) -> Tensors:
    """The last norm and the head, which is the embedding where there is none of its own."""
    held = {one.name: one for one in reader.tensors}
    matrix = held.get(HEAD, held[EMBEDDING])
    return {"norm": _floats([held[FINAL_NORM]]), "matrix": _floats([matrix])}


def _floats(tensors: Iterable[ReaderTensor]) -> Tensor:
    """In float32, one below the other."""
    import torch
    from gguf import dequantize

    parts = [dequantize(one.data, one.tensor_type) for one in tensors]
    return torch.from_numpy(np.concatenate(parts).astype(np.float32))


def encode(tensors: Tensors, format_: Format) -> Tensors:
    """The tensors as they are written; a matrix that has a ``.scale`` is in 8 bits."""
    import torch

    found = {}
    for name, tensor in tensors.items():
        if tensor.dim() == 1:
            found[name] = tensor
        elif format_ == "bfloat16" or (format_ == "mixed" and name == "feed_out"):
            found[name] = tensor.to(torch.bfloat16)
        else:
            found[name], found[f"{name}.scale"] = quantise_weight(tensor)
    return found


def _save(tensors: Tensors, file: Path) -> int:
    from safetensors.torch import save_file

    save_file(tensors, file)
    return file.stat().st_size


# --- reading ----------------------------------------------------------------------------------


def load_network(
    file: Path, folder: Path, found: WeightsManifest, check: StopCheck = lambda: None
) -> Network:
    """The network whose weights ``folder`` holds; ``file`` is where they come from."""
    from safetensors.torch import load_file

    def tensors(name: str) -> Tensors:
        check()
        return _small_copied(load_file(folder / name))

    layers = [build_layer(tensors(name)) for name in sorted(found.files) if name != _HEAD]
    head = build_head(tensors(_HEAD))
    return Network(found.architecture, layers, open_embedding(file, found.embedding), head)


def _small_copied(tensors: Tensors) -> Tensors:
    """Of a mapped file, whose mapping ends once its matrices have been laid out anew."""
    return {name: one.clone() if one.dim() == 1 else one for name, one in tensors.items()}


def _locate(reader: GGUFReader) -> Embedding:
    tensor = next(one for one in reader.tensors if one.name == EMBEDDING)
    rows = int(tensor.shape[1])
    return Embedding(
        offset=int(tensor.data_offset),
        rows=rows,
        row_bytes=int(tensor.n_bytes) // rows,
        kind=int(tensor.tensor_type),
    )


def open_embedding(file: Path, embedding: Embedding) -> Embed:
    """A function from token ids to their float32 rows, read from the GGUF file as needed."""
    import torch
    from gguf import GGMLQuantizationType, dequantize

    kind = GGMLQuantizationType(embedding.kind)
    shape = (embedding.rows, embedding.row_bytes)
    mapped = np.memmap(file, np.uint8, "r", embedding.offset, shape)

    def rows(tokens: Sequence[int]) -> Tensor:
        return torch.from_numpy(dequantize(mapped[list(tokens)], kind).astype(np.float32))

    return rows
