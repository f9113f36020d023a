"""How good a ranking of documents is, in trec_eval's numbers.

In: a ranking and the grades of documents, or the lines of trec's qrels and run files. Out: named
numbers from 0 to 1. What can fail: a document that stands in a ranking twice (``BelegtError``;
trec_eval refuses it as well).

The numbers come from ``pytrec-eval-terrier``, which is trec_eval's own C code (version 9) behind
a Python call: they cannot drift from the reference. ``ir-measures`` gives these measures by
calling the same library, so it would be a second package for the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from base.errors import BelegtError
from eval.record import Ranked

# Name in a run's figures to trec_eval's name.
_MEASURES = {
    "ndcg@10": "ndcg_cut_10",
    "recall@1": "recall_1",
    "recall@5": "recall_5",
    "recall@10": "recall_10",
    "recall@100": "recall_100",
    "map": "map",
}
_RECIPROCAL_DEPTH = 10


def ranking_scores(ranking: Sequence[Ranked], relevant: Mapping[str, int]) -> dict[str, float]:
    """nDCG, recall, reciprocal rank and average precision of one question's ``ranking``.

    Definitions are trec_eval's: nDCG has the grade as gain and log2(rank + 1) as discount
    (Järvelin & Kekäläinen 2002), any grade above 0 counts as relevant elsewhere, ``mrr@10`` is
    the reciprocal rank among the first ten. The order of ``ranking`` is kept, whatever its scores
    say. Where nothing is relevant, every number is 0, as trec_eval has it.
    """
    names = [one.document_id for one in ranking]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BelegtError(f"Document '{twice}' stands in a ranking twice; rank each document once.")
    found = _evaluate(names, relevant, _MEASURES.values())
    first = _evaluate(names[:_RECIPROCAL_DEPTH], relevant, ["recip_rank"])
    scores = {name: found.get(measure, 0.0) for name, measure in _MEASURES.items()}
    return scores | {f"mrr@{_RECIPROCAL_DEPTH}": first.get("recip_rank", 0.0)}


def _evaluate(
    names: Sequence[str], relevant: Mapping[str, int], measures: Iterable[str]
) -> dict[str, float]:
    from pytrec_eval import RelevanceEvaluator

    if not names:
        return {}
    # trec_eval sorts by score and breaks ties by name: scores made of ranks keep the order.
    scores = {name: float(len(names) - place) for place, name in enumerate(names)}
    grades = {name: int(grade) for name, grade in relevant.items()}
    found: dict[str, dict[str, float]] = RelevanceEvaluator({"": grades}, measures).evaluate(
        {"": scores}
    )
    return found.get("", {})


def trec_scores(
    qrels: Iterable[str], run: Iterable[str], measures: Iterable[str]
) -> dict[str, dict[str, float]]:
    """trec_eval over the lines of a qrels and a run file: scores by measure, by question.

    ``measures`` are named as the library has them (``map``, ``ndcg_cut.10,23``). Key ``all``
    holds what trec_eval sums up over the questions that are in both files: a sum for counts, a
    geometric mean for ``gm_``, else the mean.
    """
    import pytrec_eval

    evaluator = pytrec_eval.RelevanceEvaluator(pytrec_eval.parse_qrel(qrels), measures)
    scores: dict[str, dict[str, float]] = evaluator.evaluate(pytrec_eval.parse_run(run))
    rows = list(scores.values())
    summed = {
        name: float(pytrec_eval.compute_aggregated_measure(name, [row[name] for row in rows]))
        for name in (rows[0] if rows else {})
    }
    return {**scores, "all": summed}
