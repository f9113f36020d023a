"""What the judge looks at: how a claim's words and values are found in a premise.

In: premise and claim with their languages and word vectors. Out: one float32 vector; its parts are
named by ``NAMES``, followed by two of the encoder's dimension. Nothing can fail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.document import Language
from eval.entailment.vectors import LAYERS, Vectors, WordVectors
from eval.metrics.values import AnswerNumber, Moment, TimeOfDay, Value, holds, values


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DENIALS = _set(
    "nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder not no "
    "never nobody nothing none neither without cannot n't nor"
)
_QUANTITIES = (
    _set("alle allen aller sämtliche jeder jede jedes jeden all every each always immer"),
    _set("einige manche mehrere some several few wenige manchmal sometimes"),
    _set("meisten mehrheit most majority mostly meist"),
    _set("nur lediglich ausschließlich only solely exclusively"),
    _set("mehr über more over above höher larger higher größer least mindestens"),
    _set("weniger unter less fewer below lower kleiner niedriger höchstens most"),
    _set("soll sollen will wollen plant geplant plans planned would könnte could may might"),
)
_CAPITAL = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-ZÄÖÜ][\w-]+")
_STEM = 5
_COSINES = ("mean", "lowest", "tenth", "quarter", "least of three", "back")
NAMES = (
    *(f"layer {layer} {name}" for layer in LAYERS for name in _COSINES),
    *(f"layer {layer} whole" for layer in LAYERS),
    "words held",
    "capitals missing",
    "values missing",
    "values contradicted",
    "values",
    "denial differs",
    "denial in the claim",
    "quantity word new",
    "words",
    "premise words",
    "german",
    "across",
    "words held across",
    "capitals missing across",
)


@dataclass(frozen=True)
class EncodedText:
    """A text with what was read from it. ``parts``: vectors of one or several stretches."""

    text: str
    language: Language
    parts: tuple[WordVectors, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All words in their order."""
        return tuple(word for part in self.parts for word in part.words)

    def vectors(self, layer: int) -> Vectors:
        """(words, dimension) of the layer at that place of ``LAYERS``."""
        return np.concatenate([part.layers[layer] for part in self.parts])


def score_features(premise: EncodedText, claim: EncodedText) -> NDArray[np.float32]:
    """One row for the model: scalars, then mean difference and product of aligned words."""
    scalars: list[float] = []
    aligned = np.zeros(0, dtype=np.float32)
    for layer in range(len(LAYERS)):
        said, there = claim.vectors(layer), premise.vectors(layer)
        if not len(said) or not len(there):
            return np.zeros(len(NAMES) + 2 * said.shape[1], dtype=np.float32)
        cosines = said @ there.T
        scalars += _cosines(cosines)
        if layer == 1:
            aligned = _aligned(said, there, cosines)
    scalars += [
        _whole(premise.vectors(layer), claim.vectors(layer)) for layer in range(len(LAYERS))
    ]
    scalars += _words(premise, claim)
    return np.concatenate([np.asarray(scalars, dtype=np.float32), aligned])


def _cosines(cosines: NDArray[np.float32]) -> list[float]:
    best = np.sort(cosines.max(axis=1))
    return [
        float(best.mean()),
        float(best[0]),
        float(np.quantile(best, 0.1)),
        float(np.quantile(best, 0.25)),
        float(best[:3].mean()),
        float(cosines.max(axis=0).mean()),
    ]


def _aligned(said: Vectors, there: Vectors, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    partner = there[cosines.argmax(axis=1)]
    return np.concatenate([np.abs(said - partner).mean(axis=0), (said * partner).mean(axis=0)])


def _whole(there: Vectors, said: Vectors) -> float:
    first, second = there.mean(axis=0), said.mean(axis=0)
    return float(first @ second / max(1e-9, np.linalg.norm(first) * np.linalg.norm(second)))


def _words(premise: EncodedText, claim: EncodedText) -> list[float]:
    there = {word[:_STEM] for word in premise.words}
    said = [word for word in claim.words if len(word) > 3 and not word[0].isdigit()]
    held = sum(word[:_STEM] in there for word in said) / max(1, len(said))
    names = {name.lower()[:_STEM] for name in _CAPITAL.findall(claim.text)}
    missing = len(names - there) / max(1, len(names))
    across = float(premise.language != claim.language)
    claimed, known = values(claim.text, claim.language), values(premise.text, premise.language)
    absent = [value for value in claimed if not holds(known, value)]
    denied = [_denials(text.words) for text in (premise, claim)]
    quantities = [_quantities(text.words) for text in (premise, claim)]
    return [
        held,
        missing,
        float(len(absent)),
        float(sum(any(_rivals(value, other) for other in known) for value in absent)),
        float(len(claimed)),
        float((denied[0] > 0) != (denied[1] > 0)),
        float(denied[1] > 0),
        float(len(quantities[1] - quantities[0])),
        float(np.log1p(len(claim.words))),
        float(np.log1p(len(premise.words))),
        float(claim.language == "de"),
        across,
        held * across,
        missing * across,
    ]


def _denials(words: Sequence[str]) -> int:
    return sum(word in _DENIALS for word in words)


def _quantities(words: Sequence[str]) -> set[int]:
    return {place for place, group in enumerate(_QUANTITIES) if group & set(words)}


def _rivals(one: Value, two: Value) -> bool:
    """Whether two values speak of the same kind of thing, so that both can hardly be meant."""
    if isinstance(one, AnswerNumber) and isinstance(two, AnswerNumber):
        return one.unit == two.unit
    same = (Moment, TimeOfDay)
    return any(isinstance(one, kind) and isinstance(two, kind) for kind in same)
