"""What was found out about reading prompts with PyTorch on this machine.

In: the record of ``belegt tune``, or of the short measurement that belegt makes by itself. Out: a
:class:`PrefillChoice`, or why there is none that holds. What can fail: a cache that cannot be
written (BelegtError); what cannot be read counts as never measured.

The short measurement has files of its own, one for each model, library and machine, so that it
never replaces what ``belegt tune`` found, which comes first.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.errors import BelegtError
from base.files import write_text
from base.settings import Settings
from models.native.hardware import Hardware
from models.native.tuning import Tuning, TuningFacts, gather_facts, read_tuning, staleness

Format = Literal["bfloat16", "mixed", "int8"]
"""How the unpacked weights are held; *mixed* is int8 but for the feed-forward output."""


class PrefillChoice(BaseModel):
    """What was measured for one model on one machine (``Tuning.prefill``, where ``Tuning.facts``
    say which), and what follows from it.
    """

    model_config = ConfigDict(frozen=True)

    torch: str = Field(description="Version of PyTorch it was measured with.")
    format: Format | None = Field(description="Format to read prompts in; None: leave it off.")
    tokens_per_s: dict[str, float] = Field(
        default_factory=dict, description="Read in each format, and by llama.cpp under 'llama'."
    )
    divergence: dict[str, float] = Field(
        default_factory=dict,
        description="Of the next token from llama.cpp's own by format, mean of KL in nats.",
    )
    reasons: dict[str, str] = Field(
        default_factory=dict, description="Why a format was not taken, one sentence each."
    )
    estimated: bool = Field(
        default=False,
        description="Whether a few layers were timed and not the whole network, whose predictions "
        "are compared when it is first loaded.",
    )

    def gain(self) -> float:
        """How many times as fast as llama.cpp the fastest format reads; 0: none was timed."""
        rates = dict(self.tokens_per_s)
        plain = rates.pop("llama", 0.0)
        return max(rates.values(), default=0.0) / plain if plain else 0.0


def refused(reason: str) -> PrefillChoice:
    """The choice where PyTorch cannot read a model at all."""
    reasons = dict.fromkeys(get_args(Format), reason)
    return PrefillChoice(torch=torch_version(), format=None, reasons=reasons)


class QuickRecord(BaseModel):
    """The short measurement, and what it holds for."""

    model_config = ConfigDict(frozen=True)

    facts: TuningFacts
    choice: PrefillChoice
    date: str = Field(description="Day of the measurement, ISO.")
    seconds: float


def torch_version() -> str:
    """Of PyTorch, without importing it."""
    return version("torch")


def recorded_choice(
    settings: Settings, digest: str, hardware: Hardware
) -> tuple[PrefillChoice | None, str]:
    """The choice that holds for the model with ``digest`` here; None, and why."""
    facts = gather_facts(Path(settings.llm).name, digest, hardware)
    choice, why = _tuned_choice(read_tuning(settings.cache), facts)
    if choice is None and settings.tune == "auto":
        quick = read_quick(settings.cache, facts)
        if quick is not None:
            return quick.choice, ""
    return choice, why


def _tuned_choice(tuning: Tuning | None, facts: TuningFacts) -> tuple[PrefillChoice | None, str]:
    if tuning is None or tuning.prefill is None:
        return None, "'belegt tune' has not measured it"
    if stale := staleness(tuning, facts):
        return None, f"what 'belegt tune' measured does not hold: {stale}"
    try:
        choice = PrefillChoice.model_validate(tuning.prefill)
    except ValidationError:
        return None, "what 'belegt tune' measured is of another version of belegt"
    if choice.torch != torch_version():
        return None, f"it was measured with PyTorch {choice.torch}"
    return choice, ""


def read_quick(cache: Path, facts: TuningFacts) -> QuickRecord | None:
    """What was measured for ``facts`` with this version of PyTorch; None where nothing was."""
    try:
        text = _quick_file(cache, facts).read_text(encoding="utf-8")
        found = QuickRecord.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    holds = found.facts.model_copy(update={"model": facts.model}) == facts
    return found if holds and found.choice.torch == torch_version() else None


def write_quick(cache: Path, record: QuickRecord) -> None:
    """Remember it for its facts, whole or not at all."""
    file = _quick_file(cache, record.facts)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, record.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise BelegtError(
            f"The folder {file.parent} cannot be written ({error.strerror}); "
            "set BELEGT_CACHE to a folder of your own."
        ) from error


def _quick_file(cache: Path, facts: TuningFacts) -> Path:
    """The model's name is for people; a renamed file is the same model."""
    key = hashlib.sha256(facts.model_dump_json(exclude={"model"}).encode()).hexdigest()[:16]
    return cache / "tuning" / f"{key}.json"
