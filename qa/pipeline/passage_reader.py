"""The passages of a question read, and read again where that may tell more.

In: what is asked for, the passages found for it, best first, and how strongly a reading speaks.
Out: the readings, and the groups of what they say. What can fail: what the engine and the search
raise.

Where one passage will do, few are read first and more only if those do not answer. Of a value all
are read, for another source may give another one; then what was passed over, and what other texts
tell beside the value (:mod:`qa.pipeline.second_reading`); and sides that disagree are looked at a
second time (:mod:`qa.pipeline.check`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from base.settings import Settings
from index.cross_encoder import CrossEncoder
from index.retriever import Retrieved, Retriever
from qa.dialogue.asked import OF_VALUES, Asked
from qa.dialogue.query_rewriting import StandaloneQuery
from qa.engine.protocol import Engine, Segment
from qa.pipeline.aboutness import tells_of
from qa.pipeline.answer_part import AnswerPart
from qa.pipeline.check import check_sides
from qa.pipeline.contradictions import contradicting_readings
from qa.pipeline.extract import (
    ExtractRequest,
    PassageReading,
    Stretches,
    passage_prompt,
    read_passages,
)
from qa.pipeline.group import AT_LEAST, Grouping, group
from qa.pipeline.options import AskOptions
from qa.pipeline.rerank import score_passages, worth_reading
from qa.pipeline.second_reading import other_sides, passages_alike, passed_over
from qa.pipeline.shown_text import show
from qa.pipeline.table_rows import answer_stretches

OnCacheMiss = Callable[[Sequence[Segment]], None]
"""Gets a prompt whose passage is worth keeping and was not read yet."""
Strength = Callable[[PassageReading], float]
"""Log-odds (nats) that what a passage says is right, as far as the passage tells."""


class PassageReader:
    """Reads passages with one engine. Safe to call from many threads."""

    def __init__(
        self,
        retriever: Retriever,
        engine: Engine,
        settings: Settings,
        cross_encoder: CrossEncoder | None,
        on_cache_miss: OnCacheMiss | None,
    ) -> None:
        """``on_cache_miss`` gets prompts whose passage is worth keeping and was not read."""
        self._retriever = retriever
        self._engine = engine
        self._settings = settings
        self._cross_encoder = cross_encoder
        self._on_cache_miss = on_cache_miss
        self._trained = bool(engine.describe().adapter)

    def read(
        self, part: AnswerPart, asked: Asked, options: AskOptions, strength: Strength
    ) -> tuple[list[PassageReading], Grouping]:
        """What the passages say, with what a second reading and a second look at them tell."""

        def grouped(readings: list[PassageReading]) -> Grouping:
            return group(readings, self.copies(readings), asked, strength)

        request = self._request(part.query, options)
        readings = self._read_first(part, asked, request)
        grouping = grouped(readings)
        for again in (self._passed_over, self._other_sides):
            if passages := again(grouping, readings, asked, options):
                readings += self._read_within(passages, request)
                grouping = grouped(readings)
        if contradicting := self._contradicting(grouping, readings, asked, options):
            readings += contradicting
            grouping = grouped(readings)
        if len(grouping.groups) > 1:
            sides = [side.best for side in grouping.groups]
            readings = check_sides(self._engine, request, readings, sides)
            grouping = grouped(readings)
        return readings, grouping

    def _request(self, query: StandaloneQuery, options: AskOptions) -> ExtractRequest:
        return ExtractRequest(
            question=query.asked,
            language=query.language,
            corpus=self._retriever.store.folder,
            trained=self._trained,
            deadline=options.deadline,
            cancellation=options.cancellation,
        )

    def _read_first(
        self, part: AnswerPart, asked: Asked, request: ExtractRequest
    ) -> list[PassageReading]:
        """The best passages, and where none of them answers, the next ones.

        All of them where all of several things are asked for, or a value or a name, or where the
        first ones disagree: another source may give another answer, and no side may stand alone.
        """
        one_will_do = part.kind == "plain" and asked.sort not in OF_VALUES
        passages = worth_reading(part.retrieval.passages)
        at_once = self._settings.passages_read if one_will_do else max(len(passages), 1)
        shown = [show(passage.stored) for passage in passages]
        if part.kind == "list":
            # Its items may stand in many rows.
            stretches = [text.answer_ranges for text in shown]
        else:
            stretches = answer_stretches(shown, asked)
        readings: list[PassageReading] = []
        for first in range(0, len(passages), at_once):
            batch = passages[first : first + at_once]
            self._cache(batch)
            readings += read_passages(
                self._engine, request, batch, stretches[first : first + at_once]
            )
            answered = any(_answers(reading) for reading in readings)
            if answered and not group(readings, {}, asked).disagree:
                break
        return readings

    def _passed_over(
        self,
        grouping: Grouping,
        readings: Sequence[PassageReading],
        asked: Asked,
        _: AskOptions,
    ) -> list[tuple[Retrieved, Stretches]]:
        """Where the sentence that answers has no word of the question, those that have one."""
        if not grouping.groups or tells_of(grouping.groups[0].best, asked):
            return []
        return passed_over(readings, asked)

    def _other_sides(
        self,
        grouping: Grouping,
        readings: Sequence[PassageReading],
        asked: Asked,
        options: AskOptions,
    ) -> list[tuple[Retrieved, Stretches]]:
        """Where other values than the one that answers may stand."""
        if not grouping.groups or grouping.groups[0].is_list or asked.kind == "list":
            return []
        best = grouping.groups[0].best
        return other_sides(self._retriever, best, asked, options.filters, readings)

    def _contradicting(
        self,
        grouping: Grouping,
        readings: Sequence[PassageReading],
        asked: Asked,
        options: AskOptions,
    ) -> list[PassageReading]:
        """What other texts say in the answer's words with another value, and is no side yet."""
        if not grouping.groups or grouping.groups[0].is_list or asked.kind == "list":
            return []
        answer = grouping.groups[0].readings[0]
        sides = {side.readings[0].document_id for side in grouping.groups}
        passages = {reading.retrieved.stored.id: reading.retrieved for reading in readings}
        for passage in passages_alike(self._retriever, answer.spans[0], options.filters):
            passages.setdefault(passage.stored.id, passage)
        contradicting = [
            reading
            for reading in contradicting_readings(answer, asked, passages.values(), self._text_of)
            if reading.document_id not in sides
        ]
        scored = score_passages(
            self._cross_encoder, asked.question, [reading.retrieved for reading in contradicting]
        )
        return [
            replace(reading, retrieved=passage)
            for reading, passage in zip(contradicting, scored, strict=True)
        ]

    def _text_of(self, document_id: str) -> str:
        document = self._retriever.store.document(document_id)
        return f"{document.title} {document.text}"

    def _read_within(
        self, sides: Sequence[tuple[Retrieved, Stretches]], request: ExtractRequest
    ) -> list[PassageReading]:
        """Passages of which only some stretches may answer."""
        passages = score_passages(
            self._cross_encoder, request.question, [passage for passage, _ in sides]
        )
        self._cache(passages)
        stretches = [stretches for _, stretches in sides]
        return list(read_passages(self._engine, request, passages, stretches))

    def _cache(self, batch: Sequence[Retrieved]) -> None:
        """See to it that these passages need not be read again for the next question."""
        if self._settings.keep_passages == "never":
            return
        for passage in batch:
            prompt = passage_prompt(
                self._engine, show(passage.stored), self._retriever.store.folder
            )
            if self._settings.keep_passages == "always":
                self._engine.cache(prompt, background=False)
            elif self._on_cache_miss is not None and not all(self._engine.is_cached(prompt)):
                self._on_cache_miss(prompt)

    def copies(self, readings: list[PassageReading]) -> dict[str, str]:
        """Of each document that was read the id of the one that it is a copy of."""
        documents = [reading.document_id for reading in readings]
        return self._retriever.store.copy_groups(list(dict.fromkeys(documents)))


def _answers(reading: PassageReading) -> bool:
    return bool(reading.spans) and reading.probability >= AT_LEAST
