"""How good whole answers are.

In: a cell, an assistant, a file for results. Out: one JSON line an answer, written as soon as it
is there (a run that stops goes on where it was), and figures over all lines. What can fail: an
absent set.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from corpus.language import detect
from corpus.store import CorpusStore
from eval.metrics import contains_gold, mean, wilson
from eval.sets import Question
from qa.answer import Answer
from qa.assistant import Assistant


def run(
    name: str,
    found: Sequence[Question],
    assistant: Assistant,
    store: CorpusStore,
    out: Path,
) -> list[dict[str, Any]]:
    """Answer ``found`` and append each verdict to ``out``; returns all verdicts."""
    out.parent.mkdir(parents=True, exist_ok=True)
    write_rows(out, read_rows(out))
    done = {row["id"]: row for row in read_rows(out)}
    with out.open("a", encoding="utf-8") as stream:
        for question in tqdm(found, desc=name, disable=None):
            if question.id in done:
                continue
            answer = assistant.ask(question.text)
            row = verdict(question, answer, store)
            done[question.id] = row
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            stream.flush()
    return [done[question.id] for question in found]


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Verdicts written so far; a last line torn by a killed run is left out."""
    lines = file.read_text("utf-8").split("\n") if file.exists() else []
    # What follows the last line break was not written to its end.
    return [json.loads(line) for line in lines[:-1]]


def write_rows(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Replace the verdicts in ``file``."""
    temporary = file.with_suffix(".partial")
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)


def verdict(question: Question, answer: Answer, store: CorpusStore) -> dict[str, Any]:
    """What is right and wrong with one answer."""
    answered = answer.status == "answered"
    exact = all(
        store.document(one.document_id).text[one.start : one.end] == one.quote
        for one in answer.citations
    )
    return {
        "id": question.id,
        "question": question.text,
        "gold": list(question.answers),
        "answer": answer.text,
        "draft": answer.draft,
        "answered": answered,
        "gold_contained": answered and contains_gold(answer.text, question.answers),
        "cited": bool(answer.citations),
        "gold_document_cited": any(
            one.document_id == question.document_id for one in answer.citations
        ),
        "quotes_exact": exact,
        "language_right": answer.language == question.language
        and (not answered or _language_of(answer) == question.language),
        "confidence": answer.confidence,
        "citations": [one.model_dump() for one in answer.citations],
        "timings": answer.timings.model_dump(),
    }


def _language_of(answer: Answer) -> str:
    text = answer.text
    for one in answer.citations:
        text = text.replace(f"[{one.marker}]", "")
    return detect(text)


def summary(name: str, rows: Sequence[dict[str, Any]], *, answerable: bool) -> dict[str, Any]:
    """Figures of a cell; shares come with their 95 % interval (Wilson)."""
    answered = [row for row in rows if row["answered"]]
    shares = {
        "not_found": (mean(not row["answered"] for row in rows), len(rows)),
        "language right": (mean(row["language_right"] for row in rows), len(rows)),
        "quotes exact": (mean(row["quotes_exact"] for row in rows), len(rows)),
    }
    if answerable:
        shares |= {
            "gold contained": (mean(row["gold_contained"] for row in rows), len(rows)),
            "cited": (mean(row["cited"] for row in rows), len(rows)),
            "cited, of answered": (mean(row["cited"] for row in answered), len(answered)),
            "gold document cited": (mean(row["gold_document_cited"] for row in rows), len(rows)),
        }
    first = [row["timings"]["first_token_ms"] for row in answered]
    return {
        "set": name,
        "questions": len(rows),
        **{
            key: f"{share:.3f} ({low:.3f} to {high:.3f})"
            for key, (share, count) in shares.items()
            for low, high in [wilson(share, count)]
        },
        "first token s, median": round(statistics.median(first) / 1000, 2) if first else None,
        "total s, median": round(
            statistics.median(row["timings"]["total_ms"] for row in rows) / 1000, 2
        )
        if rows
        else None,
    }
