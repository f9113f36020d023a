"""How often a check of support is wrong: false statements accepted, right ones rejected.

In: pairs of quotation and statement with their labels, and the check. Out: for all pairs, for
those of one language and across, for each language pair and each kind, both shares with Wilson's
95 % interval and the area under the ROC curve of the check's score. What can fail: what the check
itself raises.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from corpus.document import Language
from eval.metrics.proportion import area_under_roc, wilson
from eval.pairs import LabelledPair


class Proof(Protocol):
    """What a check says of one pair."""

    @property
    def supported(self) -> bool:
        """Whether the quotation supports the statement."""
        ...

    @property
    def score(self) -> float:
        """From 0 to 1; the surer of the support, the higher."""
        ...

    @property
    def reasons(self) -> Sequence[str]:
        """Why not, in words; empty where it is supported."""
        ...


class Prove(Protocol):
    """A check: the same arguments get the same proof."""

    def __call__(
        self,
        quote: str,
        statement: str,
        quote_language: Language | None = None,
        statement_language: Language | None = None,
    ) -> Proof:
        """Whether ``quote`` alone supports all that ``statement`` says."""
        ...


class Proved(BaseModel):
    """A pair with what the check said of it: a line of ``--out``."""

    model_config = ConfigDict(frozen=True)

    pair: LabelledPair
    supported: bool
    score: float
    reasons: tuple[str, ...] = ()


class Share(BaseModel):
    """``hits`` of ``count``, with Wilson's interval of the share."""

    model_config = ConfigDict(frozen=True)

    hits: int
    count: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """From 0 to 1; 0 where there is no case."""
        return self.hits / self.count if self.count else 0.0


class ProvingFigures(BaseModel):
    """One slice of a set of pairs."""

    model_config = ConfigDict(frozen=True)

    name: str
    false_accepted: Share
    right_rejected: Share
    area_under_roc: float | None


def prove_all(
    pairs: Iterable[LabelledPair], prove: Prove, on_pair: Callable[[Proved], None] | None = None
) -> list[Proved]:
    """What ``prove`` says of each pair; ``on_pair`` hears of each as soon as it is known."""
    found = []
    for pair in pairs:
        proof = prove(pair.quote, pair.statement, pair.quote_language, pair.statement_language)
        proved = Proved(
            pair=pair,
            supported=proof.supported,
            score=proof.score,
            reasons=tuple(proof.reasons),
        )
        found.append(proved)
        if on_pair is not None:
            on_pair(proved)
    return found


def sample(pairs: Sequence[LabelledPair], limit: int | None, seed: int) -> Sequence[LabelledPair]:
    """``limit`` pairs by lot, or all."""
    if limit is None or limit >= len(pairs):
        return pairs
    return random.Random(seed).sample(list(pairs), limit)


def figures(proved: Sequence[Proved]) -> list[ProvingFigures]:
    """Of all pairs, then of each slice that has members."""
    slices: list[tuple[str, Callable[[LabelledPair], bool]]] = [
        ("all", lambda pair: True),  # noqa: ARG005 - the others look at it
        ("one language", lambda pair: pair.quote_language == pair.statement_language),
        ("across languages", lambda pair: pair.quote_language != pair.statement_language),
    ]
    for languages in sorted({each.pair.languages for each in proved}):
        slices.append((f"pair {languages}", _of(lambda pair: pair.languages, languages)))
    for kind in sorted({each.pair.kind for each in proved}):
        slices.append((f"kind {kind}", _of(lambda pair: pair.kind, kind)))
    parts = [(name, [each for each in proved if of(each.pair)]) for name, of in slices]
    return [_figures(name, members) for name, members in parts if members]


def _of(key: Callable[[LabelledPair], str], wanted: str) -> Callable[[LabelledPair], bool]:
    return lambda pair: key(pair) == wanted


def _figures(name: str, proved: Sequence[Proved]) -> ProvingFigures:
    return ProvingFigures(
        name=name,
        false_accepted=_share([each.supported for each in proved if not each.pair.label]),
        right_rejected=_share([not each.supported for each in proved if each.pair.label]),
        area_under_roc=area_under_roc(
            [each.score for each in proved], [each.pair.label for each in proved]
        ),
    )


def _share(cases: Sequence[bool]) -> Share:
    low, high = wilson(sum(cases), len(cases))
    return Share(hits=sum(cases), count=len(cases), low=low, high=high)


def figures_markdown(rows: Sequence[ProvingFigures]) -> str:
    """A table, one slice a row; what a slice does not have is a dash."""
    lines = [
        "| slice | false accepted | right rejected | AUC |",
        "|:------|---------------:|---------------:|----:|",
    ]
    for row in rows:
        area = "–" if row.area_under_roc is None else f"{row.area_under_roc:.3f}"
        lines.append(
            f"| {row.name} | {_shown(row.false_accepted)} | {_shown(row.right_rejected)} | {area} |"
        )
    return "\n".join(lines)


def _shown(share: Share) -> str:
    if not share.count:
        return "–"
    interval = f"[{share.low:.2f}, {share.high:.2f}]"
    return f"{share.value:.3f} {interval} ({share.hits}/{share.count})"
