from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_models import CACHE, need_model

from base.settings import Settings
from index.encoder import SentenceTransformerEncoder
from index.quick_encoder import QuickEncoder, quick_encoder

pytestmark = pytest.mark.encoder
NAME = Settings().encoder
TEXTS = [
    "Wie viel zahlte Meta für 49 Prozent von Scale AI?",
    "The company dismissed 200 employees in July 2025, Bloomberg reported.",
    "",
    "Ärger über Öl",
    "A\u0308rger u\u0308ber O\u0308l",
    "x",
    "日本語 und 🎉 und  viele   Leerzeichen\n\tund Zeilen",
    "Ein sehr langer Satz, " * 200,
]


@pytest.fixture(scope="module")
def quick() -> QuickEncoder:
    found = quick_encoder(need_model(NAME), name=NAME, digest="d")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def library() -> SentenceTransformerEncoder:
    folder = need_model(NAME)
    return SentenceTransformerEncoder(folder, name=NAME, digest="d", dtype="float32", threads=2)


def test_it_makes_the_vectors_of_the_library(
    quick: QuickEncoder, library: SentenceTransformerEncoder
) -> None:
    assert quick.describe() == library.describe()
    for way in ("encode_questions", "encode_passages"):
        mine, theirs = getattr(quick, way)(TEXTS), getattr(library, way)(TEXTS)
        assert mine.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(mine, axis=1), 1.0, atol=1e-5)
        assert np.sum(mine * theirs, axis=1).min() > 0.9999


@given(st.lists(st.text(max_size=60), max_size=12))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_text_has_the_same_vector_and_length_in_any_company(
    quick: QuickEncoder, library: SentenceTransformerEncoder, texts: list[str]
) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    assert quick.count_tokens(texts) == library.count_tokens(texts)
    together = quick.encode_passages(texts)
    for place, text in enumerate(texts):
        np.testing.assert_allclose(together[place], quick.encode_passages([text])[0], atol=1e-5)


def test_progress_counts_every_text(quick: QuickEncoder) -> None:
    done: list[int] = []
    quick.encode_passages(TEXTS * 3, done.append)
    assert sum(done) == len(TEXTS) * 3


@pytest.mark.parametrize("odd", ["activation", "pooling", "modules", "weights", "nothing"])
def test_any_other_model_is_left_to_the_library(tmp_path: Path, odd: str) -> None:
    folder = tmp_path / "model"
    model = need_model(NAME)
    shutil.copytree(model, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    (folder / "model.safetensors").symlink_to(model / "model.safetensors")
    changed = {
        "activation": ("config.json", lambda data: data | {"hidden_act": "relu"}),
        "pooling": ("1_Pooling/config.json", lambda data: {"pooling_mode_cls_token": True}),
        "modules": ("modules.json", lambda data: data[:2]),
    }
    if odd == "weights":
        (folder / "model.safetensors").unlink()
    elif odd == "nothing":
        (folder / "config.json").write_text("{")
    else:
        name, change = changed[odd]
        data = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(change(data)))
    assert quick_encoder(folder, name=NAME, digest="d") is None


def test_settings_choose_it_for_a_single_question() -> None:
    from index.encoder import load_encoder

    need_model(NAME)
    assert isinstance(load_encoder(Settings(cache=CACHE), once=True), QuickEncoder)
