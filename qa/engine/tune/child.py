"""One choice of parameters after another, measured in a process of its own.

In: a GGUF file as argument, one :class:`Job` a line on standard input. Out: one :class:`Answer` a
line on standard output. What can fail: a choice that the library refuses, as an answer with an
error; one that kills the process, which is why it is a process of its own.

A choice is warmed up once (first touch of its buffers, start of its threads) and stays open while
it is among the last two, so that two choices can be measured alternately.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from base.errors import BelegtError
from models.native.tuning import EngineParameters
from qa.engine.local.binding import BATCH, BatchRow, Binding
from qa.engine.local.offload import open_fitting

PROMPT_TOKENS = 300
DECODED_TOKENS = 24
CELLS = 512
_KEPT = 2


class TuneRequest(BaseModel):
    """What to measure."""

    model_config = ConfigDict(frozen=True)

    parameters: EngineParameters


class TuneResult(BaseModel):
    """Tokens a second, layers of the model and those on the GPU; or what was wrong."""

    model_config = ConfigDict(frozen=True)

    prefill: float = 0.0
    decode: float = 0.0
    layers: int = 0
    layers_on_gpu: int = 0
    error: str | None = None


class Bench:
    """The model with the contexts that were measured last."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._model: Binding | None = None
        self._layers: int | None = None
        self._open: dict[EngineParameters, Binding] = {}
        self._tokens: list[int] = []

    def measure(self, parameters: EngineParameters) -> TuneResult:
        """Read the sample and go on; raises BelegtError for what the library refuses."""
        binding = self._open.pop(parameters, None)
        if binding is None:
            while len(self._open) >= _KEPT:
                self._open.pop(next(iter(self._open))).close()
            binding = self._context(parameters)
            run_measurement(binding, self._tokens, DECODED_TOKENS // 8)
        self._open[parameters] = binding
        prefill, decode = run_measurement(binding, self._tokens, DECODED_TOKENS)
        return TuneResult(
            prefill=prefill,
            decode=decode,
            layers=binding.layers,
            layers_on_gpu=binding.layers_on_gpu,
        )

    def close(self) -> None:
        """Free all memory."""
        for binding in self._open.values():
            binding.close()
        self._open.clear()
        if self._model is not None:
            self._model.close()
            self._model = None

    def _context(self, parameters: EngineParameters) -> Binding:
        if self._model is None or self._layers != parameters.gpu_layers:
            self.close()
            self._model = open_fitting(
                lambda layers: Binding(
                    self._file,
                    cells=CELLS,
                    sequences=1,
                    parameters=parameters.model_copy(update={"gpu_layers": layers}),
                ),
                parameters.gpu_layers,
            )
            self._layers = parameters.gpu_layers
            self._tokens = self._model.tokens(sample_text(), control=False)[:PROMPT_TOKENS]
        return self._model.beside(cells=CELLS, sequences=1, parameters=parameters)


def run_measurement(binding: Binding, tokens: Sequence[int], decoded: int) -> tuple[float, float]:
    """Tokens a second of reading ``tokens`` and of saying ``decoded`` greedily."""
    binding.truncate(0, 0)
    started = time.perf_counter()
    for first in range(0, len(tokens), BATCH):
        part = tokens[first : first + BATCH]
        binding.step(
            [BatchRow(one, first + at, 0, at == len(part) - 1) for at, one in enumerate(part)]
        )
    read = time.perf_counter() - started
    last = (len(tokens) - 1) % BATCH
    started = time.perf_counter()
    for at in range(decoded):
        token = int(binding.logits(last).argmax())
        binding.step([BatchRow(token, len(tokens) + at, 0, logits=True)])
        last = 0
    return len(tokens) / read, decoded / (time.perf_counter() - started)


def sample_text() -> str:
    """The documents of the sample corpus, one after the other."""
    folder = files("corpus") / "documents"
    return "\n".join(
        one.read_text(encoding="utf-8")
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(".md")
    )


def main(file: str) -> int:
    """Answer every job on standard input."""
    bench = Bench(Path(file))
    for line in sys.stdin:
        try:
            answer = bench.measure(TuneRequest.model_validate_json(line).parameters)
        except BelegtError as error:
            answer = TuneResult(error=str(error))
        print(answer.model_dump_json(), flush=True)
    bench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
