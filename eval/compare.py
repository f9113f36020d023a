"""Two runs over the same questions, compared question by question.

In: summary and scored records of two runs. Out: for every metric the paired difference with its
interval, the questions whose verdict flipped, and the same differences by language pair and kind.
What can fail: runs of different sets, runs without a common question, a run that lists a question
twice (each one sentence).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from base.errors import UsageError
from eval.figures import Figure, FigureUnit, ScoredRecord, Summary, Verdict
from eval.metrics import bootstrap
from eval.record import RunInfo

GOOD: frozenset[Verdict] = frozenset({"right", "rightly refused"})
BAD: frozenset[Verdict] = frozenset({"wrong", "wrongly refused", "wrongly answered", "failed"})

FEWEST = 10
Finding = Literal["better", "worse", "unclear", "equal", "changed"]
QuestionKey = tuple[str, str]
"""Id and language pair: one question may be asked over documents of either language."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Difference(_Frozen):
    """One metric over the ``count`` questions to which it applies in both runs.

    ``difference`` is the second mean less the first; ``low`` and ``high`` are its paired bootstrap
    95 % interval.
    """

    metric: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    count: int
    unit: FigureUnit = "share"
    better: Literal["high", "low", None] = "high"

    @property
    def finding(self) -> Finding:
        """What the interval allows to say; "changed" where neither direction is the better one.

        Fewer than ``FEWEST`` questions are always unclear: a bootstrap over so few values gives
        intervals that are too narrow (a single value gets one without any width).
        """
        if self.low == self.high == 0.0:
            return "equal"
        if self.low <= 0.0 <= self.high or self.count < FEWEST:
            return "unclear"
        if self.better is None:
            return "changed"
        return "better" if (self.difference > 0) == (self.better == "high") else "worse"


class Flip(_Frozen):
    """A question that one run got right and the other did not."""

    question_id: str
    pair: str
    kind: str
    text: str
    before: Verdict
    after: Verdict


class RunComparison(_Frozen):
    """What changed from the first run to the second. ``slices``: by 'pair de-en' and so on."""

    first: RunInfo
    second: RunInfo
    shared: int = Field(description="Questions that both runs asked.")
    only_first: tuple[str, ...] = Field(description="'id (pair)' of what the second run lacks.")
    only_second: tuple[str, ...] = Field(description="'id (pair)' of what the first run lacks.")
    differences: tuple[Difference, ...]
    to_right: tuple[Flip, ...]
    to_wrong: tuple[Flip, ...]
    slices: dict[str, tuple[Difference, ...]]


def compare_runs(
    first: Summary,
    first_scored: Sequence[ScoredRecord],
    second: Summary,
    second_scored: Sequence[ScoredRecord],
) -> RunComparison:
    """Pair the questions of two runs by id and language pair, and say what changed.

    Raises ``UsageError`` where the runs are of different sets, share no question, or one of them
    lists a question twice.
    """
    _check_same_set(first.info, second.info)
    before, after = _by_key(first_scored, first.info), _by_key(second_scored, second.info)
    pairs = [(before[key], after[key]) for key in before if key in after]
    if not pairs:
        raise UsageError(
            f"The two runs of '{first.info.set}' share no question "
            f"({len(before)} and {len(after)} were asked); run both with the same --pair, "
            "--limit and --seed."
        )
    looks = {figure.name: figure for figure in (*second.figures, *first.figures)}
    return RunComparison(
        first=first.info,
        second=second.info,
        shared=len(pairs),
        only_first=_names(before, after),
        only_second=_names(after, before),
        differences=_differences(pairs, looks),
        to_right=_flips(pairs, BAD, GOOD),
        to_wrong=_flips(pairs, GOOD, BAD),
        slices=_slices(pairs, looks),
    )


def key_of(one: ScoredRecord) -> QuestionKey:
    """By what a question is found in another run of the same set."""
    return one.record.question.id, one.record.question.pair


def _check_same_set(first: RunInfo, second: RunInfo) -> None:
    if first.set != second.set:
        raise UsageError(
            f"The runs are of different sets ('{first.set}' and '{second.set}'); "
            "compare runs of one set."
        )
    if first.set_digest != second.set_digest:
        raise UsageError(
            f"The set '{first.set}' changed between the runs (digest {first.set_digest[:12]}, "
            f"then {second.set_digest[:12]}); run both over the set as it is now."
        )


def _by_key(scored: Sequence[ScoredRecord], info: RunInfo) -> dict[QuestionKey, ScoredRecord]:
    found: dict[QuestionKey, ScoredRecord] = {}
    for record in scored:
        key = key_of(record)
        if key in found:
            raise UsageError(
                f"The run of '{info.set}' by {info.system.name} holds question '{key[0]}' "
                f"({key[1]}) twice; remove one of the lines from its answers.jsonl."
            )
        found[key] = record
    return found


def _names(
    these: dict[QuestionKey, ScoredRecord], those: dict[QuestionKey, ScoredRecord]
) -> tuple[str, ...]:
    return tuple(f"{name} ({pair})" for name, pair in these if (name, pair) not in those)


def _differences(
    pairs: Sequence[tuple[ScoredRecord, ScoredRecord]], looks: dict[str, Figure]
) -> tuple[Difference, ...]:
    names = dict.fromkeys(name for before, _ in pairs for name in before.scores)
    found = []
    for name in names:
        both = [
            (before.scores[name], after.scores[name])
            for before, after in pairs
            if name in before.scores and name in after.scores
        ]
        if both:
            found.append(_difference(name, both, looks.get(name)))
    return tuple(found)


def _difference(name: str, both: Sequence[tuple[float, float]], look: Figure | None) -> Difference:
    first, second = (list(values) for values in zip(*both, strict=True))
    low, high = bootstrap.difference_interval(first, second)
    assert low is not None and high is not None, "only an empty list has no interval"
    unit, better = (look.unit, look.better) if look else ("share", "high")
    means = fmean(first), fmean(second)
    return Difference(
        metric=name,
        first=means[0],
        second=means[1],
        difference=means[1] - means[0],
        low=low,
        high=high,
        count=len(both),
        unit=unit,
        better=better,
    )


def _flips(
    pairs: Sequence[tuple[ScoredRecord, ScoredRecord]],
    start: frozenset[Verdict],
    end: frozenset[Verdict],
) -> tuple[Flip, ...]:
    return tuple(
        Flip(
            question_id=before.record.question.id,
            pair=before.record.question.pair,
            kind=before.record.question.kind,
            text=before.record.question.text,
            before=before.verdict,
            after=after.verdict,
        )
        for before, after in pairs
        if before.verdict in start and after.verdict in end
    )


def _slices(
    pairs: Sequence[tuple[ScoredRecord, ScoredRecord]], looks: dict[str, Figure]
) -> dict[str, tuple[Difference, ...]]:
    """Only where there is more than one pair, or kind: a single slice repeats the whole."""
    by: tuple[tuple[str, Callable[[ScoredRecord], str]], ...] = (
        ("pair", lambda one: one.record.question.pair),
        ("kind", lambda one: one.record.question.kind),
    )
    found = {}
    for heading, value in by:
        values = sorted({value(before) for before, _ in pairs})
        for wanted in values if len(values) > 1 else ():
            members = [both for both in pairs if value(both[0]) == wanted]
            found[f"{heading} {wanted}"] = _differences(members, looks)
    return found
