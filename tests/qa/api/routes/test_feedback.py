from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept import Api, running_api
from samples import DOCUMENTS
from sklearn.metrics import cohen_kappa_score
from starlette.testclient import TestClient
from test_conversations import made

from qa.api.agreement import cohens_kappa
from qa.api.storage.conversations import Conversations
from qa.api.storage.feedback import settle_verdict
from qa.pipeline.answer import Answer

VERDICTS = ["right", "wrong", "badly_cited", "missing"]
NOBODY = "0" * 32


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as found:
        yield found


def kept(api: Api, owner: str = "anna", **fields: Any) -> Answer:
    answer = made(**fields)
    Conversations(api.service).keep(answer, api.owner(owner), None)
    return answer


def judge(client: TestClient, answer: Answer, verdict: str, **more: Any) -> int:
    body = {"answer_id": answer.id, "verdict": verdict, **more}
    return client.post("/v1/feedback", json=body).status_code


def review(client: TestClient, answer: Answer, verdict: str) -> int:
    return client.post(f"/v1/reviews/{answer.id}", json={"verdict": verdict}).status_code


def queue(client: TestClient) -> dict[str, Any]:
    return {one["answer"]["id"]: one for one in client.get("/v1/reviews").json()["items"]}


def test_feedback_again_replaces_it(api: Api) -> None:
    anna, rita = api.person("anna", "reader"), api.person("rita", "editor")
    answer = kept(api)
    passage = {"document_id": "anteil", "start": 0, "end": 11}
    assert judge(anna, answer, "wrong", comment="Nein.") == 201
    assert judge(anna, answer, "missing", passage=passage) == 201
    (found,) = queue(rita)[answer.id]["feedback"]
    assert (found["verdict"], found["comment"]) == ("missing", None)
    assert found["passage"] == passage
    assert queue(rita)[answer.id]["reason"] == "disputed"
    assert judge(anna, answer, "right") == 201
    assert queue(rita) == {}


def test_feedback_on_what_is_not_there_is_refused(api: Api) -> None:
    anna, rita = api.person("anna", "reader"), api.person("rita", "editor")
    answer, other = kept(api), kept(api, "bert")
    assert judge(anna, other, "right") == 404
    assert judge(rita, other, "right") == 201
    assert judge(anna, made(), "right") == 404
    assert judge(anna, answer, "perfect") == 422
    assert judge(anna, answer, "wrong", note="x") == 422
    length = len(DOCUMENTS[0].text)
    for name, start, end in (("nichts", 0, 1), ("anteil", 5, 5), ("anteil", 0, length + 1)):
        passage = {"document_id": name, "start": start, "end": end}
        assert judge(anna, answer, "wrong", passage=passage) == 422
    assert anna.get("/v1/reviews").status_code == 403
    assert anna.get("/v1/reviews/agreement").status_code == 403
    assert anna.get("/v1/feedback/export").status_code == 403
    assert review(anna, answer, "right") == 403
    assert review(rita, made(), "right") == 404


def test_the_queue_holds_what_people_should_look_at(api: Api) -> None:
    rita, emil = api.person("rita", "editor"), api.person("emil", "editor")
    unsure, sure = kept(api, confidence=0.3), kept(api, confidence=0.95)
    assert set(queue(rita)) == {unsure.id}
    assert queue(rita)[unsure.id]["reason"] == "low_confidence"
    assert review(rita, unsure, "right") == 201
    assert set(queue(emil)) == {unsure.id}
    assert review(emil, unsure, "right") == 201
    assert queue(rita) == {}
    assert review(rita, sure, "right") == 201
    assert review(emil, sure, "wrong") == 201
    assert queue(rita)[sure.id]["reason"] == "disputed"
    assert review(api.person("otto", "admin"), sure, "wrong") == 201
    assert queue(rita) == {}


def test_verdicts_are_independent(api: Api) -> None:
    rita, emil = api.person("rita", "editor"), api.person("emil", "editor")
    answer = kept(api, confidence=0.3)
    assert review(rita, answer, "wrong") == 201
    assert review(rita, answer, "missing") == 201
    seen = queue(emil)[answer.id]
    assert (seen["own"], seen["verdicts"]) == (None, [])
    assert queue(rita)[answer.id]["own"] == "missing"
    assert review(emil, answer, "wrong") == 201
    for client in (rita, emil):
        assert review(client, answer, "right") == 409
        found = queue(client)[answer.id]["verdicts"]
        assert [(one["reviewer"], one["verdict"]) for one in found] == [
            ("rita", "missing"),
            ("emil", "wrong"),
        ]


def test_the_queue_comes_page_by_page(api: Api) -> None:
    rita = api.person("rita", "editor")
    answers = [kept(api, confidence=0.1).id for _ in range(5)]
    first = rita.get("/v1/reviews?limit=3").json()
    second = rita.get(f"/v1/reviews?limit=3&cursor={first['next']}").json()
    found = [one["answer"]["id"] for one in first["items"] + second["items"]]
    assert found == answers[::-1]
    assert second["next"] is None
    for cursor in ("AAAA", "WyJ4Il0", "WyIxIiwgIjIiXQ", "Wy0xXQ"):
        assert rita.get(f"/v1/reviews?cursor={cursor}").status_code == 422


def test_agreement_is_that_of_two_reviewers(api: Api) -> None:
    rita, emil = api.person("rita", "editor"), api.person("emil", "editor")
    empty = rita.get("/v1/reviews/agreement").json()
    assert empty == {"answers": 0, "agreement": None, "kappa": None}
    chance = random.Random(7)
    pairs = []
    for number in range(20):
        answer = kept(api)
        pair = (chance.choice(VERDICTS[:2]), chance.choice(VERDICTS[:2]))
        pairs.append(pair)
        voices = [(emil, pair[0]), (rita, pair[1])]
        for client, verdict in voices if number % 2 else voices[::-1]:
            assert review(client, answer, verdict) == 201
    review(rita, kept(api), "right")
    found = rita.get("/v1/reviews/agreement").json()
    assert found["answers"] == 20
    assert found["agreement"] == pytest.approx(sum(one == two for one, two in pairs) / 20)
    assert found["kappa"] == pytest.approx(
        cohen_kappa_score([one for one, _ in pairs], [two for _, two in pairs])
    )


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=40)
)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    found = cohens_kappa(pairs)
    if len({name for pair in pairs for name in pair}) == 1:
        assert found is None
    else:
        first, second = zip(*pairs, strict=True)
        assert found == pytest.approx(cohen_kappa_score(first, second))
        assert -1.0 <= (found or 0.0) <= 1.0


def test_kappa_of_the_example_in_the_paper() -> None:
    # Cohen 1960, table 1: 200 joint judgements, kappa .492.
    table = {(0, 0): 88, (0, 1): 14, (0, 2): 18, (1, 0): 10, (1, 1): 40, (1, 2): 10, (2, 0): 2,
             (2, 1): 6, (2, 2): 12}  # fmt: skip
    pairs = [pair for pair, count in table.items() for _ in range(count)]
    assert cohens_kappa(pairs) == pytest.approx(0.492, abs=0.0005)
    assert cohens_kappa([]) is None


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], None),
        (["right"], None),
        (["right", "right"], "right"),
        (["right", "wrong"], None),
        (["right", "wrong", "wrong"], "wrong"),
        (["right", "wrong", "missing"], None),
        (["right", "right", "wrong", "wrong"], None),
    ],
)
def test_an_answer_is_settled_by_a_majority_of_at_least_two(
    verdicts: Any, expected: str | None
) -> None:
    assert settle_verdict(verdicts) == expected
