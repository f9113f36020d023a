from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guarded import Guarded
from prometheus_client.parser import text_string_to_metric_families

from qa.api.metrics import BUCKETS, EngineState, IndexState, Metrics
from qa.pipeline.answer import Answer, ModelNames, Timings

DASHBOARD = Path(__file__).resolve().parents[3] / "docs" / "grafana-dashboard.json"


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Value by name and the values of its labels."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def answer(status: str = "answered", **timings: float) -> Answer:
    return Answer(
        question="Wer?",
        language="de",
        status=status,
        text="",
        citations=[],
        confidence=0.5,
        timings=Timings(**timings),
        models=ModelNames(encoder="e", llm="l"),
    )  # type: ignore[call-arg, arg-type]


def full() -> Metrics:
    return Metrics(lambda: EngineState(1, 2, 300, 8192), lambda: IndexState(7, 20, 400))


def test_requests_are_counted_by_template(server: Guarded) -> None:
    client = server.client()
    for path in ("a", "b", "c"):
        client.get(f"/v1/documents/{path}")
    client.get("/v1/documents/a-12345678")
    client.get("/static/app.js")
    client.get("/made/up")
    client.request("BREW", "/v1/ask")
    got = samples(server.metrics)
    name = "belegt_http_requests_total"
    assert got[name, "GET", "/v1/documents/{name}", "404"] == 3
    assert got[name, "GET", "/v1/documents/{name}", "200"] == 1
    assert got[name, "GET", "/static/*", "200"] == 1
    assert got[name, "GET", "unknown", "404"] == 1
    assert got[name, "OTHER", "/v1/ask", "405"] == 1
    assert got["belegt_http_request_duration_seconds_count", "/v1/documents/{name}"] == 4


def test_the_template_has_the_prefix_of_its_router(server: Guarded) -> None:
    server.client(server.access.token).delete("/v1/keys/x")
    assert samples(server.metrics)[
        "belegt_http_requests_total", "DELETE", "/v1/keys/{key_id}", "404"
    ]


def test_what_is_refused_is_counted_too(server: Guarded) -> None:
    server.key("admin")
    server.client().get("/v1/documents/x")
    assert samples(server.metrics)["belegt_http_requests_total", "GET", "unknown", "401"] == 1


def test_nothing_is_in_flight_afterwards(server: Guarded) -> None:
    server.client().get("/v1/boom")
    assert samples(server.metrics)["belegt_http_requests_in_flight",] == 0


def test_what_people_ask_is_no_label(server: Guarded) -> None:
    client = server.client()
    client.get("/v1/documents/geheim?geheim=1")
    client.get("/geheim")
    client.request("GEHEIM", "/")
    assert b"geheim" not in server.metrics.text().lower()


def test_answers_are_counted() -> None:
    metrics = Metrics()
    timings = {"first_token_ms": 250.0, "total_ms": 4000.0, "output_tokens": 24}
    metrics.count_answer(answer(**timings, prompt_tokens=780, evaluated_tokens=180))
    metrics.count_answer(
        answer("not_found", total_ms=50.0, prompt_tokens=100, evaluated_tokens=100)
    )
    got = samples(metrics)
    assert got["belegt_answers_total", "answered"] == 1
    assert got["belegt_answers_total", "not_found"] == 1
    assert got["belegt_first_token_seconds_count",] == 1
    assert got["belegt_first_token_seconds_bucket", "0.2"] == 0
    assert got["belegt_first_token_seconds_bucket", "0.3"] == 1
    assert got["belegt_answer_seconds_sum",] == pytest.approx(4.05)
    assert got["belegt_prompt_tokens_total",] == 880
    assert got["belegt_reused_prompt_tokens_total",] == 600
    assert got["belegt_output_tokens_total",] == 24


def test_buckets_fit_what_people_wait_for() -> None:
    assert BUCKETS[0] == 0.1
    assert BUCKETS[-1] == 60
    assert list(BUCKETS) == sorted(set(BUCKETS))


def test_states_are_read_when_somebody_looks() -> None:
    engine: list[EngineState | None] = [None]
    metrics = Metrics(lambda: engine[0], lambda: IndexState(7, 20, 400))
    assert ("belegt_engine_cells",) not in samples(metrics)
    engine[0] = EngineState(1, 2, 300, 8192)
    got = samples(metrics)
    assert got["belegt_engine_waiting_requests",] == 2
    assert got["belegt_engine_used_cells",] == 300
    assert got["belegt_index_generation",] == 7


def test_prometheus_reads_them(server: Guarded) -> None:
    answer = server.client().get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert list(text_string_to_metric_families(answer.text))


# --- the dashboard ----------------------------------------------------------------------------


def expressions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("expr"), str):
            yield node["expr"]
        for value in node.values():
            yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return loaded


def test_the_dashboard_asks_only_for_what_there_is(dashboard: dict[str, Any]) -> None:
    metrics = full()
    metrics.requests.labels("/", "GET", "200").inc()
    metrics.durations.labels("/").observe(1)
    metrics.count_answer(answer(first_token_ms=1.0))
    there = {name for name, *_ in samples(metrics)}
    asked = {
        name
        for text in expressions(dashboard)
        for name in re.findall(r"\b(?:belegt|process)_[a-z_]+", text)
    }
    assert asked
    assert asked - there == set()


def test_the_dashboard_shows_everything_that_is_counted(dashboard: dict[str, Any]) -> None:
    text = " ".join(expressions(dashboard))
    families = {
        family.name
        for family in text_string_to_metric_families(full().text().decode())
        if family.name.startswith("belegt_") and not family.name.endswith("_created")
    }
    assert {name for name in families if name not in text} == set()


def test_the_dashboard_can_be_imported(dashboard: dict[str, Any]) -> None:
    """What Grafana's schema of a dashboard demands of one."""
    assert dashboard["title"]
    assert dashboard["uid"]
    assert dashboard["schemaVersion"] >= 36
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    sources = {variable["name"] for variable in dashboard["templating"]["list"]}
    for panel in panels:
        assert panel["title"]
        assert panel["type"] in ("row", "stat", "timeseries")
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${source}"}
            assert panel["targets"]
    assert "source" in sources
    for text in expressions(dashboard):
        assert text.count("(") == text.count(")")


def test_no_two_panels_overlap(dashboard: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
