"""How the engine computes on this machine: what ``belegt tune`` measured, and what follows.

In: the cache folder, the settings, what this machine and library are. Out: ``<cache>/tuning.json``
with one :class:`Tuning`, and the :class:`EngineParameters` that settings, record and defaults come
to, in that order. What can fail: a cache that cannot be written (BelegtError), settings that
contradict each other (UsageError). A record that is missing, unreadable or of other facts is not
used; why is said by :func:`staleness`.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.errors import BelegtError, UsageError
from base.files import write_text
from base.settings import Settings
from models.native.build import installed_build
from models.native.hardware import Hardware, detect_hardware
from models.native.recipes import BINDING

FILE = "tuning.json"
LARGEST_MICRO_BATCH = 512
KvType = Literal["f16", "q8_0"]


class EngineParameters(BaseModel):
    """What the library is told about how to compute; all of it changes speed alone, but for
    ``kv_type``, which also rounds keys and values.
    """

    model_config = ConfigDict(frozen=True)

    threads: int = Field(ge=1, description="Threads of a step of one row.")
    threads_batch: int = Field(ge=1, description="Threads of a step of several rows.")
    flash_attention: bool = True
    micro_batch: int = Field(default=LARGEST_MICRO_BATCH, ge=1, le=LARGEST_MICRO_BATCH)
    kv_type: KvType = Field(default="f16", description="Number format of keys and values.")
    gpu_layers: int = Field(default=-1, ge=-1, description="Layers on the GPU; -1 means all.")


class TuningFacts(BaseModel):
    """What a measurement holds for, and for nothing else."""

    model_config = ConfigDict(frozen=True)

    model: str
    model_digest: str
    library: str
    build: str
    processor: str
    cores: int
    gpus: tuple[str, ...]


class Try(BaseModel):
    """One choice of parameters: tokens a second of each run, or why there are none."""

    model_config = ConfigDict(frozen=True)

    parameters: EngineParameters
    prefill_tokens_per_s: tuple[float, ...] = ()
    decode_tokens_per_s: tuple[float, ...] = ()
    error: str | None = None


class Tuning(BaseModel):
    """The choice, what it was chosen from, and what it holds for."""

    model_config = ConfigDict(frozen=True)

    facts: TuningFacts
    parameters: EngineParameters
    layers: int = Field(description="Layers of the model, the output layer counted.")
    gpu_memory: dict[str, tuple[int, int]] = Field(
        default_factory=dict, description="Bytes free and in all of each GPU, before the model."
    )
    prompt_tokens: int
    decoded_tokens: int
    tries: tuple[Try, ...]
    not_tried: tuple[str, ...] = Field(description="What the time was too short for.")
    date: str = Field(description="Day of the measurement, ISO.")
    seconds: float
    prefill: dict[str, object] | None = Field(
        default=None, description="The choice of prefill by PyTorch, as its own module reads it."
    )

    def chosen(self) -> Try:
        """The figures of the choice."""
        return next(one for one in self.tries if one.parameters == self.parameters)


def describe(parameters: EngineParameters) -> str:
    """Return ``parameters`` as people read them, but for the GPU."""
    threads, batch = parameters.threads, parameters.threads_batch
    named = f"{threads} thread{'s' * (threads != 1)}"
    return ", ".join(
        [
            named if threads == batch else f"{named} ({batch} while reading)",
            "flash attention" if parameters.flash_attention else "no flash attention",
            f"micro-batch {parameters.micro_batch}",
            f"keys and values in {parameters.kv_type}",
        ]
    )


def gather_facts(model: str, model_digest: str, hardware: Hardware) -> TuningFacts:
    """What a measurement made now holds for; ``model`` is for people, its digest decides."""
    build = installed_build()
    try:
        library = version(BINDING)
    except PackageNotFoundError:
        library = "not installed"
    return TuningFacts(
        model=model,
        model_digest=model_digest,
        library=library,
        build=build.key if build else "not by belegt",
        processor=hardware.processor,
        cores=hardware.cores,
        gpus=hardware.gpus,
    )


def read_tuning(cache: Path) -> Tuning | None:
    """The record in ``cache``; None where there is none that can be read."""
    try:
        return Tuning.model_validate_json((cache / FILE).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def write_tuning(cache: Path, tuning: Tuning) -> None:
    """Replace the record, whole or not at all."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        write_text(cache / FILE, tuning.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise BelegtError(
            f"The folder {cache} cannot be written ({error.strerror}); "
            "set BELEGT_CACHE to a folder of your own."
        ) from error


def staleness(tuning: Tuning, facts: TuningFacts) -> str | None:
    """Why ``tuning`` does not hold for ``facts``; None where it does."""
    known = tuning.facts
    if known.model_digest != facts.model_digest:
        return f"it was measured with the model {known.model}, not with {facts.model}"
    for what, before, now in (
        ("with llama-cpp-python", known.library, facts.library),
        ("with the native build", known.build, facts.build),
        ("on the processor", known.processor, facts.processor),
        ("with usable cores:", known.cores, facts.cores),
        ("with GPUs:", "; ".join(known.gpus) or "none", "; ".join(facts.gpus) or "none"),
    ):
        if before != now:
            return f"it was measured {what} {before}, now it is {now}"
    return None


def chosen_parameters(settings: Settings, model: str, model_digest: str) -> EngineParameters:
    """What :func:`engine_parameters` gives for this machine and its record, if that holds."""
    hardware = detect_hardware()
    tuning = read_tuning(settings.cache)
    if tuning and staleness(tuning, gather_facts(model, model_digest, hardware)):
        tuning = None
    return engine_parameters(settings, tuning, hardware.cores)


def engine_parameters(settings: Settings, tuning: Tuning | None, cores: int) -> EngineParameters:
    """What a person set, else what was measured, else the default.

    ``tuning``: only one that holds here. Raises UsageError where settings contradict each other.
    """
    base = tuning.parameters if tuning else EngineParameters(threads=cores, threads_batch=cores)
    flash_attention, kv_type = settings.flash_attention, settings.kv_type
    # The library holds quantised values only with flash attention.
    if flash_attention is False and kv_type == "q8_0":
        raise UsageError(
            "BELEGT_KV_TYPE is q8_0, which needs flash attention, but BELEGT_FLASH_ATTENTION is "
            "false; unset one of them."
        )
    if flash_attention is False and kv_type is None:
        kv_type = "f16"
    if kv_type == "q8_0":
        flash_attention = True
    given = {
        "threads": settings.threads,
        "threads_batch": settings.threads_batch or settings.threads,
        "flash_attention": flash_attention,
        "micro_batch": settings.micro_batch,
        "kv_type": kv_type,
        "gpu_layers": None if settings.gpu_layers < 0 else settings.gpu_layers,
    }
    return base.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
