from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kept import Api, running_api

QUOTE = "Meta zahlte 14,3 Milliarden Dollar."


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as found:
        yield found


def test_pairs_are_proven_in_order(api: Api) -> None:
    client = api.person("anna", "reader")
    pairs = [
        {"quote": QUOTE, "statement": "Meta zahlte 14,3 Mrd. Dollar."},
        {
            "quote": QUOTE,
            "statement": "Meta paid 14.8 billion dollars.",
            "statement_language": "en",
        },
    ]
    answer = client.post("/v1/prove", json={"pairs": pairs})
    assert answer.status_code == 200
    right, wrong = answer.json()["proofs"]
    assert (right["supported"], right["reasons"]) == (True, [])
    assert not wrong["supported"]
    assert wrong["reasons"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"pairs": []},
        {"pairs": [{"quote": QUOTE}]},
        {"pairs": [{"quote": "", "statement": "a"}]},
        {"pairs": [{"quote": QUOTE, "statement": "a" * 20_001}]},
        {"pairs": [{"quote": QUOTE, "statement": "a"}] * 101},
    ],
)
def test_limits(api: Api, body: dict[str, object]) -> None:
    assert api.person("anna", "reader").post("/v1/prove", json=body).status_code == 422
