"""Whole answers: belegt beside its peers, question by question, in one run.

In: settings, corpora with their questions, the time. Out: for each system the spread of what an
answer cost, and of its ratio to the same question's cost in plain llama-cpp-python. What can fail:
belegt or plain (one sentence); a peer that cannot be started is left out, with the reason.

What belegt will show its model was read before, as it is where ``belegt serve`` had a quiet hour;
``belegt_unread`` is belegt without that. Every system runs in a process of its own, no question is
asked twice of any, and the order rotates. Every other question goes to belegt and plain alone,
whose ratio matters most: the others take up to a minute for one. A refusal of belegt comes as one
piece, so its first token counts when it is whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from tqdm import tqdm

from base.errors import BelegtError, UsageError
from base.settings import Settings
from eval.bench.budget import Allotment
from eval.bench.material import Corpus
from eval.bench.spread import Spread, paired_ratios, spread
from eval.bench.worker import BenchWorker
from eval.question import Question

OURS, BASE = "belegt", "plain"
SETTLE_S = 0.4
"""Between two systems: OpenMP's threads spin for 0.2 s after the last step (``KMP_BLOCKTIME``)."""

Row = dict[str, Any]
"""What one question cost each system, by the system's name; None where it got no reply."""


class SystemFigures(BaseModel):
    """One system. Ratios are to plain llama-cpp-python on the same question.

    ``prefill_tokens_per_s``: tokens of the prompt by the time to the first token, so retrieval and
    whatever is remembered of a prompt count too. ``decode_tokens_per_s``: tokens after the first by
    the time after it. ``memory_mb`` is that of the process after its last answer.
    """

    model_config = ConfigDict(frozen=True)

    first_token_ms: Spread
    total_ms: Spread
    first_token_ratio: Spread | None
    total_ratio: Spread | None
    prefill_tokens_per_s: Spread | None
    decode_tokens_per_s: Spread | None
    memory_mb: dict[str, float]


class Answers(BaseModel):
    """All systems by name, why some are missing, and the single questions."""

    model_config = ConfigDict(frozen=True)

    systems: dict[str, SystemFigures]
    left_out: dict[str, str]
    questions: list[Row]
    prefill: str | None = None

    def paired(self, other: str, figure: str) -> float | None:
        """Median ratio of belegt to ``other`` over the questions both answered; None: nothing."""
        found = _ratio(self.questions, OURS, other, figure)
        return found.median if found else None


def measure_answers(
    systems: Sequence[str],
    corpora: Sequence[Corpus],
    settings: Settings,
    time_left: Allotment,
    *,
    least: int,
    logs: Path,
) -> Answers:
    """Ask at least ``least`` questions of each corpus, and more while there is time."""
    rows: list[Row] = []
    with ExitStack() as stack:
        workers = {
            one: stack.enter_context(BenchWorker(one, settings, logs / f"{one}.log"))
            for one in systems
        }
        left_out = _start_systems(workers, corpora[0])
        for corpus, part in zip(corpora, time_left.split(len(corpora)), strict=True):
            _prepare(workers, corpus)
            for question in tqdm(corpus.questions, desc=f"reading {corpus.pair}"):
                workers[OURS].call("read", question=question.model_dump(mode="json"))
            asked = part.rounds(corpus.questions[1:], least)
            for number, question in enumerate(tqdm(asked, desc=f"answers {corpus.pair}")):
                order = list(workers) if number % 2 == 0 else [OURS, BASE]
                first = number // 2 % len(order)
                rows.append(_ask(workers, order[first:] + order[:first], question))
        memory = {name: one.call("memory") for name, one in workers.items()}
        reader = workers[OURS].call("reader")
    return Answers(
        systems={name: figures_of(rows, name, memory[name]) for name in workers},
        left_out=left_out,
        questions=rows,
        prefill=reader,
    )


def _start_systems(workers: dict[str, BenchWorker], corpus: Corpus) -> dict[str, str]:
    """Load every system by its first answer; those that cannot be are taken out, with the reason.

    All processes are imported into at the same time, but only one reads a prompt at a time.
    """
    left_out: dict[str, str] = {}
    for name, worker in list(workers.items()):
        try:
            _prepare({name: worker}, corpus)
            worker.call("answer", question=corpus.questions[0].model_dump(mode="json"))
        except UsageError as error:
            if name in (OURS, BASE):
                raise
            left_out[name] = str(error)
            del workers[name]
    return left_out


def _prepare(workers: Mapping[str, BenchWorker], corpus: Corpus) -> None:
    for name, worker in workers.items():
        folder = corpus.folder
        if name == "llamaindex":
            folder = folder.with_name(f"{folder.name}-{name}")
        worker.call("prepare", name=corpus.set, pair=corpus.pair, folder=str(folder))


def _ask(workers: Mapping[str, BenchWorker], order: Sequence[str], question: Question) -> Row:
    row: Row = {"question": question.text, "order": list(order)}
    for name in order:
        time.sleep(SETTLE_S)
        found = workers[name].call("answer", question=question.model_dump(mode="json"))
        row[name] = None if "error" in found else _cost(found)
    return row


def _cost(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"first_token_ms": found["first_token_ms"] or found["total_ms"]}


def figures_of(rows: Sequence[Row], name: str, memory: dict[str, float]) -> SystemFigures:
    """What the ``rows`` say of the system ``name``."""
    costs = list(_answer_all(rows, name))
    if not costs:
        raise BelegtError(f"System '{name}' answered none of the questions.")
    return SystemFigures(
        first_token_ms=spread([one["first_token_ms"] for one in costs]),
        total_ms=spread([one["total_ms"] for one in costs]),
        first_token_ratio=_ratio(rows, name, BASE, "first_token_ms"),
        total_ratio=_ratio(rows, name, BASE, "total_ms"),
        prefill_tokens_per_s=_rates(
            (one["prompt_tokens"] or 0, one["first_token_ms"]) for one in costs
        ),
        decode_tokens_per_s=_rates(
            ((one["output_tokens"] or 1) - 1, one["total_ms"] - one["first_token_ms"])
            for one in costs
        ),
        memory_mb=memory,
    )


def _answer_all(rows: Sequence[Row], name: str) -> Iterator[dict[str, Any]]:
    return (row[name] for row in rows if row.get(name))


def _ratio(rows: Sequence[Row], name: str, base: str, figure: str) -> Spread | None:
    both = [
        (row[name][figure], row[base][figure]) for row in rows if row.get(name) and row.get(base)
    ]
    return paired_ratios(*zip(*both, strict=True)) if both else None


def _rates(pairs: Iterator[tuple[int, float]]) -> Spread | None:
    """Tokens a second, of those with tokens and time."""
    found = [
        1000 * tokens / milliseconds for tokens, milliseconds in pairs if tokens and milliseconds
    ]
    return spread(found) if found else None
