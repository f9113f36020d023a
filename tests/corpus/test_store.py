from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import BelegtError, UsageError
from corpus.document import Document, Language, Passage, Span
from corpus.filters import Filters
from corpus.passages import build_passages
from corpus.store import DATABASE, CorpusStore, Prepared
from index.terms import stems

DIMENSION = 4


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def make(
    name: str,
    text: str = "Das ist ein Satz. Hier steht noch einer.",
    language: Language = "de",
    date: str | None = None,
    source: str | None = None,
) -> Document:
    return Document(
        id=name,
        title=f"Titel {name}",
        source=source,
        date=date,
        language=language,
        text=text,
        path=f"{name}.txt",
        metadata={"autor": "Ää"},
    )


def prepare(document: Document, budget: int = 6, digest: str = "d") -> Prepared:
    passages = build_passages(document, count_words, budget, 0)
    vectors = np.arange(len(passages) * DIMENSION, dtype=np.float32).reshape(-1, DIMENSION)
    terms = [" ".join(stems(passage.text, document.language)) for passage in passages]
    return Prepared(document, digest, passages, terms, vectors)


def test_what_was_stored_comes_back(store: CorpusStore) -> None:
    document = make("a", date="2025-06", source="Reuters")
    prepared = prepare(document, digest="abc")
    ids = store.put(prepared)
    assert store.document("a") == document
    assert store.digest("a") == "abc"
    found = store.passages(ids)
    assert [found[number].passage for number in ids] == list(prepared.passages)
    first = found[ids[0]]
    facts = (first.title, first.source, first.date, first.language, first.path)
    assert facts == ("Titel a", "Reuters", "2025-06", "de", "a.txt")
    numbers, vectors = store.vectors()
    assert numbers.tolist() == ids
    assert vectors.dtype == np.float32
    assert vectors.tolist() == prepared.vectors.tolist()


def test_it_is_still_there_after_closing(tmp_path: Path) -> None:
    with CorpusStore.open(tmp_path, create=True) as first:
        first.put(prepare(make("a")))
        generation, identity = first.generation, first.identity
    with CorpusStore.open(tmp_path) as second:
        assert second.document("a") == make("a")
        assert (second.generation, second.identity) == (generation, identity)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=120) | st.text(
    alphabet="aÄß. \n!?…\u2028\r\0😀🇩🇪e\u0301", max_size=120
)


@given(TEXTS, st.integers(1, 20))
def test_offsets_hold_in_the_database_as_in_memory(text: str, budget: int) -> None:
    # SQLite's substr counts code points as Python does; anything else would quote wrongly.
    document = make("a", text.replace("\0", " "))
    with CorpusStore(Path(), _memory(), writable=True) as store:
        ids = store.put(prepare(document, budget))
        for stored in store.passages(ids).values():
            passage = stored.passage
            assert passage.text == document.text[passage.start : passage.end]
            passage.check(store.document("a"))


def _memory() -> sqlite3.Connection:
    from corpus import schema

    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    schema.migrate(connection, "memory")
    return connection


def test_a_document_replaces_the_one_of_its_id(store: CorpusStore) -> None:
    store.put(prepare(make("b")))
    old = store.put(prepare(make("a", "Das Wort Walfisch steht hier.")))
    new = store.put(prepare(make("a", "Nun steht hier ein Elefant.")))
    assert not set(old) & set(new), "ids are never reused"
    assert store.passages(old) == {}
    assert len(store.documents()) == 2
    assert store.bm25(stems("Walfisch", "de"), Filters(), 9) == []
    assert [number for number, _ in store.bm25(stems("Elefant", "de"), Filters(), 9)] == new


def test_ids_are_not_reused_after_removal(store: CorpusStore) -> None:
    old = store.put(prepare(make("a")))
    store.remove("a")
    assert min(store.put(prepare(make("a")))) > max(old)


def test_removal_forgets_every_trace(store: CorpusStore) -> None:
    store.put(prepare(make("a", "Das Wort Walfisch steht hier.")))
    assert store.remove("a")
    assert not store.remove("a")
    assert store.documents() == []
    assert store.passage_count() == 0
    assert store.vectors()[0].tolist() == []
    assert store.document_frequencies(stems("Walfisch", "de")) == {}
    assert store.digest("a") is None


def test_every_change_advances_the_generation(store: CorpusStore) -> None:
    seen = [store.generation]
    store.put(prepare(make("a")))
    seen.append(store.generation)
    store.remove("a")
    seen.append(store.generation)
    store.set_meta("a", "b")
    seen.append(store.generation)
    assert seen == sorted(set(seen))


def test_a_transaction_is_all_or_nothing(store: CorpusStore) -> None:
    store.put(prepare(make("a")))
    generation = store.generation

    def fail_half_way() -> None:
        with store.transaction():
            store.put(prepare(make("b")))
            store.remove("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_half_way()
    assert [info.id for info in store.documents()] == ["a"]
    assert store.generation == generation
    with store.transaction():
        store.put(prepare(make("b")))
        store.put(prepare(make("c")))
    assert store.generation == generation + 1


def test_a_document_that_cannot_be_stored_leaves_the_old_one(store: CorpusStore) -> None:
    store.put(prepare(make("a")))
    good = prepare(make("a", "Ganz neu ist das."))
    twice = Prepared(
        good.document, "x", list(good.passages) * 2, list(good.terms) * 2, np.zeros((2, 4), "f4")
    )
    with pytest.raises(sqlite3.IntegrityError):
        store.put(twice)
    assert store.document("a") == make("a")


def test_offsets_that_do_not_fit_are_refused(store: CorpusStore) -> None:
    document = make("a")
    wrong = Passage(
        document_id="a", ordinal=0, start=1, end=4, text="Das", sentences=(Span(start=1, end=4),)
    )
    with pytest.raises(BelegtError, match="does not match"):
        store.put(Prepared(document, "x", [wrong], ["d"], np.zeros((1, 4), np.float32)))
    outside = wrong.model_copy(update={"start": 0, "end": 3, "sentences": (Span(start=0, end=9),)})
    with pytest.raises(BelegtError, match="sentence offsets"):
        store.put(Prepared(document, "x", [outside], ["d"], np.zeros((1, 4), np.float32)))
    assert store.documents() == []


def test_vectors_of_sentences_go_with_their_passage(store: CorpusStore) -> None:
    plain = prepare(make("a"))
    rows = [np.eye(len(one.sentences), 4, dtype=np.float32) / 3 for one in plain.passages]
    (number, *_) = store.put(replace(plain, sentence_vectors=rows))
    found = store.passages([number])[number].sentence_vectors
    assert found is not None
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, rows[0], rtol=1e-3)
    (number, *_) = store.put(plain)
    assert store.passages([number])[number].sentence_vectors is None
    with pytest.raises(ValueError, match="all passages or none"):
        store.put(replace(plain, sentence_vectors=[*rows, rows[0]]))


def test_lengths_must_agree(store: CorpusStore) -> None:
    good = prepare(make("a"))
    with pytest.raises(ValueError, match="one length"):
        store.put(Prepared(good.document, "x", good.passages, [], good.vectors))


def test_the_listing_counts_passages_and_characters(store: CorpusStore) -> None:
    for name in ("b", "a"):
        store.put(prepare(make(name)))
    listed = store.documents()
    assert [info.id for info in listed] == ["a", "b"]
    assert [info.passages for info in listed] == [2, 2]
    assert listed[0].characters == len(make("a").text)


def test_an_unknown_document_names_the_command(store: CorpusStore) -> None:
    with pytest.raises(UsageError, match=r"no document 'x'.*belegt index list"):
        store.document("x")


def test_nothing_asked_nothing_found(store: CorpusStore) -> None:
    store.put(prepare(make("a")))
    assert store.passages([]) == {}
    assert store.bm25([], Filters(), 5) == []
    assert store.document_frequencies([]) == {}
    numbers, vectors = store.vectors([])
    assert (len(numbers), len(vectors)) == (0, 0)


def test_bm25_prefers_more_and_rarer_terms(store: CorpusStore) -> None:
    texts = ["Wal und Hund.", "Wal und Wal und Katze.", "Hund und Katze.", "Hund."]
    ids = [store.put(prepare(make(str(n), text)))[0] for n, text in enumerate(texts)]
    found = store.bm25(stems("Wal Katze", "de"), Filters(), 10)
    assert found[0][0] == ids[1]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert store.bm25(stems("Wal Katze", "de"), Filters(), 1) == found[:1]
    assert store.document_frequencies(stems("Wal Hund", "de")) == {"wal": 2, "hund": 3}


@given(st.text(max_size=60))
def test_no_words_of_a_question_can_break_the_search(text: str) -> None:
    with CorpusStore(Path(), _memory(), writable=True) as store:
        store.put(prepare(make("a")))
        for language in ("de", "en"):
            terms = stems(text, language)  # type: ignore[arg-type]
            store.bm25(terms, Filters(), 5)
            store.document_frequencies(terms)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N")), min_size=1))
def test_a_term_finds_the_passage_it_was_stored_with(word: str) -> None:
    terms = stems(word, "de")
    if not terms:
        return
    with CorpusStore(Path(), _memory(), writable=True) as store:
        good = prepare(make("a", "Das ist es."))
        ids = store.put(
            Prepared(good.document, "x", good.passages, [" ".join(terms)], good.vectors)
        )
        assert [number for number, _ in store.bm25(terms, Filters(), 5)] == ids


DATED = {
    "tag": "2025-06-13",
    "monat": "2025-06",
    "jahr": "2025",
    "frueher": "2024-12-31",
    "ohne": None,
}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), set(DATED)),
        (Filters(since="2025-06-10"), {"tag", "monat", "jahr"}),
        (Filters(since="2025-06-14"), {"monat", "jahr"}),
        (Filters(since="2025-07"), {"jahr"}),
        (Filters(since="2026"), set()),
        (Filters(until="2025-06-12"), {"monat", "jahr", "frueher"}),
        (Filters(until="2024"), {"frueher"}),
        (Filters(since="2025", until="2025"), {"tag", "monat", "jahr"}),
        (Filters(since="2025-06", until="2025-06-13"), {"tag", "monat", "jahr"}),
    ],
)
def test_filters_on_dates(store: CorpusStore, filters: Filters, expected: set[str]) -> None:
    for name, date in DATED.items():
        store.put(prepare(make(name, date=date)))
    assert kept(store, filters) == expected


def kept(store: CorpusStore, filters: Filters) -> set[str]:
    """Ids of the documents that pass; every way to ask must agree."""
    ids = store.passage_ids(filters)
    assert ids.dtype == np.int64
    assert ids.tolist() == sorted(ids.tolist())
    by_term = {number for number, _ in store.bm25(stems("Satz steht", "de"), filters, 99)}
    assert by_term == set(ids.tolist())
    assert sum(store.languages(filters).values()) == len(ids)
    return {stored.passage.document_id for stored in store.passages(ids.tolist()).values()}


@given(st.dates(), st.dates(), st.sampled_from([4, 7, 10]), st.sampled_from([4, 7, 10]))
def test_dates_compare_by_their_common_length(day: object, limit: object, a: int, b: int) -> None:
    date, since = str(day)[:a], str(limit)[:b]
    common = min(a, b)
    with CorpusStore(Path(), _memory(), writable=True) as store:
        store.put(prepare(make("a", date=date)))
        assert bool(len(store.passage_ids(Filters(since=since)))) == (
            date[:common] >= since[:common]
        )
        assert bool(len(store.passage_ids(Filters(until=since)))) == (
            date[:common] <= since[:common]
        )


def test_filters_on_source_language_and_document(store: CorpusStore) -> None:
    store.put(prepare(make("a", source="Reuters")))
    store.put(prepare(make("b", source="Bloomberg", language="de")))
    store.put(
        prepare(
            make(
                "c",
                "Satz steht one or two. Satz steht three or four.",
                source="Reuters",
                language="en",
            )
        )
    )
    assert kept(store, Filters(sources=("Reuters",))) == {"a", "c"}
    assert kept(store, Filters(sources=("Reuters", "Bloomberg"))) == {"a", "b", "c"}
    assert kept(store, Filters(languages=("en",))) == {"c"}
    assert kept(store, Filters(documents=("a", "b"))) == {"a", "b"}
    assert kept(store, Filters(sources=("Reuters",), documents=("b", "c"))) == {"c"}
    assert kept(store, Filters(sources=("' OR 1 --",))) == set()
    assert store.languages(Filters(sources=("Reuters",))) == {"de": 2, "en": 2}


def test_unknown_filters_are_refused() -> None:
    with pytest.raises(ValueError, match="extra_forbidden"):
        Filters(author="x")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="languages"):
        Filters(languages=("fr",))  # type: ignore[arg-type]


@pytest.mark.parametrize("date", ["13.06.2025", "gestern", "2025-6", "2025-13", "2025-02-30", ""])
def test_a_date_that_is_none_is_refused(date: str) -> None:
    with pytest.raises(UsageError, match=f"'{date}' is not a date"):
        Filters(since=date)
    with pytest.raises(UsageError, match="write it as"):
        Filters(until=date)


def test_a_folder_that_does_not_exist_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no corpus in .*belegt index add"):
        CorpusStore.open(tmp_path / "fehlt")
    assert not (tmp_path / "fehlt").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "datei").write_text("x")
    with pytest.raises(UsageError, match="cannot be made"):
        CorpusStore.open(tmp_path / "datei" / "corpus", create=True)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / DATABASE
    file.write_text("Das ist keine Datenbank, sondern ein Brief.\n" * 99)
    before = file.read_bytes()
    with pytest.raises(UsageError, match=r"cannot be opened as a corpus database"):
        CorpusStore.open(tmp_path)
    assert file.read_bytes() == before


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may run as root, for whom no folder is read-only."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)


def test_a_read_only_corpus_is_read_and_not_written(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with CorpusStore.open(tmp_path, create=True) as store:
        store.put(prepare(make("a")))
    before = (tmp_path / DATABASE).read_bytes()
    request.getfixturevalue("read_only")
    with CorpusStore.open(tmp_path) as store:
        assert not store.writable
        assert [info.id for info in store.documents()] == ["a"]
        assert store.bm25(["satz"], Filters(), 5)
        for change in (
            lambda: store.put(prepare(make("b"))),
            lambda: store.remove("a"),
            lambda: store.set_meta("a", "b"),
        ):
            with pytest.raises(UsageError, match="read-only; nothing was changed"):
                change()
    with pytest.raises(UsageError, match="read-only"):
        CorpusStore.open(tmp_path, create=True)
    assert (tmp_path / DATABASE).read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == [DATABASE]


def test_an_empty_file_in_a_read_only_folder(tmp_path: Path, read_only: None) -> None:
    (tmp_path / DATABASE).touch()
    with pytest.raises(UsageError, match="corpus"):
        CorpusStore.open(tmp_path)


def test_a_full_disk_changes_nothing(store: CorpusStore) -> None:
    store.put(prepare(make("a")))
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BelegtError, match=r"could not be written.*full.*nothing was changed"):
        store.put(prepare(make("b", "Ein Satz steht hier. " * 5000)))
    assert [info.id for info in store.documents()] == ["a"]


def test_a_reader_sees_the_old_state_while_another_writes(tmp_path: Path) -> None:
    with (
        CorpusStore.open(tmp_path, create=True) as writer,
        CorpusStore.open(tmp_path) as reader,
        writer.transaction(),
    ):
        writer.put(prepare(make("a")))
        assert reader.documents() == []
