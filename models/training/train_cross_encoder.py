"""Train the cross-encoder: ``python -m models.training.train_cross_encoder``.

In: the encoder's folder, the folder with the data, a time budget, perhaps weights to go on from
(with another seed: other stretches of the texts, in another order). Out: the low-rank matrices and
heads that make the encoder a cross-encoder (``cross-encoder.safetensors``), checkpoints at most
five minutes apart from which an interrupted run goes on, and a curve (``curve.jsonl``). What can
fail: an absent set, too little memory.

The encoder sees question and text together, and two heads give each token a score for being the
answer's first and last; the first token of all stands for "no answer" (Devlin et al. 2019, "BERT",
section 4.3). Adapted are all matrices of the upper layers (Hu et al. 2021, "LoRA",
arXiv:2106.09685).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.training.checkpoint import keep, restore
from models.training.span_examples import SpanExample, span_examples
from models.training.train import CHECKPOINT_S, rate

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

MATRICES = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip
"""Of each layer, by the names of BERT's weights."""
PREFIX = "query: "
"""Before the question, as the encoder was trained."""
_LONGEST = 384
"""Tokens of an example."""
_ROWS = 3072
"""Tokens of a step, padding among them."""
_POOL = 40
"""Steps whose examples are sorted by length together, so that little is padded."""


@dataclass(frozen=True)
class Encoded:
    """An example as tokens."""

    tokens: list[int]
    first: int
    """The text's first token; the question stands before it."""
    target: tuple[int, int]
    """Tokens that the answer begins and ends with; (0, 0) for none."""


def encode(tokenizer: Any, examples: Sequence[SpanExample]) -> list[Encoded]:
    """``examples`` as tokens, without those that are too long (tables that no sentence ends)."""
    texts = [f"{one.heading}. {one.text}" if one.heading else one.text for one in examples]
    questions = [PREFIX + " ".join(example.question.split()) for example in examples]
    encodings = tokenizer.encode_batch(list(zip(questions, texts, strict=True)))
    encoded = []
    for example, text, encoding in zip(examples, texts, encodings, strict=True):
        if len(encoding.ids) > _LONGEST:
            continue
        first = encoding.sequence_ids.index(1)
        target = (0, 0)
        if example.span is not None:
            shift = len(text) - len(example.text)
            low, high = (place + shift for place in example.span)
            inside = [
                at
                for at, (begin, end) in enumerate(encoding.offsets)
                if encoding.sequence_ids[at] == 1 and begin < high and low < end
            ]
            if not inside:
                continue
            target = inside[0], inside[-1]
        encoded.append(Encoded(encoding.ids, first, target))
    return encoded


def batches(encoded: Sequence[Encoded], seed: int) -> list[list[Encoded]]:
    """Steps of about as many tokens each."""
    chance = random.Random(seed)
    steps: list[list[Encoded]] = []
    mean = sum(len(one.tokens) for one in encoded) / len(encoded)
    size = int(_POOL * _ROWS / mean)
    for start in range(0, len(encoded), size):
        pool: list[list[Encoded]] = [[]]
        for one in sorted(encoded[start : start + size], key=lambda one: len(one.tokens)):
            if (len(pool[-1]) + 1) * len(one.tokens) > _ROWS:
                pool.append([])
            pool[-1].append(one)
        chance.shuffle(pool)
        steps += pool
    return steps


class SpanNetwork:
    """The encoder with low-rank matrices and heads."""

    def __init__(self, folder: Path, rank: int, first_layer: int, seed: int) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.manual_seed(seed)
        self.network: nn.Module = SentenceTransformer(str(folder), device="cpu")[0].auto_model
        self.network.eval().requires_grad_(False)
        width = self.network.config.hidden_size
        self.tensors: dict[str, Tensor] = {
            "heads.weight": torch.empty(2, width).normal_(0, 0.02),
            "heads.bias": torch.zeros(2),
        }
        for number, layer in enumerate(self.network.encoder.layer):
            if number < first_layer:
                continue
            for matrix in MATRICES:
                module = layer.get_submodule(matrix)
                name = f"encoder.layer.{number}.{matrix}"
                down = torch.empty(rank, module.in_features)
                torch.nn.init.kaiming_uniform_(down, a=5**0.5)
                self.tensors[f"{name}.down"] = down
                self.tensors[f"{name}.up"] = torch.zeros(module.out_features, rank)
                module.register_forward_hook(self._adapted(name))
        for tensor in self.tensors.values():
            tensor.requires_grad_()

    def _adapted(self, name: str) -> Any:
        down, up = self.tensors[f"{name}.down"], self.tensors[f"{name}.up"]
        return lambda _, inputs, product: product + (inputs[0] @ down.T) @ up.T

    def scores(self, step: Sequence[Encoded]) -> Tensor:
        """First and last token's logits, (examples, tokens, 2); -inf where no answer can be."""
        import torch

        longest = max(len(one.tokens) for one in step)
        tokens = torch.ones(len(step), longest, dtype=torch.long)
        seen = torch.zeros(len(step), longest, dtype=torch.long)
        barred = torch.ones(len(step), longest, dtype=torch.bool)
        for at, one in enumerate(step):
            tokens[at, : len(one.tokens)] = torch.tensor(one.tokens)
            seen[at, : len(one.tokens)] = 1
            barred[at, one.first : len(one.tokens) - 1] = False
            barred[at, 0] = False
        hidden = self.network(input_ids=tokens, attention_mask=seen).last_hidden_state
        scores: Tensor = hidden @ self.tensors["heads.weight"].T + self.tensors["heads.bias"]
        return scores.masked_fill(barred[:, :, None], float("-inf"))

    def load(self, file: Path) -> None:
        """Take the values that `export` wrote; raises ValueError if they are of other matrices."""
        from safetensors.torch import load_file

        halves = load_file(str(file))
        shapes = {name: tensor.shape for name, tensor in self.tensors.items()}
        if shapes != {name: half.shape for name, half in halves.items()}:
            raise ValueError(f"{file} is of another rank or of other layers; give those it has")
        for name, half in halves.items():
            self.tensors[name].data.copy_(half)

    def export(self, file: Path) -> None:
        """Write what was trained, in half precision."""
        import torch
        from safetensors.torch import save_file

        partial = file.with_suffix(".partial")
        halves = {
            name: tensor.detach().to(torch.float16).contiguous()
            for name, tensor in self.tensors.items()
        }
        save_file(halves, str(partial))
        partial.replace(file)


def loss_of(network: SpanNetwork, step: Sequence[Encoded]) -> Tensor:
    """Mean negative log-likelihood (nats) of the first and the last token."""
    import torch

    scores = network.scores(step)
    targets = torch.tensor([one.target for one in step])
    return torch.nn.functional.cross_entropy(scores, targets)


def train(arguments: argparse.Namespace) -> None:
    """Train until the budget is spent or the data is used up."""
    import torch
    from tokenizers import Tokenizer

    torch.set_num_threads(arguments.threads)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    examples, _ = span_examples(arguments.data, arguments.seed, arguments.public_share)
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    steps = batches(encode(tokenizer, examples), arguments.seed)
    network = SpanNetwork(arguments.model, arguments.rank, arguments.first_layer, arguments.seed)
    if arguments.go_on_from is not None:
        network.load(arguments.go_on_from)
    parameters = list(network.tensors.values())
    optimiser = torch.optim.AdamW(
        parameters, lr=arguments.peak, weight_decay=0.01, betas=(0.9, 0.98)
    )
    state = restore(out, parameters, optimiser, {"step": 0, "spent": 0.0})
    budget = arguments.minutes * 60
    began, saved_at = time.monotonic() - state["spent"], time.monotonic()
    print(f"{len(examples)} examples in {len(steps)} steps", flush=True)
    while time.monotonic() - began < budget and state["step"] < len(steps):
        step = steps[int(state["step"])]
        optimiser.zero_grad()
        loss = loss_of(network, step)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        state["spent"] = time.monotonic() - began
        spent = max(state["spent"] / budget, state["step"] / len(steps))
        for group in optimiser.param_groups:
            group["lr"] = rate(spent, arguments.peak)
        optimiser.step()
        state["step"] += 1
        _log(out, state, float(loss.detach()), step)
        if time.monotonic() - saved_at > CHECKPOINT_S:
            _save(out, network, optimiser, state)
            saved_at = time.monotonic()
    _save(out, network, optimiser, state)


def _save(out: Path, network: SpanNetwork, optimiser: Optimizer, state: dict[str, float]) -> None:
    keep(out, list(network.tensors.values()), optimiser, state)
    network.export(out / "cross-encoder.safetensors")


def _log(out: Path, state: dict[str, float], loss: float, step: Sequence[Encoded]) -> None:
    row = {
        "seconds": round(state["spent"], 1), "step": state["step"], "loss": round(loss, 4),
        "examples": len(step), "tokens": sum(len(one.tokens) for one in step),
    }  # fmt: skip
    with (out / "curve.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")


def main() -> None:
    """Read arguments and train."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.train_cross_encoder", description=__doc__
    )
    parser.add_argument("--model", type=Path, required=True, help="folder of the encoder")
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and eval/")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--first-layer", type=int, default=3, help="the first that is adapted")
    parser.add_argument("--peak", type=float, default=8e-4, help="the highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7, help="of examples and their order")
    parser.add_argument(
        "--public-share", type=float, default=1.0, help="of the public sets' examples, to take"
    )
    parser.add_argument("--go-on-from", type=Path, help="trained weights to go on from")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
