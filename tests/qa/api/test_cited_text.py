from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.api.cited_text import cited_pieces, cut, without_markers
from qa.pipeline.answer import Citation


def words(texts: object) -> list[int]:
    assert isinstance(texts, list)
    return [len(text.split()) for text in texts]


def citation(marker: int) -> Citation:
    return Citation(
        marker=marker, document_id="d", path="d.md", title="D", date=None, source=None,
        start=0, end=1, quote="x",
    )  # fmt: skip


def test_pieces_end_at_their_markers() -> None:
    pieces = cited_pieces("Eins. [1][2] Zwei [7]. [1] Rest", [citation(1), citation(2)])
    assert [piece.text for piece in pieces] == ["Eins.", " Zwei [7].", " Rest"]
    assert [[one.marker for one in piece.citations] for piece in pieces] == [[1, 2], [1], []]


@given(st.text(), st.lists(st.integers(1, 9), max_size=4))
def test_pieces_are_the_whole_text(text: str, markers: list[int]) -> None:
    pieces = cited_pieces(text, [citation(marker) for marker in dict.fromkeys(markers)])
    assert without_markers("".join(piece.text for piece in pieces)) == without_markers(text)


@given(st.text(alphabet="ab [1].\n", max_size=60), st.integers(1, 8))
def test_a_cut_text_is_a_start_within_the_limit(text: str, limit: int) -> None:
    kept = cut(text, limit, words)
    assert text.startswith(kept)
    assert words([without_markers(kept)])[0] <= limit or len(kept) == 1


def test_a_sentence_that_fits_keeps_its_marker() -> None:
    assert cut("Eins zwei. [1] Drei vier. [2]", 2, words) == "Eins zwei. [1]"
    assert cut("Eins zwei. [1] Drei vier. [2]", 3, words) == "Eins zwei. [1] Drei"
    assert cut("abc", 2, lambda texts: [len(text) for text in texts]) == "ab"
