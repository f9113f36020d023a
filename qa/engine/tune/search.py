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

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from base.errors import BelegtError
from base.settings import Settings
from models.native.hardware import detect_hardware, usable_processors
from models.native.tuning import EngineParameters, Try, Tuning, describe, gather_facts, write_tuning
from models.store import ModelStore
from qa.engine.local.offload import fewer_layers, gpu_memory
from qa.engine.torch_prefill.choice import PrefillChoice
from qa.engine.torch_prefill.setup import reason_against
from qa.engine.tune import quick
from qa.engine.tune.child import DECODED_TOKENS, PROMPT_TOKENS, TuneRequest, TuneResult
from qa.engine.tune.process import MeasuringProcess, OutOfTimeError
from qa.engine.tune.reader_child import ReaderRequest

SECONDS = 150.0
ROUNDS = 3
PREFILL_S = 80.0
"""Of the time, what is left for PyTorch: its weights are unpacked, and compared with llama.cpp."""
LEAST_S = 60.0
"""The least time in which PyTorch is tried as well."""
# To end processes in, and to write down what was found.
_END_S = 4.0
LEAST_GAIN = 0.01
LEAST_GAIN_QUANTISED = 0.03
MICRO_BATCHES = (256, 128, 64)

_READER = "prompts read by PyTorch"
_WHOLE_READER = "all layers of PyTorch"

Measure = Callable[[EngineParameters, float], TuneResult]
Rate = Callable[[TuneResult], float]
Say = Callable[[str], None]


class Child(MeasuringProcess):
    """The process that measures choices of parameters."""

    def __init__(self, file: Path) -> None:
        super().__init__([sys.executable, "-P", "-m", "qa.engine.tune.child", str(file)])

    def measure(self, parameters: EngineParameters, seconds: float) -> TuneResult:
        """One run; raises OutOfTimeError, and ends the process, after ``seconds``."""
        self.ask(TuneRequest(parameters=parameters).model_dump_json())
        if line := self.next_line(seconds):
            return TuneResult.model_validate_json(line)
        return TuneResult(error=self.cause_of_death())


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
    end = started + seconds - min(_END_S, seconds / 4)
    reserved = 0.0 if memory or seconds < LEAST_S else min(PREFILL_S, seconds / 2)
    with Child(file) as child:
        found = Search(child.measure, end - reserved - time.monotonic(), say)
        try:
            best = search(found, hardware.cores, usable_processors(), gpu=bool(memory))
        except OutOfTimeError:
            raise BelegtError(
                f"The model did not read its first prompt within {seconds:.0f} s; "
                "give more time with --seconds."
            ) from None
    prefill = None
    if not reserved:
        found.not_tried.append(_READER)
    elif not reason_against(best, hardware):
        request = _reader_request(file, facts.model_digest, settings, best)
        choice = measure_reader(request, end, say)
        if choice is None or choice.estimated:
            found.not_tried.append(_WHOLE_READER if choice else _READER)
        if choice is not None:
            say(f"prompts read by {choice.format or 'llama.cpp'} ({_rates(choice)})")
            prefill = choice.model_dump(mode="json")
    tuning = Tuning(
        facts=facts,
        parameters=best,
        prefill=prefill,
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


def _reader_request(
    file: Path, digest: str, settings: Settings, parameters: EngineParameters
) -> ReaderRequest:
    return ReaderRequest(
        file=file,
        digest=digest,
        cache=settings.cache,
        cells=settings.cells,
        memory_limit=settings.memory_limit,
        parameters=parameters,
        seconds=quick.SECONDS,
        whole=True,
        gentle=False,
    )


def measure_reader(request: ReaderRequest, end: float, say: Say) -> PrefillChoice | None:
    """Whether PyTorch reads prompts faster, as far as that is known by ``end``; None: not at all.

    The estimate comes first, so that what the whole measurement has no time for is known roughly.
    """
    choice: PrefillChoice | None = None
    with quick.start_process() as process:
        process.ask(request.model_dump_json())
        try:
            while choice is None or choice.estimated:
                choice = quick.next_news(process, end - time.monotonic()).choice or choice
        except OutOfTimeError:
            pass
        except BelegtError as error:
            say(f"{_READER}: {error}")
    return choice


def _rates(choice: PrefillChoice) -> str:
    return "tokens/s: " + ", ".join(
        f"{name} {rate:.0f}" for name, rate in choice.tokens_per_s.items()
    )


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
