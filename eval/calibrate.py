"""Fits the confidence of answers, and by it what is refused.

In: development questions of ``../shared/eval`` over documents that the reader was not trained on:
answerable ones in all four language pairs, the same with their document taken out of the search,
SQuAD 2's unanswerable ones, questions of another corpus; and those of the held documents that were
written for belegt, which alone ask for yes or no. Out: a row for each (JSON Lines), and from them
tables of ``qa/pipeline/confidence.toml``. What can fail: an absent set.

    python -m eval.calibrate [FOLDER, default runs/calibration]

The documents are halved. What is reported, and the curve, is of each half by weights fitted to the
other; the weights that are written are fitted to both. Right is an answer that
holds the gold answer, in its own words or in the sentence shown with them, or whose tokens agree
with it to a half (F1).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from base.errors import BelegtError
from base.settings import Settings, load_settings
from corpus.filters import Filters
from eval.metrics.text import contains_gold, normalise, token_f1
from eval.question import Question
from eval.questionset import find_set
from eval.systems.belegt import PREPARED_S
from eval.systems.hybrid import HybridCorpus
from index.encoder import load_encoder
from models.training.reading_sets import is_held
from qa.dialogue.asked import question_sort
from qa.engine.protocol import Engine
from qa.pipeline import confidence
from qa.pipeline.assistant import Assistant
from qa.pipeline.options import AskOptions
from qa.pipeline.session import open_engine

_FILE = Path(confidence.__file__).with_name("confidence.toml")

FITTED: dict[confidence.QuestionSort, tuple[str, ...]] = {
    "": ("log_odds", "answerable", "ahead", "tells"),
    "yes_no": ("answerable", "ahead", "tells"),
}
"""Features that are weighed, of questions of each sort. Fitting the others too made the other half
no better; "lead" depends on how many passages a corpus has, and in these sets too few passages
agree to weigh that.
"""

THRESHOLD = 0.67
"""An answer is given where it is this likely right: a wrong statement costs what two right ones are
worth."""


@dataclass(frozen=True)
class CalibrationSet:
    """``count`` questions of a set's pair."""

    set: str
    pair: str
    count: int
    hidden: bool = False
    """Whether the document that answers is taken out of the search."""
    yes_no: bool = False
    """Whether they are those that ask for yes or no."""

    @property
    def name(self) -> str:
        """What its rows are filed under."""
        hidden = " hidden" if self.hidden else ""
        return f"{self.set} {self.pair}{hidden}{' yes/no' if self.yes_no else ''}"


WRITTEN = "written"
"""The set of what was written for belegt, all of whose documents are held."""
SETS = (
    CalibrationSet("xquad", "de-de", 30),
    CalibrationSet("xquad", "en-en", 30),
    CalibrationSet("germanquad", "de-de", 40),
    CalibrationSet("xquad", "de-en", 24),
    CalibrationSet("xquad", "en-de", 24),
    CalibrationSet("squad2-unanswerable", "en-en", 40),
    CalibrationSet("other-corpus", "de-de", 16),
    CalibrationSet("xquad", "de-de", 16, hidden=True),
    CalibrationSet("xquad", "en-en", 16, hidden=True),
    CalibrationSet("xquad", "de-en", 10, hidden=True),
    CalibrationSet("xquad", "en-de", 10, hidden=True),
    CalibrationSet(WRITTEN, "any-any", 150),
    CalibrationSet(WRITTEN, "any-any", 30, hidden=True),
    CalibrationSet(WRITTEN, "any-any", 100, yes_no=True),
    CalibrationSet(WRITTEN, "any-any", 50, hidden=True, yes_no=True),
)


def development(wanted: CalibrationSet) -> list[Question]:
    """Questions of documents that nothing was trained on."""
    questions = find_set(wanted.set)
    every = questions.questions(wanted.pair, len(questions.questions(wanted.pair)))
    if wanted.set == WRITTEN:
        of_sort = [
            question
            for question in every
            if (question.kind == "yes/no") == wanted.yes_no
            and (question.answerable or not wanted.hidden)
        ]
        return of_sort[:: max(1, len(of_sort) // wanted.count)][: wanted.count]
    held = [
        question
        for question in every
        if not question.relevant or any(is_held(name) for name in question.gold_documents)
    ]
    return held[-wanted.count :] if wanted.hidden else held[: wanted.count]


def is_first_half(question: Question) -> bool:
    """Which half a question is of, by its document."""
    name = min(question.gold_documents, default=question.id)
    return hashlib.sha256(f"half {name}".encode()).digest()[0] % 2 == 0


def collect_features(settings: Settings, engine: Engine, folder: Path) -> list[dict[str, Any]]:
    """A row for every question; goes on where an earlier run stopped."""
    out = folder / "rows.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    lines = out.read_text("utf-8").splitlines() if out.exists() else []
    earlier = [json.loads(line) for line in lines]
    rows: list[dict[str, Any]] = []
    corpus = HybridCorpus(load_encoder(settings), settings)
    with out.open("a", encoding="utf-8") as stream:
        for wanted in SETS:
            documents = list(find_set(wanted.set).documents(wanted.pair))
            corpus.prepare(documents, folder / f"{wanted.set}-{wanted.pair}")
            assistant = Assistant(corpus.retriever, engine, settings)
            judges = {sort: assistant.judges_of(sort) for sort in FITTED}
            kept = [
                row
                for row in earlier
                if row["set"] == wanted.name and row["judges"] == judges[row["sort"]]
            ]
            done = {row["id"] for row in kept}
            rows += kept
            for question in tqdm(development(wanted), desc=wanted.name, disable=None):
                if question.id in done:
                    continue
                names = [doc.id for doc in documents if doc.id not in question.gold_documents]
                searched = tuple(names) if wanted.hidden else question.within
                filters = Filters(documents=searched)
                row = _row(question, assistant, filters, answerable=not wanted.hidden)
                asks = question_sort(question.text, question.language)
                sort: confidence.QuestionSort = "yes_no" if asks == "yes_no" else ""
                row |= {"judges": judges[sort], "set": wanted.name, "sort": sort}
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                stream.flush()
                rows.append(row)
    corpus.close()
    return rows


def _row(
    question: Question, assistant: Assistant, filters: Filters, *, answerable: bool
) -> dict[str, Any]:
    judged = assistant.judge(question.text, AskOptions(filters=filters, language=question.language))
    span = judged.grouping.groups[0].best if judged.grouping.groups else None
    answerable = answerable and question.answerable
    return {
        "id": question.id,
        "first_half": is_first_half(question),
        "answerable": answerable,
        "features": None if judged.features is None else judged.features.model_dump(),
        "span": span.text if span else "",
        "context": span.context if span else "",
        "gold": list(question.answers),
        "right": bool(
            answerable
            and span
            and (is_gold(span.text, question) or contains_gold(span.context, question.answers))
        ),
        "exact": bool(answerable and span and is_gold(span.text, question)),
        "disagree": judged.grouping.disagree,
    }


def is_gold(text: str, question: Question) -> bool:
    """Whether ``text`` is the gold answer in other words at most."""
    if contains_gold(text, question.answers):
        return True
    words = f" {normalise(text)} "
    inside = any(words.strip() and words in f" {normalise(gold)} " for gold in question.answers)
    return inside or token_f1(text, question.answers, question.language) >= 0.5


def fit(rows: Sequence[dict[str, Any]]) -> confidence.Weights:
    """Logistic regression of right on the features, for those who judged the rows, which are of one
    sort.
    """
    from sklearn.linear_model import LogisticRegression

    known = [row for row in rows if row["features"] is not None]
    sort = rows[0].get("sort", "")
    names = FITTED[sort]
    values = np.asarray([[row["features"][name] for name in names] for row in known])
    truth = np.asarray([row["right"] for row in known])
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression(C=0.3)
    model.fit((values - middle) / spread, truth)
    factors = model.coef_[0] / spread
    return confidence.Weights(
        judges=str(rows[0]["judges"]),
        sort=sort,
        intercept=round(float(model.intercept_[0] - (factors * middle).sum()), 4),
        threshold=THRESHOLD,
        **{name: round(float(factor), 4) for name, factor in zip(names, factors, strict=True)},
    )


def add_sureness(rows: Sequence[dict[str, Any]]) -> None:
    """Give each row the probability by weights that are fitted to the other half."""
    for first_half in (True, False):
        weights = fit([row for row in rows if row["first_half"] != first_half])
        for row in rows:
            if row["first_half"] == first_half:
                row["sure"] = _sure(row, weights)


def make_curve(rows: Sequence[dict[str, Any]]) -> tuple[confidence.CurvePoint, ...]:
    """What thresholds do to rows that have their probability."""
    return tuple(_point(rows, threshold / 50) for threshold in range(5, 49, 2))


def _point(rows: Sequence[dict[str, Any]], threshold: float) -> confidence.CurvePoint:
    given = [row for row in rows if row["sure"] >= threshold]
    answerable = [row for row in rows if row["answerable"]]
    refused = [row for row in answerable if row["sure"] < threshold]
    return confidence.CurvePoint(
        threshold=threshold,
        wrong=round(sum(not row["right"] for row in given) / len(rows), 4),
        refused=round(len(refused) / max(len(answerable), 1), 4),
    )


def _sure(row: dict[str, Any], weights: confidence.Weights) -> float:
    if row["features"] is None:
        return 0.0
    return confidence.probability(confidence.Features(**row["features"]), weights)


def report_calibration(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Right, refused and wrong by set at the threshold, and the calibration error."""
    for name in dict.fromkeys(row["set"] for row in rows):
        chosen = [row for row in rows if row["set"] == name]
        given = [row for row in chosen if row["sure"] >= THRESHOLD]
        right = sum(row["right"] for row in given)
        exact = sum(row["exact"] for row in given)
        count = len(chosen)
        yield (
            f"{name}: {count} questions, right {right / count:.2f} (by the words alone "
            f"{exact / count:.2f}), refused {1 - len(given) / count:.2f}, wrong and shown as "
            f"proven {(len(given) - right) / count:.2f}"
        )
    known = [row for row in rows if row["features"] is not None]
    sures = np.asarray([row["sure"] for row in known])
    truth = np.asarray([row["right"] for row in known])
    yield f"expected calibration error {_calibration_error(sures, truth):.3f}"


def _calibration_error(sures: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> float:
    bins = np.minimum((sures * 10).astype(int), 9)
    parts = [
        abs(sures[bins == at].mean() - truth[bins == at].mean()) * (bins == at).mean()
        for at in set(bins.tolist())
    ]
    return float(sum(parts))


def write_weights(weights: confidence.Weights, file: Path) -> None:
    """Store ``weights`` beside those of other readers."""
    import tomllib

    tables = tomllib.loads(file.read_text("utf-8"))["weights"]
    replaced = (weights.judges, weights.sort)
    kept = [table for table in tables if (table["judges"], table.get("sort", "")) != replaced]
    lines = [
        "# Which answers are given (qa/pipeline/confidence.py), by the digests of the models that",
        "# judge them: language model, adapter and cross-encoder. Written by `python -m",
        '# eval.calibrate` (docs/measurements.md, "Refusing"). "" is any that nothing fits:',
        "# what the reader says of the passage itself counts, and no more; of a question for yes",
        "# or no, what the cross-encoder says of the sentence.",
    ]
    for table in [*kept, weights.model_dump()]:
        lines += ["", "[[weights]]"]
        lines += [
            f"{name} = {json.dumps(value)}" for name, value in table.items() if name != "curve"
        ]
        points = [
            "    { " + ", ".join(f"{name} = {value}" for name, value in point.items()) + " },"
            for point in table.get("curve", ())
        ]
        if points:
            lines += ["curve = [", *points, "]"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Collect, fit, write and report; the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("runs/calibration")
    settings = load_settings()
    try:
        engine = open_engine(settings)
        engine.prepare_prefill(PREPARED_S)
        rows = collect_features(settings, engine, folder)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    engine.close()
    for sort in FITTED:
        chosen = [row for row in rows if row.get("sort", "") == sort]
        add_sureness(chosen)
        weights = fit(chosen)
        write_weights(weights.model_copy(update={"curve": make_curve(chosen)}), _FILE)
        print("\n".join(report_calibration(chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
