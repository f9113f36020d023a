"""Whether a cited text supports a sentence: the judges by name, and a memory.

In: a premise, a claim, the question and their languages. Out: yes or no. What can fail: a missing
model; a file of judgements that cannot be read, each one sentence.

Three judges: :class:`eval.metrics.overlap.OverlapJudge` needs no model,
:class:`eval.entailment.model.EntailmentJudge` the encoder, and the one here asks the language
model. None shares code with belegt's own check. How often each agrees with people is in
docs/measurements.md, "A judge of its own"; the model that answers is also the one that judges here,
so its judgements of its own answers are to be read with care.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from base.errors import UsageError
from base.settings import Settings
from corpus.document import Language
from eval.entailment.model import EntailmentJudge
from eval.entailment.vectors import word_encoder
from eval.metrics.citation import Judge
from eval.metrics.overlap import OverlapJudge
from eval.run_folder import cut_torn_line
from models.store import ModelStore
from qa.engine.local.llama import LlamaEngine, load_engine
from qa.engine.protocol import Engine, Message, Segment

JUDGEMENTS = "judgements.jsonl"
_ASKED = {
    "de": (
        "Quelle:\n",
        "\n\nFrage: ",
        "\nAussage: ",
        "\n\nSteht alles, was die Aussage sagt, in der Quelle? Schreibe nur ja oder nein.",
        [["ja", "Ja"], ["nein", "Nein"]],
    ),
    "en": (
        "Source:\n",
        "\n\nQuestion: ",
        "\nStatement: ",
        "\n\nDoes the source state everything that the statement says? Write only yes or no.",
        [["yes", "Yes"], ["no", "No"]],
    ),
}


class ModelJudge:
    """Says what an engine finds likelier, yes or no; the engine is loaded with the first claim."""

    def __init__(self, model: str, load: Callable[[], Engine]) -> None:
        asked = hashlib.sha256(repr(_ASKED).encode()).hexdigest()[:8]
        self.name = f"model {model} asked {asked}"
        self._load = load
        self._engine: Engine | None = None

    def supports(
        self,
        premise: str,
        claim: str,
        question: str,
        language: Language,
        premise_language: Language | None,  # noqa: ARG002 - the model reads both languages
    ) -> bool:
        """Whether ``premise`` states ``claim``, an answer to ``question``."""
        source, answering, statement, asked, alternatives = _ASKED[language]
        text = (
            Segment(source, trusted=True, constant=True),
            Segment(" ".join(premise.split())),
            Segment(answering, trusted=True),
            Segment(" ".join(question.split())),
            Segment(statement, trusted=True),
            Segment(" ".join(claim.split())),
            Segment(asked, trusted=True),
        )
        if self._engine is None:
            self._engine = self._load()
        *prompt, generation_prompt = self._engine.chat([Message("user", text)])
        with self._engine.prefill(prompt) as session:
            yes, no = session.probe(generation_prompt.text, alternatives)
        return yes > no


class RememberingJudge:
    """Another judge's judgements, kept as JSON Lines so that none is asked for twice."""

    def __init__(self, judge: Judge, file: Path) -> None:
        self.name = judge.name
        self._judge = judge
        self._file = file
        self._known: dict[str, bool] = {}
        if file.exists():
            self._known = dict(_read(file))
            cut_torn_line(file)

    def supports(
        self,
        premise: str,
        claim: str,
        question: str,
        language: Language,
        premise_language: Language | None,
    ) -> bool:
        """What was judged before, or what the judge says now."""
        key = _key(self.name, premise, claim, question)
        if key not in self._known:
            found = self._judge.supports(premise, claim, question, language, premise_language)
            self._known[key] = found
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"key": key, "supports": found}) + "\n")
        return self._known[key]


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _read(file: Path) -> list[tuple[str, bool]]:
    found = []
    # What follows the last line break was not written to its end.
    for number, line in enumerate(file.read_text("utf-8").split("\n")[:-1], 1):
        try:
            row = json.loads(line)
            found.append((str(row["key"]), bool(row["supports"])))
        except (json.JSONDecodeError, KeyError, TypeError):
            raise UsageError(
                f"'{file}', line {number} is not a judgement; remove the line and judge again."
            ) from None
    return found


@contextmanager
def judge_called(name: str, settings: Settings, folder: Path) -> Iterator[Judge]:
    """``overlap``; ``entailment`` or ``model`` with a memory in ``folder``, closed at the end."""
    if name == "overlap":
        yield OverlapJudge()
        return
    if name == "entailment":
        yield RememberingJudge(EntailmentJudge(word_encoder(settings)), folder / JUDGEMENTS)
        return
    loaded: list[LlamaEngine] = []

    def load() -> Engine:
        loaded.append(load_engine(settings))
        loaded[0].prepare_prefill()
        return loaded[0]

    try:
        digest = ModelStore(settings.cache).digest(settings.llm)
        judge = ModelJudge(f"{Path(settings.llm).name} {digest}", load)
        yield RememberingJudge(judge, folder / JUDGEMENTS)
    finally:
        for engine in loaded:
            engine.close()
