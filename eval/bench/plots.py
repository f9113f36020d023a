"""What the benchmark's plots show, whatever draws them.

In: results. Out: :class:`Bars` and :class:`Curves`, those with something to show. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.bench.answers import BASE, OURS, SystemFigures
from eval.bench.cold import Cold
from eval.bench.parts import Load, Speed
from eval.bench.results import Results
from eval.bench.spread import Spread

LABELS: Mapping[str, str] = {
    "belegt": "belegt",
    "plain": "plain llama-cpp-python",
    "belegt_unread": "belegt, nothing read before",
    "plain_evidence": "plain, belegt's evidence",
    "prebuilt": "prebuilt server",
    "llamaindex": "LlamaIndex",
}


@dataclass(frozen=True)
class Bars:
    """A value with its quartiles for each label; ``unit`` is that of the values."""

    name: str
    title: str
    unit: str
    note: str
    rows: tuple[tuple[str, Spread], ...]


@dataclass(frozen=True)
class Curves:
    """Values over ``across``: by name of the curve, points of (x, value)."""

    name: str
    title: str
    across: str
    unit: str
    note: str
    lines: tuple[tuple[str, tuple[tuple[float, Spread], ...]], ...]


Plot = Bars | Curves


def plots(results: Results) -> list[Plot]:
    """All plots, in the order in which they are read."""
    parts = results.parts
    systems = parts.answers.systems if parts.answers else {}
    found: list[Plot] = []
    if systems:
        found += _of_answers(systems)
    if parts.cold:
        found.append(_of_cold(parts.cold))
    if parts.load:
        found += _of_load(parts.load, _one_after_the_other(systems))
    found += _rates(systems, parts.speed)
    memory = _memory(results)
    return [one for one in [*found, memory] if not isinstance(one, Bars) or one.rows]


def _of_answers(systems: Mapping[str, SystemFigures]) -> Iterator[Plot]:
    note = "Median and quartiles over the questions; lower is better."
    for name, title in (("first_token", "First token"), ("total", "Whole answer")):
        rows = [
            (LABELS[key], _scale(getattr(one, f"{name}_ms"), 1000)) for key, one in systems.items()
        ]
        yield Bars(name, title, "s", note, tuple(rows))
        pairs = [(key, getattr(one, f"{name}_ratio")) for key, one in systems.items()]
        compared = [(LABELS[key], one) for key, one in pairs if one is not None and key != BASE]
        yield Bars(
            f"{name}_ratio",
            f"{title}, to plain llama-cpp-python on the same question",
            "times",
            note,
            tuple(compared),
        )


def _of_cold(cold: Cold) -> Bars:
    rows = (("belegt ask", cold.belegt_s), ("naive script", cold.naive_s))
    note = "From starting the process; all files in the page cache. Lower is better."
    return Bars("cold_start", "New process to first token", "s", note, rows)


def _of_load(load: Load, alone: Spread | None) -> Iterator[Plot]:
    counts = sorted(load.users)
    per_minute = tuple((float(one), load.users[one].per_minute) for one in counts)
    lines = [(LABELS[OURS], per_minute)]
    if alone:
        lines.append(("plain, in turn", tuple((x, alone) for x, _ in per_minute)))
    yield Curves(
        "users_per_minute",
        "Questions a minute",
        "people asking at once",
        "a minute",
        "Higher is better. The binding serves one question at a time.",
        tuple(lines),
    )
    first = tuple((float(one), load.users[one].first_token_s) for one in counts)
    yield Curves(
        "users_first_token",
        "First token with several users",
        "people asking at once",
        "s",
        "Median and quartiles; lower is better.",
        ((LABELS[OURS], first),),
    )
    rows = (
        ("alone", load.beside.alone_s),
        (f"beside {load.beside.streams} streams", load.beside.loaded_s),
    )
    yield Bars(
        "under_load",
        "First token while others stream",
        "s",
        "The same questions. Lower is better.",
        rows,
    )


def _one_after_the_other(systems: Mapping[str, SystemFigures]) -> Spread | None:
    """Questions a minute of plain llama-cpp-python, from what a whole answer takes."""
    if BASE not in systems:
        return None
    total = systems[BASE].total_ms
    slow, middle, fast = (60_000 / value for value in (total.high, total.median, total.low))
    return Spread(median=middle, low=slow, high=fast, count=total.count)


def _rates(systems: Mapping[str, SystemFigures], speed: Speed | None) -> Iterator[Plot]:
    for name, title in (("prefill", "Reading a prompt"), ("decode", "Writing an answer")):
        rows: list[tuple[str, Spread]] = []
        if speed:
            rows.append(("belegt's engine", getattr(speed.kernels, f"engine_{name}")))
            if name == "decode" and speed.quoting:
                rows.append(("the same with lookup, quoting", speed.quoting.with_drafts))
                rows.append(("the same without, quoting", speed.quoting.without))
            rows.append(("llama.cpp alone", getattr(speed.kernels, f"bare_{name}")))
        for key, figures in systems.items():
            found = getattr(figures, f"{name}_tokens_per_s")
            if found:
                rows.append((f"{LABELS[key]}, whole answers", found))
        note = "Tokens a second; higher is better. Of whole answers, search counts as reading."
        yield Bars(name, title, "tokens/s", note, tuple(rows))


def _memory(results: Results) -> Bars:
    rows: list[tuple[str, Spread]] = []
    if load := results.parts.load:
        for key, label in (("at_rest", "at rest"), ("eight_users", "eight users")):
            rows += _peak(f"belegt, {label}", load.memory_mb.get(key, {}))
    if answers := results.parts.answers:
        for key, figures in answers.systems.items():
            if key != OURS or not rows:
                rows += _peak(f"{LABELS[key]}, after answers", figures.memory_mb)
    note = "Resident memory and its peak, the mapped model file counted; lower is better."
    return Bars("memory", "Memory", "MB", note, tuple(rows))


def _peak(label: str, memory: Mapping[str, float]) -> Sequence[tuple[str, Spread]]:
    """Resident memory, up to its peak."""
    if "resident_mb" not in memory:
        return ()
    now = memory["resident_mb"]
    return [(label, Spread(median=now, low=now, high=memory.get("peak_mb", now), count=1))]


def _scale(one: Spread, by: float) -> Spread:
    return Spread(median=one.median / by, low=one.low / by, high=one.high / by, count=one.count)
