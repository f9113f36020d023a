from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.errors import UsageError
from qa.engine.decode.sampling import Logits
from qa.engine.decode.spans import SpanSampler
from qa.engine.decode.vocabulary import Vocabulary
from qa.engine.decode.word_boundaries import span_boundaries
from qa.engine.extraction import Extraction, SpanConstraint

END = 0
PIECES = [
    b"",
    *(bytes([byte]) for byte in range(256)),
    *(word.encode() for word in ("nothing", "Meta", " zahl", "te", " 14", ".\n", "\n\n", "nicht")),
    *(word.encode() for word in (" Dollar", "Dollar", " nichts", "ü", "ück", " €", "14", "ber")),
]
TEXT = "Meta zahlte 14,3 Milliarden Dollar. Das ist nichts über 15 €, sagt Meta."


def tokenise(text: str) -> list[int]:
    """As a whole where there is such a token, else byte by byte."""
    data = text.encode()
    return [PIECES.index(data)] if data in PIECES else [1 + byte for byte in data]


VOCABULARY = Vocabulary(PIECES, [END], tokenise)


def said(constraint: SpanConstraint, wanted: Sequence[bytes]) -> Extraction:
    """What comes out where the model wants these tokens, one after the other, and then ends."""
    sampler = SpanSampler(constraint, VOCABULARY)
    for piece in [*wanted, b""]:
        logits = np.zeros(len(PIECES), dtype=np.float32)
        logits[PIECES.index(piece)] = 9.0
        token, _ = sampler.choose(logits)
        if token == END:
            break
    return sampler.extraction()


def run(constraint: SpanConstraint, rows: Sequence[Logits]) -> tuple[Extraction, bytes]:
    sampler, output = SpanSampler(constraint, VOCABULARY), b""
    for logits in rows[: constraint.limit]:
        token, log_probability = sampler.choose(logits)
        assert log_probability <= 0.0
        if token == END:
            break
        output += PIECES[token]
    return sampler.extraction(), output


def words(text: str) -> SpanConstraint:
    return SpanConstraint(text=text, nothing="nothing", most_spans=3)


def texts(extraction: Extraction, text: str = TEXT) -> list[str]:
    return [text[span.start : span.end] for span in extraction.spans]


def test_a_span_is_said_as_the_model_says_it() -> None:
    found = said(words(TEXT), [b"14", b",", b"3"])
    assert texts(found) == ["14,3"]
    assert found.complete
    assert found.spans[0].tokens == 3
    assert found.margin > 0


def test_nothing_is_said_with_its_word() -> None:
    found = said(words(TEXT), [b"nothing"])
    assert not found.spans
    assert found.complete
    assert found.log_probability == pytest.approx(found.nothing * 2)


def test_a_word_that_stands_in_the_text_and_means_nothing_is_nothing() -> None:
    constraint = SpanConstraint(text="There is nothing new.", nothing="nothing")
    assert not said(constraint, [b"nothing"]).spans
    assert texts(said(constraint, [b"nothing", b" ", b"n", b"e", b"w"]), constraint.text) == [
        "nothing new"
    ]


def test_what_does_not_stand_there_cannot_be_said() -> None:
    found = said(words(TEXT), [b"9", b"14", b",", b"3"])
    assert all(text in TEXT for text in texts(found))


def test_several_spans_are_told_apart_by_the_separator() -> None:
    found = said(words(TEXT), [b"Meta", b"\n", b"14", b",", b"3", b"\n", b"Dollar", b".\n"])
    assert texts(found) == ["Meta", "14,3", "Dollar."]


def test_a_token_may_hold_the_end_of_a_span_and_the_separator() -> None:
    found = said(words(TEXT), [b"Dollar", b".\n", b"Meta"])
    assert texts(found) == ["Dollar.", "Meta"]


def test_an_item_that_is_said_again_counts_once() -> None:
    assert texts(said(words(TEXT), [b"Meta", b"\n", b"Meta", b"\n", b"14", b",", b"3"])) == [
        "Meta",
        "14,3",
    ]


def test_all_places_are_told() -> None:
    span = said(words(TEXT), [b"Meta"]).spans[0]
    assert span.places == ((0, 4), (len(TEXT) - 5, len(TEXT) - 1))
    assert (span.start, span.end) == (0, 4)


def test_a_span_stays_within_its_range() -> None:
    first = TEXT.index("Das")
    constraint = SpanConstraint(text=TEXT, nothing="nothing", ranges=((first, len(TEXT)),))
    span = said(constraint, [b"Meta"]).spans[0]
    assert span.places == ((len(TEXT) - 5, len(TEXT) - 1),)
    constraint = SpanConstraint(text=TEXT, nothing="nothing", ranges=((0, 4),))
    assert texts(said(constraint, [b"Meta", b" zahl", b"te"])) == ["Meta"]


def test_no_range_allows_nothing_but_nothing() -> None:
    constraint = SpanConstraint(text=TEXT, nothing="nothing", ranges=())
    found = said(constraint, [b"Meta", b"nothing"])
    assert not found.spans
    assert found.starts == -math.inf


def test_what_is_cut_ends_at_a_boundary_before() -> None:
    sampler = SpanSampler(SpanConstraint(text=TEXT, nothing="nothing"), VOCABULARY)
    for piece in (b"Meta", b" zahl"):
        logits = np.zeros(len(PIECES), dtype=np.float32)
        logits[PIECES.index(piece)] = 9.0
        sampler.choose(logits)
    found = sampler.extraction()
    assert texts(found) == ["Meta"]
    assert not found.complete


def test_characters_that_no_token_stands_for_end_the_span() -> None:
    vocabulary = Vocabulary([b"", b"a", b" b"], [END], lambda text: [1])
    sampler = SpanSampler(SpanConstraint(text="a b ü", nothing="a"), vocabulary)
    tokens = [sampler.choose(np.array([-9, 0, 1], dtype=np.float32))[0] for _ in range(3)]
    assert tokens == [1, 2, END]
    assert texts(sampler.extraction(), "a b ü") == ["a b"]


def test_probabilities_are_those_without_the_constraint() -> None:
    logits = np.zeros(len(PIECES), dtype=np.float32)
    logits[PIECES.index(b"Q")] = 5.0
    logits[PIECES.index(b"Meta")] = 2.0
    logits[PIECES.index(b"D")] = 1.0
    sampler = SpanSampler(words(TEXT), VOCABULARY)
    token, log_probability = sampler.choose(logits)
    total = math.log(np.exp(logits).sum())
    assert PIECES[token] == b"Meta"
    assert log_probability == pytest.approx(2.0 - total, abs=1e-4)
    found = sampler.extraction()
    assert found.margin == pytest.approx(1.0, abs=1e-4)
    assert found.nothing == pytest.approx(-total, abs=1e-4)
    assert log_probability < found.starts < 0.0


@pytest.mark.parametrize(
    "change",
    [{"nothing": ""}, {"separator": "", "most_spans": 2}, {"most_spans": 0}, {"limit": 0}],
)
def test_a_constraint_that_allows_nothing_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        SpanConstraint(**({"text": TEXT, "nothing": "nothing"} | change))  # type: ignore[arg-type]


ALPHABET = "Meta zahlte 14,3-5 Dollar.\n nothing €ü'²(é)\u0301"


@given(
    text=st.text(st.sampled_from(ALPHABET), max_size=60),
    nothing=st.sampled_from(["nothing", "n", "nicht"]),
    separator=st.sampled_from(["\n", "; ", " ", ", "]),
    most_spans=st.integers(1, 4),
    limit=st.integers(1, 40),
    seed=st.integers(0, 2**32 - 1),
    cut=st.none() | st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_whatever_the_logits_spans_stand_in_the_text(  # noqa: PLR0917 - drawn
    text: str,
    nothing: str,
    separator: str,
    most_spans: int,
    limit: int,
    seed: int,
    cut: tuple[int, int] | None,
) -> None:
    ranges = None if cut is None else (cut,)
    constraint = SpanConstraint(text, nothing, separator, most_spans, ranges, limit)
    dice = np.random.default_rng(seed)
    rows = dice.normal(0, 4, (limit, len(PIECES))).astype(np.float32)
    found, output = run(constraint, list(rows))
    starts, ends = span_boundaries(text)
    said_texts = []
    for span in found.spans:
        assert span.places[0] == (span.start, span.end)
        assert len({text[first:end] for first, end in span.places}) == 1
        for first, end in span.places:
            assert first in starts
            assert end in ends
            assert first < end
            assert cut is None or (cut[0] <= first and end <= cut[1])
        said_texts.append(text[span.start : span.end])
    assert len(said_texts) == len(set(said_texts)) <= most_spans
    if most_spans > 1:
        assert not any(separator in one for one in said_texts)
    # What was said is what is reported, but for repetitions and an end that was cut.
    if found.complete and not found.spans:
        assert output == nothing.encode()
    elif found.complete:
        parts = (
            output.decode().removesuffix(separator).split(separator)
            if most_spans > 1
            else [output.decode()]
        )
        assert list(dict.fromkeys(parts)) == said_texts
    else:
        assert output.startswith(said_texts[0].encode() if said_texts else b"")


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_likeliest_token_that_may_be_said_is_taken(seed: int) -> None:
    """Against a definition by brute force: a prefix of some span, or of the word for nothing."""
    starts, ends = span_boundaries(TEXT)
    possible = {TEXT[first:end].encode() for first in starts for end in ends if first < end}
    beginnings = {one[:length] for one in possible for length in range(1, len(one) + 1)}
    beginnings |= {b"nothing"[:length] for length in range(1, 8)}
    possible.add(b"nothing")
    dice = np.random.default_rng(seed)
    sampler = SpanSampler(SpanConstraint(TEXT, "nothing"), VOCABULARY)
    output = b""
    for _ in range(6):
        logits = dice.normal(0, 4, len(PIECES)).astype(np.float32)
        allowed = [
            token
            for token, piece in enumerate(PIECES)
            if (piece and output + piece in beginnings) or (token == END and output in possible)
        ]
        wanted = max(allowed, key=lambda token: logits[token])
        token, _ = sampler.choose(logits)
        assert PIECES[token] == PIECES[wanted]
        if token == END:
            break
        output += PIECES[token]
