"""The prompts that belegt's engine reads, for measuring the engine alone.

In: a question, the open corpus, an engine. Out: segments: belegt's instructions, the evidence that
it selects, and the question or something else that is asked of the same evidence. Nothing can fail
but what the search raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from base.settings import Settings
from eval.question import Question
from qa.engine.protocol import Segment
from qa.pipeline import prompt

if TYPE_CHECKING:
    from index.retriever import Retriever
    from qa.engine.local.llama import LlamaEngine


def prompt_of(
    question: Question,
    retriever: Retriever,
    engine: LlamaEngine,
    settings: Settings,
    *,
    asked: str | None = None,
) -> list[Segment]:
    """The chat that belegt would have for ``question``; ``asked`` stands in its place."""
    from index.evidence import select

    found = retriever.search(question.text, language=question.language)
    evidence = select(found, retriever.encoder, engine.count_tokens, settings.evidence_tokens)
    words = prompt.load(question.language)
    return engine.chat(words.messages(evidence.shown, asked or question.text))
