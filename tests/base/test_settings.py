from __future__ import annotations

import json
from pathlib import Path

import pytest
from annotated_types import Ge, Le
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from base.errors import UsageError
from base.settings import PREFIX, Settings, bearing_on_answers, explain, load_settings

FIELDS = Settings.model_fields
NUMBERS = {
    name: field
    for name, field in FIELDS.items()
    if any(isinstance(one, Ge | Le) for one in field.metadata)
}


def variable(name: str) -> str:
    return PREFIX + name.upper()


def bounds(field: FieldInfo) -> list[tuple[float, float]]:
    """Each bound with the first value beyond it."""
    found: list[tuple[float, float]] = []
    for one in field.metadata:
        step = 0.001 if field.annotation is float else 1
        if isinstance(one, Ge):
            found.append((one.ge, one.ge - step))  # type: ignore[operator, arg-type]
        elif isinstance(one, Le):
            found.append((one.le, one.le + step))  # type: ignore[operator, arg-type]
    return found


@pytest.mark.parametrize("name", FIELDS)
def test_each_setting_is_described(name: str) -> None:
    description = FIELDS[name].description
    assert description
    assert description.endswith(".")


@pytest.mark.parametrize("name", FIELDS)
def test_each_default_is_accepted_from_the_environment(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = getattr(Settings(), name)
    if default is None:
        return
    monkeypatch.setenv(variable(name), str(default))
    assert getattr(load_settings(), name) == default


@pytest.mark.parametrize("name", NUMBERS)
def test_bounds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bounds(NUMBERS[name])
    for within, beyond in bounds(NUMBERS[name]):
        monkeypatch.setenv(variable(name), str(within))
        assert getattr(load_settings(), name) == within
        monkeypatch.setenv(variable(name), str(beyond))
        with pytest.raises(UsageError, match=f"{variable(name)} has the value '{beyond}'") as error:
            load_settings()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", [*NUMBERS, "encoder_dtype"])
def test_a_value_of_the_wrong_kind_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable(name), "viel")
    with pytest.raises(UsageError, match=f"{variable(name)} has the value 'viel'"):
        load_settings()


def test_every_number_has_bounds() -> None:
    free = [
        name
        for name, field in FIELDS.items()
        if field.annotation in (int, float, int | None) and name not in NUMBERS
    ]
    assert free == []


def test_an_unknown_variable_is_refused_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BELEGT_TOPK", "3")
    with pytest.raises(UsageError, match=r"Unknown setting BELEGT_TOPK.*BELEGT_TOP_K"):
        load_settings()


def test_an_argument_overrides_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BELEGT_CORPUS", str(tmp_path / "eins"))
    assert load_settings().corpus == tmp_path / "eins"
    assert load_settings(corpus=None).corpus == tmp_path / "eins"
    assert load_settings(corpus=tmp_path / "zwei").corpus == tmp_path / "zwei"
    with pytest.raises(UsageError, match="BELEGT_TOP_K has the value '0'"):
        load_settings(top_k=0)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().top_k = 3  # type: ignore[misc]


def test_tests_have_a_corpus_of_their_own(tmp_path: Path) -> None:
    assert load_settings().corpus == tmp_path / "users-corpus"


ALIKE = {
    "allowed_hosts", "allowed_origins", "answer_seconds", "answers_per_day", "body_bytes",
    "body_seconds", "cache", "cells", "connections", "corpus", "engine_api_key", "eval_api_key",
    "gpu_layers", "header_bytes", "header_seconds", "host", "index_token",
    "kept_answers_days", "kept_cells",
    "kept_passages_mb", "log_format", "memory_limit", "micro_batch", "port", "requests",
    "requests_per_minute", "runs", "saved_starts_mb", "shutdown_seconds", "stalled_seconds",
    "threads", "threads_batch", "trusted_proxies", "tune", "upload_bytes", "upload_files",
    "waiting_requests",
}  # fmt: skip
"""Bear on places, limits and speed alone. A new setting is marked in base.settings, or named here
by whoever is sure that it changes no answer."""


def test_each_setting_is_marked_as_bearing_on_answers_or_known_not_to() -> None:
    assert set(FIELDS) - bearing_on_answers() == ALIKE


def test_every_setting_is_explained_and_no_secret_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEGT_ENGINE_API_KEY", "geheim")
    text = explain(load_settings())
    assert all(variable(name) in text for name in FIELDS)
    assert "geheim" not in text
    rows = json.loads(explain(load_settings(), json_wanted=True))
    assert rows["BELEGT_TOP_K"] == {"value": 5, "description": FIELDS["top_k"].description}
