"""Question and text read together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_models import need_model

from base.errors import UsageError
from base.settings import Settings
from index.cross_encoder import (
    MOST_NATS,
    CrossEncoder,
    HeadedText,
    SpanScores,
    cross_encoder_beside,
)
from index.encoder import EncoderDescription
from models.training.span_examples import SpanExample
from models.training.train_cross_encoder import SpanNetwork, encode

ENCODER = Settings().encoder
QUESTION = "Wie viel zahlte Meta?"
TEXT = HeadedText("Bericht", "Meta zahlte 14,3 Milliarden Dollar. Das war im Juni.")
shares = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=12)


def scores(begins: list[float], ends: list[float]) -> SpanScores:
    """Of a text of words of three letters; what is left to one is "no answer"."""
    size = min(len(begins), len(ends))
    offsets = np.asarray([(4 * at, 4 * at + 3) for at in range(size)])
    first, last = (
        np.asarray(shares[:size]) / max(sum(shares[:size]), 1.0) for shares in (begins, ends)
    )
    return SpanScores(offsets, first, last)


@given(shares, shares, st.integers(0, 40), st.integers(0, 40), st.integers(0, 8))
def test_a_longer_stretch_is_never_less_likely(
    begins: list[float], ends: list[float], start: int, length: int, more: int
) -> None:
    found = scores(begins, ends)
    inner = found.log_odds(start, start + length)
    assert inner <= found.log_odds(start - more, start + length + more) <= MOST_NATS
    assert found.log_odds(0) >= inner
    assert inner >= -MOST_NATS


def test_an_answer_is_where_both_its_ends_are() -> None:
    found = scores([0.8, 0.1, 0.0], [0.0, 0.7, 0.1])
    assert found.log_odds(0, 7) > found.log_odds(0, 3)
    assert found.log_odds(0, 3) == -MOST_NATS
    assert found.log_odds(0, 7) == pytest.approx(
        np.log(np.sqrt(0.9 * 0.7)) - np.log1p(-np.sqrt(0.63))
    )


@pytest.mark.encoder
def test_it_computes_what_was_trained(tmp_path: Path) -> None:
    import torch
    from tokenizers import Tokenizer

    folder = need_model(ENCODER)
    network = SpanNetwork(folder, 2, 10, 3)
    with torch.no_grad():
        for name, tensor in network.tensors.items():
            if name.endswith(".up"):
                tensor.normal_(0, 0.02)
    network.export(tmp_path / "trained.safetensors")
    example = SpanExample("de", QUESTION, TEXT.heading, TEXT.text, (12, 34), "made")
    (tokens,) = encode(Tokenizer.from_file(str(folder / "tokenizer.json")), [example])
    with torch.inference_mode():
        trained = torch.softmax(network.scores([tokens])[0], dim=0).numpy()
    (found,) = CrossEncoder(folder, tmp_path / "trained.safetensors").score(QUESTION, [TEXT])
    # What was trained is kept in half precision, and the activation is an approximation.
    expected = trained[tokens.first : len(tokens.tokens) - 1]
    assert np.allclose(found.begins, expected[:, 0], atol=2e-3)
    assert np.allclose(found.ends, expected[:, 1], atol=2e-3)
    low, high = (found.offsets[at - tokens.first] for at in tokens.target)
    assert TEXT.text[low[0] : high[1]].strip() == "14,3 Milliarden Dollar"


@pytest.mark.encoder
@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("Wer gründete die Firma?", "Anna Berg", "2014"),
        ("When was the company founded?", "2014", "Anna Berg"),
    ],
)
def test_the_shipped_one_finds_the_sort_that_is_asked_for(
    question: str, right: str, wrong: str
) -> None:
    text = "Anna Berg gründete 2014 die Firma."
    shipped = of_settings(Settings())
    assert shipped is not None
    (found,) = shipped.score(question, [HeadedText("", text)])
    odds = {
        answer: found.log_odds(text.index(answer), text.index(answer) + len(answer))
        for answer in (right, wrong)
    }
    assert odds[right] > odds[wrong] + 1.0
    (other,) = shipped.score(question, [HeadedText("", "Der Zug hält in Fulda. Es regnet.")])
    assert found.log_odds() > other.log_odds()


@pytest.mark.encoder
def test_texts_and_questions_of_any_length_and_no_texts() -> None:
    shipped = of_settings(Settings())
    assert shipped is not None
    assert shipped.score(QUESTION, []) == []
    long = HeadedText("T", "Ein sehr langer Satz, " * 400)
    for question in (QUESTION, "Warum " * 900, "?"):
        (found,) = shipped.score(question, [long])
        assert len(found.begins) <= 512


def of_settings(settings: Settings) -> CrossEncoder | None:
    from models.store import ModelStore

    need_model(ENCODER)
    digest = ModelStore(settings.cache).digest(ENCODER)
    return cross_encoder_beside(described(digest), settings)


def described(digest: str) -> EncoderDescription:
    return EncoderDescription(
        model=ENCODER, digest=digest, dimension=384, query_prefix="", passage_prefix=""
    )


def test_another_encoder_has_none() -> None:
    assert cross_encoder_beside(described("another"), Settings()) is None


@pytest.mark.encoder
@pytest.mark.parametrize(
    "content", [b"", b"no tensors at all", b"\x02\x00\x00\x00\x00\x00\x00\x00{}"]
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.safetensors"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"other\.safetensors.*BELEGT_CROSS_ENCODER"):
        of_settings(Settings(cross_encoder=str(file)))
