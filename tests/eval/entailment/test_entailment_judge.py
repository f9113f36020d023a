from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import eval.entailment
from base.errors import UsageError
from corpus.document import Language
from eval.entailment.features import NAMES, EncodedText, score_features
from eval.entailment.fit import EvidencedClaim, fit_weights
from eval.entailment.model import WEIGHTS, EntailmentJudge, load_weights, stretches
from eval.entailment.vectors import LAYERS, Vectors, WordEncoder, WordVectors


class HashedWords(WordEncoder):
    """A vector for each word that depends on the word alone."""

    def __init__(self) -> None:
        super().__init__(Path())

    def encode(self, texts: Sequence[str]) -> list[WordVectors]:
        return [self._vectors(tuple(text.lower().split())) for text in texts]

    def _vectors(self, words: tuple[str, ...]) -> WordVectors:
        rows = [_vector(word) for word in words]
        layer = np.stack(rows) if rows else np.zeros((0, 16), dtype=np.float32)
        return WordVectors(words, (layer,) * len(LAYERS))


def _vector(word: str) -> Vectors:
    seed = int(hashlib.sha256(word.encode()).hexdigest()[:8], 16)
    found = np.random.default_rng(seed).normal(size=16).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found), dtype=np.float32)


def text(said: str, language: Language = "en") -> EncodedText:
    return EncodedText(said, language, tuple(HashedWords().encode([said])))


def row(premise: str, claim: str) -> dict[str, float]:
    return dict(zip(NAMES, score_features(text(premise), text(claim)), strict=False))


def test_what_a_claim_finds_in_its_premise() -> None:
    same = row("the pump costs five euros", "the pump costs five euros")
    assert same["layer 12 lowest"] == pytest.approx(1.0, abs=1e-5)
    assert same["words held"] == 1.0
    dearer = row("the pump costs five euros", "the pump costs nine euros")
    assert (dearer["values missing"], dearer["values contradicted"]) == (1.0, 1.0)
    denied = row("the pump costs five euros", "the pump costs not five euros")
    assert denied["denial differs"] == 1.0
    assert row("the pump works", "Karl Poll and the Pump work")["capitals missing"] > 0
    assert not any(score_features(text(""), text("the pump")))


def test_a_text_supports_itself_rather_than_another() -> None:
    judge = EntailmentJudge(HashedWords())
    same = judge.probability(
        "The pump costs five euros", "The pump costs five euros", "", "en", "en"
    )
    other = judge.probability("Snow fell on the hills", "The pump costs five euros", "", "en", "en")
    assert 0.0 <= other < same <= 1.0
    assert judge.supports("The pump costs five euros", "The pump costs five euros", "", "en", None)
    assert not judge.supports("Snow fell on the hills", "The pump costs five euros", "", "en", "en")


def test_the_weights_that_come_with_belegt_name_what_they_are_of() -> None:
    weights = load_weights()
    assert set(weights.features) <= set(NAMES)
    assert {len(weights.means), len(weights.spreads), len(weights.shift_across)} == {
        len(weights.factors)
    }
    assert "fool_me_twice" in weights.description


def test_weights_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent; make them: python -m eval\.entailment\.fit"):
        load_weights(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text(json.dumps({"intercept": 1}))
    with pytest.raises(UsageError, match="holds no weights"):
        load_weights(tmp_path / "bad.json")


def test_a_fit_learns_what_separates() -> None:
    rows, table = [], []
    for number in range(60):
        supported = number % 2 == 0
        rows.append(EvidencedClaim("made", f"premise {number}", "en", "claim", "en", supported))
        values = np.zeros(len(NAMES) + 2, dtype=np.float32)
        values[NAMES.index("words held")] = float(supported)
        table.append(values)
    weights = fit_weights(rows, np.stack(table), np.zeros(len(NAMES) + 2, dtype=np.float32), "made")
    yes, no = (weights.probability(table[place], across=False) for place in (0, 1))
    assert yes > 0.5 > no


def test_long_texts_are_cut_at_spaces() -> None:
    long = "word " * 2000
    parts = stretches(long)
    assert "".join(parts) == long
    assert all(len(part) <= 1500 for part in parts)
    assert len(stretches("word " * 9000)) == 8


def test_no_judge_shares_code_with_what_it_measures() -> None:
    package = Path(eval.entailment.__file__).parent
    judges = [*package.glob("*.py"), *(package.parent / "metrics").glob("*.py")]
    assert all("qa." not in file.read_text("utf-8").replace("..qa", "") for file in judges)
    assert WEIGHTS.is_file()
