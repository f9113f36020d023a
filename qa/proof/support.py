"""Whether a quotation proves a statement: what code decides, and a calibrated score for the rest.

In: a quotation and a statement, their languages where they are known, and optionally an encoder
and a scorer of entailment (a language model). Out: a :class:`Proof`. What can fail: what the
encoder or the scorer raises.

Without a scorer every reason of code counts, and what code leaves open is decided by a logistic
regression over :data:`qa.proof.checks.FEATURES`. With one, that regression also weighs the
scorer's log-odds and each sort of reason, for code is right about some nearly always and about
others half the time; only the sorts in ``firm`` are beyond it. The weights stand in
``support.toml``, fitted by ``python -m eval.fit_support``.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, Field

from corpus.document import Language
from corpus.language import detect
from qa.proof.checks import FEATURES, StatementCheck, check_statement

if TYPE_CHECKING:
    from index.encoder import Encoder

REASONS = (
    "value", "name", "negation", "quantity word", "plan told as fact", "fact told as plan",
    "preposition", "degree", "roles", "another value", "tense",
)  # fmt: skip
"""The sorts of reasons that code gives."""

# What is left of a score where code has a reason against the statement.
_DENIED = 0.1


@dataclass(frozen=True)
class Proof:
    """Whether a quotation proves a statement."""

    supported: bool
    """Whether it does."""
    score: float
    """Probability, 0 to 1, that people would say so."""
    reasons: list[str] = field(default_factory=list)
    """Why not, each as "sort: what"; empty where it is supported."""


class Pair(BaseModel):
    """A quotation and what it is to prove."""

    model_config = ConfigDict(frozen=True)

    quote: str = Field(description="the exact words of a source")
    statement: str = Field(description="what they are to prove")
    quote_language: Language | None = Field(default=None, description="found out where absent")
    statement_language: Language | None = Field(default=None, description="found out where absent")


class EntailmentScorer(Protocol):
    """Asks a model whether quotations prove statements."""

    def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Log-odds (nats) of yes against no, one for each pair, in order."""
        ...


class ScoreWeights(BaseModel):
    """A logistic regression: the sum of ``intercept`` and weighted features is log-odds (nats)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    weights: dict[str, float] = Field(description="a weight for each feature that has one")
    scorer: float = Field(default=0.0, description="of the scorer's log-odds within a language")
    scorer_across: float = Field(default=0.0, description="of the scorer's log-odds across")
    reasons: dict[str, float] = Field(default={}, description="a weight for each sort of reason")
    firm: tuple[str, ...] = Field(default=(), description="sorts of reason that no score excuses")
    threshold_same: float = Field(description="probability from which on, within a language")
    threshold_across: float = Field(description="the same across languages")


@cache
def score_weights(*, scored: bool) -> ScoreWeights:
    """The fitted weights, with or without a scorer."""
    data = tomllib.loads((Path(__file__).parent / "support.toml").read_text("utf-8"))
    return ScoreWeights.model_validate(data["with_scorer" if scored else "without_scorer"])


def prove(
    quote: str,
    statement: str,
    quote_language: Language | None = None,
    statement_language: Language | None = None,
    *,
    encoder: Encoder | None = None,
    scorer: EntailmentScorer | None = None,
) -> Proof:
    """Whether ``quote`` alone proves all that ``statement`` says."""
    pair = Pair(
        quote=quote,
        statement=statement,
        quote_language=quote_language,
        statement_language=statement_language,
    )
    return prove_pairs([pair], encoder=encoder, scorer=scorer)[0]


def prove_pairs(
    pairs: Sequence[Pair],
    *,
    encoder: Encoder | None = None,
    scorer: EntailmentScorer | None = None,
) -> list[Proof]:
    """The proofs of ``pairs`` in order; the scorer is asked once, for those still open."""
    known = [with_languages(pair) for pair in pairs]
    cosines = _cosines(known, encoder)
    checks = [_check(pair, cosine) for pair, cosine in zip(known, cosines, strict=True)]
    odds: dict[int, float] = {}
    if scorer is not None:
        open_pairs = [at for at, check in enumerate(checks) if check.features and not firm(check)]
        scores = scorer.score([known[at] for at in open_pairs]) if open_pairs else []
        odds = dict(zip(open_pairs, scores, strict=True))
    return [judge(check, odds.get(at)) for at, check in enumerate(checks)]


def with_languages(pair: Pair) -> Pair:
    """The pair with both languages, found out where they are not given."""
    return pair.model_copy(
        update={
            "quote_language": pair.quote_language or detect(pair.quote),
            "statement_language": pair.statement_language
            or detect(f"{pair.statement} {pair.statement}"),
        }
    )


def _cosines(pairs: Sequence[Pair], encoder: Encoder | None) -> list[float | None]:
    if encoder is None or not pairs:
        return [None] * len(pairs)
    quotes = encoder.encode_passages([pair.quote for pair in pairs])
    statements = encoder.encode_passages([pair.statement for pair in pairs])
    return [float(one @ two) for one, two in zip(quotes, statements, strict=True)]


def _check(pair: Pair, cosine: float | None) -> StatementCheck:
    assert pair.statement_language is not None
    assert pair.quote_language is not None
    if not pair.statement.strip() or not pair.quote.strip():
        return StatementCheck(False, ["value: there is nothing to hold against anything"], {})
    return check_statement(
        pair.statement, pair.statement_language, pair.quote, pair.quote_language, cosine=cosine
    )


def sorts_of(check: StatementCheck) -> set[str]:
    """The sorts of code's reasons, of :data:`REASONS`."""
    return {reason.partition(":")[0] for reason in check.reasons}


def firm(check: StatementCheck) -> bool:
    """Whether code has a reason that no scorer excuses."""
    return bool(sorts_of(check) & set(score_weights(scored=True).firm))


def judge(check: StatementCheck, odds: float | None) -> Proof:
    """The proof that a check and a scorer's log-odds, where it was asked, make."""
    weights = score_weights(scored=odds is not None)
    score = probability(check, weights, odds or 0.0)
    same = check.features.get("same_language", 1.0) > 0.5
    threshold = weights.threshold_same if same else weights.threshold_across
    if check.reasons and odds is None:
        return Proof(False, min(score, _DENIED), check.reasons)
    if score >= threshold:
        return Proof(True, score, [])
    return Proof(False, score, check.reasons or ["score: too little of it stands in the quotation"])


def probability(check: StatementCheck, weights: ScoreWeights, odds: float) -> float:
    """The logistic regression's probability."""
    features = check.features
    same = features.get("same_language", 1.0) > 0.5
    total = weights.intercept + (weights.scorer if same else weights.scorer_across) * odds
    total += sum(weights.weights.get(name, 0.0) * features.get(name, 0.0) for name in FEATURES)
    total += sum(weights.reasons.get(sort, 0.0) for sort in sorts_of(check))
    # The logistic function; written with exp it overflows where a score is very sure.
    return 0.5 + 0.5 * math.tanh(total / 2)
