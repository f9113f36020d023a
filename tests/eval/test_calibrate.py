from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Language
from eval import calibrate
from qa.proof.answerable import Features, Weights, probability


def rows(count: int = 200, apart: float = 3.0) -> list[dict[str, Any]]:
    """Answerable questions whose ``stated`` is higher, and noise in the other features."""
    source = random.Random(7)
    found = []
    for number in range(count):
        answerable = number % 2 == 0
        found.append(
            {
                "stated": source.gauss(apart if answerable else 0.0, 1.0),
                "cosine": source.uniform(0.8, 0.9),
                "lead": source.gauss(0.0, 1.0),
                "coverage": source.uniform(0.0, 1.0),
                "foreign": float(source.random() < 0.3),
                "english": float(number % 4 >= 2),
                "reader": "llama.cpp",
                "source": "gut" if answerable else "schlecht",
                "id": str(number),
                "answerable": answerable,
            }
        )
    return found


def features(row: dict[str, Any]) -> Features:
    return Features(**{name: row[name] for name in Features.model_fields})


def test_the_threshold_refuses_as_many_answerable_ones_as_allowed() -> None:
    found = rows()
    weights = calibrate.fit(found)
    assert weights.stated > 0
    languages: list[tuple[Language, float]] = [("de", 0.0), ("en", 1.0)]
    for language, english in languages:
        refused: dict[bool, list[bool]] = {True: [], False: []}
        for row in found:
            if row["english"] == english:
                chance = probability(features(row), weights)
                refused[row["answerable"]].append(chance < weights.threshold(language))
        share = sum(refused[True]) / len(refused[True])
        assert share == pytest.approx(calibrate.FALSE_REFUSALS, abs=0.03)
        assert sum(refused[False]) / len(refused[False]) > 0.5


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    weights = calibrate.fit(rows())
    calibrate.write(weights, tmp_path / "a.toml")
    text = (tmp_path / "a.toml").read_text("utf-8")
    assert Weights.model_validate(tomllib.loads(text)) == weights
    assert text.startswith("# Fitted by")


def test_the_report_names_every_source() -> None:
    found = rows()
    lines = list(calibrate.report(found, calibrate.fit(found)))
    assert lines[0].startswith("AUC of all: 0.9")
    assert [line.split(":")[0] for line in lines[1:]] == ["gut, llama.cpp", "schlecht, llama.cpp"]
