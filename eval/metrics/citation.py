"""Whether what an answer cites supports what it says (ALCE's citation recall and precision).

In: a record with its statements and citations, and a judge. Out: two numbers from 0 to 1.
Nothing fails here; a judge that asks a model may raise errors of its own.

Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations", section on
citation quality, and ``compute_autoais`` of its ``eval.py``: the premise is each cited text under
its title, and at most three citations of a sentence count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from corpus.document import Language
from eval.record import Cited, QuestionRecord

MOST_CITATIONS = 3


class Judge(Protocol):
    """Says whether a text supports a claim; the same arguments get the same verdict."""

    name: str

    def supports(
        self,
        premise: str,
        claim: str,
        question: str,
        language: Language,
        premise_language: Language | None,
    ) -> bool:
        """Whether ``premise`` alone shows ``claim``, said in answer to ``question``.

        ``language`` is that of claim and question; ``premise_language`` is None where it is not
        known, or where several languages stand in one premise.
        """
        ...


class _Tally(NamedTuple):
    """Of one statement: is it supported, how many citations count, how many are relevant."""

    supported: bool
    counted: int
    relevant: int


def citation_scores(
    record: QuestionRecord, judge: Judge, languages: Mapping[str, Language]
) -> dict[str, float]:
    """``citation_recall`` and ``citation_precision`` of one answer; {} where there is none.

    Recall is the share of statements that their cited texts support together; one without a
    citation, or with a marker that stands for nothing, has 0. Precision is the share of relevant
    citations among those of all statements: of a statement that is not supported none is
    relevant; of one that is, a citation is irrelevant if it alone does not support it and the
    others still do. Without a citation precision is 0.

    ``languages``: of the documents, by id, where they are known.
    """
    reply = record.reply
    if reply is None or not reply.statements:
        return {}
    question = record.question
    spoken = record.reply_language or question.language
    cited = {one.marker: one for one in reply.citations}

    def tally(claim: str, markers: tuple[int, ...]) -> _Tally:
        def supported(passages: Sequence[Cited]) -> bool:
            return judge.supports(
                _premise(passages), claim, question.text, spoken, _language(passages, languages)
            )

        if not markers or any(marker not in cited for marker in markers):
            return _Tally(supported=False, counted=0, relevant=0)
        return _judge([cited[marker] for marker in markers[:MOST_CITATIONS]], supported)

    tallies = [tally(one.text, one.markers) for one in reply.statements]
    counted = sum(one.counted for one in tallies)
    return {
        "citation_recall": sum(one.supported for one in tallies) / len(tallies),
        "citation_precision": sum(one.relevant for one in tallies) / max(1, counted),
    }


def _judge(passages: list[Cited], supported: Callable[[Sequence[Cited]], bool]) -> _Tally:
    count = len(passages)
    if not supported(passages):
        return _Tally(supported=False, counted=count, relevant=0)
    if count == 1:
        return _Tally(supported=True, counted=1, relevant=1)
    relevant = sum(
        supported([one]) or not supported(passages[:place] + passages[place + 1 :])
        for place, one in enumerate(passages)
    )
    return _Tally(supported=True, counted=count, relevant=relevant)


def _premise(passages: Sequence[Cited]) -> str:
    return "\n".join(f"Title: {one.title}\n{one.quote}" for one in passages)


def _language(passages: Sequence[Cited], languages: Mapping[str, Language]) -> Language | None:
    found = {languages.get(one.document_id) for one in passages}
    return found.pop() if len(found) == 1 else None
