"""Reading and writing with PyTorch: when it is made ready, what it takes, when it is left alone.

In: prompts that the scheduler reads, answers that it writes. Out: those of their tokens that were
read here, and logits. Nothing can fail here: whatever does not hold switches this off, with the
reason in :meth:`Prefill.describe` and in the log, and llama.cpp goes on.

The beginning of a prompt is left to llama.cpp: static prefixes are read once and kept on disk, and
the first tokens gather attention (Xiao et al. 2024, arXiv:2309.17453), with inputs so large that
eight bits do not do for them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakSet

from base.errors import BelegtError
from qa.engine.decode.sampling import Logits
from qa.engine.prefill_backend import Follow, Read, Unread
from qa.engine.request import EngineClosedError, Request

if TYPE_CHECKING:
    from qa.engine.torch_prefill.worker import PrefillWorker

_SINKS = 4
_logger = logging.getLogger("belegt.prefill")

Between = Callable[[Callable[[], None]], None]
"""Has the thread that owns the context make a call; raises EngineClosedError."""


class WorkerFactory:
    """How a worker is made: ``load`` in a thread of its own, ``verify`` in the context's.

    Both raise BelegtError where it is not to be; ``check`` raises EngineClosedError to end
    ``load``.
    """

    def load(self, check: Callable[[], None]) -> None:
        """Bring the weights into memory."""
        raise NotImplementedError

    def verify(self) -> PrefillWorker:
        """Compare with llama.cpp; the worker."""
        raise NotImplementedError


class Prefill:
    """A :class:`~qa.engine.prefill_backend.PrefillBackend`. ``off``: why it is not to be used at
    all, if so."""

    def __init__(
        self, factory: WorkerFactory | None, name: str, off: str = "", *, decodes: bool = False
    ) -> None:
        self.decodes = decodes
        self._factory = factory
        self._name = name
        self._off = off
        self._worker: PrefillWorker | None = None
        self._refused: WeakSet[Request] = WeakSet()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._settled = threading.Event()
        self._lock = threading.Lock()
        if factory is None:
            self._settled.set()

    def describe(self) -> str:
        """Who reads prompts, and why it is not PyTorch if it is not."""
        if self._worker is not None:
            return f"PyTorch ({self._name})"
        return f"llama.cpp ({self._off or 'PyTorch is not ready yet'})"

    def adopt(self, found: Prefill) -> None:
        """Go on as ``found``, which was not prepared, where nothing was to be prepared so far."""
        with self._lock:
            if self._factory is None and found._factory is not None:
                self._factory, self._name = found._factory, found._name
                self._off, self.decodes = "", found.decodes
                self._settled.clear()

    def prepare(self, between: Between) -> None:
        """Begin to make it ready, once; returns at once."""
        with self._lock:
            if self._factory is None or self._thread is not None or self._closing.is_set():
                return
            self._thread = threading.Thread(
                target=self._prepare, args=(self._factory, between), name="belegt-prefill"
            )
            self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether it is settled, within ``seconds``, who reads prompts."""
        return self._settled.wait(seconds)

    def close(self) -> None:
        """End what is being made ready; nothing is read here any more."""
        self._closing.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
        self._worker = None

    def _prepare(self, factory: WorkerFactory, between: Between) -> None:
        def begin() -> None:
            self._check()
            self._begin(factory.verify())

        def verify() -> None:
            self._attempt(begin)
            self._settled.set()

        if self._attempt(lambda: factory.load(self._check)):
            self._attempt(lambda: between(verify))
        if self._off:
            self._settled.set()

    def _begin(self, worker: PrefillWorker) -> None:
        self._worker = worker
        _logger.info("Prompts are read by PyTorch (%s).", self._name)

    def _check(self) -> None:
        if self._closing.is_set():
            raise EngineClosedError("The engine was closed.")

    def _attempt(self, call: Callable[[], None]) -> bool:
        try:
            call()
        except EngineClosedError:
            self._off = "the engine was closed"
        except BelegtError as error:
            self._switch_off(str(error).rstrip("."))
        except Exception as error:  # noqa: BLE001 - PyTorch and the disk fail in many ways
            self._switch_off(f"PyTorch failed with {type(error).__name__}: {error}")
        else:
            return True
        return False

    def _switch_off(self, reason: str) -> None:
        self._worker, self._off = None, reason
        _logger.warning("Prompts are read by llama.cpp: %s.", reason)

    # --- the scheduler's thread -----------------------------------------------------------

    @property
    def skips(self) -> int:
        """Tokens at the beginning of a prompt that are not read here."""
        return _SINKS if self._worker is not None else 0

    def accepts(self, unread: Unread) -> bool:
        """Whether the next tokens are to be read here."""
        return (
            self._worker is not None
            and len(unread.held) >= max(_SINKS, unread.request.prefix_length)
            and unread.request not in self._refused
        )

    def read(self, unread: Sequence[Unread]) -> dict[Request, Read]:
        """Read all of it together; whoever is missing is llama.cpp's from now on."""
        found: dict[Request, Read] = {}

        def call() -> None:
            assert self._worker is not None, "it takes nothing unless there is one"
            for request, read in self._worker.read(unread):
                if read is None:
                    self._refused.add(request)
                else:
                    found[request] = replace(read, follow=self._guard(read.follow))

        self._attempt(call)
        return found

    def forget(self, request: Request) -> None:
        """Free what was computed of a closed request."""
        if (worker := self._worker) is not None:
            worker.forget(request)

    def _guard(self, follow: Follow | None) -> Follow | None:
        if follow is None:
            return None

        def guarded() -> Logits | None:
            found: list[Logits | None] = []
            self._attempt(lambda: found.append(follow()))
            return found[0] if found else None

        return guarded
