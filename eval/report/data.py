"""The questions of all runs as one compact JSON text that may stand inside an HTML page.

In: scored records of one or several runs. Out: JSON for a ``<script type="application/json">``.
Nothing can fail. Evidence repeats from question to question, so that every longer text is written
once and referred to by its number. Where the whole would be too large for a page that opens at
once, evidence is shortened (quotes, answers and questions never are), and the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from eval.figures import ScoredRecord, Summary
from eval.record import Cited, QuestionRecord, Reply
from eval.report.numbers import letter

MOST_BYTES = 4_500_000
_EVIDENCE_LIMITS = (None, 2400, 1600, 1000, 700, 500, 350, 200, 100)
_RANKS_SHOWN = 10
# What could end the script element, or begin a comment within it, is written as an escape: these
# characters occur in JSON only inside strings (HTML standard, 4.12.1.3, restrictions for contents
# of script elements).
_UNSAFE = "<>&\u2028\u2029"


def questions_json(runs: Sequence[tuple[Summary, Sequence[ScoredRecord]]]) -> str:
    """The longest evidence that keeps the text within ``MOST_BYTES``, or the shortest there is."""
    text = ""
    for limit in _EVIDENCE_LIMITS:
        text = embeddable(_PayloadWriter(limit).payload(runs))
        if len(text.encode()) <= MOST_BYTES:
            break
    return text


def embeddable(value: object) -> str:
    """JSON without any character that HTML could read as markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Not str.translate: over 8.5 MB with few of these it takes 0.6 s, this 0.002 s.
    for char in _UNSAFE:
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


class _PayloadWriter:
    """Keeps the pool of texts while the questions are put together."""

    def __init__(self, evidence_limit: int | None) -> None:
        self._limit = evidence_limit
        self._places: dict[str, int] = {}
        self._metrics: dict[str, int] = {}

    def payload(self, runs: Sequence[tuple[Summary, Sequence[ScoredRecord]]]) -> dict[str, Any]:
        """Everything that ``report.js`` reads."""
        rows: dict[tuple[str, str, str], dict[str, Any]] = {}
        for run, (summary, scored) in enumerate(runs):
            for one in scored:
                question = one.record.question
                key = (summary.info.set_digest, question.id, question.pair)
                row = rows.setdefault(key, self._question(one.record, len(runs)))
                row["replies"][run] = self._reply(one)
        return {
            "runs": [
                {"letter": letter(run), "name": summary.info.system.name}
                for run, (summary, _) in enumerate(runs)
            ],
            "evidenceLimit": self._limit,
            "questions": list(rows.values()),
            "metrics": list(self._metrics),
            "texts": list(self._places),
        }

    def _question(self, record: QuestionRecord, runs: int) -> dict[str, Any]:
        question = record.question
        return {
            "id": question.id,
            "text": question.text,
            "language": question.language,
            "documentLanguage": question.document_language,
            "pair": question.pair,
            "kind": question.kind,
            "answerable": question.answerable,
            "gold": question.answers,
            "needed": question.needed,
            "wrong": question.wrong_answers,
            "goldDocuments": sorted(question.gold_documents),
            "before": question.before,
            "replies": [None] * runs,
        }

    def _reply(self, one: ScoredRecord) -> dict[str, Any]:
        record = one.record
        found: dict[str, Any] = {"verdict": one.verdict, "scores": self._scores(one.scores)}
        if record.error is not None:
            found["error"] = record.error
        if record.ranking:
            found["ranking"] = [
                [self._place(rank.document_id), round(rank.score, 4)]
                for rank in record.ranking[:_RANKS_SHOWN]
            ]
        if record.reply is not None:
            found |= self._answer(record.reply, record)
        return found

    def _answer(self, reply: Reply, record: QuestionRecord) -> dict[str, Any]:
        cost = reply.cost
        found: dict[str, Any] = {
            "status": reply.status,
            "text": reply.text,
            "language": record.reply_language,
            "citations": [self._citation(one) for one in reply.citations],
            "shown": [
                {
                    "document": self._place(one.document_id),
                    "title": self._place(one.title),
                    "text": self._place(self._shortened(one.text)),
                    "facts": [fact for fact in (one.date, one.source) if fact],
                }
                for one in reply.shown
            ],
            "cost": [
                round(cost.total_ms),
                cost.first_token_ms if cost.first_token_ms is None else round(cost.first_token_ms),
                cost.prompt_tokens,
                cost.output_tokens,
            ],
        }
        if reply.confidence is not None:
            found["confidence"] = round(reply.confidence, 4)
        if reply.draft and reply.draft != reply.text:
            found["draft"] = reply.draft
        return found

    def _citation(self, one: Cited) -> dict[str, Any]:
        return {
            "marker": one.marker,
            "document": self._place(one.document_id),
            "title": self._place(one.title),
            "quote": self._place(one.quote),
            "facts": [fact for fact in (one.date, one.source) if fact],
            "exact": one.exact,
        }

    def _scores(self, scores: dict[str, float]) -> list[list[float]]:
        return [
            [self._metrics.setdefault(name, len(self._metrics)), round(value, 4)]
            for name, value in scores.items()
        ]

    def _place(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    def _shortened(self, text: str) -> str:
        if self._limit is None or len(text) <= self._limit:
            return text
        return text[: self._limit].rstrip() + " …"
