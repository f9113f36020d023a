"""Fits the weights by which belegt refuses.

In: development questions of ``../shared/eval`` that no reported figure uses: answerable ones in
all four language pairs, the same ones with their paragraph taken out of the search, SQuAD 2's
unanswerable ones, and questions of another corpus. Out: a table of features (JSON Lines), and
from it the file ``qa/proof/answerable.toml``. What can fail: an absent set.

    BELEGT_PREFILL=llama python -m eval.calibrate [FOLDER, default runs/calibration]
    BELEGT_PREFILL=torch python -m eval.calibrate [FOLDER]

Who reads the prompts moves the model's yes and no a little (docs/measurements.md, "Refusing"), and
both read them for somebody: the weights are fitted to all rows in the folder.
"""

from __future__ import annotations

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
from eval.question import Question
from eval.questionset import find_set
from eval.systems.belegt import PREPARED_S
from eval.systems.hybrid import HybridCorpus
from index.encoder import load_encoder
from index.evidence import select
from index.retriever import Retriever
from qa.engine.protocol import Engine, Lookahead
from qa.pipeline import prompt
from qa.pipeline.assistant import check, log_odds
from qa.pipeline.session import open_engine
from qa.proof import answerable

# The first questions after a shuffle by 7 are those that figures are reported of.
REPORTED = 100
_FILE = Path(__file__).parent.parent / "qa" / "proof" / "answerable.toml"

# Of the answerable questions, so many may be refused; the next hundredth would catch hardly any
# further unanswerable one (docs/measurements.md, "Refusing").
FALSE_REFUSALS = 0.03


@dataclass(frozen=True)
class Source:
    """``count`` development questions of a set's pair; ``hidden`` takes their document away."""

    set: str
    pair: str
    count: int
    hidden: bool = False

    @property
    def name(self) -> str:
        """What its rows are filed under."""
        return f"{self.set} {self.pair}{' hidden' if self.hidden else ''}"


SOURCES = (
    Source("xquad", "de-de", 100),
    Source("xquad", "en-en", 100),
    Source("xquad", "de-en", 30),
    Source("xquad", "en-de", 30),
    Source("squad2-unanswerable", "en-en", 50),
    Source("other-corpus", "de-de", 40),
    Source("xquad", "de-de", 30, hidden=True),
    Source("xquad", "en-en", 30, hidden=True),
)


def development(source: Source) -> list[Question]:
    """The questions of ``source``: from the end of what is left where their document is hidden."""
    found = find_set(source.set)
    every = len(found.questions(source.pair))
    usable = found.questions(source.pair, every)[REPORTED:]
    return usable[-source.count :] if source.hidden else usable[: source.count]


def collect(settings: Settings, engine: Engine, folder: Path) -> list[dict[str, Any]]:
    """Features and truth of every calibration question; resumes from ``features.jsonl``.

    The rows of other ways to read prompts that the file holds are among them.
    """
    out = folder / "features.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    lines = out.read_text("utf-8").splitlines() if out.exists() else []
    rows = [json.loads(line) for line in lines]
    reader = engine.describe().prefill
    done = {(row["source"], row["id"]) for row in rows if row["reader"] == reader}
    corpus = HybridCorpus(load_encoder(settings), settings)
    with out.open("a", encoding="utf-8") as stream:
        for source in SOURCES:
            found = find_set(source.set)
            documents = list(found.documents(source.pair))
            corpus.prepare(documents, folder / f"{source.set}-{source.pair}")
            for question in tqdm(development(source), desc=source.name, disable=None):
                if (source.name, question.id) in done:
                    continue
                others = [one.id for one in documents if one.id not in question.relevant]
                filters = Filters(documents=tuple(others)) if source.hidden else Filters()
                row = _features(question, corpus.retriever, engine, settings, filters) | {
                    "reader": reader,
                    "source": source.name,
                    "id": question.id,
                    "answerable": question.answerable and not source.hidden,
                }
                stream.write(json.dumps(row) + "\n")
                stream.flush()
                rows.append(row)
    corpus.close()
    return rows


def _features(
    question: Question, retriever: Retriever, engine: Engine, settings: Settings, filters: Filters
) -> dict[str, Any]:
    found = retriever.search(question.text, None, filters, language=question.language)
    evidence = select(found, retriever.encoder, engine.count_tokens, settings.evidence_tokens)
    words = prompt.load(question.language)
    *asked, generation_prompt = engine.chat(words.messages(evidence.shown, question.text))
    ahead = Lookahead(check(words, generation_prompt.text), generation_prompt.text)
    with engine.prefill(asked, ahead=ahead) as session:
        yes_log_odds = log_odds(session, words, generation_prompt.text)
    return answerable.features(found, evidence.shown, yes_log_odds).model_dump()


def fit(rows: Sequence[dict[str, Any]]) -> answerable.Weights:
    """Logistic regression and the threshold for FALSE_REFUSALS.

    Answerable and not, German and English: each of the four groups weighs the same, or the
    language of the unanswerable sets would count as a sign.
    """
    from sklearn.linear_model import LogisticRegression

    names = list(answerable.Features.model_fields)
    features = np.asarray([[row[name] for name in names] for row in rows])
    truth = np.asarray([row["answerable"] for row in rows])
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    groups = [(row["answerable"], row["english"]) for row in rows]
    weights = [1 / groups.count(group) for group in groups]
    model = LogisticRegression(C=1 / np.mean(weights))
    model.fit((features - middle) / spread, truth, sample_weight=weights)
    factors = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - (factors * middle).sum())
    chances = 1 / (1 + np.exp(-(features @ factors + intercept)))
    english = np.asarray([row["english"] == 1.0 for row in rows])
    thresholds = {
        name: round(float(np.quantile(chances[truth & of], FALSE_REFUSALS)), 4)
        for name, of in (("threshold_de", ~english), ("threshold_en", english))
    }
    return answerable.Weights(
        intercept=round(intercept, 4),
        **thresholds,
        **{name: round(float(factor), 4) for name, factor in zip(names, factors, strict=True)},
    )


def report(rows: Sequence[dict[str, Any]], weights: answerable.Weights) -> Iterator[str]:
    """Refusals per source and reader at the fitted thresholds, and the area under the ROC curve."""
    from sklearn.metrics import roc_auc_score

    chances = [answerable.probability(_only(row), weights) for row in rows]
    truth = [row["answerable"] for row in rows]
    yield f"AUC of all: {roc_auc_score(truth, chances):.3f}"
    for name, reader in sorted({(row["source"], row["reader"]) for row in rows}):
        mine = [
            chance < weights.threshold("en" if row["english"] else "de")
            for chance, row in zip(chances, rows, strict=True)
            if (row["source"], row["reader"]) == (name, reader)
        ]
        refused = sum(mine) / len(mine)
        yield f"{name}, {reader}: {len(mine)} questions, refused {refused:.2f}"


def _only(row: dict[str, Any]) -> answerable.Features:
    return answerable.Features(**{name: row[name] for name in answerable.Features.model_fields})


def write(weights: answerable.Weights, file: Path) -> None:
    """Store ``weights`` as TOML."""
    lines = ['# Fitted by `python -m eval.calibrate` (docs/measurements.md, "Refusing").']
    lines += [f"{name} = {value}" for name, value in weights.model_dump().items()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Collect, fit, write and report; the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("runs/calibration")
    settings = load_settings()
    try:
        engine = open_engine(settings)
        engine.prepare_prefill(PREPARED_S)
        rows = collect(settings, engine, folder)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    engine.close()
    weights = fit(rows)
    write(weights, _FILE)
    print("\n".join(report(rows, weights)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
