"""The parts of the benchmark that measure belegt alone: users, streams, memory, lookup, kernels.

In: settings, a corpus that is in its folder already, the time. Out: their figures. What can fail:
what the jobs say (:mod:`eval.bench.load`, :mod:`eval.bench.speed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from tqdm import tqdm

from base.settings import Settings
from eval.bench.budget import Allotment
from eval.bench.material import Corpus
from eval.bench.spread import Spread, paired_ratios, spread
from eval.bench.worker import BenchWorker

STREAMS = 8
QUOTES = 2 / 3
"""Share of an answer's runs of four tokens that stand in its prompt, from which on it quotes."""
_AT_LEAST = 8
"""Questions in a round, and the users at which memory is stated."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Users(_Frozen):
    """So many people asking at once, each the next question as soon as they have an answer."""

    per_minute: Spread
    first_token_s: Spread


class Beside(_Frozen):
    """First token of a request while ``streams`` others get long answers, and alone."""

    alone_s: Spread
    loaded_s: Spread
    ratio: Spread
    streams: int


class Load(_Frozen):
    """``users`` by number. ``memory_mb``: at rest and with eight users. ``changed``: settings
    that are not as usual. ``prefill``: who read prompts, and why.
    """

    users: dict[int, Users]
    beside: Beside
    memory_mb: dict[str, dict[str, float]]
    changed: dict[str, int]
    prefill: str | None = None


class LookupFigures(_Frozen):
    """Tokens a second with drafts and without. ``copied``: share of the answer's runs of four
    tokens that stand in its prompt. ``same``: share of answers that are equal in both.
    """

    with_drafts: Spread
    without: Spread
    gain: Spread
    copied: Spread
    same: float


class Kernels(_Frozen):
    """Tokens a second of a prompt of 300 tokens and of what follows; ratios to the bare loop.

    ``chosen``: prompts read as the engine is set, by PyTorch where that was found faster.
    """

    engine_prefill: Spread
    chosen_prefill: Spread
    engine_decode: Spread
    bare_prefill: Spread
    bare_decode: Spread
    prefill_ratio: Spread
    chosen_ratio: Spread
    decode_ratio: Spread


class Speed(_Frozen):
    """``quoting``: of the answers that were to quote and did (``QUOTES``); ``others`` did not.

    ``usual``: the same of belegt's usual answers, which are short. None: not measured.
    ``prefill``: who read prompts in the engine as a server has it, and why.
    """

    quoting: LookupFigures | None
    others: LookupFigures | None
    usual: LookupFigures | None
    kernels: Kernels
    prefill: str | None = None


def measure_load(
    corpus: Corpus,
    settings: Settings,
    time_left: Allotment,
    *,
    users: Sequence[int],
    alone: int,
    beside: int,
    logs: Path,
) -> Load:
    """Each number of ``users`` at least once, and again with other questions while there is time.

    ``alone``: questions that one person asks in turn; ``beside``: questions asked beside streams.
    In a round every number of users asks the same questions, from the first on.
    """
    found: dict[int, list[dict[str, Any]]] = {one: [] for one in users}
    memory: dict[str, dict[str, float]] = {}
    questions = [one.model_dump(mode="json") for one in corpus.questions]
    most = max(_AT_LEAST, *users)
    with BenchWorker("load", settings, logs / "load.log") as worker:
        changed = worker.call("open", folder=str(corpus.folder), question=questions[-1])
        memory["at_rest"] = worker.call("memory")
        besides = worker.call(
            "beside", questions=questions[:beside], other=questions[-1], streams=STREAMS
        )
        reader = worker.call("reader")
        groups = [questions[at : at + most] for at in range(0, len(questions), most)]
        for group in time_left.rounds(groups, 1):
            for count in tqdm(users, desc="users"):
                asked = group[: alone if count == 1 else max(_AT_LEAST, count)]
                worker.call("forget_peak")
                found[count].append(worker.call("users", questions=asked, count=count))
                if count == _AT_LEAST:
                    memory["eight_users"] = worker.call("memory")
    return Load(
        users={count: _users(rounds) for count, rounds in found.items()},
        beside=_beside(besides),
        memory_mb=memory,
        changed=changed,
        prefill=reader,
    )


def _users(rounds: Sequence[dict[str, Any]]) -> Users:
    return Users(
        per_minute=spread([one["per_minute"] for one in rounds]),
        first_token_s=spread([value for one in rounds for value in one["first_token_s"]]),
    )


def _beside(found: Sequence[dict[str, Any]]) -> Beside:
    alone, loaded = ([one[name] for one in found] for name in ("alone_s", "loaded_s"))
    return Beside(
        alone_s=spread(alone),
        loaded_s=spread(loaded),
        ratio=paired_ratios(loaded, alone),
        streams=min(one["streams"] for one in found),
    )


def measure_speed(
    corpus: Corpus, settings: Settings, time_left: Allotment, *, usual: bool, logs: Path
) -> Speed:
    """At least one question, and more while there is time; ``usual``: usual answers as well."""
    quoting, short, kernels = [], [], []
    asked = [one.model_dump(mode="json") for one in corpus.questions]
    with BenchWorker("speed", settings, logs / "speed.log") as worker:
        worker.call("open", folder=str(corpus.folder), question=asked[-1])
        rounds = time_left.rounds(enumerate(asked[:-1]), 1)
        for turn, question in tqdm(rounds, desc="engine"):
            quoting.append(worker.call("lookup", question=question, quoting=True, turn=turn))
            if usual:
                short.append(worker.call("lookup", question=question, quoting=False, turn=turn))
            kernels.append(worker.call("kernels", question=question, turn=turn))
        reader = worker.call("reader")
    return Speed(
        quoting=_lookup([one for one in quoting if one["copied"] >= QUOTES]),
        others=_lookup([one for one in quoting if one["copied"] < QUOTES]),
        usual=_lookup(short),
        kernels=_kernels(kernels),
        prefill=reader,
    )


def _lookup(found: Sequence[dict[str, Any]]) -> LookupFigures | None:
    if not found:
        return None
    drafted, plain = ([one["rates"][name] for one in found] for name in ("with", "without"))
    return LookupFigures(
        with_drafts=spread(drafted),
        without=spread(plain),
        gain=paired_ratios(drafted, plain),
        copied=spread([one["copied"] for one in found]),
        same=sum(one["same"] for one in found) / len(found),
    )


def _kernels(found: Sequence[dict[str, dict[str, float]]]) -> Kernels:
    def rates(whose: str, which: str) -> list[float]:
        return [one[whose][which] for one in found]

    return Kernels(
        engine_prefill=spread(rates("engine", "prefill")),
        chosen_prefill=spread(rates("chosen", "prefill")),
        engine_decode=spread(rates("engine", "decode")),
        bare_prefill=spread(rates("bare", "prefill")),
        bare_decode=spread(rates("bare", "decode")),
        prefill_ratio=paired_ratios(rates("engine", "prefill"), rates("bare", "prefill")),
        chosen_ratio=paired_ratios(rates("chosen", "prefill"), rates("bare", "prefill")),
        decode_ratio=paired_ratios(rates("engine", "decode"), rates("bare", "decode")),
    )
