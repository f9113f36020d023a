"""From logits to the next token.

In: logits, how to sample, what must not be said. Out: a token and its log-probability. Nothing
can fail.

A constraint is looked at after the choice: only where the chosen token breaks it is the
vocabulary masked and chosen again, so a step that needs no constraint pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from base.errors import UsageError

Logits = NDArray[np.float32]


@dataclass(frozen=True)
class Sampling:
    """``temperature`` 0 takes the likeliest token; ``top_p`` keeps the likeliest of that mass.

    Nucleus sampling: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration".
    """

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise UsageError for what is no way to sample."""
        if not self.temperature >= 0.0:
            raise UsageError(f"The temperature is {self.temperature}; it must be 0 or more.")
        if not 0.0 < self.top_p <= 1.0:
            raise UsageError(f"top_p is {self.top_p}; it must be above 0 and at most 1.")

    @property
    def greedy(self) -> bool:
        """Whether the same prompt always gets the same answer, which drafts rely on."""
        return self.temperature == 0.0


@dataclass(frozen=True)
class Constraint:
    """``breaks``: whether a token may not be said; ``forbidden``: all such tokens, when needed."""

    breaks: Callable[[int], bool]
    forbidden: Callable[[], NDArray[np.int64]]


class Chooser(Protocol):
    """Chooses the tokens of one answer, one after the other."""

    def choose(self, logits: Logits) -> tuple[int, float]:
        """The next token and its log-probability (nats) in the unconstrained distribution."""
        ...


class Sampler:
    """Chooses the tokens of one answer."""

    def __init__(self, sampling: Sampling, constraint: Constraint | None) -> None:
        self._sampling = sampling
        self._constraint = constraint
        self._random = np.random.default_rng(sampling.seed)

    def choose(self, logits: Logits) -> tuple[int, float]:
        """The next token and its log-probability (nats) in the unconstrained distribution."""
        token = self._pick(logits)
        if self._constraint is not None and self._constraint.breaks(token):
            allowed = logits.copy()
            allowed[self._constraint.forbidden()] = -np.inf
            token = self._pick(allowed)
        return token, float(logits[token] - log_sum(logits))

    def _pick(self, logits: Logits) -> int:
        if self._sampling.greedy:
            return int(logits.argmax())
        scaled = (logits - logits.max()) / self._sampling.temperature
        chances = np.exp(scaled, dtype=np.float64)
        chances /= chances.sum()
        if self._sampling.top_p < 1.0:
            order = np.argsort(-chances, kind="stable")
            before = np.cumsum(chances[order]) - chances[order]
            chances[order[before >= self._sampling.top_p]] = 0.0
            chances /= chances.sum()
        return int(self._random.choice(len(chances), p=chances))


def log_sum(logits: Logits) -> float:
    """Logarithm of the sum of exponentials, by which logits become log-probabilities."""
    highest = float(logits.max())
    return highest + float(np.log(np.exp(logits - highest, dtype=np.float32).sum(dtype=np.float64)))


def log_probabilities(logits: Logits) -> Logits:
    """Log-probabilities (nats) of all tokens; float32 (vocabulary,)."""
    return logits - np.float32(log_sum(logits))
