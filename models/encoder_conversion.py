"""Turn an ``E5S1`` container into a sentence-transformers folder, once.

In: a container and the folder to make. Out: the folder (BertModel in float32, its tokenizer,
mean pooling, normalisation), complete or not there at all: it is written under a temporary name
beside its place and renamed. What can fail: a damaged container (BelegtError), a full disk
(OSError; the temporary folder is removed).

Where the tokenizer differs from the container's own engine: runs of characters that no piece
covers become one ``<unk>`` here, as in SentencePiece and the original model, and one each there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.files import replacing_folder
from models.charsmap import build_charsmap
from models.encoder_container import EncoderContainer, read_container

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from tokenizers import Tokenizer

CONVERSION = 1
"""Raised when the folder's content changes, so that older conversions are made again."""

METASPACE = "▁"
SEPARATOR = "\x01"
"""Removed by the table itself, and never part of a grapheme with its neighbours."""
BETWEEN_NON_ASCII = r"(?<=[^\x00-\x7F])(?=[^\x00-\x7F])"


def convert_encoder(container_file: Path, folder: Path) -> None:
    """Write the model of ``container_file`` into ``folder``, whole or not at all."""
    container = read_container(container_file)
    with replacing_folder(folder) as work:
        _write_weights(container, work)
        build_tokenizer(container).save(str(work / "tokenizer.json"), pretty=False)
        _write_settings(container, work)


def build_tokenizer(container: EncoderContainer) -> Tokenizer:
    """Return the container's Unigram tokenizer with exactly the container's normalisation."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces, special = container.pieces, container.special
    vocabulary = list(zip(pieces, container.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=special.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            # Precompiled replaces a whole grapheme of under six bytes by what its first
            # character maps to, which would drop the accent of a ligature or a fraction. The
            # table maps no printable ASCII, so only its other characters need to be parted.
            normalizers.Replace(Regex(BETWEEN_NON_ASCII), SEPARATOR),
            normalizers.Precompiled(build_charsmap(container.normalisation)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(METASPACE, prepend_scheme="always")
    bos, eos = pieces[special.bos], pieces[special.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, special.bos), (eos, special.eos)],
    )
    return tokenizer


def _write_weights(container: EncoderContainer, folder: Path) -> None:
    from safetensors.numpy import save_file

    save_file(_weights(container), folder / "model.safetensors", metadata={"format": "pt"})
    # safetensors makes it private to its owner; the other files are not.
    (folder / "model.safetensors").chmod(0o644)


def _weights(container: EncoderContainer) -> dict[str, npt.NDArray[np.float32]]:
    """Return all tensors under the names of transformers' BertModel."""
    import numpy as np

    get, sizes = container.tensor, container.sizes
    hidden, inner = sizes.hidden, sizes.feed_forward
    weights = {
        "embeddings.word_embeddings.weight": get("emb.word", sizes.vocabulary, hidden),
        "embeddings.position_embeddings.weight": get("emb.pos", sizes.positions, hidden),
        "embeddings.token_type_embeddings.weight": get("emb.type", sizes.token_types, hidden),
        "embeddings.LayerNorm.weight": get("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": get("emb.ln.b", hidden),
        # Mean pooling never asks for BERT's pooler; without it transformers would draw it at
        # random and warn on every start.
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    matrices = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", inner, hidden),
        "fo": ("output.dense", hidden, inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(sizes.layers):
        start = f"encoder.layer.{layer}."
        for short, (name, rows, columns) in matrices.items():
            weights[f"{start}{name}.weight"] = get(f"l{layer}.{short}.w", rows, columns)
            weights[f"{start}{name}.bias"] = get(f"l{layer}.{short}.b", rows)
        for short, name in norms.items():
            weights[f"{start}{name}.weight"] = get(f"l{layer}.{short}.w", hidden)
            weights[f"{start}{name}.bias"] = get(f"l{layer}.{short}.b", hidden)
    return weights


def _write_settings(container: EncoderContainer, folder: Path) -> None:
    pieces, sizes, special = container.pieces, container.sizes, container.special
    network = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": sizes.hidden,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.feed_forward,
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.token_types,
        "layer_norm_eps": sizes.layer_norm_epsilon,
        "hidden_act": "gelu",
        "bos_token_id": special.bos,
        "eos_token_id": special.eos,
        "pad_token_id": special.pad,
        "dtype": "float32",
    }
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": sizes.positions,
        "bos_token": pieces[special.bos],
        "eos_token": pieces[special.eos],
        "cls_token": pieces[special.bos],
        "sep_token": pieces[special.eos],
        "pad_token": pieces[special.pad],
        "unk_token": pieces[special.unk],
        # A document that contains "</s>" is not cut there; its pieces are looked up as any others.
        "split_special_tokens": True,
    }
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {
            "idx": 1,
            "name": "1",
            "path": "1_Pooling",
            "type": "sentence_transformers.models.Pooling",
        },
        {
            "idx": 2,
            "name": "2",
            "path": "2_Normalize",
            "type": "sentence_transformers.models.Normalize",
        },
    ]
    pooling = {"word_embedding_dimension": sizes.hidden, "pooling_mode_mean_tokens": True}
    _write_json(folder / "config.json", network)
    _write_json(folder / "tokenizer_config.json", tokenizer)
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": sizes.positions})
    _write_json(folder / "modules.json", modules)
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()


def _write_json(file: Path, content: dict[str, Any] | list[dict[str, Any]]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
