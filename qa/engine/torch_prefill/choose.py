"""Whether PyTorch reads prompts faster than llama.cpp here, and in which format.

In: a GGUF file and how llama.cpp computes best. Out: a
:class:`~qa.engine.torch_prefill.choice.PrefillChoice`. What can fail: a model that does not load
(UsageError), too little memory for what would read (UnsupportedModelError).
``qa.engine.tune.reader_child`` does this, in a process of its own.

There are two ways. *Estimate*: a few layers of the right size with random weights are timed, which
takes seconds and no more memory than llama.cpp's own copy; how well they predict is then found out
where they are first loaded. *Measure*: the weights are unpacked (half a minute and 1.5 to 3 GB of
disk), the whole network is timed, and its predictions are compared. A matrix product tells in a
tenth of a second what a format can come to at best, so both are done only where that beats
llama.cpp.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from base.errors import BelegtError
from base.files import human
from base.settings import Settings
from models.native.hardware import free_memory
from models.native.torch_threads import set_torch_threads
from models.native.tuning import EngineParameters
from qa.engine.local.binding import BatchRow, Binding
from qa.engine.torch_prefill.architecture import Architecture, UnsupportedModelError
from qa.engine.torch_prefill.choice import Format, PrefillChoice, torch_version
from qa.engine.torch_prefill.setup import (
    SEQUENCES,
    Setup,
    open_network,
    require_memory,
    try_transfer,
)
from qa.engine.torch_prefill.texts import CHECK

if TYPE_CHECKING:
    from qa.engine.torch_prefill.network import Network

LEAST_GAIN = 1.15
"""How many times as fast it must be, for the memory that it takes."""
TOKENS = 256
ROUNDS = 3
FEW_TOKENS = 128
"""Read at a time for an estimate; about a passage."""
_CELLS = 1024
# What measuring takes beside the model: PyTorch, buffers, the layers that are timed.
_BESIDE_MODEL = 1 << 30
# Attention, norms and the like take the rest of the time.
_SHARE_OF_PRODUCTS = 0.8
# Numbers in the layers that are timed for an estimate: more than a processor keeps beside its
# cores, so that they come from memory as those of the whole network do.
_SAMPLED = 192 << 20


@contextmanager
def open_measurement(
    architecture: Architecture,
    file: Path,
    digest: str,
    settings: Settings,
    parameters: EngineParameters,
) -> Iterator[PrefillMeasurement]:
    """The model in llama.cpp, ready to be compared with; freed at the end.

    Raises UnsupportedModelError where memory is short for it, or for every format.
    """
    short = _short_of_memory(architecture, file, settings)
    set_torch_threads(parameters.threads_batch)
    binding = Binding(file, cells=_CELLS, sequences=1 + SEQUENCES, parameters=parameters)
    try:
        setup = Setup(
            file,
            digest,
            settings,
            parameters,
            binding,
            lambda text: binding.tokens(text, control=False),
            first_sequence=1,
        )
        yield PrefillMeasurement(setup, binding, architecture, short)
    finally:
        binding.close()


def _short_of_memory(
    architecture: Architecture, file: Path, settings: Settings
) -> dict[Format, str]:
    """Why a format does not fit into memory, by format. Raises where none does, nor this does."""
    from qa.engine.torch_prefill.weights import unpacked_bytes

    free = free_memory()
    if free is not None and (needed := file.stat().st_size + _BESIDE_MODEL) > free:
        raise UnsupportedModelError(
            f"to measure it needs {human(needed)} of memory, {human(free)} are free"
        )
    short: dict[Format, str] = {}
    for format_ in get_args(Format):
        try:
            require_memory(unpacked_bytes(architecture, format_), architecture, settings)
        except UnsupportedModelError as error:
            short[format_] = str(error)
    if len(short) == len(get_args(Format)):
        raise UnsupportedModelError(short["int8"])
    return short


class PrefillMeasurement:
    """Both ways of finding out."""

    def __init__(
        self,
        setup: Setup,
        binding: Binding,
        architecture: Architecture,
        short: Mapping[Format, str],
    ) -> None:
        """``short``: why a format is not to be tried, by format."""
        self._setup = setup
        self._binding = binding
        self._architecture = architecture
        self._short = short
        text = setup.tokenise(CHECK)
        self._tokens = (text * (1 + TOKENS // len(text)))[:TOKENS]
        self._rates: dict[str, float] = {}
        self._divergence: dict[str, float] = {}
        self._reasons: dict[str, str] = {}

    def measure(self) -> PrefillChoice:
        """Try the formats that may pay, alternately with llama.cpp, until one does."""
        return self._choose(self._pays, TOKENS, estimated=False)

    def estimate(self, seconds: float) -> PrefillChoice:
        """The same by a few layers, in about ``seconds``; predictions are not compared."""
        from qa.engine.torch_prefill.sample import SampledLayers

        end = time.monotonic() + seconds

        def pays(format_: Format) -> bool:
            layers = SampledLayers(self._architecture, format_, _SAMPLED)
            return self._is_faster(format_, layers.seconds, tokens=FEW_TOKENS, end=end)

        return self._choose(pays, FEW_TOKENS, estimated=True)

    def _choose(
        self, pays: Callable[[Format], bool], tokens: int, *, estimated: bool
    ) -> PrefillChoice:
        self._rates, self._divergence, self._reasons = {}, {}, {}
        return PrefillChoice(
            torch=torch_version(),
            format=self._first_that_pays(pays, tokens),
            tokens_per_s={name: round(rate, 1) for name, rate in self._rates.items()},
            divergence={name: round(one, 4) for name, one in self._divergence.items()},
            reasons=self._reasons,
            estimated=estimated,
        )

    def _first_that_pays(self, pays: Callable[[Format], bool], tokens: int) -> Format | None:
        # The first time brings the weights into memory.
        self._read_by_llama(tokens)
        self._rates["llama"] = rate = tokens / _seconds(lambda: self._read_by_llama(tokens))
        ceilings = product_ceilings(self._architecture, tokens)
        for format_ in sorted(ceilings, key=lambda one: -ceilings[one]):
            if ceilings[format_] < LEAST_GAIN * rate:
                self._reasons[format_] = (
                    f"its products allow {ceilings[format_]:.0f} tokens/s at best, llama.cpp reads "
                    f"{rate:.0f}"
                )
            elif format_ in self._short:
                self._reasons[format_] = self._short[format_]
            elif pays(format_):
                return format_
        return None

    def _pays(self, format_: Format) -> bool:
        try:
            network = open_network(self._setup, format_)
            if not self._is_faster(format_, partial(self._read, network)):
                return False
            distance, _ = try_transfer(self._setup, network)
            self._divergence[format_] = distance.divergence
            distance.require_small()
        except BelegtError as error:
            self._reasons[format_] = str(error)
            return False
        return True

    def _is_faster(
        self,
        format_: Format,
        seconds: Callable[[int], float],
        *,
        tokens: int = TOKENS,
        end: float = float("inf"),
    ) -> bool:
        """Whether ``seconds`` of reading so many tokens are few enough, by turns with llama.cpp."""
        seconds(tokens)
        pairs: list[tuple[float, float]] = []
        took = 0.0
        # At least one pair, and no other one that would not be done in time.
        while len(pairs) < ROUNDS and (not pairs or time.monotonic() + took < end):
            began = time.monotonic()
            pairs.append((seconds(tokens), _seconds(lambda: self._read_by_llama(tokens))))
            took = time.monotonic() - began
        here, there = (tokens / statistics.median(times) for times in zip(*pairs, strict=True))
        self._rates[format_], self._rates["llama"] = here, there
        if here >= LEAST_GAIN * there:
            return True
        self._reasons[format_] = f"it reads {here:.0f} tokens/s, llama.cpp {there:.0f}"
        return False

    def _read(self, network: Network, tokens: int) -> float:
        """Seconds of reading with the whole network."""
        from qa.engine.torch_prefill.kv_cache import KVCache
        from qa.engine.torch_prefill.network import NetworkInput

        new = NetworkInput(KVCache(network.architecture, tokens), self._tokens[:tokens])
        return _seconds(lambda: network.forward([new]))

    def _read_by_llama(self, tokens: int) -> None:
        last = tokens - 1
        self._binding.step(
            [BatchRow(one, at, 0, at == last) for at, one in enumerate(self._tokens[:tokens])]
        )
        self._binding.truncate(0, 0)


def product_ceilings(architecture: Architecture, tokens: int) -> dict[Format, float]:
    """Tokens a second that each format can come to, by the product that takes most of the time."""
    import torch

    from qa.engine.torch_prefill.matrices import ByteMatrix, FloatMatrix, quantise_weight

    shape = (2 * architecture.feed_forward, architecture.width)
    weight, inputs = torch.randn(shape), torch.randn(tokens, architecture.width)
    operations = 2 * tokens * weight.numel()
    rates: dict[str, float] = {}
    with torch.inference_mode():
        for name, matrix in (
            ("bfloat16", FloatMatrix(weight.to(torch.bfloat16))),
            ("int8", ByteMatrix(*quantise_weight(weight))),
        ):
            call = partial(matrix.multiply, matrix.prepare(inputs))
            call()
            rates[name] = operations / min(_seconds(call) for _ in range(ROUNDS))
    down = architecture.layers * architecture.width * architecture.feed_forward
    rest = architecture.parameters - down
    costs: dict[Format, float] = {
        "int8": architecture.parameters / rates["int8"],
        "mixed": rest / rates["int8"] + down / rates["bfloat16"],
        "bfloat16": architecture.parameters / rates["bfloat16"],
    }
    return {name: _SHARE_OF_PRODUCTS / (2 * seconds) for name, seconds in costs.items()}


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
