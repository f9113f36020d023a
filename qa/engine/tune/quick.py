"""The one choice that matters, without being asked: who reads prompts.

In: settings and the digest of their language model. Out: a
:class:`~qa.engine.torch_prefill.choice.PrefillChoice`, remembered for this machine, library and
model. What can fail: memory that is short, a model that does not run (BelegtError); nothing is
remembered then. What ``belegt tune`` found is neither measured again nor replaced.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from base.errors import BelegtError
from base.settings import Settings
from models.native.hardware import detect_hardware
from models.native.tuning import EngineParameters, chosen_parameters, gather_facts
from models.store import ModelStore
from qa.engine.torch_prefill.choice import (
    PrefillChoice,
    QuickRecord,
    recorded_choice,
    write_quick,
)
from qa.engine.torch_prefill.setup import reason_against, used_memory
from qa.engine.tune.process import GaveWayError, MeasuringProcess, OutOfTimeError
from qa.engine.tune.reader_child import ReaderNews, ReaderRequest

SECONDS = 20.0
"""The longest that it computes, once the model is loaded."""
LOADING_S = 60.0
# Of the time, what is left for the last run to end in.
_SHARE = 0.7
_MEGABYTE = 1 << 20
_FORMATS = {"int8": "8 bits", "mixed": "8 and 16 bits", "bfloat16": "16 bits"}

__all__ = ["GaveWayError", "QuickMeasurement", "reason_in_settings", "say_choice"]


def _never() -> bool:
    return False


def start_process() -> MeasuringProcess:
    """The process that tells who reads faster; it computes as soon as it is asked."""
    return MeasuringProcess([sys.executable, "-P", "-m", "qa.engine.tune.reader_child"])


def next_news(
    process: MeasuringProcess, seconds: float, give_way: Callable[[], bool] = _never
) -> ReaderNews:
    """What it tells next. Raises BelegtError for what it cannot measure, and as its process does:
    OutOfTimeError, GaveWayError.
    """
    line = process.next_line(seconds, give_way)
    news = ReaderNews.model_validate_json(line) if line else None
    if news is None or news.error:
        raise BelegtError(news.error if news else process.cause_of_death())
    return news


def reason_in_settings(settings: Settings) -> str:
    """Why settings alone leave nothing to measure, as a clause; empty where they do not."""
    if settings.tune == "off":
        return "BELEGT_TUNE is off"
    if settings.prefill != "auto":
        return f"BELEGT_PREFILL is {settings.prefill}"
    if settings.engine != "local":
        return "another server runs the language model"
    return ""


@dataclass(frozen=True)
class QuickMeasurement:
    """Of one model. ``digest``: of its file."""

    settings: Settings
    digest: str

    def reason_against(self) -> str:
        """Why there is nothing to measure, as a clause; empty where there is."""
        settings = self.settings
        if off := reason_in_settings(settings):
            return off
        hardware = detect_hardware()
        choice, _ = recorded_choice(settings, self.digest, hardware)
        if choice is not None:
            return "it was measured before"
        return reason_against(self._parameters(), hardware)

    def _parameters(self) -> EngineParameters:
        return chosen_parameters(self.settings, Path(self.settings.llm).name, self.digest)

    def run(self, give_way: Callable[[], bool] | None = None) -> PrefillChoice:
        """Measure and remember. Raises BelegtError where it cannot be measured now.

        ``give_way``: whether somebody wants the processor, which raises GaveWayError; others who
        compute meanwhile go first.
        """
        began = time.monotonic()
        with start_process() as process:
            process.ask(self._request(gentle=give_way is not None).model_dump_json())
            try:
                next_news(process, LOADING_S, give_way or _never)
                choice = next_news(process, SECONDS, give_way or _never).choice
            except OutOfTimeError:
                raise BelegtError(
                    f"it took more than {SECONDS:.0f} s; 'belegt tune' takes longer"
                ) from None
        assert choice is not None, "what follows the loading is a choice or an error"
        facts = gather_facts(Path(self.settings.llm).name, self.digest, detect_hardware())
        record = QuickRecord(
            facts=facts,
            choice=choice,
            date=date.today().isoformat(),
            seconds=round(time.monotonic() - began, 1),
        )
        write_quick(self.settings.cache, record)
        return choice

    def _request(self, *, gentle: bool) -> ReaderRequest:
        settings = self.settings
        limit = settings.memory_limit
        return ReaderRequest(
            file=ModelStore(settings.cache).path(settings.llm),
            digest=self.digest,
            cache=settings.cache,
            cells=settings.cells,
            # What is measured for would be in this process.
            memory_limit=limit and max(1, limit - used_memory() // _MEGABYTE),
            parameters=self._parameters(),
            seconds=_SHARE * SECONDS,
            whole=False,
            gentle=gentle,
        )


def say_choice(choice: PrefillChoice) -> str:
    """Who reads prompts from now on, and what would be faster; a line for people."""
    rates = ", ".join(f"{name} {rate:.0f}" for name, rate in choice.tokens_per_s.items())
    measured = f" (tokens/s: {rates})" if rates else ""
    if choice.format is not None:
        return (
            f"Prompts are read by PyTorch in {_FORMATS[choice.format]}, about {choice.gain():.1f} "
            f"times as fast as by llama.cpp{measured}; 'belegt tune' may find more."
        )
    reasons = "; ".join(dict.fromkeys(choice.reasons.values()))
    return (
        f"Prompts are read by llama.cpp{measured}; by PyTorch it would not pay, as {reasons}; "
        "'belegt tune' may find faster settings of llama.cpp."
    )
