"""One of the things that a question asks for, and what has become of it.

In: a question that stands alone, what was found and read for it. Out: what is said of it, with its
citations, its disagreement. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corpus.document import Language
from index.retriever import Retrieval
from qa.dialogue.asked import is_named, question_sort
from qa.dialogue.query_rewriting import StandaloneQuery
from qa.dialogue.question_parts import QuestionKind
from qa.pipeline import confidence
from qa.pipeline.answer import Citation, Conflict, ConflictValue, SentenceEvent
from qa.pipeline.citations import CitationList, Locate
from qa.pipeline.compose import Statement
from qa.pipeline.extract import PassageReading
from qa.pipeline.group import NO_GROUPS, Grouping
from qa.pipeline.refusal import missing_part_text, refusal_text
from qa.pipeline.span_meaning import words_alone

_NEAREST = 3
"""Passages that a refusal shows."""
_SAME = 0.5
"""Share of the longer of two answers' characters from which they are the same words."""

_ONE_THING = 40
"""Characters at most of words that tell one thing; a clause may answer two questions."""


@dataclass(frozen=True)
class AnswerPart:
    """One of the things asked for, and what has become of it so far."""

    query: StandaloneQuery
    retrieval: Retrieval
    kind: QuestionKind
    readings: list[PassageReading] = field(default_factory=list)
    """The passages that were read."""
    grouping: Grouping = NO_GROUPS
    """What they say."""
    features: confidence.Features | None = None
    """What the confidence rests on; None where no passage answers."""
    sure: float = 0.0
    """How likely the answer is right, 0 to 1."""
    introduction: str = ""
    """What stands before the statements."""
    statements: tuple[Statement, ...] = ()
    """What is said; empty where that is not sure enough."""
    sentences: list[str] = field(default_factory=list)
    """The statements with their markers."""

    def composed(self, introduction: str, statements: list[Statement]) -> AnswerPart:
        """The same with what is said."""
        return replace(self, introduction=introduction, statements=tuple(statements))

    def is_about(self, names: frozenset[str]) -> bool:
        """Whether the answer stands with the names, in its sentence or the heading above it."""
        span = self.grouping.groups[0].best
        return all(is_named(f"{span.context} {span.heading}", (name,)) for name in names)

    def has_words_of(self, other: AnswerPart) -> bool:
        """Whether the words that answer it answer ``other`` too, as cannot be: who somebody is and
        why it was, or two numbers that are asked for, are not told by the same words.
        """
        if not (self.grouping.groups and other.grouping.groups):
            return False
        sorts = {question_sort(part.query.asked, part.query.language) for part in (self, other)}
        if len(sorts) == 1 and not sorts & {"number", "date", "reason"}:
            return False
        first, second = self.grouping.groups[0].best, other.grouping.groups[0].best
        if first.stored.passage.document_id != second.stored.passage.document_id:
            return False
        shared = sum(
            max(0, min(here.end, there.end) - max(here.start, there.start))
            for here in first.words
            for there in second.words
        )
        longest = max(len(first.text), len(second.text))
        return longest <= _ONE_THING and shared > _SAME * longest

    def events(self, citations: CitationList, said: set[str]) -> Iterator[SentenceEvent]:
        """The statements with their markers; of a part that was not found, that it was not.

        ``said``: what was said of other parts, which is not said again.
        """
        if not self.statements:
            self.sentences.append(missing_part_text(self.query.asked, self.query.language))
            yield SentenceEvent(text=self.sentences[-1], markers=[])
        several = len(self.statements) > 1
        lead = f"{self.introduction}\n" if several and self.introduction else self.introduction
        for statement in self.statements:
            if statement.text in said:
                continue
            said.add(statement.text)
            event = _cite(statement, citations, f"{lead}- " if several else lead)
            self.sentences.append(event.text)
            lead = ""
            yield event

    def conflicts(self, citations: CitationList) -> list[Conflict]:
        """The sides of a disagreement."""
        if not self.grouping.disagree:
            return []
        values = [
            ConflictValue(
                value=words_alone(statement.spans[0], quoted=True) or statement.spans[0].text,
                date=statement.spans[0].stored.date,
                source=statement.spans[0].stored.source or statement.spans[0].stored.title,
                marker=citations.add(statement.spans[0]),
            )
            for statement in self.statements
        ]
        return [Conflict(topic=self.query.asked, values=values)]


def answer_text(parts: Sequence[AnswerPart], language: Language) -> str:
    """What is said of all parts."""
    if not any(part.statements for part in parts):
        unsure = any(part.grouping.groups for part in parts)
        return refusal_text(language, sum(len(part.readings) for part in parts), unsure=unsure)
    return "\n".join(sentence for part in parts for sentence in part.sentences)


def nearest_citations(parts: Sequence[AnswerPart], locate: Locate) -> list[Citation]:
    """What was found and is too unsure to be said, then the passages that come closest."""
    nearest = CitationList(locate)
    for part in parts:
        for found in part.grouping.groups[:1]:
            nearest.add(found.best)
        for passage in part.retrieval.passages[: max(1, _NEAREST // len(parts))]:
            nearest.add_passage(passage.stored, part.retrieval.vector)
    return nearest.all()


def _cite(statement: Statement, citations: CitationList, lead: str) -> SentenceEvent:
    known = len(citations.all())
    markers = sorted({citations.add(span) for span in statement.spans})
    text = f"{lead}{statement.text} " + "".join(f"[{marker}]" for marker in markers)
    return SentenceEvent(text=text, markers=markers, citations=citations.all()[known:])
