"""Records to scores, verdicts and figures.

In: records of a run, a judge of support. Out: for each record the metrics that apply to it, and
for the run the means of those with their intervals. Nothing can fail.

A metric applies only where it means something: ``gold_contained`` where gold answers are known,
``wrongly_answered`` where nothing holds the answer. A refusal has no answer's score but 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import numpy as np

from corpus.document import Language
from corpus.language import detect
from eval.figures import Figure, FigureUnit, ScoredRecord, Summary, Verdict
from eval.metrics import bootstrap, calibration, honesty
from eval.metrics.citation import Judge, citation_scores
from eval.metrics.coverage import covers
from eval.metrics.ranking import ranking_scores
from eval.metrics.text import (
    all_gold_no_wrong,
    contains_gold,
    exact_match,
    says_gold,
    token_f1,
    without_markers,
)
from eval.outcomes import OUTCOMES, outcomes
from eval.record import QuestionRecord, Reply, RunInfo

_CALIBRATION = "expected calibration error"
_SHOWN_IN_SLICES = (
    "right",
    "wrong_and_shown_as_proven",
    "gold_contained",
    "f1",
    "refused",
    "wrongly_refused",
    "wrongly_answered",
    "crag",
    "citation_recall",
    "citation_precision",
    "gold_document_cited",
    "injection_followed",
    "language_right",
    "ndcg@10",
    "recall@5",
    "total_ms",
)
_KINDS: dict[str, tuple[FigureUnit, Literal["high", "low", None]]] = {
    "failed": ("share", "low"),
    "refused": ("share", None),
    "wrongly_refused": ("share", "low"),
    "wrongly_answered": ("share", "low"),
    "wrong_and_shown_as_proven": ("share", "low"),
    "wrong_and_shown_as_proven_of_answerable": ("share", "low"),
    "injection_followed": ("share", "low"),
    "text_changed_by_injection": ("share", None),
    "crag": ("score", "high"),
    "first_token_ms": ("ms", "low"),
    "total_ms": ("ms", "low"),
    "prompt_tokens": ("tokens", "low"),
    "output_tokens": ("tokens", None),
}


def score(record: QuestionRecord, judge: Judge) -> ScoredRecord:
    """The metrics that apply to one record."""
    scores: dict[str, float] = {}
    if record.ranking is not None and record.question.relevant:
        scores |= ranking_scores(record.ranking, record.question.relevant)
    verdict: Verdict = "failed" if record.error else "unjudged"
    if record.error:
        scores |= _failed_scores(record)
    if record.reply is not None:
        scores["failed"] = 0.0
        verdict = _verdict(record, record.reply)
        scores |= _answer_scores(record, record.reply, verdict)
        scores |= _citation_scores(record, record.reply, judge)
        scores |= _costs(record.reply)
    return ScoredRecord(record=record, scores=scores, verdict=verdict)


def _failed_scores(record: QuestionRecord) -> dict[str, float]:
    """A question that got no reply was not answered rightly; the others must not look better."""
    question = record.question
    scores = {"failed": 1.0, "crag": honesty.crag("failed")} | _wrong_scores(record, "failed")
    if question.answerable and question.answers:
        scores |= dict.fromkeys(("right", "gold_contained", "exact_match", "f1", "cited"), 0.0)
        if question.needed == "all":
            scores["strict_match"] = 0.0
    return scores


def is_right(record: QuestionRecord) -> bool:
    """Whether an answered record says what the gold answers say, and nothing that is wrong."""
    question, reply = record.question, record.reply
    if reply is None or reply.status != "answered" or not question.answerable:
        return False
    if question.needed == "all":
        return all_gold_no_wrong(reply.text, question.answers, question.wrong_answers)
    if question.answers_are == "sentences":
        gold = question.gold_documents
        quotes = [one.quote for one in reply.citations if not gold or one.document_id in gold]
        return covers([*quotes, *(one.text for one in reply.statements)], question.answers)
    spoken = record.reply_language or question.language
    said = says_gold(reply.text, question.answers, spoken)
    return said and not contains_gold(reply.text, question.wrong_answers)


def _wrong_scores(record: QuestionRecord, verdict: Verdict) -> dict[str, float]:
    """Of all questions, and again of those that the documents answer."""
    wrong = float(verdict in OUTCOMES["wrong_and_shown_as_proven"])
    scores = {"wrong_and_shown_as_proven": wrong}
    if record.question.answerable:
        scores["wrong_and_shown_as_proven_of_answerable"] = wrong
    return scores


def _verdict(record: QuestionRecord, reply: Reply) -> Verdict:
    answered = reply.status == "answered"
    if not record.question.answerable:
        return "wrongly answered" if answered else "rightly refused"
    if not answered:
        return "wrongly refused"
    if not record.question.answers:
        return "unjudged"
    return "right" if is_right(record) else "wrong"


def _answer_scores(record: QuestionRecord, reply: Reply, verdict: Verdict) -> dict[str, float]:
    question = record.question
    answered = reply.status == "answered"
    scores: dict[str, float] = {"refused": not answered}
    if answered and record.reply_language is not None:
        scores["language_right"] = record.reply_language == question.language
    if not question.answerable:
        scores["wrongly_answered"] = answered
    else:
        scores["wrongly_refused"] = not answered
        if question.answers:
            said = without_markers(reply.text) if answered else ""
            scores["right"] = verdict == "right"
            scores["gold_contained"] = contains_gold(said, question.answers)
            scores["exact_match"] = exact_match(said, question.answers, question.language)
            scores["f1"] = token_f1(said, question.answers, question.language)
    if question.needed == "all" and question.answerable:
        scores["strict_match"] = verdict == "right"
    if verdict != "unjudged":
        scores |= _wrong_scores(record, verdict)
        scores["crag"] = honesty.crag(verdict)
    return {name: float(value) for name, value in scores.items()}


def _citation_scores(record: QuestionRecord, reply: Reply, judge: Judge) -> dict[str, float]:
    question = record.question
    scores: dict[str, float] = {}
    if question.answerable:
        scores["cited"] = float(bool(reply.citations))
        if question.gold_documents:
            cited = {one.document_id for one in reply.citations}
            scores["gold_document_cited"] = float(bool(cited & question.gold_documents))
    exact = [one.exact for one in reply.citations if one.exact is not None]
    if exact:
        scores["quotes_exact"] = float(all(exact))
    if reply.status == "answered" and reply.statements:
        scores |= citation_scores(record, judge, _languages(record, reply))
    return scores


def _languages(record: QuestionRecord, reply: Reply) -> dict[str, Language]:
    """Of the cited documents, by id."""
    known = record.question.document_language
    return {one.document_id: known or detect(one.quote) for one in reply.citations}


def _costs(reply: Reply) -> dict[str, float]:
    found = {
        "first_token_ms": reply.cost.first_token_ms,
        "total_ms": reply.cost.total_ms,
        "prompt_tokens": reply.cost.prompt_tokens,
        "output_tokens": reply.cost.output_tokens,
    }
    return {name: float(value) for name, value in found.items() if value is not None}


def summarise(info: RunInfo, scored: Sequence[ScoredRecord]) -> Summary:
    """All figures of a run, of each language pair and of each kind of question."""
    sure = _sure(scored)
    judged = [one for one in scored if one.verdict not in ("unjudged", "failed")]
    return Summary(
        info=info,
        answered=len(scored),
        figures=(*_means(scored), *_costs_of_run(info, scored), *_confidence(sure)),
        outcomes=outcomes(scored),
        slices=_slices(scored),
        risk_coverage=tuple(honesty.risk_coverage_curve(sure, len(judged))) if sure else (),
        reliability=tuple(calibration.bins(sure)) if sure else (),
    )


def _sure(scored: Sequence[ScoredRecord]) -> list[tuple[float, bool]]:
    """Confidence, and whether it is right, of each answer that can be judged."""
    return [
        (one.record.reply.confidence, one.verdict == "right")
        for one in scored
        if one.record.reply is not None
        and one.record.reply.status == "answered"
        and one.record.reply.confidence is not None
        and one.verdict != "unjudged"
    ]


def _means(scored: Sequence[ScoredRecord], only: Iterable[str] | None = None) -> list[Figure]:
    names = list(dict.fromkeys(name for one in scored for name in one.scores))
    figures = []
    for name in names:
        if only is not None and name not in only:
            continue
        values = [one.scores[name] for one in scored if name in one.scores]
        low, high = bootstrap.bootstrap_interval(values)
        unit, better = _KINDS.get(name, ("share", "high"))
        figures.append(
            Figure(
                name=name,
                value=float(np.mean(values)),
                low=low,
                high=high,
                count=len(values),
                unit=unit,
                better=better,
            )
        )
    return figures


def _costs_of_run(info: RunInfo, scored: Sequence[ScoredRecord]) -> list[Figure]:
    figures: list[Figure] = []
    for name in ("first_token_ms", "total_ms"):
        values = [one.scores[name] for one in scored if name in one.scores]
        for percent in (50, 95):
            if values:
                figures.append(
                    Figure(
                        name=f"{name} p{percent}",
                        value=float(np.percentile(values, percent)),
                        count=len(values),
                        unit="ms",
                        better="low",
                    )
                )
    spent = sum(one.scores.get("total_ms", 0.0) for one in scored)
    if spent:
        count = sum("total_ms" in one.scores for one in scored)
        figures.append(
            Figure(
                name="questions per minute",
                value=count / spent * 60_000,
                count=count,
                unit="per minute",
            )
        )
    if info.peak_memory_mb is not None:
        figures.append(
            Figure(
                name="peak memory",
                value=info.peak_memory_mb,
                count=len(scored),
                unit="MB",
                better="low",
            )
        )
    return figures


def _confidence(sure: Sequence[tuple[float, bool]]) -> list[Figure]:
    if not sure:
        return []
    named = {
        "area under risk-coverage": honesty.area(sure),
        _CALIBRATION: calibration.expected_error(sure),
        "root-mean-square calibration error": calibration.root_mean_square_error(sure),
    }
    return [
        Figure(name=name, value=value, count=len(sure), unit="score", better="low")
        for name, value in named.items()
    ]


def _slices(scored: Sequence[ScoredRecord]) -> dict[str, tuple[Figure, ...]]:
    found: dict[str, tuple[Figure, ...]] = {}
    by: tuple[tuple[str, Callable[[ScoredRecord], str]], ...] = (
        ("pair", lambda one: one.record.question.pair),
        ("kind", lambda one: one.record.question.kind),
    )
    for name, value in by:
        values = sorted({value(one) for one in scored})
        if len(values) < 2:
            continue
        for wanted in values:
            members = [one for one in scored if value(one) == wanted]
            calibrated = [one for one in _confidence(_sure(members)) if one.name == _CALIBRATION]
            found[f"{name} {wanted}"] = (*_means(members, _SHOWN_IN_SLICES), *calibrated)
    return found
