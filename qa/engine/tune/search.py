"""``belegt tune``: the few choices that matter, measured on this machine.

In: the settings (model and cache) and a time budget. Out: a :class:`~models.native.tuning.Tuning`,
which is also written to the cache. What can fail: a model that is missing or does not run at all; a
choice that fails or kills its process only loses.

The choices are tried one after the other against the best so far, alternately, because machines
drift; the order is that of what they are worth. A choice wins when its slowest run is faster than
the fastest of the other, so by more than the noise of the machine, and by at least 1 % in the
median (3 % for quantised keys and values, which cost a little precision). As soon as that cannot
come true, the next one is tried.

The format of the weights is not among them. Requantising the default model to Q4_0 takes 6 s, but
changes every answer (top token the same at 86 % of positions, 3 % more nats a token), and gains
nothing with AVX-512 alone (docs/measurements-history.md, "belegt tune").
"""

from __future__ import annotations

import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from base.errors import BelegtError
from base.settings import Settings
from models.native.hardware import detect_hardware, usable_processors
from models.native.tuning import EngineParameters, Try, Tuning, describe, gather_facts, write_tuning
from models.store import ModelStore
from qa.engine.local.offload import fewer_layers, gpu_memory
from qa.engine.tune.child import DECODED_TOKENS, PROMPT_TOKENS, TuneRequest, TuneResult

SECONDS = 110.0
ROUNDS = 3
PREFILL_S = 50.0
"""Of the time, what is left for PyTorch: its weights are unpacked, and compared with llama.cpp."""
LEAST_GAIN = 0.01
LEAST_GAIN_QUANTISED = 0.03
MICRO_BATCHES = (256, 128, 64)

Measure = Callable[[EngineParameters, float], TuneResult]
Rate = Callable[[TuneResult], float]
Say = Callable[[str], None]


class OutOfTimeError(Exception):
    """The budget does not hold another run."""


class Child:
    """The process that measures; started again after it died."""

    def __init__(self, file: Path) -> None:
        self._command = [sys.executable, "-P", "-m", "qa.engine.tune.child", str(file)]
        self._process: subprocess.Popen[str] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        self._errors.close()

    def measure(self, parameters: EngineParameters, seconds: float) -> TuneResult:
        """One run; raises OutOfTimeError, and ends the process, after ``seconds``."""
        process = self._process = self._process or subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(TuneRequest(parameters=parameters).model_dump_json() + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], seconds)[0]:
            self._stop()
            raise OutOfTimeError
        if line := process.stdout.readline():
            return TuneResult.model_validate_json(line)
        return TuneResult(error=self._cause_of_death())

    def _cause_of_death(self) -> str:
        assert self._process is not None
        code = self._process.wait()
        self._stop()
        if code < 0:
            return f"The library died of {signal.Signals(-code).name}."
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"The measurement ended early: {lines[-1] if lines else f'exit code {code}'}."

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class Search:
    """Coordinate descent over measured choices within a budget."""

    def __init__(
        self,
        measure: Measure,
        seconds: float,
        say: Say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure = measure
        self._clock = clock
        self._end = clock() + seconds
        self._say = say
        self.runs: dict[EngineParameters, list[TuneResult]] = {}
        self.not_tried: list[str] = []
        self.layers = 0

    def begin(self, start: EngineParameters, *, gpu: bool) -> EngineParameters:
        """Make sure that the model runs, with as many layers on the GPU as fit."""
        answer = self._run(start)
        if answer.error and gpu:
            start, answer = self._fewer_layers(start, answer)
        if answer.error:
            raise BelegtError(f"The model does not run here: {answer.error}")
        self.layers = answer.layers
        self._say(f"{describe(start)}: {_figures([answer])}")
        if not gpu:
            return start
        # Loading takes fewer layers by itself where all are too many for the memory.
        best = start.model_copy(update={"gpu_layers": answer.layers_on_gpu})
        self.runs[best] = self.runs.pop(start)
        return best

    def _fewer_layers(
        self, start: EngineParameters, failed: TuneResult
    ) -> tuple[EngineParameters, TuneResult]:
        """The most layers that compute where all of them load and then fail."""
        self._say(f"all layers on the GPU: {failed.error}")
        plain = start.model_copy(update={"gpu_layers": 0})
        on_processor = self._run(plain)
        for layers in fewer_layers(on_processor.layers):
            tried = start.model_copy(update={"gpu_layers": layers})
            answer = self._run(tried)
            if answer.error is None:
                return tried, answer
        return plain, on_processor

    def threads(self, best: EngineParameters, cores: int, processors: int) -> EngineParameters:
        """Both numbers of threads: all processors where cores have several, then ever fewer."""
        if processors > cores:
            best, _ = self._with_threads(best, processors)
        count = cores // 2
        while count:
            best, gained = self._with_threads(best, count)
            if not gained:
                break
            count //= 2
        return best

    def _with_threads(self, best: EngineParameters, count: int) -> tuple[EngineParameters, bool]:
        tried = best.model_copy(update={"threads": count, "threads_batch": count})
        decode, prefill = self.compare(
            f"{count} threads", best, tried, (decode_rate, prefill_rate), LEAST_GAIN
        )
        update = {"threads": count} if decode else {}
        update |= {"threads_batch": count} if prefill else {}
        return best.model_copy(update=update), decode or prefill

    def choice(
        self, best: EngineParameters, name: str, value: object, rate: Rate, least: float
    ) -> EngineParameters:
        """The better of ``best`` and the same with ``value``."""
        tried = EngineParameters.model_validate({**best.model_dump(), name: value})
        (won,) = self.compare(f"{name} {value}", best, tried, (rate,), least)
        return tried if won else best

    def compare(
        self,
        label: str,
        best: EngineParameters,
        tried: EngineParameters,
        rates: Sequence[Rate],
        least: float,
    ) -> list[bool]:
        """By which of ``rates`` the choice ``tried`` beats ``best``."""
        old: list[TuneResult] = []
        new: list[TuneResult] = []
        won = [True] * len(rates)
        try:
            while len(new) < ROUNDS and any(won):
                pair = [(best, old), (tried, new)]
                # Whoever goes first changes, for a machine that warms up or slows down.
                for parameters, answers in pair if len(new) % 2 else pair[::-1]:
                    answers.append(self._run(parameters))
                if error := new[-1].error or old[-1].error:
                    self._say(f"{label}: {error}")
                    return [False] * len(rates)
                won = [is_faster(old, new, rate, least) for rate in rates]
        except OutOfTimeError:
            self.not_tried.append(label)
            return [False] * len(rates)
        better = " (better)" if any(won) else ""
        self._say(f"{label}: {_figures(new)}{better}; before: {_figures(old)}")
        return won

    def _run(self, parameters: EngineParameters) -> TuneResult:
        left = self._end - self._clock()
        if left <= 0:
            raise OutOfTimeError
        answer = self._measure(parameters, left)
        self.runs.setdefault(parameters, []).append(answer)
        return answer


def is_faster(
    old: Sequence[TuneResult], new: Sequence[TuneResult], rate: Rate, least: float
) -> bool:
    """Whether every run of ``new`` beats every run of ``old``, and the median by ``least``."""
    before, after = [rate(one) for one in old], [rate(one) for one in new]
    gain = statistics.median(after) / statistics.median(before) - 1
    return min(after) > max(before) and gain >= least


def prefill_rate(answer: TuneResult) -> float:
    """Tokens a second of reading."""
    return answer.prefill


def decode_rate(answer: TuneResult) -> float:
    """Tokens a second of saying."""
    return answer.decode


def request_rate(answer: TuneResult) -> float:
    """Requests a second: the sample read and its continuation said."""
    return 1 / (PROMPT_TOKENS / answer.prefill + DECODED_TOKENS / answer.decode)


def search(found: Search, cores: int, processors: int, *, gpu: bool) -> EngineParameters:
    """The best parameters, the choices in the order of what they are worth."""
    best = found.begin(EngineParameters(threads=cores, threads_batch=cores), gpu=gpu)
    if best.gpu_layers != found.layers:
        best = found.threads(best, cores, processors)
    best = found.choice(best, "flash_attention", False, request_rate, LEAST_GAIN)
    for size in MICRO_BATCHES:
        best = found.choice(best, "micro_batch", size, prefill_rate, LEAST_GAIN)
    if best.flash_attention:
        best = found.choice(best, "kv_type", "q8_0", request_rate, LEAST_GAIN_QUANTISED)
    return best


def tune(settings: Settings, seconds: float, say: Say) -> Tuning:
    """Measure, record and return; ``say`` is told a line about every choice."""
    started = time.monotonic()
    store, hardware = ModelStore(settings.cache), detect_hardware()
    file = store.path(settings.llm)
    facts = gather_facts(Path(settings.llm).name, store.digest(settings.llm), hardware)
    memory = gpu_memory()
    reserved = PREFILL_S if seconds >= 2 * PREFILL_S and not memory else 0.0
    with Child(file) as child:
        found = Search(child.measure, seconds - reserved - (time.monotonic() - started), say)
        try:
            best = search(found, hardware.cores, usable_processors(), gpu=bool(memory))
        except OutOfTimeError:
            raise BelegtError(
                f"The model did not read its first prompt within {seconds:.0f} s; "
                "give more time with --seconds."
            ) from None
    if not reserved:
        found.not_tried.append("prompts read by PyTorch")
    tuning = Tuning(
        facts=facts,
        parameters=best,
        prefill=_prefill(file, facts.model_digest, settings, best, say) if reserved else None,
        layers=found.layers,
        gpu_memory=memory,
        prompt_tokens=PROMPT_TOKENS,
        decoded_tokens=DECODED_TOKENS,
        tries=tuple(_try(parameters, answers) for parameters, answers in found.runs.items()),
        not_tried=tuple(found.not_tried),
        date=date.today().isoformat(),
        seconds=round(time.monotonic() - started, 1),
    )
    write_tuning(settings.cache, tuning)
    return tuning


def _prefill(
    file: Path, digest: str, settings: Settings, parameters: EngineParameters, say: Say
) -> dict[str, object] | None:
    """Whether PyTorch reads prompts faster, where it can hand over what it read."""
    if parameters.kv_type != "f16" or not parameters.flash_attention:
        return None
    from qa.engine.torch_prefill.choose import measure_formats

    found = measure_formats(file, digest, settings, parameters)
    rates = ", ".join(f"{name} {rate:.0f}" for name, rate in found.tokens_per_s.items())
    say(f"prompts read by {found.format or 'llama.cpp'} (tokens/s: {rates})")
    return found.model_dump(mode="json")


def _try(parameters: EngineParameters, answers: Sequence[TuneResult]) -> Try:
    errors = [one.error for one in answers if one.error]
    return Try(
        parameters=parameters,
        prefill_tokens_per_s=tuple(round(one.prefill, 1) for one in answers if not one.error),
        decode_tokens_per_s=tuple(round(one.decode, 1) for one in answers if not one.error),
        error=errors[0] if errors else None,
    )


def _figures(answers: Sequence[TuneResult]) -> str:
    prefill = statistics.median(one.prefill for one in answers)
    decode = statistics.median(one.decode for one in answers)
    return f"{prefill:.1f} tokens/s read, {decode:.1f} written"
