"""What was found out about reading prompts with PyTorch on this machine.

In: the record of ``belegt tune``. Out: a :class:`PrefillChoice`, or why there is none that holds.
Nothing can fail here: what cannot be read counts as never measured.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.settings import Settings
from models.native.hardware import Hardware
from models.native.tuning import gather_facts, read_tuning, staleness

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


def torch_version() -> str:
    """Of PyTorch, without importing it."""
    return version("torch")


def recorded_choice(
    settings: Settings, digest: str, hardware: Hardware
) -> tuple[PrefillChoice | None, str]:
    """The choice that holds for the model with ``digest`` here; None, and why."""
    tuning = read_tuning(settings.cache)
    if tuning is None or tuning.prefill is None:
        return None, "'belegt tune' has not measured it"
    if stale := staleness(tuning, gather_facts(Path(settings.llm).name, digest, hardware)):
        return None, f"what 'belegt tune' measured does not hold: {stale}"
    try:
        choice = PrefillChoice.model_validate(tuning.prefill)
    except ValidationError:
        return None, "what 'belegt tune' measured is of another version of belegt"
    if choice.torch != torch_version():
        return None, f"it was measured with PyTorch {choice.torch}"
    return choice, ""
