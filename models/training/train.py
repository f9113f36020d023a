"""Train the reader's adapter: ``python -m models.training.train``.

In: a GGUF file of the base network, the folder with the data, a time budget. Out: an adapter in the
output folder (``adapter.gguf``), checkpoints at most five minutes apart from which an interrupted
run goes on, and a curve (``curve.jsonl``). What can fail: an absent set, too little memory.

The learning rate follows the share of the budget that is spent, rising for a twentieth and falling
by a cosine to a tenth, so that a run on a slower machine is a shorter one and not a broken one.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.training.adapter import LowRankAdapter
from models.training.base_network import MATRICES, BaseNetwork
from models.training.checkpoint import keep, restore
from models.training.mixture import FORMS, mixture
from models.training.packing import Pack, Tail, TextExamples, Tokenise, pack
from models.training.written_examples import written_mixture

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

CHECKPOINT_S = 240
PEAK = 3e-4
"""Learning rate; a quarter less than that of a trial with a tenth of the steps."""
PACKS = 2
"""Packs of a step."""
_WARM = 0.05
_FLOOR = 0.1
_LONGEST_PACK = 900


def rate(spent: float, peak: float) -> float:
    """The learning rate after a share of the budget, 0 to 1."""
    if spent < _WARM:
        return peak * (spent / _WARM)
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, (spent - _WARM) / (1 - _WARM))))
    return peak * (_FLOOR + (1 - _FLOOR) * falling)


def tokeniser(file: Path) -> Tokenise:
    """Tokens as llama.cpp makes them."""
    import llama_cpp

    model = llama_cpp.Llama(str(file), vocab_only=True, verbose=False)

    def tokenise(text: str, control: bool) -> list[int]:
        tokens: list[int] = model.tokenize(text.encode(), add_bos=False, special=control)
        return tokens

    return tokenise


def loss_of(network: BaseNetwork, adapter: LowRankAdapter, packed: Pack) -> Tensor:
    """Mean over the tails of their answers' negative log-likelihoods a token (nats)."""
    import torch

    hidden = network.forward(packed, adapter)
    rows = torch.tensor([row for tail in packed.rows for row in tail])
    targets = torch.tensor([token for tail in packed.targets for token in tail])
    losses = torch.nn.functional.cross_entropy(
        network.logits(hidden[rows]), targets, reduction="none"
    )
    parts = torch.split(losses, [len(tail) for tail in packed.targets])
    return torch.stack([part.mean() for part in parts]).mean()


def train(arguments: argparse.Namespace) -> None:
    """Train until the budget is spent or the data is used up ``epochs`` times."""
    import torch

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    tokenise = tokeniser(arguments.model)
    examples, held = mixture(arguments.data, arguments.seed, arguments.forms)
    examples = examples[arguments.skip :]
    if arguments.written:
        examples = written_mixture(examples, arguments.seed)[arguments.skip_written :]
    network = BaseNetwork(arguments.model, arguments.first_layer)
    adapter = make_adapter(network, arguments.rank, arguments.seed)
    if arguments.go_on_from is not None:
        adapter.load(arguments.go_on_from)
    parameters = list(adapter.tensors.values())
    optimiser = torch.optim.AdamW(
        parameters, lr=arguments.peak, weight_decay=0.0, betas=(0.9, 0.98)
    )
    state = restore(out, parameters, optimiser, {"example": 0, "spent": 0.0})
    budget = arguments.minutes * 60
    began, saved_at = time.monotonic() - state["spent"], time.monotonic()
    print(f"{len(examples)} texts to train on, {len(held)} held", flush=True)
    while time.monotonic() - began < budget and state["example"] < len(examples):
        first = int(state["example"])
        batch = examples[first : first + PACKS]
        packs = [pack(fitting(example, tokenise), tokenise) for example in batch]
        optimiser.zero_grad()
        total = 0.0
        for packed in packs:
            loss = loss_of(network, adapter, packed)
            torch.autograd.backward(loss / len(packs))
            total += float(loss.detach()) / len(packs)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        state["spent"] = time.monotonic() - began
        # The budget may end before the data or the data before the budget.
        spent = max(state["spent"] / budget, state["example"] / len(examples))
        for group in optimiser.param_groups:
            group["lr"] = rate(spent, arguments.peak)
        optimiser.step()
        state["example"] += len(batch)
        _log(out, state, total, packs, [example.source for example in batch])
        if time.monotonic() - saved_at > CHECKPOINT_S:
            save(out, adapter, optimiser, state)
            saved_at = time.monotonic()
    save(out, adapter, optimiser, state)


def make_adapter(network: BaseNetwork, rank: int, seed: int) -> LowRankAdapter:
    """An adapter that does nothing yet, for the trained layers of ``network``."""
    layers = range(network.first_trained, network.shape.layers)
    sizes = {name: network.size(name) for name in MATRICES}
    return LowRankAdapter(layers, sizes, rank, seed)


def fitting(example: TextExamples, tokenise: Tokenise) -> TextExamples:
    """With as many tails as memory and time allow."""
    left = _LONGEST_PACK - len(tokenise(example.text, False))
    tails: list[Tail] = []
    for tail in example.tails:
        left -= len(tokenise(tail.content + tail.proposed + tail.answer, False)) + 14
        if left > 0 or not tails:
            tails.append(tail)
    return TextExamples(example.heading, example.text, tuple(tails), example.source)


def save(out: Path, adapter: LowRankAdapter, optimiser: Optimizer, state: dict[str, float]) -> None:
    """A checkpoint to go on from, and the adapter as it is now."""
    keep(out, list(adapter.tensors.values()), optimiser, state)
    adapter.export(out / "adapter.gguf")


def _log(
    out: Path, state: dict[str, float], loss: float, packs: Sequence[Pack], sources: list[str]
) -> None:
    row = {
        "seconds": round(state["spent"], 1), "example": state["example"], "loss": round(loss, 4),
        "tokens": sum(len(packed.tokens) for packed in packs),
        "tails": sum(len(packed.rows) for packed in packs), "sources": sources,
    }  # fmt: skip
    with (out / "curve.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """Read arguments and train."""
    parser = argparse.ArgumentParser(prog="python -m models.training.train", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="GGUF file of the base network")
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and eval/")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--first-layer", type=int, default=14, help="the first with an adapter")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--forms", nargs="+", default=["extract"], choices=FORMS)
    parser.add_argument("--peak", type=float, default=PEAK, help="the highest learning rate")
    parser.add_argument("--go-on-from", type=Path, help="an adapter to go on from")
    parser.add_argument("--skip", type=int, default=0, help="texts that it was trained on")
    parser.add_argument(
        "--written", action="store_true", help="mainly what was written for belegt, after that"
    )
    parser.add_argument(
        "--skip-written", type=int, default=0, help="texts of these that it was trained on"
    )
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    train(arguments)


if __name__ == "__main__":
    main()
