"""Right, refused, or wrong and shown as proven: the three ways a question can end.

In: scored records. Out: the three shares, with Wilson's 95 % interval, of all questions, of the
answerable ones, and of each language pair and kind. Nothing can fail.

An answer is *right* where a gold answer is contained (docs/evaluation.md says how), *refused*
where the system says that the documents hold no answer, and *wrong and shown as proven* otherwise:
whatever it says stands there with a citation, and people believe it. Where nothing holds the
answer, whatever is not a refusal is wrong. A question that failed got none of the three, and
counts among the questions asked; one whose gold answers nobody knows is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eval.figures import Figure, ScoredRecord, Verdict
from eval.metrics.proportion import wilson

OUTCOMES: dict[str, frozenset[Verdict]] = {
    "right": frozenset({"right"}),
    "refused": frozenset({"rightly refused", "wrongly refused"}),
    "wrong_and_shown_as_proven": frozenset({"wrong", "wrongly answered"}),
}
_BETTER = {"right": "high", "wrong_and_shown_as_proven": "low"}


def outcomes(scored: Sequence[ScoredRecord]) -> dict[str, tuple[Figure, ...]]:
    """By ``all``, ``answerable``, ``pair de-en``, ``kind date`` and so on: the three shares."""
    judged = [one for one in scored if one.verdict != "unjudged"]
    answerable = [one for one in judged if one.record.question.answerable]
    parts = {"all": judged, "answerable": answerable}
    by: tuple[tuple[str, Callable[[ScoredRecord], str]], ...] = (
        ("pair", lambda one: one.record.question.pair),
        ("kind", lambda one: one.record.question.kind),
    )
    for heading, value in by:
        values = sorted({value(one) for one in judged})
        for wanted in values if len(values) > 1 else ():
            parts[f"{heading} {wanted}"] = [one for one in judged if value(one) == wanted]
    return {name: _three(members) for name, members in parts.items() if members}


def _three(scored: Sequence[ScoredRecord]) -> tuple[Figure, ...]:
    return tuple(_share(name, scored, verdicts) for name, verdicts in OUTCOMES.items())


def _share(name: str, scored: Sequence[ScoredRecord], verdicts: frozenset[Verdict]) -> Figure:
    hits, count = sum(one.verdict in verdicts for one in scored), len(scored)
    low, high = wilson(hits, count)
    return Figure.model_validate(
        {
            "name": name,
            "value": hits / count,
            "low": low,
            "high": high,
            "count": count,
            "better": _BETTER.get(name),
        }
    )
