"""What of the retrieved passages the model gets to see, and the prompt that shows it.

In: a question, its retrieved passages, the sentences chosen from them, an engine. Out: the evidence
as it is shown, and the prompt. What can fail: what the engine raises.

A passage that was read before costs nothing to show, so the best ones are shown in whole where they
were; of the others the best sentences are, as reading is what a prompt costs. Where all of the best
are there, nothing is left to read but the question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from base.settings import Settings
from index.evidence import Evidence, Selection
from index.retriever import Retrieval
from qa.engine.protocol import Engine, Segment
from qa.pipeline.prompt import Prompt, passage

# Passages that are shown in whole: as many as hold the answer to all but a few questions
# (docs/measurements.md, "Retrieval").
WHOLE = 3

OnCacheMiss = Callable[[Sequence[Segment]], None]
"""Gets a prompt with passages that are worth keeping and were not read yet."""


@dataclass(frozen=True)
class PromptContext:
    """``prompt``: up to where the assistant speaks, which is its last segment."""

    evidence: Selection = field(default_factory=Selection)
    prompt: Sequence[Segment] = ()


@dataclass(frozen=True)
class PromptQuestion:
    """``question`` as it stands alone, ``words`` of its language, and what a caller adds."""

    question: str
    words: Prompt
    instruction: str


class ContextBuilder:
    """Chooses for one corpus, in the folder of which what is read may be kept."""

    def __init__(
        self, engine: Engine, settings: Settings, corpus: Path, on_cache_miss: OnCacheMiss | None
    ) -> None:
        self._engine = engine
        self._keep = settings.keep_passages
        self._corpus = corpus
        self._on_unread = on_cache_miss

    def build(
        self, asked: PromptQuestion, retrieval: Retrieval, selection: Selection
    ) -> PromptContext:
        """Evidence and prompt for ``selection``, the best sentences of ``retrieval``."""
        best = [one.stored for one in retrieval.passages[:WHOLE]]
        segments = [passage(one, self._corpus) for one in best]
        kept = self._kept(asked, segments)
        whole = {id(one) for one, there in zip(best, kept, strict=True) if there}
        rest = [one for one in selection.shown if id(one.stored) not in whole]
        if all(kept):
            rest = []
        # By rank; a passage whose every sentence also stands in another has nothing of its own.
        by_passage = {id(one.stored): one for one in selection.whole}
        first = [by_passage[id(one)] for one in best if id(one) in whole & by_passage.keys()]
        evidence = Selection(shown=(*first, *rest), whole=selection.whole)
        read = [one for one, there in zip(segments, kept, strict=True) if there]
        return PromptContext(evidence, self._prompt(asked, rest, read))

    def _kept(self, asked: PromptQuestion, segments: Sequence[Segment]) -> list[bool]:
        # A caller's instruction makes another start, behind which nothing was read.
        if self._keep == "never" or asked.instruction:
            return [False] * len(segments)
        every = self._prompt(asked, (), segments)
        if self._keep == "always":
            self._engine.cache(every, background=False)
        kept = self._engine.is_cached(every)
        if self._on_unread is not None and not all(kept):
            self._on_unread(every)
        return kept

    def _prompt(
        self, asked: PromptQuestion, evidence: Sequence[Evidence], whole: Sequence[Segment]
    ) -> list[Segment]:
        messages = asked.words.messages(evidence, asked.question, asked.instruction, whole)
        return self._engine.chat(messages)
