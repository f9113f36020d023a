"""Fits the score of support: ``python -m eval.fit_support PAIRS... [--train FOLDER] [--out FILE]``.

In: files of labelled pairs (JSON Lines with quote, statement, their languages, supported), and
where wanted a folder of public training sets (``NAME/support.jsonl``). Out: ``support.toml`` with
the two logistic regressions and how they were fitted. What can fail: an absent file, no pair left
to fit.

A pair that code decides teaches nothing, so only those it leaves open are fitted. The hand-written
pairs weigh as much together as all others; the public sets ask other things than minimal
falsifications do (paraphrases, missing contexts). The threshold is where at most a share of the
false pairs of the hand-written ones, code's decisions included, passes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from base.errors import UsageError
from corpus.document import Language
from qa.proof.analysis import analyse
from qa.proof.checks import FEATURES, check_statement
from qa.proof.support import ScoreWeights, probability

_SETS = ("rte3", "pawsx", "fever_symmetric", "breaking_nli", "german4all_corrected")
_MOST_CHARACTERS = 600
_FITTED = tuple(
    name
    for name in FEATURES
    if name in ("coverage", "missing", "missing_nouns", "missing_verbs", "missing_others")
    or name in ("concepts", "derived", "cognates", "same_language", "can_lost")
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """What code makes of a labelled pair."""

    features: dict[str, float]
    supported: bool
    decided: bool
    """Whether code has a reason against it."""
    hand: bool
    """Whether it was written by hand for this check."""
    made: bool = False
    """Whether it was made of a right one by exchanging a word."""

    @property
    def same_language(self) -> bool:
        """Whether both texts are of one language."""
        return self.features["same_language"] > 0.5


def hand_examples(files: Iterable[Path], seed: int) -> list[Example]:
    """The examples of files of labelled pairs, and falsifications made of the right ones."""
    result = []
    rows: list[dict[str, str]] = []
    for file in files:
        try:
            lines = file.read_text("utf-8").splitlines()
        except OSError as error:
            raise UsageError(f"'{file}' cannot be read ({error.strerror}).") from error
        for line in lines:
            row = json.loads(line)
            check = check_statement(
                row["statement"], row["statement_language"], row["quote"], row["quote_language"]
            )
            result.append(Example(check.features, row["supported"], bool(check.reasons), hand=True))
            rows.append(row)
    return result + _falsified(rows, random.Random(seed))


def _falsified(rows: Sequence[dict[str, str]], lot: random.Random) -> list[Example]:
    """Right statements with one content word replaced by one of another statement: false.

    They stand for the words that no list of belegt holds.
    """
    words: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for word in analyse(row["statement"], row["statement_language"]).words:
            words.setdefault((row["statement_language"], word.sort), []).append(word.text)
    result = []
    for row in rows:
        if not row["supported"]:
            continue
        language: Language = row["statement_language"]  # type: ignore[assignment]
        own = [word for word in analyse(row["statement"], language).words if word.sort != "name"]
        if not own:
            continue
        word = lot.choice(own)
        other = lot.choice(words[language, word.sort])
        statement = row["statement"][: word.start] + other + row["statement"][word.end :]
        check = check_statement(statement, language, row["quote"], row["quote_language"])  # type: ignore[arg-type]
        if other.lower() not in row["quote"].lower():
            result.append(Example(check.features, False, bool(check.reasons), hand=True, made=True))
    return result


def public_examples(folder: Path, count: int, seed: int) -> list[Example]:
    """``count`` pairs of each public set, by lot."""
    result = []
    for name in _SETS:
        file = folder / name / "support.jsonl"
        if not file.is_file():
            continue
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        rows = [row for row in rows if len(row["evidence"]) <= _MOST_CHARACTERS]
        for row in random.Random(seed).sample(rows, min(count, len(rows))):
            language: Language = row["lang"]
            check = check_statement(row["claim"], language, row["evidence"], language)
            supported = row["label"] == "supported"
            result.append(Example(check.features, supported, bool(check.reasons), hand=False))
    return result


def fit(examples: Sequence[Example], most_false: float) -> ScoreWeights:
    """The regression without a scorer, its thresholds at ``most_false`` false pairs accepted."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows = [example for example in examples if not example.decided]
    if len({example.supported for example in rows}) < 2:
        raise UsageError("Code decides all of these pairs; there is nothing to fit.")
    by_hand = sum(example.hand for example in rows)
    others = len(rows) - by_hand
    weight = max(others / by_hand, 1.0) if by_hand else 1.0
    model = LogisticRegression(C=0.5, max_iter=5000)
    model.fit(
        np.array([[example.features[name] for name in _FITTED] for example in rows]),
        np.array([example.supported for example in rows]),
        sample_weight=np.array([weight if example.hand else 1.0 for example in rows]),
    )
    weights = {
        name: round(float(value), 3) for name, value in zip(_FITTED, model.coef_[0], strict=True)
    }
    fitted = ScoreWeights(
        intercept=round(float(model.intercept_[0]), 3),
        weights=weights,
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
    """The lowest threshold at which at most ``most_false`` of the false hand-written pairs pass."""
    chosen = [
        example
        for example in examples
        if example.hand and not example.made and example.same_language == same
    ]
    false = [example for example in chosen if not example.supported]
    scores = sorted(
        (probability(example.features, weights, 0.0) for example in false if not example.decided),
        reverse=True,
    )
    allowed = int(most_false * len(false))
    least = 0.3 if same else 0.15
    return round(
        min(max(scores[allowed] + 0.001 if len(scores) > allowed else least, least), 0.9), 3
    )


def as_toml(fitted: ScoreWeights, told: str) -> str:
    """``support.toml``: the fitted regression, and the one with a scorer made from it."""
    lines = [f"# {line}" for line in told.splitlines()]
    scored = fitted.model_copy(update={"scorer": 0.5})
    for name, weights in (("without_scorer", fitted), ("with_scorer", scored)):
        lines += [
            "",
            f"[{name}]",
            f"intercept = {weights.intercept}",
            f"scorer = {weights.scorer}",
            f"threshold_same = {weights.threshold_same}",
            f"threshold_across = {weights.threshold_across}",
            "",
            f"[{name}.weights]",
            *(f"{feature} = {value}" for feature, value in weights.weights.items()),
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(prog="python -m eval.fit_support", description=__doc__)
    parser.add_argument("pairs", nargs="+", type=Path)
    parser.add_argument("--train", type=Path, help="folder of public training sets")
    parser.add_argument("--count", type=int, default=200, help="pairs of each public set")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--most-false", type=float, default=0.05)
    parser.add_argument("--out", type=Path, default=Path("qa/proof/support.toml"))
    args = parser.parse_args()
    hand = hand_examples(args.pairs, args.seed)
    public = public_examples(args.train, args.count, args.seed) if args.train else []
    fitted = fit([*hand, *public], args.most_false)
    told = (
        f"Fitted by eval/fit_support.py on {len(hand)} hand-written pairs "
        f"(tests/qa/proof/data/pairs_dev*.jsonl) and {len(public)} of public training sets\n"
        f"({', '.join(_SETS)}; {args.count} of each, seed {args.seed}); pairs that code decides "
        "are left out.\n"
        f"Thresholds: at most {args.most_false} of the false hand-written pairs pass."
        "\nThe weight of a scorer is not fitted: half a nat for each nat it gives."
    )
    args.out.write_text(as_toml(fitted, told), encoding="utf-8")
    print(fitted.model_dump_json(indent=2))


if __name__ == "__main__":
    main()
