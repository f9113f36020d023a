from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from base.errors import UsageError
from base.settings import Settings
from index.encoder import Encoder, describe_encoder, load_encoder

TEXTS = [
    "Meta zahlte 14,3 Milliarden Dollar.",
    "Kurz.",
    "",
    "Der Hund bellt laut. " * 20,
    "Meta paid 14.3 billion dollars.",
    "Das Wetter bleibt am Wochenende schön.",
    *[f"Satz {number} ist etwas länger." for number in range(8)],
]


def test_a_missing_encoder_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="belegt models pull multilingual-e5-small"):
        load_encoder(Settings(cache=tmp_path))


def test_an_unknown_encoder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nirgends") as error:
        load_encoder(Settings(cache=tmp_path, encoder="nirgends"))
    assert "\n" not in str(error.value)


def prefixes_beside(folder: Path, name: str, prompts: object = None) -> tuple[str, str]:
    """Those of questions and passages where a model has these prompts; None: no configuration."""
    if prompts is not None:
        file = folder / "config_sentence_transformers.json"
        file.write_text(json.dumps({"similarity_fn_name": "cosine", "prompts": prompts}))
    described = describe_encoder(folder, name=name, digest="d", dimension=3)
    return described.query_prefix, described.passage_prefix


@pytest.mark.parametrize(
    ("prompts", "prefixes"),
    [
        ({"query": "Q: ", "document": "D: "}, ("Q: ", "D: ")),
        ({"query": "Q: ", "passage": "P: "}, ("Q: ", "P: ")),
        ({"query": "Q: ", "document": "", "passage": "P: ", "corpus": "C: "}, ("Q: ", "P: ")),
        ({"query": "Q: ", "document": ""}, ("Q: ", "")),
        ({"query": None, "corpus": "C: "}, ("", "C: ")),
    ],
)
@pytest.mark.parametrize("name", ["my-model", "multilingual-e5-small"])
def test_a_models_own_prompts_come_before_its_name(
    tmp_path: Path, name: str, prompts: object, prefixes: tuple[str, str]
) -> None:
    assert prefixes_beside(tmp_path, name, prompts) == prefixes


@pytest.mark.parametrize("prompts", [None, {}, {"query": "", "document": ""}, {"title": "T: "}])
def test_where_a_model_states_no_prompts_its_name_decides(tmp_path: Path, prompts: object) -> None:
    assert prefixes_beside(tmp_path, "Multilingual-E5-large", prompts) == ("query: ", "passage: ")
    assert prefixes_beside(tmp_path, "my-model", prompts) == ("", "")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"prompts": ["query: "]}', '{"prompts": {"query": 1}}']
)
def test_an_unreadable_configuration_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(text)
    with pytest.raises(UsageError, match="config_sentence_transformers") as error:
        describe_encoder(tmp_path, name="e5", digest="d", dimension=3)
    assert "\n" not in str(error.value)


@pytest.mark.encoder
class TestTheRealEncoder:
    def test_vectors_are_of_unit_length_and_in_the_order_of_the_texts(
        self, real_encoder: Encoder
    ) -> None:
        done: list[int] = []
        vectors = real_encoder.encode_passages(TEXTS, done.append)
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), real_encoder.describe().dimension)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
        assert sum(done) == len(TEXTS)
        for place in (0, 3, len(TEXTS) - 1):
            alone = real_encoder.encode_passages([TEXTS[place]])[0]
            # In bfloat16 a batch's padding shows in the last digits.
            assert float(alone @ vectors[place]) > 0.999

    def test_a_translation_is_nearer_than_another_topic(self, real_encoder: Encoder) -> None:
        german, other, english = real_encoder.encode_passages([TEXTS[0], TEXTS[5], TEXTS[4]])
        assert float(german @ english) > float(german @ other)

    def test_questions_and_passages_carry_their_prefixes(self, real_encoder: Encoder) -> None:
        described = real_encoder.describe()
        assert (described.query_prefix, described.passage_prefix) == ("query: ", "passage: ")
        question = real_encoder.encode_questions(["Meta"])[0]
        passage = real_encoder.encode_passages(["Meta"])[0]
        assert not np.allclose(question, passage, atol=1e-3)

    def test_nothing_to_encode(self, real_encoder: Encoder) -> None:
        assert real_encoder.encode_passages([]).shape == (0, real_encoder.describe().dimension)
        assert real_encoder.count_tokens([]) == []

    def test_tokens_are_counted_without_special_ones(self, real_encoder: Encoder) -> None:
        empty, one, two = real_encoder.count_tokens(["", "Hund", "Hund Hund"])
        assert (empty, two) == (0, 2 * one)

    def test_a_question_has_one_thread_whatever_others_ask_for(self, real_encoder: Encoder) -> None:
        import torch

        ended, found = threading.Event(), []

        def others() -> None:
            while not ended.is_set():
                torch.set_num_threads(2)

        def ask() -> None:
            real_encoder.encode_questions(TEXTS[:1])
            found.append(torch.get_num_threads())

        reader = threading.Thread(target=others)
        reader.start()
        for _ in range(5):
            asking = threading.Thread(target=ask)
            asking.start()
            asking.join()
        ended.set()
        reader.join()
        assert found == [1] * 5

    def test_many_texts_leave_the_threads_of_their_caller_alone(
        self, real_encoder: Encoder
    ) -> None:
        import torch

        before = torch.get_num_threads()
        real_encoder.encode_passages(TEXTS)
        assert torch.get_num_threads() == before
