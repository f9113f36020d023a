"""One open corpus with its models, ready to answer.

In: settings. Out: an :class:`~qa.pipeline.assistant.Assistant`. What can fail: no corpus, a missing
model, an engine elsewhere that does not answer, an index of another encoder; each one sentence.
The two models load at the same time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from base.settings import Settings
from corpus.language import detect
from corpus.store import CorpusStore
from index.build import check_encoder, open_dense
from index.encoder import load_encoder
from index.retriever import Retriever
from qa.engine.local.llama import load_engine
from qa.engine.protocol import ClosableEngine
from qa.pipeline.assistant import Assistant

Other = TypeVar("Other")
_ANYTHING = "Welche Sprache ist das, oder which one?"


@contextmanager
def open_assistant(settings: Settings, *, once: bool = False) -> Iterator[Assistant]:
    """Open the corpus of ``settings`` and load both models; closes them at the end.

    ``once``: for a single question, which is answered sooner without the encoder's library.
    """
    with CorpusStore.open(settings.corpus) as store:

        def retrieval() -> Retriever:
            retriever = open_retriever(store, settings, once=once)
            # Its models take half a second to load, and the engine is not ready yet.
            detect(_ANYTHING)
            return retriever

        retriever, engine = beside_engine(settings, retrieval)
        try:
            yield Assistant(retriever, engine, settings)
        finally:
            engine.close()


def beside_engine(settings: Settings, load: Callable[[], Other]) -> tuple[Other, ClosableEngine]:
    """What ``load`` returns, and the engine, which another thread opens meanwhile.

    Raises what either raises; where ``load`` fails, the engine is closed.
    """
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(open_engine, settings)
        try:
            other = load()
        except BaseException:
            # The other thread may be half-way through loading; it must not outlive the caller.
            if waiting.exception() is None:
                waiting.result().close()
            raise
        return other, waiting.result()


def open_engine(settings: Settings) -> ClosableEngine:
    """The engine that ``settings`` name: the model in this process, or a server's."""
    if settings.engine == "local":
        return load_engine(settings)
    from qa.engine.remote.engine import RemoteEngine

    return RemoteEngine(settings)


def open_retriever(store: CorpusStore, settings: Settings, *, once: bool = False) -> Retriever:
    """A retriever over ``store``; says on standard error when the dense index is made again."""
    encoder = load_encoder(settings, once=once)
    check_encoder(store, encoder)
    dense, reason = open_dense(store, encoder.describe(), settings)
    if reason is not None and store.passage_count():
        print(f"belegt: The dense index was made again, because {reason}.", file=sys.stderr)
    return Retriever(store, dense, encoder, settings)
