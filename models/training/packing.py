"""One text with all that is asked of it, as one row of tokens.

In: examples of one text, a tokeniser. Out: packs: tokens, positions, a mask and targets. Nothing
can fail. Each tail sees the static prefix, the text and itself, and its positions go on from the
text's end, so that a pack computes what its tails would give alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models import forms
from models.forms import Language

if TYPE_CHECKING:
    from torch import Tensor

Tokenise = Callable[[str, bool], list[int]]
"""Tokens of a text; the second argument: whether control tokens in it are recognised."""


@dataclass(frozen=True)
class Tail:
    """What is asked of a text, and what is right."""

    form: str
    """``extract``, ``check`` or ``prove``."""
    language: Language
    content: str
    """The question or the statement."""
    answer: str
    """What is to be generated."""
    kind: str = ""
    """What the example is for; for reports."""
    proposed: str = ""
    """The answer that is checked, where the form is ``check``."""


@dataclass(frozen=True)
class TextExamples:
    """A text and all that is asked of it."""

    heading: str
    text: str
    tails: tuple[Tail, ...]
    source: str
    """The set that it was made from."""


@dataclass(frozen=True)
class Pack:
    """Tokens of one text and its tails; int64 (n,), bool (n, n) and the targets' places."""

    tokens: Tensor
    positions: Tensor
    visible: Tensor
    text_length: int
    rows: list[list[int]]
    """For each tail, rows of the tails' hidden states (from 0) that predict its answer."""
    targets: list[list[int]]
    """For each tail, the tokens of its answer with the end token."""


def static_prefix() -> str:
    """Everything before a text, in Qwen2's chat template."""
    return f"<|im_start|>system\n{forms.SYSTEM}<|im_end|>\n<|im_start|>user\n{forms.TEXT}"


def generation_prompt() -> str:
    """What stands between a tail and its answer."""
    return "<|im_end|>\n<|im_start|>assistant\n"


def pack(examples: TextExamples, tokenise: Tokenise) -> Pack:
    """The tokens, mask and targets of one text."""
    import torch

    text = tokenise(static_prefix(), True) + tokenise(
        forms.headed_text(examples.heading, examples.text), False
    )
    tokens, positions = list(text), list(range(len(text)))
    blocks: list[tuple[int, int]] = []
    rows, targets = [], []
    for tail in examples.tails:
        asked, answer = _tail_tokens(tail, tokenise)
        # The last token of the answer predicts nothing.
        begin = len(tokens)
        tokens += asked + answer[:-1]
        positions += range(len(text), len(text) + len(tokens) - begin)
        blocks.append((begin, len(tokens)))
        first = begin - len(text) + len(asked) - 1
        rows.append(list(range(first, first + len(answer))))
        targets.append(answer)
    visible = torch.zeros(len(tokens), len(tokens), dtype=torch.bool)
    visible[:, : len(text)] = True
    visible[: len(text), : len(text)] = torch.ones(len(text), len(text)).tril().bool()
    for begin, end in blocks:
        visible[begin:end, begin:end] = torch.ones(end - begin, end - begin).tril().bool()
    return Pack(torch.tensor(tokens), torch.tensor(positions), visible, len(text), rows, targets)


def _tail_tokens(tail: Tail, tokenise: Tokenise) -> tuple[list[int], list[int]]:
    between = ""
    if tail.form == "check":
        before, between, behind = forms.check_tail(tail.language, trained=True)
    else:
        form = forms.extract_tail if tail.form == "extract" else forms.prove_tail
        before, behind = form(tail.language, trained=True)
    asked = tokenise(before, True) + tokenise(" ".join(tail.content.split()), False)
    if between:
        asked += tokenise(between, True) + tokenise(" ".join(tail.proposed.split()), False)
    asked += tokenise(behind + generation_prompt(), True)
    return asked, tokenise(tail.answer, False) + tokenise("<|im_end|>", True)


def token_counts(packs: Sequence[Pack]) -> tuple[int, int]:
    """Tokens of texts and of tails."""
    texts = sum(pack.text_length for pack in packs)
    return texts, sum(len(pack.tokens) for pack in packs) - texts
