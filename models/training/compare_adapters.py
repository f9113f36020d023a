"""Compare adapters on held documents: ``python -m models.training.compare_adapters ADAPTER …``.

In: the base network's GGUF file, the folder with the data, adapters of one training ("none" is the
base network alone). Out: a table, a row for each kind of text, form and adapter. What can fail: an
absent set, an adapter of other layers.

Every text is read once for all of them, and nothing is generated: what an adapter says of the right
answer is what it would say on its way there, and whether it says there is one stands in its first
token. The right passage is at hand, which a whole answer must find first. Ten tails take three
seconds a text and adapter on two Zen 3 cores.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from models import forms
from models.training.adapter import LowRankAdapter
from models.training.base_network import BaseNetwork
from models.training.mixture import FORMS, interleave, mixture
from models.training.packing import Pack, TextExamples, Tokenise, pack
from models.training.train import fitting, make_adapter, tokeniser
from models.training.written import SOURCE, written_documents
from models.training.written_examples import passage_examples

if TYPE_CHECKING:
    from torch import Tensor

_NO = {forms.NOTHING, *forms.NO.values()}
"""Answers that say no."""


@dataclass
class Figures:
    """What one adapter says of tails of one kind."""

    whole: list[bool] = field(default_factory=list)
    """Of answers to be extracted: whether each token is the likeliest behind those before it."""
    nats: list[float] = field(default_factory=list)
    """Negative log-likelihood of the right answer (nats a token)."""
    affirmed: list[float] = field(default_factory=list)
    """Log-odds that there is an answer, where there is one or where yes is right."""
    denied: list[float] = field(default_factory=list)
    """The same where there is none or where no is right."""

    @property
    def area(self) -> float:
        """Under the ROC curve of ``affirmed`` against ``denied``."""
        from sklearn.metrics import roc_auc_score

        if not self.affirmed or not self.denied:
            return float("nan")
        right = [True] * len(self.affirmed) + [False] * len(self.denied)
        return float(roc_auc_score(right, self.affirmed + self.denied))

    def affirmed_at(self, wrongly_denied: float) -> float:
        """Share of the others affirmed where so many that have an answer are denied."""
        if not self.affirmed or not self.denied:
            return float("nan")
        threshold = np.quantile(self.affirmed, wrongly_denied)
        return float(np.mean(np.asarray(self.denied) >= threshold))


def held_texts(data: Path, texts: int, seed: int) -> list[TextExamples]:
    """``texts`` of held documents by lot: half of them written for belegt."""
    chance = random.Random(seed)
    written = passage_examples(written_documents(held=True), seed)
    _, public = mixture(data, seed, FORMS)
    chance.shuffle(written)
    chance.shuffle(public)
    return list(interleave(written[: texts // 2], public[: texts // 2]))


def compare(
    network: BaseNetwork,
    adapters: dict[str, LowRankAdapter | None],
    examples: Sequence[TextExamples],
    tokenise: Tokenise,
) -> dict[tuple[str, str, str], Figures]:
    """Figures by (kind of text, form, adapter)."""
    import torch

    figures: dict[tuple[str, str, str], Figures] = defaultdict(Figures)
    with torch.no_grad():
        for example in tqdm(examples, disable=None):
            fitted = fitting(example, tokenise)
            packed = pack(fitted, tokenise)
            reading = network.read_text(packed)
            kind = "written" if SOURCE in fitted.source else "public"
            for name, adapter in adapters.items():
                hidden = network.read_tails(reading, adapter)
                logits = network.logits(hidden[[row for rows in packed.rows for row in rows]])
                by_form = {tail.form: figures[kind, tail.form, name] for tail in fitted.tails}
                _count(by_form, fitted, packed, torch.log_softmax(logits, -1), tokenise)
    return figures


def _count(
    by_form: dict[str, Figures],
    example: TextExamples,
    packed: Pack,
    log_probabilities: Tensor,
    tokenise: Tokenise,
) -> None:
    first = 0
    for tail, targets in zip(example.tails, packed.targets, strict=True):
        rows = log_probabilities[first : first + len(targets)]
        first += len(targets)
        counted = by_form[tail.form]
        counted.nats.append(-float(rows[range(len(targets)), targets].mean()))
        no = forms.NOTHING if tail.form == "extract" else forms.NO[tail.language]
        denial = float(rows[0, tokenise(no, False)[0]].clamp(max=-1e-6))
        log_odds = float(np.log(-np.expm1(denial)) - denial)
        (counted.denied if tail.answer in _NO else counted.affirmed).append(log_odds)
        if tail.form == "extract" and tail.answer not in _NO:
            counted.whole.append(rows.argmax(-1).tolist() == targets)


def table(figures: dict[tuple[str, str, str], Figures]) -> str:
    """A row for each kind of text, form and adapter."""
    lines = [
        "| texts | form | adapter | with an answer, without | every token right | nats a token "
        "| area | affirmed wrongly where .05 are denied wrongly |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (kind, form, name), counted in sorted(figures.items()):
        whole = f"{np.mean(counted.whole):.3f}" if counted.whole else ""
        lines.append(
            f"| {kind} | {form} | {name} | {len(counted.affirmed)}, {len(counted.denied)} | "
            f"{whole} | {np.mean(counted.nats):.3f} | {counted.area:.3f} | "
            f"{counted.affirmed_at(0.05):.3f} |"
        )
    return "\n".join(lines)


def load_adapters(
    network: BaseNetwork, files: Sequence[str], rank: int
) -> dict[str, LowRankAdapter | None]:
    """Each by its file's name."""
    adapters: dict[str, LowRankAdapter | None] = {}
    for file in files:
        adapter = None
        if file != "none":
            adapter = make_adapter(network, rank, 0)
            adapter.load(Path(file))
        adapters[Path(file).stem] = adapter
    return adapters


def main() -> None:
    """Read arguments, compare and print."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.compare_adapters", description=__doc__
    )
    parser.add_argument("adapters", nargs="+", metavar="ADAPTER", help="GGUF files, or none")
    parser.add_argument("--model", type=Path, required=True, help="GGUF file of the base network")
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and eval/")
    parser.add_argument("--texts", type=int, default=160)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--first-layer", type=int, default=14, help="the first with an adapter")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    tokenise = tokeniser(arguments.model)
    network = BaseNetwork(arguments.model, arguments.first_layer)
    adapters = load_adapters(network, arguments.adapters, arguments.rank)
    examples = held_texts(arguments.data, arguments.texts, arguments.seed)
    print(table(compare(network, adapters, examples, tokenise)))


if __name__ == "__main__":
    main()
