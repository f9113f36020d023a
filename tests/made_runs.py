"""Runs that nobody measured: as long and as mixed as real ones, the same for the same seed."""

from __future__ import annotations

import random
from statistics import median
from typing import Literal

from corpus.document import Language
from eval.figures import Bin, Figure, ScoredRecord, Summary, Verdict
from eval.metrics import bootstrap
from eval.question import Question
from eval.record import (
    Cited,
    Cost,
    Machine,
    QuestionRecord,
    Ranked,
    Reply,
    RunInfo,
    ShownPassage,
    Statement,
    SystemInfo,
)

_WORDS: dict[Language, str] = {
    "de": (
        "Im Jahr erhielt die Stadt Lübeck einen neuen Hafen am Fluss wo Händler aus Flandern Salz "
        "und Heringe verkauften während der Rat über Zölle Gewichte und Münzen entschied deshalb "
        "wuchs die Bevölkerung später schneller als in den Nachbarstädten obwohl Brände Kriege "
        "größere Übel brachten"
    ),
    "en": (
        "In the year the town of Lübeck gained a new harbour on the river where traders from "
        "Flanders sold salt and herring while the council decided on tolls weights and coins so "
        "the population grew faster than in neighbouring towns although fires and wars brought "
        "greater trouble"
    ),
}
_ASKED: dict[Language, str] = {
    "de": "In welchem Jahr erhielt {} den neuen Hafen und wer entschied über die Zölle?",
    "en": "In what year did {} gain its new harbour, and who decided on the tolls?",
}
_PAIRS: tuple[tuple[Language, Language], ...] = (
    ("de", "de"),
    ("en", "en"),
    ("de", "en"),
    ("en", "de"),
)
_KINDS = ("plain", "plain", "plain", "unanswerable", "conflict", "follow-up")
_TOWNS = ("Lübeck", "Wismar", "Stralsund", "Brügge", "Danzig", "Riga")


def run_info(name: str = "belegt", questions: int = 0, **changes: object) -> RunInfo:
    """Where and how; ``changes`` replace single fields."""
    info = RunInfo(
        set="harbours",
        set_digest="5e7a0b" * 8,
        parts="both",
        seed=7,
        questions=questions,
        system=SystemInfo(
            name=name,
            settings={"top_k": 5, "evidence_tokens": 240},
            models={"encoder": "multilingual-e5-small 77aa01", "llm": "small.gguf 12ab34"},
        ),
        settings_digest="0c1d2e3f" * 8,
        corpus_digest="c0ffee" * 8,
        documents=240,
        commit="a02f112c0de",
        machine=Machine(processor="A processor", cores=2, memory_gib=7.8),
        started="2026-11-21T08:00:00Z",
        ended="2026-11-21T10:12:00Z",
    )
    return info.model_copy(update=changes)


def made_run(
    count: int, seed: int = 1, *, name: str = "belegt", skill: float = 0.7
) -> tuple[Summary, list[ScoredRecord]]:
    """``count`` questions of all pairs and kinds, of which about ``skill`` are answered well."""
    scored = [_scored(number, random.Random(f"{seed} {number}"), skill) for number in range(count)]
    return summary_of(scored, name), scored


def summary_of(scored: list[ScoredRecord], name: str = "belegt") -> Summary:
    """Means with intervals, and the curves of the plots."""
    sure = sorted(
        (one.record.reply.confidence or 0.0, one.verdict == "right")
        for one in scored
        if one.record.reply is not None and one.record.reply.status == "answered"
    )
    sure.reverse()
    curve, wrong = [], 0
    for number, (_, right) in enumerate(sure, 1):
        wrong += not right
        curve.append((number / len(scored), wrong / number))
    return Summary(
        info=run_info(name, len(scored)),
        answered=len(scored),
        figures=(*_figures(scored), _median_time(scored)),
        slices={
            f"{by} {value}": _figures([one for one in scored if getter(one) == value])
            for by, getter in (
                ("pair", lambda one: one.record.question.pair),
                ("kind", lambda one: one.record.question.kind),
            )
            for value in sorted({getter(one) for one in scored})
        },
        risk_coverage=tuple(curve),
        reliability=tuple(_bins(sure)),
    )


def scored_question(
    name: str,
    verdict: Verdict = "right",
    *,
    pair: tuple[Language, Language] = ("de", "de"),
    kind: str = "plain",
    scores: dict[str, float] | None = None,
    text: str = "Was geschah?",
    evidence: str = "Es geschah 1143.",
    quote: str | None = None,
    answer: str = "Es geschah 1143. [1]",
) -> ScoredRecord:
    """One question with a short answer."""
    return ScoredRecord(
        record=QuestionRecord(
            question=Question(
                id=name,
                text=text,
                language=pair[0],
                document_language=pair[1],
                answers=("1143",),
                relevant={"d1": 1},
                kind=kind,
            ),
            reply=Reply(
                status="answered",
                text=answer,
                citations=(
                    Cited(marker=1, document_id="d1", title="Chronik", quote=quote or evidence),
                ),
                shown=(ShownPassage(document_id="d1", title="Chronik", text=evidence),),
                confidence=0.8,
                cost=Cost(total_ms=1200.0, first_token_ms=300.0),
            ),
            reply_language="de",
        ),
        scores={"right": float(verdict == "right")} if scores is None else scores,
        verdict=verdict,
    )


def _bins(sure: list[tuple[float, bool]]) -> list[Bin]:
    bins = []
    for step in range(10):
        members = [one for one in sure if step / 10 <= one[0] < (step + 1) / 10]
        if members:
            bins.append(
                Bin(
                    confidence=sum(one[0] for one in members) / len(members),
                    right=sum(one[1] for one in members) / len(members),
                    count=len(members),
                )
            )
    return bins


def _figures(scored: list[ScoredRecord]) -> tuple[Figure, ...]:
    found = []
    for name in dict.fromkeys(name for one in scored for name in one.scores):
        values = [one.scores[name] for one in scored if name in one.scores]
        low, high = bootstrap.bootstrap_interval(values)
        found.append(
            Figure(
                name=name,
                value=sum(values) / len(values),
                low=low,
                high=high,
                count=len(values),
                unit="ms" if name.endswith("_ms") else "share",
                better=_better(name),
            )
        )
    return tuple(found)


def _median_time(scored: list[ScoredRecord]) -> Figure:
    times = [one.scores["total_ms"] for one in scored if "total_ms" in one.scores] or [0.0]
    middle = median(times)
    return Figure(name="total_ms p50", value=middle, count=len(times), unit="ms", better="low")


def _better(name: str) -> Literal["high", "low", None]:
    if name == "refused":
        return None
    return "low" if name.endswith("_ms") or name.startswith("wrongly") else "high"


def _prose(draw: random.Random, language: Language, characters: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) < characters:
        words += draw.sample(_WORDS[language].split(), 9)
        words[-1] += draw.choice(".,.")
    return " ".join(words)


def _scored(number: int, draw: random.Random, skill: float) -> ScoredRecord:
    language, of_documents = _PAIRS[number % len(_PAIRS)]
    kind = _KINDS[(number * 7 // 3) % len(_KINDS)]
    answerable = kind != "unanswerable"
    year = str(1100 + number % 300)
    question = Question(
        id=f"harbour-{number:04}",
        text=_ASKED[language].format(_TOWNS[number % len(_TOWNS)]),
        language=language,
        document_language=of_documents,
        answerable=answerable,
        answers=(year, f"das Jahr {year}") if answerable else (),
        relevant={f"d{number}": 1} if answerable else {},
        before=("Was war Lübeck?",) if kind == "follow-up" else (),
        needed="all" if kind == "conflict" else "any",
        kind=kind,
    )
    if number % 250 == 249:
        return ScoredRecord(
            record=QuestionRecord(question=question, error="The model gave no token within 120 s."),
            scores={},
            verdict="failed",
        )
    confidence = draw.random()
    is_good = draw.random() < skill * (0.6 + 0.6 * confidence)
    answered = (is_good == answerable) or (answerable and draw.random() < 0.6)
    verdict: Verdict
    if answerable:
        verdict = "wrongly refused" if not answered else "right" if is_good else "wrong"
    else:
        verdict = "wrongly answered" if answered else "rightly refused"
    reply = _reply(
        number,
        draw,
        year=year,
        pair=(language, of_documents),
        answered=answered,
        is_good=is_good,
        confidence=confidence,
    )
    scores = {"refused": float(not answered), "total_ms": reply.cost.total_ms}
    if answerable:
        scores |= {"right": float(verdict == "right"), "wrongly_refused": float(not answered)}
        scores |= {"f1": draw.random() * 0.5 + 0.5 * is_good}
    else:
        scores["wrongly_answered"] = float(answered)
    return ScoredRecord(
        record=QuestionRecord(
            question=question,
            ranking=tuple(
                Ranked(document_id=f"d{number + place}", score=1 / (place + 1))
                for place in range(10)
            ),
            reply=reply,
            reply_language=language,
        ),
        scores=scores,
        verdict=verdict,
    )


def _reply(
    number: int,
    draw: random.Random,
    *,
    year: str,
    pair: tuple[Language, Language],
    answered: bool,
    is_good: bool,
    confidence: float,
) -> Reply:
    texts = [_prose(draw, pair[1], draw.randint(350, 800)) for _ in range(4)]
    quote = f"{year} {_prose(draw, pair[1], 90)}"
    texts[0] = f"{texts[0]} {quote} {_prose(draw, pair[1], 120)}"
    first = draw.lognormvariate(8.3, 0.4)
    said = f"{year if is_good else 1000 + number % 90} {_prose(draw, pair[0], 140)}"
    empty = {"de": "Dazu steht nichts in den Dokumenten.", "en": "The documents do not say."}
    return Reply(
        status="answered" if answered else "not_found",
        text=f"{said} [1] {_prose(draw, pair[0], 60)} [2]" if answered else empty[pair[0]],
        statements=(Statement(text=said, markers=(1,)),) if answered else (),
        citations=(
            Cited(
                marker=1,
                document_id=f"d{number}",
                title=f"Chronik {number}",
                quote=quote,
                start=10,
                end=10 + len(quote),
                date="2019-04-02",
                source="Stadtarchiv",
                exact=True,
            ),
            Cited(
                marker=2,
                document_id=f"d{number + 1}",
                title=f"Chronik {number + 1}",
                quote=texts[1][:120],
                start=0,
                end=120,
                exact=number % 11 != 0,
            ),
        )
        if answered
        else (),
        shown=tuple(
            ShownPassage(
                document_id=f"d{number + place}", title=f"Chronik {number + place}", text=text
            )
            for place, text in enumerate(texts)
        ),
        confidence=confidence,
        cost=Cost(
            total_ms=first + draw.lognormvariate(8.0, 0.5),
            first_token_ms=first,
            prompt_tokens=draw.randint(420, 900),
            output_tokens=draw.randint(12, 90),
        ),
        draft=f"{said} [1]" if number % 5 == 0 else "",
    )
