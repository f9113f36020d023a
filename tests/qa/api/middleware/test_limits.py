from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guarded import Guarded, guarded
from hypothesis import given
from hypothesis import strategies as st

from qa.api.middleware.limits import Quotas, RateLimiter

ASK = {"json": {"question": "Wer?"}}
DAY_S = 86_400


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Guarded]:
    with guarded(tmp_path, requests_per_minute=3, answers_per_day=2) as made:
        yield made


def test_a_key_has_its_rate_and_others_are_not_touched(server: Guarded) -> None:
    first, second = server.client(server.key("reader")), server.client(server.key("editor"))
    got = [first.get("/v1/documents/x") for _ in range(4)]
    assert [answer.status_code for answer in got] == [404, 404, 404, 429]
    assert 1 <= int(got[-1].headers["retry-after"]) <= 20
    assert second.get("/v1/documents/x").status_code == 404


def test_where_no_key_is_needed_the_address_counts(server: Guarded) -> None:
    got = [server.client().get("/v1/documents/x").status_code for _ in range(4)]
    assert got == [404, 404, 404, 429]


def test_health_and_the_page_are_always_answered(server: Guarded) -> None:
    assert {server.client().get("/healthz").status_code for _ in range(10)} == {200}


def test_answers_have_a_quota(server: Guarded) -> None:
    client = server.client(server.key("reader"))
    got = [client.post("/v1/ask", **ASK) for _ in range(3)]
    assert [answer.status_code for answer in got] == [200, 200, 429]
    assert 0 < int(got[-1].headers["retry-after"]) <= DAY_S
    assert "answers a day" in got[-1].json()["detail"]


def test_what_was_no_answer_is_not_counted(tmp_path: Path) -> None:
    with guarded(tmp_path, answers_per_day=1) as server:
        client = server.client()
        got = [client.post("/v1/ask", json={}).status_code for _ in range(3)]
        got += [client.post("/v1/ask", **ASK).status_code for _ in range(2)]
    assert got == [422, 422, 422, 200, 429]


def test_without_settings_there_is_no_limit(tmp_path: Path) -> None:
    with guarded(tmp_path) as server:
        client = server.client()
        assert {client.post("/v1/ask", **ASK).status_code for _ in range(20)} == {200}


@given(st.integers(1, 600), st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=60))
def test_never_more_than_the_rate(a_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    rates = RateLimiter(a_minute, clock)
    taken = 0
    for pause in pauses:
        clock.now += pause
        taken += rates.take("anna") == 0
    assert taken <= a_minute + clock.now * a_minute / 60 + 1e-6


@given(st.integers(1, 600))
def test_after_the_stated_wait_there_is_one(a_minute: int) -> None:
    clock = Clock()
    rates = RateLimiter(a_minute, clock)
    while (wait := rates.take("anna")) == 0:
        pass
    clock.now += wait + 1e-6
    assert rates.take("anna") == 0


def test_those_who_were_quiet_longest_are_forgotten() -> None:
    rates = RateLimiter(1, Clock(), most=2)
    quotas = Quotas(1, Clock(), most=2)
    for name in ("a", "b", "c"):
        assert rates.take(name) == quotas.take(name) == 0
    assert rates.take("c") > 0
    assert quotas.take("c") > 0
    assert rates.take("a") == quotas.take("a") == 0


def test_a_quota_begins_anew_each_day() -> None:
    clock = Clock(10 * DAY_S + 100)
    quotas = Quotas(1, clock)
    assert quotas.take("anna") == 0
    assert quotas.take("anna") == DAY_S - 100
    clock.now = 11 * DAY_S
    assert quotas.take("anna") == 0
