"""Every write, fsync, truncation and rename fails once: ``python failing.py FOLDER ERROR``.

In: an empty folder, the name of an error number; shim.c in LD_PRELOAD. Out: how many calls were
made to fail and how many left something wrong; the exit code is 1 if any did. Wrong is another
exception than belegt's own, a message that is no sentence, a state that is neither the old nor
the new one, a derived part that is stale without saying so.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import importlib
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from crasher import SETTINGS, document, text_of  # sets the import path
from fakes import HashingEncoder

from base.errors import BelegtError
from corpus.store import CorpusStore
from index.build import Indexer
from index.check import Checker

_MOST = 400
_OLD, _NEW = text_of("a", 1), text_of("a", 2)


def replace(indexer: Indexer) -> None:
    """Store a document anew, and write the dense files."""
    indexer.add_documents([document("a", _NEW)])


def remove(indexer: Indexer) -> None:
    """Remove the other document."""
    indexer.remove("b")


def attempt(folder: Path, act: Callable[[Indexer], None], call: int, error: int) -> list[str]:
    """What went wrong when the ``call``-th call failed; ["done"] if there are fewer calls."""
    shim = ctypes.CDLL(None)
    wrong: list[str] = []
    with CorpusStore.open(folder) as store:
        indexer = Indexer(store, HashingEncoder(16), SETTINGS)
        shim.crash_fail_at(ctypes.c_long(call), ctypes.c_int(error))
        try:
            act(indexer)
            failed = False
        except BelegtError as raised:
            failed = True
            if not str(raised).rstrip().endswith("."):
                wrong.append(f"no sentence: {raised}")
        except Exception as raised:  # noqa: BLE001 - reported as what is wrong
            failed = True
            wrong.append(f"{type(raised).__name__}: {raised}")
        reached = shim.crash_seen() >= call
        shim.crash_fail_at(ctypes.c_long(0), ctypes.c_int(0))
    with CorpusStore.open(folder) as store:
        names = {info.id for info in store.documents()}
        if store.document("a").text not in (_OLD, _NEW) or not names <= {"a", "b"}:
            wrong.append("neither the old nor the new state")
        wrong += Checker(store, SETTINGS, lambda: HashingEncoder(16)).run().faults
        # What failed can be done now.
        Indexer(store, HashingEncoder(16), SETTINGS).add_documents([document("a", _NEW)])
        if store.document("a").text != _NEW:
            wrong.append("could not be done afterwards")
    return wrong or ([] if reached or failed else ["done"])


def in_child(act: Callable[[], list[str]], folder: Path) -> list[str]:
    result = folder / "result"
    child = os.fork()
    if child == 0:
        try:
            result.write_text("\n".join(act()), "utf-8")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    said = result.read_text("utf-8") if result.exists() else "the child died"
    result.unlink(missing_ok=True)
    return said.splitlines()


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("error")
    args = arguments.parse_args()
    for heavy in ("faiss", "snowballstemmer"):
        importlib.import_module(heavy)
    original, corpus = args.folder / "original", args.folder / "corpus"
    in_child(partial(_made, original), args.folder)
    calls = wrong = 0
    for act in (replace, remove):
        for call in range(1, _MOST):
            shutil.rmtree(corpus, ignore_errors=True)
            shutil.copytree(original, corpus)
            error = getattr(errno, args.error)
            found = in_child(partial(attempt, corpus, act, call, error), args.folder)
            if found == ["done"]:
                break
            calls += 1
            if found:
                wrong += 1
                print(f"{act.__name__}, call {call}: {'; '.join(found)}", flush=True)
    print(f"{calls} calls failed, {wrong} wrong")
    return 1 if wrong or not calls else 0


def _made(folder: Path) -> list[str]:
    with CorpusStore.open(folder, create=True) as store:
        indexer = Indexer(store, HashingEncoder(16), SETTINGS)
        indexer.add_documents([document("a", _OLD), document("b", text_of("b", 1))])
    return []


if __name__ == "__main__":
    sys.exit(main())
