"""Twenty questions over the five saved web pages, every answer shown.

In: ``eval/sets/seeds_questions.jsonl`` and ``../shared/corpus/seeds``. Out: verdicts, and a
Markdown table with the wrong ones too. What can fail: the seeds are not on this machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.sets import Question

_FILE = Path(__file__).parent / "sets" / "seeds_questions.jsonl"


def seed_questions() -> list[Question]:
    """The questions; those that nothing answers have no answers."""
    rows = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines()]
    return [
        Question(row["id"], row["question"], row["language"], tuple(row["answers"]), None)
        for row in rows
    ]


def right(row: dict[str, Any]) -> bool:
    """A gold answer said, or rightly nothing."""
    return bool(row["gold_contained"]) if row["gold"] else not row["answered"]


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Markdown lines: question, answer, first quote, verdict."""
    yield "| question | answer | first quote | right |"
    yield "|---|---|---|---|"
    for row in rows:
        quotes = row["citations"]
        quote = quotes[0]["quote"].replace("|", "/").replace("\n", " ")[:160] if quotes else ""
        verdict = "yes" if right(row) else f"no ({'; '.join(row['gold'][:2]) or 'not stated'})"
        yield f"| {row['question']} | {row['answer'].replace('|', '/')} | {quote} | {verdict} |"
