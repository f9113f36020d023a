"""What ``make bench`` writes: ratios, what they were computed from, and where.

In: the figures of the parts, None for a part that was not measured. Out: :class:`Results`, written
as ``results.json``. Nothing can fail: a ratio that could not be measured is null, and ``reasons``
says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.bench.answers import Answers
from eval.bench.cold import Cold
from eval.bench.parts import STREAMS, Load, Speed
from eval.record import Machine

PREBUILT = "prebuilt"


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a ratio, and what it is."""

    meaning: str
    bound: Literal["at most", "at least"]
    value: float

    def met_by(self, ratio: float) -> bool:
        """Whether ``ratio`` is good enough."""
        return ratio <= self.value if self.bound == "at most" else ratio >= self.value


WANTED: Mapping[str, Wanted] = {
    "first_token_vs_plain": Wanted(
        "first token, to plain llama-cpp-python with whole passages", "at most", 0.15
    ),
    "total_vs_plain": Wanted("whole cited answer, to the same", "at most", 0.30),
    "first_token_vs_prebuilt": Wanted("first token, to a prebuilt server", "at most", 0.08),
    "decode_lookup_gain": Wanted(
        "tokens a second with lookup to without, on answers that quote", "at least", 1.6
    ),
    "throughput_8_users": Wanted(
        "questions a minute, eight users at once to one after the other", "at least", 2.8
    ),
    "prefill_gain": Wanted(
        "tokens a second of reading 300 tokens, to llama.cpp's own", "at least", 2.3
    ),
    "first_token_under_load": Wanted(
        "first token while eight others stream, to a lone one", "at most", 2.0
    ),
    "cold_start_vs_naive": Wanted(
        "first token of a new process, to a naive script's", "at most", 0.5
    ),
    "kernel_efficiency": Wanted(
        "tokens a second, to llama.cpp alone (the lower of reading and writing)", "at least", 0.97
    ),
}
"""Every ratio by its name, in the order of the table."""


class BenchParts(BaseModel):
    """The figures; None: that part failed, see ``failed``."""

    model_config = ConfigDict(frozen=True)

    answers: Answers | None = None
    cold: Cold | None = None
    load: Load | None = None
    speed: Speed | None = None
    failed: dict[str, str] = Field(default_factory=dict, description="Part to why.")

    def readers(self) -> dict[str, str]:
        """Who read belegt's prompts, and why, by part; memory may be too short for it in one."""
        parts = {"answers": self.answers, "load": self.load, "speed": self.speed}
        return {name: part.prefill for name, part in parts.items() if part and part.prefill}


class Results(BaseModel):
    """``results.json``. Times are ISO 8601, UTC."""

    model_config = ConfigDict(frozen=True)

    ratios: dict[str, float | None]
    reasons: dict[str, str] = Field(description="Why a ratio is null.")
    parts: BenchParts
    machine: Machine
    models: dict[str, str]
    commit: str | None
    started: str
    seconds: float


def headline_ratios(parts: BenchParts) -> dict[str, float | None]:
    """The ratios of :data:`WANTED`, in its order."""
    found = dict.fromkeys(WANTED, None) | dict(_measurements(parts))
    return {name: None if value is None else round(value, 4) for name, value in found.items()}


def _measurements(parts: BenchParts) -> Iterator[tuple[str, float | None]]:
    if answers := parts.answers:
        yield "first_token_vs_plain", answers.paired("plain", "first_token_ms")
        yield "total_vs_plain", answers.paired("plain", "total_ms")
        yield "first_token_vs_prebuilt", answers.paired(PREBUILT, "first_token_ms")
    if speed := parts.speed:
        kernels = speed.kernels
        yield "decode_lookup_gain", speed.quoting.gain.median if speed.quoting else None
        yield "prefill_gain", kernels.chosen_ratio.median
        yield "kernel_efficiency", min(kernels.prefill_ratio.median, kernels.decode_ratio.median)
    if load := parts.load:
        eight, one = (load.users[count].per_minute.median for count in (8, 1))
        yield "throughput_8_users", eight / one
        # Fewer streams than eight would make it look better than it is.
        full = load.beside.streams >= STREAMS - 1
        yield "first_token_under_load", load.beside.ratio.median if full else None
    if cold := parts.cold:
        yield "cold_start_vs_naive", cold.ratio.median


_PART_OF = {
    "first_token_vs_plain": "answers",
    "total_vs_plain": "answers",
    "first_token_vs_prebuilt": "answers",
    "decode_lookup_gain": "speed",
    "throughput_8_users": "load",
    "prefill_gain": "speed",
    "first_token_under_load": "load",
    "cold_start_vs_naive": "cold",
    "kernel_efficiency": "speed",
}


def reasons(found: Mapping[str, float | None], parts: BenchParts) -> dict[str, str]:
    """Why each ratio that is None could not be measured."""
    return {name: _reason(name, parts) for name, value in found.items() if value is None}


def _reason(name: str, parts: BenchParts) -> str:
    if why := parts.failed.get(_PART_OF[name]):
        return why
    if name == "first_token_vs_prebuilt" and parts.answers:
        return parts.answers.left_out.get(PREBUILT, "No question was answered by both.")
    if name == "decode_lookup_gain" and parts.speed:
        return "No answer that was to quote its sources did."
    if name == "first_token_under_load" and parts.load:
        return f"Only {parts.load.beside.streams} of {STREAMS} streams were growing meanwhile."
    return "No question was answered by both."


def render_results(results: Results) -> str:
    """The ratios beside what is wanted, for a terminal."""
    lines = []
    for name, wanted in WANTED.items():
        value = results.ratios[name]
        bound = f"{wanted.bound} {wanted.value:g}"
        if value is None:
            lines.append(f"{name:24}      –  {bound:13} not measured: {results.reasons[name]}")
        else:
            met = "met" if wanted.met_by(value) else "not met"
            lines.append(f"{name:24} {value:6.3f}  {bound:13} {met}")
    lines += [
        f"System '{name}' was left out: {why}"
        for name, why in (results.parts.answers.left_out if results.parts.answers else {}).items()
    ]
    lines += [
        f"Prompts were read by {who} ({', '.join(parts)})"
        for who, parts in _readers(results.parts).items()
    ]
    return "\n".join(lines)


def _readers(parts: BenchParts) -> dict[str, list[str]]:
    """Parts by who read their prompts."""
    found: dict[str, list[str]] = {}
    for part, who in parts.readers().items():
        found.setdefault(who, []).append(part)
    return found
