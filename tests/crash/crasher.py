"""Work on a corpus that is killed again and again: ``python crasher.py FOLDER --kills N``.

In: an empty folder, how many kills, a seed. Out: the exit code: 0 if after each kill the corpus
held what was acknowledged, nothing twice and nothing half, and every derived part was current or
made again; else 1 with one line that names the seed and the kill. Under shim.c (CRASH_JOURNAL in
the environment) each kill is a power cut as well: what was not synchronised is undone.

A child adds, replaces, removes, rebuilds and builds dense files at random and writes each change
into a record outside the corpus, when it begins and when it is done. What was begun and not done
may be there or not, but only document by document.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
for _folder in (HERE, HERE.parent, HERE.parents[1]):
    sys.path.insert(0, str(_folder))

from fakes import HashingEncoder  # noqa: E402
from undo import forget, undo  # noqa: E402

from base.settings import Settings  # noqa: E402
from corpus.document import Document  # noqa: E402
from corpus.store import CorpusStore  # noqa: E402
from index.build import Indexer, open_dense  # noqa: E402
from index.check import Checker  # noqa: E402

SETTINGS = Settings(exact_passages=15, passage_tokens=32)
_NAMES = [f"d{number}" for number in range(12)]
_LONGEST_S = 1.0
_MOSTLY = 0.9
"""Share of kills that come after the first change has begun; the others come while it opens."""
_PATIENCE_S = 60.0
State = dict[str, str]


class Record:
    """What was begun and what is done, one JSON line each, on the disk before it counts."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, **line: object) -> None:
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def wait(self) -> None:
        """Until something has begun."""
        until = time.monotonic() + _PATIENCE_S
        while not self._file.exists() and time.monotonic() < until:
            time.sleep(0.002)

    def read(self) -> list[dict[str, object]]:
        text = self._file.read_text("utf-8") if self._file.exists() else ""
        self._file.unlink(missing_ok=True)
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def text_of(name: str, number: int) -> str:
    """A text of some passages that no other change gives."""
    sentences = (f"Satz {n} von {name} in Fassung {number} steht hier." for n in range(12))
    return " ".join(sentences)


def document(name: str, text: str) -> Document:
    return Document(id=name, title=name, language="de", text=text, path=f"{name}.txt")


def work(folder: Path, record: Record, seed: int) -> None:
    """Change the corpus until killed."""
    choice = random.Random(seed)
    encoder = HashingEncoder(16)
    with CorpusStore.open(folder, create=True) as store:
        store.make_durable()
        indexer = Indexer(store, encoder, SETTINGS)
        for number in range(1_000_000):
            present = [info.id for info in store.documents()]
            what = choice.choices(("add", "remove", "rebuild", "ask"), (6, 2, 1, 1))[0]
            if what == "add":
                texts = {
                    name: text_of(name, seed * 1000 + number)
                    for name in choice.sample(_NAMES, choice.randint(1, 3))
                }
                record.write(begin=texts)
                indexer.add_documents([document(*one) for one in texts.items()])
                record.write(done=True)
            elif what == "remove" and present:
                name = choice.choice(present)
                record.write(begin={name: None})
                indexer.remove(name)
                record.write(done=True)
            elif what == "rebuild":
                indexer.rebuild()
            elif what == "ask" and present:
                dense, _ = open_dense(store, encoder.describe(), SETTINGS)
                dense.search(encoder.encode_questions(["Satz"])[0], 5)


def changes_of(lines: list[dict[str, object]]) -> tuple[State, dict[str, str | None]]:
    """What is done by document, and what was only begun."""
    done: dict[str, str | None] = {}
    begun: dict[str, str | None] = {}
    for line in lines:
        if "begin" in line:
            begun = dict(line["begin"])  # type: ignore[call-overload]
        else:
            done |= begun
            begun = {}
    return done, begun  # type: ignore[return-value]


def in_child(act: Callable[[], tuple[list[str], State]], folder: Path) -> tuple[list[str], State]:
    """What ``act`` returns in a child, since threads that FAISS starts do not survive a fork."""
    result = folder / "checked.json"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            result.write_text(json.dumps(act()), "utf-8")
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if status:
        return [f"the corpus could not be checked ({status})"], {}
    faults, held = json.loads(result.read_text("utf-8"))
    return faults, held


def faults_after(
    folder: Path, state: State, begun: dict[str, str | None]
) -> tuple[list[str], State]:
    """What is wrong with the corpus, and what it really holds."""
    with CorpusStore.open(folder, create=True) as store:
        names = [info.id for info in store.documents()]
        held = {name: store.document(name).text for name in names}
        faults = [f"{name} is there twice" for name in set(names) if names.count(name) > 1]
        for name in set(state) | set(held) | set(begun):
            wanted = {state.get(name), begun.get(name, state.get(name))}
            if held.get(name) not in wanted:
                faults.append(f"{name} is {held.get(name)!r:.60}, not {wanted!r:.200}")
        faults += Checker(store, SETTINGS, lambda: HashingEncoder(16)).run().faults
    return faults, held


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--kills", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=0)
    args = arguments.parse_args()
    corpus, record = args.folder / "corpus", Record(args.folder / "record.jsonl")
    journal = Path(os.environ["CRASH_JOURNAL"]) if "CRASH_JOURNAL" in os.environ else None
    for heavy in ("faiss", "snowballstemmer", "sqlite3"):
        importlib.import_module(heavy)
    state: State = {}
    lost = done_changes = 0
    choice = random.Random(args.seed)
    for kill in range(args.kills):
        child = os.fork()
        if child == 0:
            work(corpus, record, args.seed * 100_003 + kill)
        if choice.random() < _MOSTLY:
            record.wait()
        time.sleep(choice.uniform(0.0, _LONGEST_S))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if journal is not None:
            lost += undo(journal)
            (corpus / "corpus.sqlite-shm").unlink(missing_ok=True)
        lines = record.read()
        done, begun = changes_of(lines)
        done_changes += sum("done" in line for line in lines)
        for name, text in done.items():
            state[name] = text
        state = {name: text for name, text in state.items() if text is not None}
        faults, state = in_child(partial(faults_after, corpus, state, begun), args.folder)
        if faults:
            print(f"seed {args.seed}, kill {kill}: {'; '.join(faults)}", flush=True)
            return 1
        if journal is not None:
            forget(journal)
    print(f"{args.kills} kills, {done_changes} acknowledged changes, {lost} writes undone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
