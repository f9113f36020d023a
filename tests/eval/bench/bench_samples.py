"""Results of a benchmark that never ran."""

from __future__ import annotations

from typing import Any

from eval.bench.answers import Answers, figures_of
from eval.bench.cold import Cold
from eval.bench.parts import Beside, Kernels, Load, LookupFigures, Speed, Users
from eval.bench.results import BenchParts, Results, headline_ratios, reasons
from eval.bench.spread import Spread, spread
from eval.record import Machine

SYSTEMS = ("belegt", "plain", "prebuilt")


def cost(first: float, total: float) -> dict[str, Any]:
    return {
        "first_token_ms": first,
        "total_ms": total,
        "prompt_tokens": 300,
        "output_tokens": 21,
        "status": "answered",
        "text": "So.",
    }


def answers(systems: tuple[str, ...] = SYSTEMS, left_out: dict[str, str] | None = None) -> Answers:
    speed = {"belegt": 1.0, "plain": 4.0, "prebuilt": 10.0}
    rows = [
        {
            "question": "Wer?",
            **{one: cost(900 * by * n, 1000 * by * n) for one, by in speed.items()},
        }
        for n in (1, 2, 3)
    ]
    return Answers(
        systems={one: figures_of(rows, one, {"resident_mb": 900.0}) for one in systems},
        left_out=left_out or {},
        questions=[{key: row[key] for key in ("question", *systems)} for row in rows],
    )


def value(middle: float) -> Spread:
    return spread([0.9 * middle, middle, 1.2 * middle])


def load(streams: int = 8) -> Load:
    return Load(
        users={
            count: Users(per_minute=value(5.0 * count**0.5), first_token_s=value(3.0 + count))
            for count in (1, 8)
        },
        beside=Beside(alone_s=value(3.0), loaded_s=value(5.0), ratio=value(1.6), streams=streams),
        memory_mb={"at_rest": {"resident_mb": 2000.0, "peak_mb": 2100.0}, "eight_users": {}},
        changed={"requests": 10},
        prefill="PyTorch (int8)",
    )


def speed() -> Speed:
    lookup = LookupFigures(
        with_drafts=value(40.0), without=value(20.0), gain=value(2.0), copied=value(0.8), same=1.0
    )
    kernels = Kernels(
        engine_prefill=value(99.0),
        chosen_prefill=value(180.0),
        engine_decode=value(19.0),
        bare_prefill=value(100.0),
        bare_decode=value(20.0),
        prefill_ratio=value(0.99),
        chosen_ratio=value(1.8),
        decode_ratio=value(0.95),
    )
    return Speed(quoting=lookup, others=None, usual=None, kernels=kernels, prefill="PyTorch (int8)")


def cold() -> Cold:
    return Cold(belegt_s=value(4.0), naive_s=value(10.0), ratio=value(0.4))


def all_parts() -> BenchParts:
    return BenchParts(answers=answers(), cold=cold(), load=load(), speed=speed())


def results(parts: BenchParts) -> Results:
    found = headline_ratios(parts)
    return Results(
        ratios=found,
        reasons=reasons(found, parts),
        parts=parts,
        machine=Machine(processor="<Zen & 4>", cores=2, memory_gib=24.0),
        models={"llm": "tiny 1234"},
        commit="abcdef",
        started="2026-11-22T00:00:00+00:00",
        seconds=60.0,
    )
