from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from qa.engine.decode.text_stream import TextStream


def collect(data: bytes, cuts: list[int], stop: list[str]) -> tuple[list[str], bool]:
    stream = TextStream(stop)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    texts = [stream.push(data[first:last]) for first, last in pairwise(edges)]
    return [*texts, stream.finish()], stream.stopped


TEXTS = st.text(alphabet="ab\nä€😀x", max_size=30)
STOPS = st.lists(st.text(alphabet="ab\nä😀", max_size=3), max_size=3)
CUTS = st.lists(st.integers(0, 200), max_size=20)


def first_completed(text: str, stop: list[str]) -> str | None:
    """The text before the stop string that is whole first, the longest of those."""
    for end in range(1, len(text) + 1):
        found = [one for one in stop if one and text[:end].endswith(one)]
        if found:
            return text[: end - max(map(len, found))]
    return None


@given(TEXTS, STOPS, CUTS)
@example("abx", ["abx", "b"], [])
@example("abx", ["abx", "b"], [1, 2])
@example("aab", ["ab"], [1, 2])
def test_text_does_not_depend_on_how_the_bytes_come(
    text: str, stop: list[str], cuts: list[int]
) -> None:
    texts, stopped = collect(text.encode(), cuts, stop)
    before = first_completed(text, stop)
    assert stopped == (before is not None)
    assert "".join(texts) == (text if before is None else before)


@given(st.binary(max_size=40), CUTS)
def test_bytes_that_are_no_text_come_out_the_same_however_they_come(
    data: bytes, cuts: list[int]
) -> None:
    texts, _ = collect(data, cuts, [])
    assert "".join(texts) == data.decode("utf-8", "replace")


@given(TEXTS, STOPS, CUTS)
def test_nothing_shown_is_ever_part_of_a_stop_string(
    text: str, stop: list[str], cuts: list[int]
) -> None:
    texts, _ = collect(text.encode(), cuts, stop)
    assert not any(one in "".join(texts) for one in stop if one)


def test_an_unfinished_character_is_held_back() -> None:
    stream = TextStream([])
    first, second = "ä".encode()[:1], "ä".encode()[1:]
    assert stream.push(b"a" + first) == "a"
    assert stream.push(second) == "ä"


def test_a_character_that_is_never_finished() -> None:
    stream = TextStream([])
    assert stream.push(b"a\xc3") == "a"
    assert stream.finish() == "\ufffd"


def test_a_possible_stop_is_held_back_until_it_is_not() -> None:
    stream = TextStream(["Frage:"])
    assert stream.push(b"Ja. Fra") == "Ja. "
    assert stream.push(b"nz") == "Franz"
    assert stream.push(b" Frage: Wer?") == " "
    assert stream.stopped
    assert stream.push(b"mehr") == stream.finish() == ""


def test_an_empty_stop_string_stops_nothing() -> None:
    stream = TextStream([""])
    assert stream.push(b"abc") == "abc"
    assert not stream.stopped
