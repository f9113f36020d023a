"""What a running server counts, for Prometheus.

In: requests and answers as they end; at each scrape, the state of the engine and of the index from
two callables. Out: the text that Prometheus reads. What can fail: what the callables raise.

Labels have few values, all of them known beforehand: templates of routes, methods, statuses. What
people ask never becomes one. Times are in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from qa.pipeline.answer import Answer

MEDIA_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60)
"""Upper bounds in seconds: from what seems instant to what nobody waits for."""


@dataclass(frozen=True)
class EngineState:
    """Requests that the engine works on and that wait for it, and its cells (one a token)."""

    open: int
    waiting: int
    used_cells: int
    cells: int


@dataclass(frozen=True)
class IndexState:
    """Changes that the corpus has seen, and how much is in it."""

    generation: int
    documents: int
    passages: int


EngineReader = Callable[[], EngineState | None]
IndexReader = Callable[[], IndexState | None]


def _unknown() -> None:
    return None


class Metrics:
    """The counters of one server. The readers are called from a thread of the server, and give
    None while there is nothing to tell.
    """

    def __init__(self, engine: EngineReader = _unknown, index: IndexReader = _unknown) -> None:
        self._registry = registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self.requests = Counter(
            "belegt_http_requests", "Requests answered.", labels, registry=registry
        )
        self.in_flight = Gauge(
            "belegt_http_requests_in_flight", "Requests being answered.", registry=registry
        )
        self.durations = Histogram(
            "belegt_http_request_duration_seconds",
            "Time until the last byte of an answer.",
            ("route",),
            buckets=BUCKETS,
            registry=registry,
        )
        self._answers = Counter(
            "belegt_answers", "Answers by status; not_found is a refusal.", ("status",),
            registry=registry,
        )  # fmt: skip
        self._first_token = Histogram(
            "belegt_first_token_seconds",
            "Time from a question to the first token of its answer.",
            buckets=BUCKETS,
            registry=registry,
        )
        self._total = Histogram(
            "belegt_answer_seconds",
            "Time from a question to the end of its answer.",
            buckets=BUCKETS,
            registry=registry,
        )
        self._prompt = Counter(
            "belegt_prompt_tokens", "Tokens of prompts, reused ones included.", registry=registry
        )
        self._reused = Counter(
            "belegt_reused_prompt_tokens",
            "Tokens of prompts that were found in the prefix cache.",
            registry=registry,
        )
        self._output = Counter(
            "belegt_output_tokens", "Tokens that were generated.", registry=registry
        )
        ProcessCollector(registry=registry)
        registry.register(_States(engine, index))

    def count_answer(self, answer: Answer) -> None:
        """Count a finished answer."""
        timings = answer.timings
        self._answers.labels(answer.status).inc()
        if timings.first_token_ms is not None:
            self._first_token.observe(timings.first_token_ms / 1000)
        self._total.observe(timings.total_ms / 1000)
        self._prompt.inc(timings.prompt_tokens)
        self._reused.inc(max(0, timings.prompt_tokens - timings.evaluated_tokens))
        self._output.inc(timings.output_tokens)

    def text(self) -> bytes:
        """All of it as Prometheus reads it (type :data:`MEDIA_TYPE`)."""
        return generate_latest(self._registry)


class _States(Collector):
    """Gauges that are read when somebody looks."""

    def __init__(self, engine: EngineReader, index: IndexReader) -> None:
        self._engine = engine
        self._index = index

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The present values."""
        engine, index = self._engine(), self._index()
        if engine is not None:
            yield _gauge("engine_open_requests", "Requests the engine works on.", engine.open)
            yield _gauge("engine_waiting_requests", "Requests waiting for it.", engine.waiting)
            yield _gauge("engine_used_cells", "Cells in use, one a token.", engine.used_cells)
            yield _gauge("engine_cells", "Cells there are.", engine.cells)
        if index is not None:
            yield _gauge("index_generation", "Changes the corpus has seen.", index.generation)
            yield _gauge("index_documents", "Documents in the corpus.", index.documents)
            yield _gauge("index_passages", "Passages in the corpus.", index.passages)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"belegt_{name}", help_text, value)
