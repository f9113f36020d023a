from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document, Language, Passage
from corpus.passages import build_passages
from corpus.regions import plain_regions
from corpus.sentences import split_region


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def document(text: str, language: Language = "de") -> Document:
    return Document(id="a", title="", language=language, text=text, path="a.txt")


def pack(text: str, budget: int, overlap: int = 0) -> list[str]:
    return [
        passage.text for passage in build_passages(document(text), count_words, budget, overlap)
    ]


def numbered(first: int, last: int) -> str:
    return " ".join(f"Hier steht Satz Nummer {'abcdefghijklm'[n]}." for n in range(first, last))


def test_short_paragraphs_are_joined() -> None:
    text = "Das ist eins.\n\nDas ist zwei.\n\nDas ist drei."
    assert pack(text, 20) == [text]


def test_a_new_paragraph_starts_a_passage_when_the_last_is_half_full() -> None:
    first, second = numbered(0, 3), numbered(3, 6)
    assert pack(f"{first}\n\n{second}", 20) == [first, second]


def test_a_heading_goes_with_the_text_that_follows() -> None:
    first, second = numbered(0, 2), numbered(2, 4)
    assert pack(f"{first}\n\nFazit\n\n{second}", 20) == [first, f"Fazit\n\n{second}"]


def test_a_heading_without_text_is_kept() -> None:
    assert pack("Das ist ein Satz.\n\nFazit", 20) == ["Das ist ein Satz.\n\nFazit"]


def test_overlap_only_within_a_paragraph() -> None:
    passages = build_passages(
        document(numbered(0, 5) + "\n\n" + numbered(5, 7)), count_words, 10, 1
    )
    texts = [passage.text for passage in passages]
    assert texts[:4] == [numbered(0, 2), numbered(1, 3), numbered(2, 4), numbered(3, 5)]
    assert texts[4:] == [numbered(5, 7)]


def test_overlap_is_left_out_where_it_does_not_fit() -> None:
    text = "Das sind vier Wörter. " + "Wort " * 8 + "Ende."
    assert len(pack(text, 10, overlap=3)) == 2


def test_a_sentence_over_the_budget_stands_alone() -> None:
    long = "Wort " * 30 + "Ende."
    assert pack(f"Das ist kurz. {long} Das auch.", 10, overlap=2) == [
        "Das ist kurz.",
        long,
        "Das auch.",
    ]


def test_furniture_has_passages_of_its_own() -> None:
    text = "menu\nclose\n\nDas ist eins.\n\nQuelle: YouTube\n\nDas ist zwei.\n\nLatest News"
    passages = build_passages(document(text), count_words, 50, 0)
    assert [(passage.text, passage.role) for passage in passages] == [
        ("menu\nclose", "furniture"),
        ("Das ist eins.", "text"),
        ("Quelle: YouTube", "furniture"),
        ("Das ist zwei.", "text"),
        ("Latest News", "furniture"),
    ]


def test_nothing_makes_no_passage() -> None:
    assert pack("", 50) == []


def test_a_list_stays_with_the_line_that_introduces_it() -> None:
    items = "\n".join(f"- Unterlage {letter}" for letter in "abcdef")
    text = f"{numbered(0, 3)}\n\nEinzureichen sind:\n\n{items}\n\n{numbered(3, 6)}"
    assert pack(text, 22) == [numbered(0, 3), f"Einzureichen sind:\n\n{items}", numbered(3, 6)]


PIECES = [
    "Das ist ein Satz. ",
    "menu\n",
    "Quelle: YouTube\n\n",
    "Überschrift\n\n",
    "\n\n",
    "Er kam z. B. am 3. Mai. ",
    "Bild vom Haus\n",
    "date 2025-06 ",
    "x" * 50 + " ",
]


@given(
    st.text(max_size=400)
    | st.text(alphabet='aB. \n!?„“"()2;…\u2028\r\U0001f600|', max_size=300)
    | st.lists(st.sampled_from(PIECES)).map("".join),
    st.sampled_from(["de", "en"]),
    st.integers(1, 60),
    st.integers(0, 3),
)
def test_passages_of_arbitrary_text(
    text: str, language: Language, budget: int, overlap: int
) -> None:
    source = document(text, language)
    passages = build_passages(source, count_words, budget, overlap)
    assert passages == build_passages(source, count_words, budget, overlap)
    furniture = [
        (region.start, region.end) for region in plain_regions(text) if region.role == "furniture"
    ]
    seen: set[tuple[int, int]] = set()
    for ordinal, passage in enumerate(passages):
        passage.check(source)
        assert passage.ordinal == ordinal
        check_edges(passage, furniture)
        assert len(passage.sentences) == 1 or count_words([passage.text])[0] <= budget
        spans = {(span.start, span.end) for span in passage.sentences}
        assert spans - seen, "only overlap"
        seen |= spans
    assert [passage.start for passage in passages] == sorted(p.start for p in passages)
    assert seen == {
        (span.start, span.end)
        for region in plain_regions(text)
        for span in split_region(text, region, language)
    }
    held = {at for start, end in seen for at in range(start, end)}
    assert all(at in held or character.isspace() for at, character in enumerate(text))


def check_edges(passage: Passage, furniture: list[tuple[int, int]]) -> None:
    assert passage.start == passage.sentences[0].start
    assert passage.end == passage.sentences[-1].end
    within = [start <= passage.start and passage.end <= end for start, end in furniture]
    apart = [end <= passage.start or passage.end <= start for start, end in furniture]
    assert passage.role == "furniture" or all(apart), within
