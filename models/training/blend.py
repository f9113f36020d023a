"""Blend two runs of one training: ``python -m models.training.blend BEFORE AFTER OUT``.

In: the weights before a run and after it, safetensors or adapters (GGUF) of the same matrices, the
share of the later ones. Out: their weighted mean, in half precision. What can fail: weights of
other matrices.

A run on texts of one kind makes the network better there and worse elsewhere; half way between,
most of the one is won and little of the other lost (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models", arXiv:2109.01903; docs/measurements.md, "The cross-encoder").
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from models.training.adapter import read_adapter, write_adapter

if TYPE_CHECKING:
    from torch import Tensor


def blend(before: Path, after: Path, out: Path, share: float) -> None:
    """Write the mean of both to ``out``, ``share`` (0 to 1) of it ``after``; raises ValueError for
    weights of other matrices.

    Of an adapter each factor is averaged: the runs are near enough to each other that this is about
    the mean of their products.
    """
    first, second = _read(before), _read(after)
    if {name: one.shape for name, one in first.items()} != {
        name: one.shape for name, one in second.items()
    }:
        raise ValueError(f"{after} has other matrices than {before}; give two runs of one training")
    mean = {
        name: (1 - share) * first[name].float() + share * second[name].float() for name in first
    }
    _write(out, mean)


def _read(file: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return read_adapter(file) if file.suffix == ".gguf" else load_file(str(file))


def _write(file: Path, weights: dict[str, Tensor]) -> None:
    from safetensors.torch import save_file

    if file.suffix == ".gguf":
        write_adapter(file, weights)
    else:
        save_file({name: value.half().contiguous() for name, value in weights.items()}, str(file))


def main() -> None:
    """Read arguments and blend."""
    parser = argparse.ArgumentParser(prog="python -m models.training.blend", description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the later one")
    arguments = parser.parse_args()
    blend(arguments.before, arguments.after, arguments.out, arguments.share)


if __name__ == "__main__":
    main()
