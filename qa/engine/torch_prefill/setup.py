"""What has to hold, and to be made, before PyTorch reads prompts.

In: a GGUF file, a format, a context. Out: a worker. What can fail: too little memory, a network
that is not known, predictions that differ (UnsupportedModelError); a disk that is full
(BelegtError).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import BelegtError
from base.files import human
from base.settings import Settings
from models.native.hardware import Hardware, detect_hardware, free_memory
from models.native.torch_threads import set_torch_threads
from models.native.tuning import EngineParameters, gather_facts
from qa.engine.local.binding import BATCH
from qa.engine.torch_prefill.architecture import Architecture, UnsupportedModelError
from qa.engine.torch_prefill.choice import Format, read_quick, recorded_choice, write_quick
from qa.engine.torch_prefill.service import Prefill, WorkerFactory
from qa.engine.torch_prefill.texts import CALIBRATION, CHECK

if TYPE_CHECKING:
    from qa.engine.torch_prefill.kv_transfer import KVTransfer
    from qa.engine.torch_prefill.network import Network
    from qa.engine.torch_prefill.verify import CheckContext, Distance
    from qa.engine.torch_prefill.worker import PrefillWorker

SEQUENCES = 2
"""Sequences that a context has for this alone, behind all others."""
PATIENCE_S = 60.0
"""What the unpacking of weights, half a minute of work, may wait for those who ask."""
_LOOK_S = 0.2
# Left to others when free memory is looked at.
_RESERVE = 512 << 20
_MEGABYTE = 1 << 20
_FLOAT = 4
# Where nothing was measured and a person wants it all the same: the least memory.
_UNMEASURED: Format = "int8"


@dataclass(frozen=True)
class Setup:
    """What an engine gives: its model, how it computes, its context, a way to tokens.

    ``first_sequence``: of the ``SEQUENCES`` of the context that are for this alone. ``busy``:
    whether somebody asks, to whom the unpacking of weights gives way.
    """

    file: Path
    digest: str
    settings: Settings
    parameters: EngineParameters
    context: CheckContext
    tokenise: Callable[[str], list[int]]
    first_sequence: int
    busy: Callable[[], bool] = lambda: False


def make_prefill(setup: Setup) -> Prefill:
    """Who reads prompts and writes answers, by settings and what was measured."""
    format_, off = _choose_format(setup.settings, setup.digest, setup.parameters, detect_hardware())
    if format_ is None:
        return Prefill(None, "", off)
    decodes = setup.settings.writer == "torch"
    return Prefill(NetworkWorkerFactory(setup, format_), format_, decodes=decodes)


def _choose_format(
    settings: Settings, digest: str, parameters: EngineParameters, hardware: Hardware
) -> tuple[Format | None, str]:
    """The format to read prompts in; None, and why."""
    if settings.prefill == "llama":
        return None, "BELEGT_PREFILL is llama"
    if off := reason_against(parameters, hardware):
        return None, off
    choice, unknown = recorded_choice(settings, digest, hardware)
    if choice and choice.format:
        return choice.format, ""
    if settings.prefill == "torch":
        return _UNMEASURED, ""
    return None, unknown or "; ".join(choice.reasons.values() if choice else ())


def reason_against(parameters: EngineParameters, hardware: Hardware) -> str:
    """Why PyTorch cannot or need not read prompts, however fast it is; empty where it may."""
    if parameters.gpu_layers and hardware.gpus:
        return "a GPU reads them"
    if parameters.kv_type != "f16" or not parameters.flash_attention:
        return "keys and values are kept otherwise than PyTorch hands them over"
    return ""


class NetworkWorkerFactory(WorkerFactory):
    """Unpacks, loads, verifies."""

    def __init__(self, setup: Setup, format_: Format) -> None:
        self._setup = setup
        self._format = format_
        self._network: Network | None = None

    def load(self, check: Callable[[], None]) -> None:
        """Bring the weights into memory, unpacked before where they are not."""
        self._network = open_network(self._setup, self._format, check)

    def verify(self) -> PrefillWorker:
        """Compare with llama.cpp; to be called by the thread that owns the context."""
        from qa.engine.torch_prefill.worker import PrefillWorker

        assert self._network is not None, "it was loaded"
        threads = self._setup.parameters.threads_batch
        set_torch_threads(threads)
        distance, transfer = try_transfer(self._setup, self._network)
        try:
            distance.require_small()
        except UnsupportedModelError as error:
            self._remember(str(error))
            raise
        return PrefillWorker(self._network, transfer, threads)

    def _remember(self, reason: str) -> None:
        """Have no later process load what does not do, where only its speed was measured."""
        settings, digest = self._setup.settings, self._setup.digest
        facts = gather_facts(Path(settings.llm).name, digest, detect_hardware())
        record = read_quick(settings.cache, facts)
        if record is not None and record.choice.format == self._format:
            reasons = {**record.choice.reasons, self._format: reason}
            choice = record.choice.model_copy(update={"format": None, "reasons": reasons})
            write_quick(settings.cache, record.model_copy(update={"choice": choice}))


def open_network(
    setup: Setup, format_: Format, check: Callable[[], None] = lambda: None
) -> Network:
    """The network in a format. Raises UnsupportedModelError where memory is short; what ``check``
    raises.
    """
    from qa.engine.torch_prefill import weights

    folder = weights.weights_folder(setup.settings.cache, setup.digest, format_)
    manifest = weights.read_manifest(folder)
    architecture = manifest.architecture if manifest else weights.inspect(setup.file)
    require_memory(weights.unpacked_bytes(architecture, format_), architecture, setup.settings)
    if manifest is None:
        text = setup.tokenise(CALIBRATION)
        try:
            patient = Patience(check, setup.busy)
            manifest = weights.unpack(setup.file, folder, format_, text, patient)
        except OSError as error:
            raise BelegtError(
                f"The folder {folder.parent} cannot be written ({error.strerror}); "
                "set BELEGT_CACHE to a folder of your own."
            ) from error
    return weights.load_network(setup.file, folder, manifest, check)


def try_transfer(setup: Setup, network: Network) -> tuple[Distance, KVTransfer]:
    """How far its predictions are from llama.cpp's, and what handed them over."""
    from qa.engine.torch_prefill.kv_transfer import KVTransfer
    from qa.engine.torch_prefill.verify import compare_predictions

    transfer = KVTransfer(setup.context, setup.first_sequence)
    tokens = setup.tokenise(CHECK)
    distance = compare_predictions(
        setup.context, network, transfer, setup.first_sequence + 1, tokens
    )
    return distance, transfer


class Patience:
    """A ``check`` that waits while somebody asks, for ``PATIENCE_S`` in all, so that it ends."""

    def __init__(self, check: Callable[[], None], busy: Callable[[], bool]) -> None:
        self._check = check
        self._busy = busy
        self._left = PATIENCE_S

    def __call__(self) -> None:
        """Return as soon as nobody asks; raises what ``check`` raises."""
        self._check()
        while self._left > 0 and self._busy():
            time.sleep(_LOOK_S)
            self._left -= _LOOK_S
            self._check()


def require_memory(weights: int, architecture: Architecture, settings: Settings) -> None:
    """Raise UnsupportedModelError where ``weights`` bytes, and what goes with them, do not fit."""
    rows = BATCH * (4 * architecture.feed_forward + 8 * architecture.width)
    # About what open requests hold; a prefix that several share is held for each of them here.
    kv_caches = 2 * settings.cells * architecture.layers * architecture.kv_width
    needed, free = weights + (rows + kv_caches) * _FLOAT, free_memory()
    if free is not None and needed + _RESERVE > free:
        raise UnsupportedModelError(f"it needs {human(needed)} of memory, {human(free)} are free")
    limit = (settings.memory_limit or 0) * _MEGABYTE
    if limit and (taken := used_memory()) + needed > limit:
        raise UnsupportedModelError(
            f"it needs {human(needed)} of memory, {human(taken)} are taken and BELEGT_MEMORY_LIMIT "
            f"is {settings.memory_limit} MB"
        )


def used_memory() -> int:
    """Bytes that this process has in memory, mapped files included; 0 where nobody says."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
