"""A run: every question of a set to a system, one line each, resumable.

In: a set, a system, what to do. Out: a run folder. What can fail: an absent set, a system that
cannot start, a folder that holds another run. A question that fails is recorded with its reason
and the run goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from corpus.document import Document, Language
from corpus.language import detect_with_confidence
from corpus.loaders import digest
from eval.code import code_digest
from eval.metrics.text import without_markers
from eval.question import Question
from eval.questionset import QuestionSet
from eval.record import Machine, QuestionRecord, Reply, RunInfo, SystemInfo
from eval.run_folder import RunFolder, append
from eval.systems.protocol import QuestionFailedError, System
from models.native.hardware import detect_hardware

DEPTH = 100
"""Documents in a ranking; metrics look at no more."""
ELSEWHERE = frozenset({"http"})
"""Systems whose memory is not this process's."""
_SURE = 0.6

Parts = Literal["retrieval", "answers", "both"]


@dataclass(frozen=True)
class RunPlan:
    """What to run. ``limit``: that many questions of each pair, after a shuffle by ``seed``."""

    parts: Parts = "both"
    pairs: tuple[str, ...] = ()
    limit: int | None = None
    seed: int = 7


@dataclass(frozen=True)
class BegunRun:
    """A run that has begun: what it asks by pair, and what is answered already.

    ``info`` is what its folder says, ``now`` what this process would have written there.
    """

    found: QuestionSet
    folder: RunFolder
    info: RunInfo
    now: RunInfo
    asked: dict[str, list[Question]]
    done: frozenset[tuple[str, str]]


def begin(found: QuestionSet, system: System, plan: RunPlan, out: Path | None) -> BegunRun:
    """Start the run in ``out``, or take up the one that is there.

    Without ``out`` the folder's name says what is run, so that the same command goes on with it.
    """
    pairs = dict.fromkeys(plan.pairs or found.default_pairs)
    asked = {pair: found.questions(pair, plan.limit, plan.seed) for pair in pairs}
    now = _info(found, system.describe(), plan, asked)
    folder = RunFolder(out or Path("runs") / _name(now))
    begun = folder.begin(now)
    # What failed is asked again: a server may have been away.
    done = frozenset(
        (one.question.pair, one.question.id) for one in folder.records() if one.error is None
    )
    return BegunRun(found, folder, begun, now, asked, done)


def finish(
    run: BegunRun, system: System, corpora: Path, on_question: Callable[[QuestionRecord], None]
) -> RunInfo:
    """Ask what is not answered yet; returns what ``run.json`` says in the end.

    ``corpora``: folder in which prepared corpora are kept for the next run.
    """
    with run.folder.appending() as stream:
        for pair, questions in run.asked.items():
            left = [one for one in questions if (one.pair, one.id) not in run.done]
            if not left:
                continue
            system.prepare(
                run.found.documents(pair), corpora / f"{run.found.name}-{pair}-{_key(run.info)}"
            )
            for question in left:
                record = ask_questions(system, question, run.info.parts)
                append(stream, record)
                on_question(record)
        asked = sum(map(len, run.asked.values())) > len(run.done)
        info = _complete_info(run, system.prompt_reader()) if asked else run.info
        run.folder.finish(info)
    return info


def _complete_info(run: BegunRun, reader: str | None) -> RunInfo:
    """What the folder says once this process has asked something."""
    # A run that another commit takes up names both; who reads prompts may change as well.
    commits = dict.fromkeys([*(run.info.commit or "").split(", "), run.now.commit or ""])
    readers = dict.fromkeys([*(run.info.prefill or "").split("; then "), reader or ""])
    here = run.info.system.name not in ELSEWHERE
    return run.info.model_copy(
        update={
            "commit": ", ".join(filter(None, commits)) or None,
            "prefill": "; then ".join(filter(None, readers)) or None,
            "ended": _now(),
            "peak_memory_mb": max(run.info.peak_memory_mb or 0.0, _peak_memory_mb())
            if here
            else None,
        }
    )


def _name(info: RunInfo) -> str:
    facts = (
        f"{info.settings_digest} {info.corpus_digest} {info.set_digest} {info.parts} {info.seed}"
    )
    digest = hashlib.sha256(f"{facts} {info.pair} {info.limit}".encode()).hexdigest()[:8]
    return f"{info.set}-{info.system.name}-{digest}"


def ask_questions(system: System, question: Question, parts: Parts) -> QuestionRecord:
    """One question's record."""
    ranking, reply, error = None, None, None
    try:
        if parts != "answers":
            ranking = system.retrieve(question, DEPTH)
        if parts != "retrieval":
            reply = system.answer(question)
    except QuestionFailedError as failed:
        error = str(failed)
    return QuestionRecord(
        question=question,
        ranking=ranking,
        reply=reply,
        reply_language=None if reply is None else _language(reply),
        error=error,
    )


def _language(reply: Reply) -> Language | None:
    """None where the text says too little: a name or a number is of no language."""
    found = detect_with_confidence(without_markers(reply.text))
    return found.language if found.confidence >= _SURE else None


def _info(
    found: QuestionSet, system: SystemInfo, plan: RunPlan, asked: dict[str, list[Question]]
) -> RunInfo:
    digest, count = _corpus_digest(one for pair in asked for one in found.documents(pair))
    return RunInfo(
        set=found.name,
        set_digest=found.digest,
        parts=plan.parts,
        pair=",".join(asked),
        limit=plan.limit,
        seed=plan.seed,
        questions=sum(map(len, asked.values())),
        system=system,
        settings_digest=settings_digest(system),
        corpus_digest=digest,
        documents=count,
        commit=commit(),
        machine=machine(),
        started=_now(),
    )


def settings_digest(system: SystemInfo) -> str:
    """16 hexadecimal digits of all that makes ``system`` answer as it does."""
    facts = json.dumps(system.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def _key(info: RunInfo) -> str:
    """What a prepared corpus depends on: documents, encoder, how passages are cut and by whom."""
    facts = {
        "corpus": info.corpus_digest,
        "encoder": info.system.models.get("encoder"),
        "passages": {
            name: value
            for name, value in info.system.settings.items()
            if name.startswith(("passage_", "chunk_", "encoder_"))
        },
        "code": code_digest("corpus", "index"),
        "system": info.system.name,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def _corpus_digest(documents: Iterable[Document]) -> tuple[str, int]:
    whole, count = hashlib.sha256(), 0
    for document in documents:
        whole.update(f"{document.id}\0{digest(document)}\0".encode())
        count += 1
    return whole.hexdigest(), count


def commit() -> str | None:
    """The commit of the code that runs, marked where the working tree differs from it."""
    root = Path(__file__).resolve().parent.parent
    lines = list(_git(root, "rev-parse", "HEAD"))
    if not lines:
        return None
    changed = any(_git(root, "status", "--porcelain", "--untracked-files=no"))
    return f"{lines[0][:12]}{'+changes' if changed else ''}"


def _git(root: Path, *arguments: str) -> Iterator[str]:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return
    if done.returncode == 0:
        yield from done.stdout.splitlines()


def machine() -> Machine:
    """This machine, for the record."""
    hardware = detect_hardware()
    return Machine(
        processor=hardware.processor,
        cores=hardware.cores,
        memory_gib=_memory_gib(),
        gpus=hardware.gpus,
    )


def _memory_gib() -> float:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def _peak_memory_mb() -> float:
    """Of this process, since it began; Linux counts it in KiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
