"""Passages read before anybody asks for them.

In: an engine, a corpus, prompts whose passages were not kept when they were needed. Out: their keys
and values on disk (``qa.engine.kv.passage_cache``), so that later answers need not read them. What
can fail: nothing that an asker sees; an engine that somebody uses is left alone, and a
passage that cannot be kept is logged and passed over.

One reading of a passage serves questions in both languages. What people asked for goes first, then
the corpus from its beginning, until the disk space that is meant for it is used.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from base.settings import Settings
from corpus.cache_folder import kept_bytes, sweep
from corpus.filters import Filters
from corpus.store import CorpusStore
from qa.engine.protocol import Engine, Segment
from qa.engine.request import EngineBusyError, EngineClosedError
from qa.pipeline.extract import passage_prompt
from qa.pipeline.shown_text import show

# Between two looks whether the engine is free, or the corpus has changed.
PAUSE_S = 2.0
# Prompts of the last questions; older ones are found in the corpus.
_WANTED = 32
# One passage may be too long for an engine, or damaged; so many in a row are an engine that keeps
# none at all.
_MOST_IN_A_ROW = 4
_logger = logging.getLogger("belegt.read_ahead")


def reading_count(store: CorpusStore) -> int:
    """How many prompts there are in :func:`prompts`."""
    return store.passage_count()


def prompts(store: CorpusStore, engine: Engine) -> Iterator[list[Segment]]:
    """For each passage of a corpus, a prompt of it."""
    for number in store.passage_ids(Filters()):
        for stored in store.passages([int(number)]).values():
            yield passage_prompt(engine, show(stored), store.folder)


def has_room(store: CorpusStore, settings: Settings) -> bool:
    """Whether another passage fits into what the corpus may take; looks at every file."""
    return kept_bytes(store.folder) < settings.kept_passages_mb << 20


class CacheWarmer:
    """A thread that reads while nobody asks. ``reading``: the corpus in its newest state.

    ``before``: what else has to be found out while nobody asks, and comes first, because reading is
    faster afterwards; it ends when the event that it gets is set.
    """

    def __init__(
        self,
        engine: Engine,
        reading: Callable[[], AbstractContextManager[CorpusStore]],
        settings: Settings,
        before: Callable[[threading.Event], None] | None = None,
    ) -> None:
        self._before = before
        self._engine = engine
        self._reading = reading
        self._settings = settings
        self._wanted: deque[Sequence[Segment]] = deque(maxlen=_WANTED)
        self._failures = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="belegt-read-ahead", daemon=True)

    def start(self) -> None:
        """Begin, unless there is nothing to do."""
        if self._before is not None or self._keeps():
            self._thread.start()

    def _keeps(self) -> bool:
        return self._settings.keep_passages == "idle" and self._settings.kept_passages_mb > 0

    def want(self, prompt: Sequence[Segment]) -> None:
        """Read the passages of ``prompt`` before others."""
        self._wanted.append(prompt)

    def close(self) -> None:
        """Stop; what is being read is left unread."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            if self._before is not None:
                self._before(self._closing)
            while self._keeps() and not self._closing.is_set():
                generation = self._read_corpus()
                while not self._closing.wait(PAUSE_S) and generation == self._generation():
                    self._read_wanted()
        except EngineClosedError:
            pass
        except Exception:
            _logger.exception("passages are not read ahead any more")

    def _generation(self) -> int:
        with self._reading() as store:
            return store.generation

    def _read_corpus(self) -> int:
        """Read what is not kept; the generation of the corpus that was read."""
        with self._reading() as store:
            generation = store.generation
            sweep(store.folder, (one.id for one in store.documents()))
            refused = 0
            for one in prompts(store, self._engine):
                self._read_wanted()
                if self._closing.is_set() or store.generation != generation:
                    break
                if all(self._engine.is_cached(one)):
                    continue
                if not has_room(store, self._settings):
                    break
                refused = 0 if self._read(one) else refused + 1
                if refused == _MOST_IN_A_ROW:
                    break
            return generation

    def _read_wanted(self) -> None:
        while self._wanted and not self._closing.is_set():
            self._read(self._wanted.popleft())

    def _read(self, prompt: Sequence[Segment]) -> bool:
        """Read a prompt's passages as soon as nobody asks; whether they are kept now."""
        while not self._closing.is_set():
            try:
                is_kept = self._engine.cache(prompt)
            except EngineBusyError:
                self._closing.wait(PAUSE_S)
            except EngineClosedError:
                raise
            except Exception:
                self._failures += 1
                if self._failures == _MOST_IN_A_ROW:
                    raise
                _logger.exception("a passage could not be read ahead; the others are")
                return False
            else:
                self._failures = 0
                return is_kept
        return False
