"""The weights of a GGUF file, unpacked once into files that are mapped into memory.

In: a GGUF file, a format, tokens to calibrate with. Out: a folder with one safetensors file a layer
and a ``manifest.json``, and the :class:`~qa.engine.prefill.network.Network` made from it. What can
fail: a model that is not known here (Unsupported), a disk that is full (OSError). A folder that is
torn (a file missing or of another size, no manifest) counts as not there and is made again.

In 8 bits, inputs of a product whose columns differ a lot in size lose the small ones. So columns
are scaled before rounding, by as much as the weights are scaled the other way, and the scale goes
into what makes the inputs: the norm before, or the rows of the feed-forward values (Xiao et al.
2023, SmoothQuant, arXiv:2211.10438, equation 4). How large inputs get is seen on a short text that
is read layer by layer while the weights are unpacked.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from models.files import require_space, write_text
from qa.engine.prefill.architecture import EMBEDDING, Architecture, read_architecture
from qa.engine.prefill.choice import Format
from qa.engine.prefill.matrices import ByteMatrix, FloatMatrix, Matrix, Prepared, quantise_weight
from qa.engine.prefill.network import Embed, Layer, Network, Past, Span

if TYPE_CHECKING:
    from gguf import GGUFReader

VERSION = 1
# Of a column's size that its weights take over from its inputs (SmoothQuant's alpha).
SMOOTHING = 0.5
_MANIFEST = "manifest.json"
# Tokens at the beginning of a text gather attention with inputs like no other token's.
_SINKS = 4
_TINY = 1e-5
Check = Callable[[], None]
Tensors = dict[str, Tensor]


class Embedding(BaseModel):
    """Where the GGUF file holds the embedding: bytes from its start, rows, bytes of a row."""

    model_config = ConfigDict(frozen=True)

    offset: int
    rows: int
    row_bytes: int
    kind: int


class Manifest(BaseModel):
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
    width = {"bfloat16": 2 * shape.parameters, "int8": shape.parameters}
    return width.get(format_, shape.parameters + down)


def read_manifest(folder: Path) -> Manifest | None:
    """Of a folder that is whole; None where it is not."""
    try:
        text = (folder / _MANIFEST).read_text(encoding="utf-8")
        found = Manifest.model_validate_json(text)
        sizes = {name: (folder / name).stat().st_size for name in found.files}
    except (OSError, ValidationError):
        return None
    return found if found.version == VERSION and sizes == found.files else None


# --- unpacking --------------------------------------------------------------------------------


def unpack(
    file: Path, folder: Path, format_: Format, text: Sequence[int], check: Check = lambda: None
) -> Manifest:
    """Write ``folder`` whole or not at all. ``check`` may raise to end it.

    ``text``: tokens that are representative of what will be read.
    """
    from gguf import GGUFReader

    reader = GGUFReader(file)
    architecture = read_architecture(reader)
    folder.parent.mkdir(parents=True, exist_ok=True)
    require_space(folder.parent, unpacked_bytes(architecture, format_), "Unpacking the weights")
    embedding = _locate(reader)
    calibration = Calibration(architecture, read_rows(file, embedding), text)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        sizes = {}
        for at in range(architecture.layers):
            check()
            tensors = _plain(reader, architecture, at)
            if format_ != "bfloat16":
                _smooth(tensors, calibration.read(at, tensors))
            name = f"layer-{at:03}.safetensors"
            sizes[name] = _save(_encode(tensors, format_), temporary / name)
        found = Manifest(
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
    from gguf import dequantize

    held = {one.name: one for one in reader.tensors if one.name.startswith(f"blk.{at}.")}

    def take(*names: str) -> Tensor:
        found = [held[f"blk.{at}.{name}"] for name in names]
        parts = [dequantize(one.data, one.tensor_type) for one in found]
        return torch.from_numpy(np.concatenate(parts).astype(np.float32))

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


def _smooth(tensors: Tensors, seen: Tensors) -> None:
    """Move the differences between columns from inputs, of sizes ``seen``, into weights."""
    for matrix, norm in (("attention_in", "attention_norm"), ("feed_in", "feed_norm")):
        scale = _smoothing(tensors[matrix], seen[matrix])
        tensors[matrix] *= scale
        tensors[norm] /= scale
    scale = _smoothing(tensors["feed_out"], seen["feed_out"])
    tensors["feed_out"] *= scale
    tensors["feed_in"][len(scale) :] /= scale[:, None]


def _smoothing(weight: Tensor, seen: Tensor) -> Tensor:
    """What each column is scaled by, float32 (inputs,), 1 in the geometric mean."""
    largest = weight.abs().amax(0).clamp_min(_TINY)
    scale = seen.clamp_min(_TINY) ** SMOOTHING / largest ** (1 - SMOOTHING)
    return scale / scale.log().mean().exp()


def _encode(tensors: Tensors, format_: Format) -> Tensors:
    """The tensors as they are written; a matrix that has a ``.scale`` is in 8 bits."""
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


class Calibration:
    """A text on its way through the layers, one after the other, in float32."""

    def __init__(self, architecture: Architecture, embed: Embed, text: Sequence[int]) -> None:
        self._network = Network(architecture, [], embed)
        self._hidden = embed(text)
        self._spans = [Span(Past(architecture, len(text)), 0, len(text), None)]

    def read(self, at: int, tensors: Tensors) -> Tensors:
        """The largest size of each input, float32 (inputs,), by matrix; to be called in order."""
        seen: Tensors = {}
        layer = assemble(tensors, lambda name, *held: Observed(partial(seen.__setitem__, name), *held))
        with torch.inference_mode():
            self._hidden = self._network.layer(
                at, layer, self._hidden, self._spans, self._network.rotation(self._spans)
            )
        return {name: size.clone() for name, size in seen.items()}


class Observed(FloatMatrix):
    """A matrix that tells how large its inputs are."""

    def __init__(
        self, tell: Callable[[Tensor], None], weight: Tensor, bias: Tensor | None = None
    ) -> None:
        super().__init__(weight, bias)
        self._tell = tell

    def prepare(self, activations: Tensor) -> Prepared:
        """In the type of the weights."""
        self._tell(activations[_SINKS:].abs().amax(0))
        return super().prepare(activations)


# --- reading ----------------------------------------------------------------------------------


def load(file: Path, folder: Path, found: Manifest, check: Check = lambda: None) -> Network:
    """The network whose weights ``folder`` holds; ``file`` is where they come from."""
    from safetensors.torch import load_file

    layers = []
    for name in sorted(found.files):
        check()
        layers.append(assemble(load_file(folder / name), _matrix))
    return Network(found.architecture, layers, read_rows(file, found.embedding))


def assemble(tensors: Tensors, make: Callable[..., Matrix]) -> Layer:
    """A layer whose matrices are what ``make`` gives for name, weight and perhaps more."""

    def matrix(name: str) -> Matrix:
        more = [tensors[key] for key in (f"{name}.scale", f"{name}.bias") if key in tensors]
        return make(name, tensors[name], *more)

    return Layer(
        attention_norm=tensors["attention_norm"],
        attention_in=matrix("attention_in"),
        attention_out=matrix("attention_out"),
        feed_norm=tensors["feed_norm"],
        feed_in=matrix("feed_in"),
        feed_out=matrix("feed_out"),
    )


def _matrix(name: str, weight: Tensor, *more: Tensor) -> Matrix:
    return (ByteMatrix if weight.dtype == torch.int8 else FloatMatrix)(weight, *more)


def _locate(reader: GGUFReader) -> Embedding:
    tensor = next(one for one in reader.tensors if one.name == EMBEDDING)
    rows = int(tensor.shape[1])
    return Embedding(
        offset=int(tensor.data_offset),
        rows=rows,
        row_bytes=int(tensor.n_bytes) // rows,
        kind=int(tensor.tensor_type),
    )


def read_rows(file: Path, embedding: Embedding) -> Embed:
    """A function from token ids to their float32 rows, read from the GGUF file as needed."""
    from gguf import GGMLQuantizationType, dequantize

    kind = GGMLQuantizationType(embedding.kind)
    shape = (embedding.rows, embedding.row_bytes)
    mapped = np.memmap(file, np.uint8, "r", embedding.offset, shape)

    def rows(tokens: Sequence[int]) -> Tensor:
        return torch.from_numpy(dequantize(mapped[list(tokens)], kind).astype(np.float32))

    return rows
