"""Whether PyTorch reads prompts faster than llama.cpp here, and in which format.

In: a GGUF file and how llama.cpp computes best. Out: a
:class:`~qa.engine.torch_prefill.choice.PrefillChoice`. What can fail: a model that does not load
(UsageError). ``belegt tune`` calls this, in a process of its own.

A matrix product tells in a tenth of a second what a format can come to at best, so weights are
unpacked (half a minute and 1.5 to 3 GB of disk) only where that beats llama.cpp.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from base.errors import BelegtError
from base.settings import Settings
from models.native.torch_threads import set_torch_threads
from models.native.tuning import EngineParameters
from qa.engine.local.binding import BatchRow, Binding
from qa.engine.torch_prefill.architecture import Architecture, UnsupportedModelError
from qa.engine.torch_prefill.choice import Format, PrefillChoice, torch_version
from qa.engine.torch_prefill.setup import SEQUENCES, Setup, open_network, try_transfer
from qa.engine.torch_prefill.texts import CHECK

if TYPE_CHECKING:
    from qa.engine.torch_prefill.network import Network

LEAST_GAIN = 1.15
"""How many times as fast it must be, for the memory that it takes."""
TOKENS = 256
ROUNDS = 3
_CELLS = 1024
# Attention, norms and the like take the rest of the time.
_SHARE_OF_PRODUCTS = 0.8


def measure_formats(
    file: Path, digest: str, settings: Settings, parameters: EngineParameters
) -> PrefillChoice:
    """Try the formats that may pay, alternately with llama.cpp, until one does."""
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
        return _Measurement(setup, binding).choose()
    finally:
        binding.close()


class _Measurement:
    def __init__(self, setup: Setup, binding: Binding) -> None:
        self._setup = setup
        self._binding = binding
        text = setup.tokenise(CHECK)
        self._tokens = (text * (1 + TOKENS // len(text)))[:TOKENS]
        self._rates: dict[str, float] = {}
        self._divergence: dict[str, float] = {}
        self._reasons: dict[str, str] = {}

    def choose(self) -> PrefillChoice:
        from qa.engine.torch_prefill.weights import inspect

        found: Format | None = None
        try:
            architecture = inspect(self._setup.file)
        except UnsupportedModelError as error:
            self._reasons = dict.fromkeys(get_args(Format), str(error))
        else:
            found = self._first_that_pays(architecture)
        return PrefillChoice(
            torch=torch_version(),
            format=found,
            tokens_per_s={name: round(rate, 1) for name, rate in self._rates.items()},
            divergence={name: round(one, 4) for name, one in self._divergence.items()},
            reasons=self._reasons,
        )

    def _first_that_pays(self, architecture: Architecture) -> Format | None:
        self._rates["llama"] = rate = TOKENS / _seconds(self._read_by_llama)
        ceilings = product_ceilings(architecture)
        for format_ in sorted(ceilings, key=lambda one: -ceilings[one]):
            if ceilings[format_] < LEAST_GAIN * rate:
                self._reasons[format_] = (
                    f"its products allow {ceilings[format_]:.0f} tokens/s at best, llama.cpp reads "
                    f"{rate:.0f}"
                )
            elif self._pays(format_):
                return format_
        return None

    def _pays(self, format_: Format) -> bool:
        try:
            network = open_network(self._setup, format_)
            here, there = self._alternately(network)
            self._rates[format_], self._rates["llama"] = here, there
            if here < LEAST_GAIN * there:
                self._reasons[format_] = f"it reads {here:.0f} tokens/s, llama.cpp {there:.0f}"
                return False
            distance, _ = try_transfer(self._setup, network)
            self._divergence[format_] = distance.divergence
            distance.require_small()
        except BelegtError as error:
            self._reasons[format_] = str(error)
            return False
        return True

    def _alternately(self, network: Network) -> tuple[float, float]:
        """Tokens a second of the network and of llama.cpp."""
        from qa.engine.torch_prefill.kv_cache import KVCache
        from qa.engine.torch_prefill.network import NetworkInput

        def here() -> None:
            network.forward([NetworkInput(KVCache(network.architecture, TOKENS), self._tokens)])

        here()
        pairs = [(_seconds(here), _seconds(self._read_by_llama)) for _ in range(ROUNDS)]
        first, second = (statistics.median(times) for times in zip(*pairs, strict=True))
        return TOKENS / first, TOKENS / second

    def _read_by_llama(self) -> None:
        last = TOKENS - 1
        self._binding.step(
            [BatchRow(one, at, 0, at == last) for at, one in enumerate(self._tokens)]
        )
        self._binding.truncate(0, 0)


def product_ceilings(architecture: Architecture) -> dict[Format, float]:
    """Tokens a second that each format can come to, by the product that takes most of the time."""
    import torch

    from qa.engine.torch_prefill.matrices import ByteMatrix, FloatMatrix, quantise_weight

    shape = (2 * architecture.feed_forward, architecture.width)
    weight, inputs = torch.randn(shape), torch.randn(TOKENS, architecture.width)
    operations = 2 * TOKENS * weight.numel()
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
