"""Fits the score of support: ``python -m eval.fit_support [PAIRS...] --shared FOLDER``.

In: files of labelled pairs (JSON Lines with quote, statement, their languages, supported), the
held quotations that were written for belegt, and the folder with ``train/`` and ``eval/``, of which
only documents are used that the reader was not trained on. Out: ``support.toml`` with the logistic
regression that uses the reader's word, and a table of how often each sort of reason is right. What
can fail: an absent file, no pair left to fit.

The sorts of reasons are weighed like everything else, but for ``FIRM``. The threshold is where at
most a share of the false pairs passes. The table without a scorer is kept as it is: on these pairs
words alone tell right from wrong statements too badly to fit it anew.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from base.errors import UsageError
from base.settings import load_settings
from corpus.document import Language
from models.training.mixture import judged_statements, parallel_statements
from models.training.packing import TextExamples
from models.training.quotations import written_quotations
from qa.proof.checks import StatementCheck, check_statement
from qa.proof.support import (
    REASONS,
    EntailmentScorer,
    Pair,
    ScoreWeights,
    probability,
    score_weights,
    sorts_of,
    with_languages,
)

FIRM = ("value",)
"""Sorts of reasons that no score excuses: code reads numbers and dates, a model guesses them."""
_FITTED = (
    "coverage", "missing", "missing_nouns", "missing_verbs", "missing_others", "concepts",
    "derived", "cognates", "same_language", "can_lost",
)  # fmt: skip
_WEIGHED = tuple(sort for sort in REASONS if sort not in FIRM)


@dataclass(frozen=True)
class Example:
    """What code and the scorer make of a labelled pair."""

    check: StatementCheck
    supported: bool
    hand: bool
    """Whether it was written by hand for this check."""
    odds: float
    """The scorer's."""

    @property
    def same_language(self) -> bool:
        """Whether both texts are of one language."""
        return self.check.features["same_language"] > 0.5

    @property
    def decided(self) -> bool:
        """Whether code alone rejects it."""
        return bool(sorts_of(self.check) & set(FIRM))

    def row(self) -> list[float]:
        """The numbers that are fitted."""
        sorts = sorts_of(self.check)
        return [
            *(self.check.features[name] for name in _FITTED),
            self.odds if self.same_language else 0.0,
            0.0 if self.same_language else self.odds,
            *(float(sort in sorts) for sort in _WEIGHED),
        ]


Labelled = tuple[Pair, bool, bool]
"""A pair, whether it is supported, whether it was written by hand."""


def hand_pairs(files: Iterable[Path]) -> Iterator[Labelled]:
    """The pairs of files."""
    for file in files:
        try:
            lines = file.read_text("utf-8").splitlines()
        except OSError as error:
            raise UsageError(f"'{file}' cannot be read ({error.strerror}).") from error
        for line in lines:
            row = json.loads(line)
            yield (
                Pair.model_validate({name: row[name] for name in Pair.model_fields}),
                row["supported"],
                True,
            )


def written_pairs(count: int, seed: int) -> Iterator[Labelled]:
    """The pairs of ``count`` held quotations by lot."""
    quotations = written_quotations(held=True)
    for quotation in random.Random(seed).sample(quotations, min(count, len(quotations))):
        for pair in quotation.pairs:
            labelled = Pair(
                quote=quotation.quote,
                statement=pair.statement,
                quote_language=quotation.quote_language,
                statement_language=pair.language,
            )
            yield labelled, pair.supported, True


def held_pairs(shared: Path, seed: int) -> Iterator[Labelled]:
    """Translated, falsified and judged statements of documents that nothing was trained on."""
    _, judged = judged_statements(shared / "train", seed)
    for examples in (*parallel_statements(shared / "eval" / "xquad", True, seed), *judged):
        yield from _pairs_of(examples)


def _pairs_of(examples: TextExamples) -> Iterator[Labelled]:
    for tail in examples.tails:
        pair = Pair(quote=examples.text, statement=tail.content, statement_language=tail.language)
        yield with_languages(pair), tail.answer in ("ja", "yes"), False


def make_examples(labelled: Sequence[Labelled], scorer: EntailmentScorer) -> list[Example]:
    """What code and the scorer make of ``labelled``."""
    checks = [_check(pair) for pair, _, _ in labelled]
    odds = scorer.score([pair for pair, _, _ in labelled])
    return [
        Example(check, supported, hand, score)
        for check, (_, supported, hand), score in zip(checks, labelled, odds, strict=True)
    ]


def _check(pair: Pair) -> StatementCheck:
    languages: tuple[Language | None, Language | None]
    languages = pair.statement_language, pair.quote_language
    assert languages[0] is not None
    assert languages[1] is not None
    return check_statement(pair.statement, languages[0], pair.quote, languages[1])


def fit(examples: Sequence[Example], most_false: float) -> ScoreWeights:
    """The regression, its thresholds at ``most_false`` of the false hand-written pairs accepted."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows = [example for example in examples if not example.decided]
    if len({example.supported for example in rows}) < 2:
        raise UsageError("Code decides all of these pairs; there is nothing to fit.")
    model = LogisticRegression(C=0.5, max_iter=5000)
    model.fit(
        np.array([example.row() for example in rows]),
        np.array([example.supported for example in rows]),
    )
    values = [round(float(value), 3) for value in model.coef_[0]]
    same, across, *sorts = values[len(_FITTED) :]
    fitted = ScoreWeights(
        intercept=round(float(model.intercept_[0]), 3),
        weights=dict(zip(_FITTED, values, strict=False)),
        scorer=same,
        scorer_across=across,
        reasons=dict(zip(_WEIGHED, sorts, strict=True)),
        firm=FIRM,
        threshold_same=0.5,
        threshold_across=0.5,
    )
    return fitted.model_copy(
        update={
            "threshold_same": threshold(examples, fitted, most_false, same=True),
            "threshold_across": threshold(examples, fitted, most_false, same=False),
        }
    )


def threshold(
    examples: Sequence[Example], weights: ScoreWeights, most_false: float, *, same: bool
) -> float:
    """The lowest threshold at which at most ``most_false`` of the false pairs pass."""
    false = [
        example for example in examples if example.same_language == same and not example.supported
    ]
    scores = sorted(
        (
            probability(example.check, weights, example.odds)
            for example in false
            if not example.decided
        ),
        reverse=True,
    )
    allowed = int(most_false * len(false))
    least = 0.15
    return round(
        min(max(scores[allowed] + 0.001 if len(scores) > allowed else least, least), 0.9), 3
    )


def report(examples: Sequence[Example], weights: ScoreWeights) -> Iterator[str]:
    """How often false ones pass and right ones do not, and how often sorts of reasons are right."""
    for name, hand, same in (
        ("by hand, same language", True, True), ("by hand, across", True, False),
        ("made, same language", False, True), ("made, across", False, False),
    ):  # fmt: skip
        chosen = [one for one in examples if (one.hand, one.same_language) == (hand, same)]
        least = weights.threshold_same if same else weights.threshold_across
        passed = [
            not example.decided and probability(example.check, weights, example.odds) >= least
            for example in chosen
        ]
        false = [ok for ok, example in zip(passed, chosen, strict=True) if not example.supported]
        true = [ok for ok, example in zip(passed, chosen, strict=True) if example.supported]
        if false and true:
            yield (
                f"{name}: {sum(false) / len(false):.3f} of {len(false)} false accepted, "
                f"{1 - sum(true) / len(true):.3f} of {len(true)} right rejected"
            )
    for sort in REASONS:
        given = [example for example in examples if sort in sorts_of(example.check)]
        if given:
            right = sum(not example.supported for example in given) / len(given)
            yield f"{sort}: {len(given)}, {right:.2f} right"


def as_toml(tables: dict[str, ScoreWeights], told: str) -> str:
    """``support.toml``."""
    lines = [f"# {line}" for line in told.splitlines()]
    for name, weights in tables.items():
        lines += ["", f"[{name}]"]
        lines += [
            f"{field} = {json.dumps(value)}"
            for field, value in weights.model_dump().items()
            if not isinstance(value, dict)
        ]
        for part in ("weights", "reasons"):
            values = getattr(weights, part)
            lines += ["", f"[{name}.{part}]"]
            lines += [f"{json.dumps(key)} = {value}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit, write and report."""
    parser = argparse.ArgumentParser(prog="python -m eval.fit_support", description=__doc__)
    parser.add_argument("pairs", nargs="*", type=Path)
    parser.add_argument("--shared", type=Path, required=True, help="folder with train/ and eval/")
    parser.add_argument("--count", type=int, default=500, help="of these, by lot")
    parser.add_argument("--quotations", type=int, default=40, help="written ones, by lot")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--most-false", type=float, default=0.1)
    parser.add_argument("--out", type=Path, default=Path("qa/proof/support.toml"))
    args = parser.parse_args()
    from qa.pipeline.session import open_engine
    from qa.proof.entailment import ReaderEntailment

    hand = [*hand_pairs(args.pairs), *written_pairs(args.quotations, args.seed)]
    held = list(held_pairs(args.shared, args.seed))
    held = random.Random(args.seed).sample(held, min(args.count, len(held)))
    engine = open_engine(load_settings())
    engine.prepare_prefill()
    try:
        scored = make_examples([*hand, *held], ReaderEntailment(engine))
    finally:
        engine.close()
    fitted = fit(scored, args.most_false)
    tables = {"without_scorer": score_weights(scored=False), "with_scorer": fitted}
    told = (
        f"with_scorer: fitted by eval/fit_support.py on {len(hand)} hand-written pairs and "
        f"{len(held)} of documents that the reader\nwas not trained on (seed {args.seed}). "
        f"Thresholds: at most {args.most_false} of the false pairs pass.\n"
        "without_scorer: fitted before on 396 pairs, the hand-written and word exchanges in them."
    )
    args.out.write_text(as_toml(tables, told), encoding="utf-8")
    print("\n".join(report(scored, fitted)))


if __name__ == "__main__":
    main()
