"""From the start of a process to the first token of its answer.

In: a corpus that is in its folder already, questions, the time. Out: seconds of ``belegt ask`` and
of a naive script (:mod:`eval.bench.naive`), in turn, each time a new process and another question.
What can fail: a process that ends without a word (one sentence with its log).

``belegt ask`` gets a terminal, because it shows unchecked words nowhere else. The files lie in the
page cache: the answers before this were made of the same ones. Once the first token is there, the
process is ended.
"""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict
from tqdm import tqdm

from base.errors import BelegtError
from base.settings import Settings
from eval.bench.budget import Allotment
from eval.bench.material import Corpus
from eval.bench.spread import Spread, paired_ratios, spread
from eval.question import Question

_NAIVE = Path(__file__).with_name("naive.py")
# What a terminal is told beside the text: ECMA-48 control sequences and white space.
_NO_TEXT = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\s")
_PIECE = 4096


class Cold(BaseModel):
    """Seconds to the first token of both, and the spread of their ratios."""

    model_config = ConfigDict(frozen=True)

    belegt_s: Spread
    naive_s: Spread
    ratio: Spread


def measure_cold(
    corpus: Corpus,
    settings: Settings,
    time_left: Allotment,
    *,
    least: int,
    logs: Path,
) -> Cold:
    """At least ``least`` runs of both, in turn."""
    naive = _naive_configuration(corpus, settings, logs)
    belegt, script = [], []
    # From the end: the first ones were asked before, and a kept answer must not help.
    asked = time_left.rounds(reversed(corpus.questions), least)
    for number, question in enumerate(tqdm(asked, desc="cold start")):
        turns = [
            lambda one=question: belegt.append(_belegt(one, corpus, settings, logs)),
            lambda one=question: script.append(_script(one, naive, logs)),
        ]
        for turn in turns if number % 2 else reversed(turns):
            turn()
    return Cold(
        belegt_s=spread(belegt), naive_s=spread(script), ratio=paired_ratios(belegt, script)
    )


def _belegt(question: Question, corpus: Corpus, settings: Settings, logs: Path) -> float:
    # A server of the same corpus would answer in its place.
    command = [sys.executable, "-m", "eval.command", "ask", "--no-server"]
    command += ["--corpus", str(corpus.folder), "--", question.text]
    # A person's terminal, whatever this one is.
    environment = {**os.environ, "TERM": "xterm", "BELEGT_CACHE": str(settings.cache)}
    environment.pop("NO_COLOR", None)
    return seconds_to_text(command, environment, logs / "cold-belegt.log")


def _script(question: Question, configuration: Mapping[str, Any], logs: Path) -> float:
    file = logs / "naive.json"
    words = configuration["words"][question.language]
    file.write_text(json.dumps({**configuration, **words, "question": question.text}), "utf-8")
    command = [sys.executable, str(_NAIVE), str(file)]
    # It looks models up on their hub otherwise, which measures the network.
    return seconds_to_text(command, {**os.environ, "HF_HUB_OFFLINE": "1"}, logs / "cold-naive.log")


def seconds_to_text(command: Sequence[str], environment: Mapping[str, str], log: Path) -> float:
    """From starting ``command`` on a terminal until it prints something to read."""
    control, terminal = pty.openpty()
    with log.open("wb") as errors, os.fdopen(control, "rb", buffering=0) as printed:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=errors,
                start_new_session=True,
            )
        finally:
            os.close(terminal)
        try:
            spoke = _wait_for_text(printed)
            seconds = time.perf_counter() - started
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if not spoke:
        raise BelegtError(f"'{command[1]}' ended without printing anything; see '{log}'.")
    return seconds


def _wait_for_text(printed: IO[bytes]) -> bool:
    """Whether there was text before the terminal was closed at its other end."""
    seen = b""
    while not _NO_TEXT.sub(b"", seen):
        try:
            piece = printed.read(_PIECE)
        except OSError:
            # Linux says so (EIO) of a terminal that nobody writes to any more.
            return False
        if not piece:
            return False
        seen += piece
    return True


def _naive_configuration(corpus: Corpus, settings: Settings, folder: Path) -> dict[str, Any]:
    """An index and passages in files, as such a script would have made them before."""
    import faiss

    from corpus.store import CorpusStore
    from eval.systems.plain import HEADS, PASSAGES, SYSTEM
    from eval.systems.weights import llama_options, model_path

    with CorpusStore.open(corpus.folder) as store:
        numbers, vectors = store.vectors()
        stored = store.passages(int(one) for one in numbers)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    files = {"index": folder / "naive.faiss", "passages": folder / "naive-passages.json"}
    faiss.write_index(index, str(files["index"]))
    passages = [f"{stored[int(one)].title}\n{stored[int(one)].passage.text}" for one in numbers]
    files["passages"].write_text(json.dumps(passages), encoding="utf-8")
    return {
        **{name: str(file) for name, file in files.items()},
        "encoder": str(model_path(settings.encoder, settings)),
        "model": str(model_path(settings.llm, settings)),
        "options": {"n_ctx": settings.context_tokens, **llama_options(settings)},
        "top_k": PASSAGES,
        "words": {
            language: {
                "system": SYSTEM[language],
                "sources": HEADS[language][0],
                "asked": HEADS[language][1],
            }
            for language in SYSTEM
        },
    }
