"""The OpenAPI document: what it must say, and whether the server does as it says.

Schemathesis makes requests from it, fit ones and unfit ones, single ones and chains in which one
uses what another made. The usual run makes some hundred; 5,000 and more come of

    python -m pytest tests/qa/api/test_openapi.py --schema-examples 60
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from api_samples import made_service, running
from jsonschema import Draft202012Validator

from eval.api import router
from qa.api.app import create_app
from qa.api.examples import ANSWERS, REQUESTS
from qa.api.middleware.connection import server_options
from qa.api.middleware.secured import secure
from qa.api.storage.keys import Access

EXAMPLES = 3
"""Requests that are made up for an operation, beside its examples."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "use_after_free",
)
_OPENAI = ("/v1/chat/completions", "/v1/models", "/v1/models/{model}", "/v1/responses")
_ANTHROPIC = ("/v1/messages",)
_METHODS = ("get", "post", "delete")


@contextlib.contextmanager
def keyed_server(folder: Path) -> Iterator[tuple[str, str]]:
    """The whole server; its address and a key that no request can revoke."""
    service, _ = made_service(folder, runs=folder / "runs")
    access = Access(service.settings.corpus, loopback=True)
    app = create_app(service, access, (router,))
    options = server_options(service.settings)
    guarded = secure(app, access, service.settings, service.metrics)
    with running(guarded, **options) as url:
        yield url, access.token
    access.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with keyed_server(tmp_path_factory.mktemp("schema")) as found:
        yield found


@pytest.fixture(scope="module")
def document(place: tuple[str, str]) -> Any:
    url, token = place
    reply = requests.get(
        f"{url}/openapi.json", headers={"Authorization": f"Bearer {token}"}, timeout=20
    )
    assert reply.status_code == 200
    return reply.json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def has_example(document: Any, schema: Any, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a value of ``schema`` is shown anywhere in it, those it refers to included."""
    if isinstance(schema, list):
        return any(has_example(document, one, seen) for one in schema)
    if not isinstance(schema, dict):
        return False
    if "example" in schema or "examples" in schema:
        return True
    reference = schema.get("$ref", "").rpartition("/")[2]
    if reference and reference not in seen:
        named = document["components"]["schemas"][reference]
        return has_example(document, named, seen | {reference})
    return any(has_example(document, one, seen) for one in schema.values())


def test_every_operation_says_what_it_does(document: Any) -> None:
    names = [one["operationId"] for _, _, one in operations(document)]
    assert len(set(names)) == len(names)
    assert [path for path, _, one in operations(document) if not one.get("summary")] == []
    assert [path for path, _, one in operations(document) if not one.get("tags")] == []


def test_every_body_is_shown_by_an_example(document: Any) -> None:
    bare = []
    for path, method, one in operations(document):
        bodies = {"body": one.get("requestBody", {}).get("content", {})}
        bodies |= {
            status: answer.get("content", {})
            for status, answer in one["responses"].items()
            if status.startswith("2")
        }
        for what, content in bodies.items():
            for kind, media in content.items():
                if kind == "image/png":
                    continue
                if not has_example(document, media):
                    bare.append(f"{method} {path} {what} {kind}")
    assert bare == []


def test_examples_are_what_their_schemas_say(document: Any) -> None:
    for path, method, one in operations(document):
        bodies = [one.get("requestBody", {}), *one["responses"].values()]
        for media in (it for body in bodies for it in body.get("content", {}).values()):
            if "example" in media and "schema" in media:
                schema = {**media["schema"], "components": document["components"]}
                found = Draft202012Validator(schema).iter_errors(media["example"])
                assert [f"{method} {path}: {error.message}" for error in found] == []


def test_every_example_belongs_to_an_operation(document: Any) -> None:
    there = {f"{method.upper()} {path}" for path, method, _ in operations(document)}
    assert {*REQUESTS, *ANSWERS} <= there


def test_errors_are_problems_and_in_the_paths_of_other_apis_theirs(document: Any) -> None:
    for path, method, one in operations(document):
        if path in ("/healthz", "/readyz"):
            continue
        errors = {status: it for status, it in one["responses"].items() if status >= "400"}
        needed = {"400", "422", "429", "500", "503"}
        assert needed <= set(errors), f"{method} {path}"
        for status, answer in errors.items():
            place = f"{method} {path} {status}"
            name = "AnthropicError" if path in _ANTHROPIC else "ProblemDetails"
            name = "OpenAIError" if path in _OPENAI else name
            kind = "application/problem+json" if name == "ProblemDetails" else "application/json"
            assert list(answer["content"]) == [kind], place
            assert answer["content"][kind]["schema"]["$ref"].endswith(f"/{name}"), place


def test_what_needs_a_key_says_so(document: Any) -> None:
    public = [path for path, _, one in operations(document) if not one.get("security")]
    assert sorted(public) == ["/healthz", "/readyz", "/reports/{ticket}"]


def test_the_server_does_as_its_document_says(
    place: tuple[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url, token = place
    wanted = request.config.getoption("--schema-examples", default=None)
    phases = "examples,fuzzing,stateful" + (",coverage" if wanted else "")
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
        *("--header", f"Authorization: Bearer {token}"),
        *("--checks", ",".join(CHECKS)),
        *("--phases", phases, "--max-examples", str(wanted or EXAMPLES)),
        *("--seed", "5", "--generation-deterministic", "--suppress-health-check", "all"),
        *("--request-timeout", "60", "--no-color"),
    )
    # Its cache and its reports belong to the folder in which it runs.
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    cases = re.search(r"(\d+) generated", found.stdout.replace(",", ""))
    assert cases is not None, found.stdout
    print(f"{cases.group(1)} cases")
    health = requests.get(f"{url}/healthz", timeout=20)
    assert health.json() == {"status": "ok"}
