"""Documents that say the same are found, told and counted once."""

from __future__ import annotations

from corpus.copies import ALIKE, FEWEST_WORDS, signature, similarity
from corpus.store import CorpusStore

WORDS = [f"wort{number}" for number in range(200)]
TEXT = " ".join(WORDS)
EDITED = " ".join(["Ein", "anderer", "Anfang", *WORDS[10:], "und", "ein", "Schluss"])


def test_white_space_case_and_typography_make_no_difference() -> None:
    assert signature("Der „Plan“ –\nalt").exact == signature('der "plan" - ALT').exact
    assert signature("Der Plan 2").exact != signature("Der Plan 3").exact


def test_an_edited_text_is_a_near_copy_and_another_is_not() -> None:
    one, edited = signature(TEXT).minhash, signature(EDITED).minhash
    other = signature(" ".join(reversed(WORDS))).minhash
    assert similarity(one, edited) >= ALIKE
    assert similarity(one, other) < 0.1


def test_short_texts_are_copies_only_word_for_word() -> None:
    short = " ".join(WORDS[: FEWEST_WORDS - 1])
    assert signature(short).minhash == b""
    assert similarity(b"", b"") == 0.0


def test_copies_are_told_and_grouped(store: CorpusStore) -> None:
    put(store, "a", TEXT)
    put(store, "b", EDITED)
    put(store, "c", TEXT.upper())
    put(store, "d", "Etwas ganz anderes.")
    found = store.copies_of("c", signature(TEXT))
    assert [(copy.document_id, copy.kind) for copy in found] == [("a", "copy"), ("b", "near-copy")]
    assert store.copy_groups(["c", "d", "a", "b"]) == {"c": "c", "d": "d", "a": "c", "b": "c"}
    store.remove("a")
    assert [copy.document_id for copy in store.copies_of("c", signature(TEXT))] == ["b"]


def put(store: CorpusStore, name: str, text: str) -> None:
    from corpus import copies

    with store.transaction():
        store.change(
            "INSERT INTO documents (id, path, title, language, text, metadata, digest, added) "
            "VALUES (?, '', '', 'de', ?, '{}', '', '')",
            (name, text),
        )
        copies.put(store._connection, name, signature(text))
