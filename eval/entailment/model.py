"""The judge: a logistic regression over what a claim's words and values find in a premise.

In: premise, claim and question with their languages. Out: a probability, or yes or no. What can
fail: the encoder's or the regression's weights are absent (each one sentence).

The weights lie in ``weights.json``, with what they were fitted on; ``eval.entailment.fit`` makes
them. How often the judge agrees with people stands in docs/measurements.md, "A judge of its own".
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.errors import UsageError
from corpus.document import Language
from eval.entailment.features import NAMES, EncodedText, score_features

if TYPE_CHECKING:
    from eval.entailment.vectors import WordEncoder

WEIGHTS = Path(__file__).parent / "weights.json"
LEAST_PROBABILITY = 0.5
_MOST_SPREADS = 3.0
_STRETCH = 1500
"""Characters of a premise that are read at once; about 400 tokens."""
_MOST_STRETCHES = 8
_SHORT_CLAIM = 4
"""Words; a shorter claim ("Mitch Murray") is read behind the question that it answers."""


class JudgeWeights(BaseModel):
    """A fitted regression. All lists have one number for each name of ``features``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = Field(description="What it was fitted on, when, and by what.")
    features: tuple[str, ...]
    means: tuple[float, ...] = Field(description="Taken from each feature before the next.")
    spreads: tuple[float, ...] = Field(description="Each feature is divided by its spread.")
    shift_across: tuple[float, ...] = Field(
        description="What premise and claim in two languages change of each feature by themselves."
    )
    factors: tuple[float, ...]
    intercept: float

    def probability(self, row: NDArray[np.float32], *, across: bool) -> float:
        """Of one row of :func:`eval.entailment.features.score_features`."""
        chosen = np.asarray([row[NAMES.index(name)] for name in self.features], dtype=np.float64)
        if across:
            chosen = chosen - np.asarray(self.shift_across)
        scaled = (chosen - np.asarray(self.means)) / np.asarray(self.spreads)
        held = np.clip(scaled, -_MOST_SPREADS, _MOST_SPREADS)
        return float(1 / (1 + np.exp(-(held @ np.asarray(self.factors) + self.intercept))))


def load_weights(file: Path = WEIGHTS) -> JudgeWeights:
    """The weights in ``file``."""
    if not file.is_file():
        raise UsageError(
            f"The judge's weights '{file}' are absent; make them: python -m eval.entailment.fit."
        )
    try:
        return JudgeWeights.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise UsageError(
            f"'{file}' holds no weights of the judge ({error.errors()[0]['msg']}); make them: "
            "python -m eval.entailment.fit."
        ) from None


class EntailmentJudge:
    """Says yes from a probability of one half on; the encoder is loaded with the first claim."""

    def __init__(self, encoder: WordEncoder, weights: JudgeWeights | None = None) -> None:
        self._encoder = encoder
        self._weights = weights or load_weights()
        digest = hashlib.sha256(self._weights.model_dump_json().encode()).hexdigest()[:8]
        self.name = f"entailment {digest}"
        self._read = lru_cache(maxsize=256)(self._text)

    def supports(
        self,
        premise: str,
        claim: str,
        question: str,
        language: Language,
        premise_language: Language | None,
    ) -> bool:
        """Whether ``premise`` probably states ``claim``."""
        return self.probability(premise, claim, question, language, premise_language) >= (
            LEAST_PROBABILITY
        )

    def probability(
        self,
        premise: str,
        claim: str,
        question: str,
        language: Language,
        premise_language: Language | None,
    ) -> float:
        """That ``premise`` states ``claim``, from 0 to 1."""
        written = premise_language or language
        short = len(claim.split()) < _SHORT_CLAIM
        said = self._read(f"{question} {claim}".strip() if short else claim, language)
        row = score_features(self._read(premise, written), said)
        return self._weights.probability(row, across=written != language)

    def _text(self, text: str, language: Language) -> EncodedText:
        return EncodedText(text, language, tuple(self._encoder.encode(stretches(text))))


def stretches(text: str) -> list[str]:
    """``text`` in parts that the encoder reads whole, cut at spaces; at most eight."""
    parts: list[str] = []
    left = text
    while len(left) > _STRETCH and len(parts) < _MOST_STRETCHES - 1:
        cut = left.rfind(" ", 1, _STRETCH)
        cut = cut if cut > 0 else _STRETCH
        parts.append(left[:cut])
        left = left[cut:]
    return [*parts, left]
