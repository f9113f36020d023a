"""Measures of rankings and answers.

In: ranks, texts. Out: numbers from 0 to 1. Nothing can fail; the mean of nothing is 0.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterable, Sequence

_MARKER = re.compile(r"\s*\[\d+\]")
_ARTICLES = re.compile(r"\b(a|an|the|der|die|das|den|dem|des|ein|eine|einen|einem|einer|eines)\b")
_PUNCTUATION = set(string.punctuation) | set("„“”‚‘’»«–—…")


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean."""
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """Share of questions whose one right document is among the first ``k`` (ranks from 1)."""
    return mean(rank is not None and rank <= k for rank in ranks)


def reciprocal_rank_at(ranks: Sequence[int | None], k: int) -> float:
    """Mean reciprocal rank, 0 beyond ``k``."""
    return mean(1 / rank if rank is not None and rank <= k else 0.0 for rank in ranks)


def ndcg_at(ranks: Sequence[int | None], k: int) -> float:
    """Normalised discounted cumulative gain where one document is right: 1 / log2(rank + 1)."""
    return mean(
        1 / math.log2(rank + 1) if rank is not None and rank <= k else 0.0 for rank in ranks
    )


def normalised(text: str) -> str:
    """Lower case, no markers, punctuation or articles, single spaces (as SQuAD's script does)."""
    plain = "".join(char for char in _MARKER.sub("", text).lower() if char not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def contains_gold(text: str, answers: Sequence[str]) -> bool:
    """Whether one of ``answers`` stands in ``text`` as whole words, both normalised."""
    where = f" {normalised(text)} "
    return any(f" {gold} " in where for gold in map(normalised, answers) if gold)


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927, JASA 22, 209-212)."""
    if count == 0:
        return 0.0, 1.0
    z = 1.959964
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
