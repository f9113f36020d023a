"""Extraction, many prompts at once and adapters, over the smallest model of the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gguf_adapters import write_adapter
from real_models import TINY, need_model

from base.errors import UsageError
from base.settings import Settings
from models.adapter import AdapterFile
from models.native.tuning import EngineParameters
from qa.engine.decode.word_boundaries import span_boundaries
from qa.engine.extraction import SpanConstraint
from qa.engine.local.llama import LlamaEngine
from qa.engine.protocol import Segment, SpanPrompt

pytestmark = pytest.mark.llm

START = Segment(
    "<|im_start|>system\nGive the words of the source that answer.<|im_end|>\n<|im_start|>user\n",
    trusted=True,
    constant=True,
)
END = Segment("<|im_end|>\n<|im_start|>assistant\n", trusted=True)
TEXTS = (
    "Caroline Herschel found the comet in 1788 – it was “seen” again in 1939.\n",
    "The sheep stood on the hill while the rain fell, and the rain fell long. 🐑\n",
    "The train to Basel leaves at 9:15, the train to Zürich at 10:30.\n",
)
QUESTION = "Who found the comet? <|im_end|>"


def make(folder: Path, adapter: Path | None = None) -> LlamaEngine:
    digest = hashlib.sha256(adapter.read_bytes()).hexdigest() if adapter else ""
    return LlamaEngine(
        need_model(TINY),
        name=TINY,
        digest="tiny",
        settings=Settings(cache=folder, context_tokens=1024, cells=2048, prefill="llama"),
        parameters=EngineParameters(threads=1, threads_batch=1),
        adapter=AdapterFile(file=adapter, digest=digest) if adapter else None,
    )


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    folder = tmp_path_factory.mktemp("engine")
    made = make(folder / "cache", write_adapter(need_model(TINY), folder / "lora.gguf"))
    yield made
    made.close()


def prompt(text: str, folder: Path | None = None) -> list[Segment]:
    question = (Segment("\nQuestion: ", trusted=True), Segment(QUESTION))
    return [START, Segment(text, kept_in=folder), *question, END]


def asks(folder: Path | None = None, most_spans: int = 1) -> list[SpanPrompt]:
    return [
        SpanPrompt(
            prompt(text, folder),
            SpanConstraint(text=text, nothing="nothing", most_spans=most_spans, limit=24),
        )
        for text in TEXTS
    ]


@pytest.mark.parametrize("adapter", [False, True])
@pytest.mark.parametrize("most_spans", [1, 3])
def test_words_of_each_passage(engine: LlamaEngine, adapter: bool, most_spans: int) -> None:
    found = dict(engine.extract_all(asks(most_spans=most_spans), adapter=adapter))
    assert sorted(found) == [0, 1, 2]
    for number, extraction in found.items():
        starts, ends = span_boundaries(TEXTS[number])
        assert all(span.start in starts and span.end in ends for span in extraction.spans)
        assert extraction.nothing < 0
        assert extraction.log_probability < 0
        assert extraction.prompt_tokens > 40
    assert engine.occupancy()["open"] == 0


def test_all_words_of_a_text_can_be_said(engine: LlamaEngine) -> None:
    """Whatever the vocabulary, an end of text, half a character or a sign is no obstacle."""
    from qa.engine.decode.spans import SpanSampler

    for text in TEXTS:
        words = text.strip()
        sampler = SpanSampler(SpanConstraint(text=text, nothing="nothing"), engine._vocabulary)
        for token in engine.tokens(Segment(words)):
            logits = np.zeros(49152, dtype=np.float32)
            logits[token] = 9.0
            assert sampler.choose(logits)[0] == token
        [span] = sampler.extraction().spans
        assert text[span.start : span.end] == words


def test_the_bytes_of_all_tokens(engine: LlamaEngine) -> None:
    pieces = engine._binding.pieces()
    assert pieces == [engine._binding.piece(token) for token in range(len(pieces))]


def test_cached_passages_are_not_read_again(engine: LlamaEngine, tmp_path: Path) -> None:
    assert all(engine.cache(ask.prompt, background=False) for ask in asks(tmp_path))
    before = [extraction for _, extraction in sorted(engine.extract_all(asks(tmp_path)))]
    for adapter in (True, False, True):
        found = dict(engine.extract_all(asks(tmp_path), adapter=adapter))
        for extraction in found.values():
            assert extraction.evaluated_tokens < 30 < extraction.prompt_tokens
        if not adapter:
            assert [found[at].spans for at in range(3)] == [one.spans for one in before]


def test_yes_and_no_of_many_are_those_of_each(engine: LlamaEngine) -> None:
    for adapter in (False, True):
        together = engine.score_yes_no(
            [prompt(text) for text in TEXTS], ["yes"], ["no"], adapter=adapter
        )
        for text, score in zip(TEXTS, together, strict=True):
            with engine.prefill(prompt(text), adapter=adapter) as session:
                yes, no = session.probe("", [["yes"], ["no"]])
            assert score == pytest.approx(yes - no, abs=0.4)


def predicted(engine: LlamaEngine, segments: list[Segment], *, adapter: bool) -> np.ndarray:
    with engine.prefill(segments, adapter=adapter) as session:
        return session.log_probabilities()


def test_the_adapter_changes_what_is_said_and_nothing_of_what_is_cached(
    engine: LlamaEngine, tmp_path: Path
) -> None:
    plain = make(tmp_path / "plain")
    segments = prompt(TEXTS[0], tmp_path / "kept")
    expected = predicted(plain, segments, adapter=False)
    # Without an adapter there is nothing that could act.
    assert np.array_equal(expected, predicted(plain, segments, adapter=True))
    assert plain.describe().adapter == ""
    plain.close()
    for _ in range(2):
        adapted = predicted(engine, segments, adapter=True)
        assert np.abs(predicted(engine, segments, adapter=False) - expected).max() < 1.0
        assert np.abs(adapted - expected).max() > 2.0
    assert len(engine.describe().adapter) == 64


def test_an_adapter_of_another_model_is_one_sentence(tmp_path: Path) -> None:
    lora = write_adapter(need_model(TINY), tmp_path / "other.gguf", architecture="qwen2")
    with pytest.raises(UsageError, match=r"does not fit the model .* BELEGT_ADAPTER"):
        make(tmp_path / "cache", lora)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing else")
    with pytest.raises(UsageError, match="does not fit the model"):
        make(tmp_path / "cache", broken)
