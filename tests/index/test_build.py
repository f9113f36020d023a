from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEncoder
from samples import DOCUMENTS, document

from base.errors import BelegtError, UsageError
from base.settings import Settings
from corpus.document import Document
from corpus.filters import Filters
from corpus.store import DATABASE, CorpusStore
from index import build
from index.build import Indexer, check_encoder, open_dense, stored_encoder
from index.faiss_index import META
from index.terms import stems


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "texte"
    folder.mkdir()
    for number in range(4):
        text = f"---\ntitle: Titel {number}\nlanguage: de\n---\nHier steht der Satz {number}.\n"
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def indexer(store: CorpusStore, encoder: HashingEncoder, settings: Settings) -> Indexer:
    return Indexer(store, encoder, settings)


def test_a_folder_is_added_once(indexer: Indexer, store: CorpusStore, files: Path) -> None:
    report = indexer.add([files])
    assert len(report.added) == 4
    assert not report.refused + report.replaced + report.unchanged
    generation = store.generation
    again = indexer.add([files])
    assert sorted(again.unchanged) == sorted(report.added)
    assert not again.added + again.replaced
    assert store.generation == generation
    assert len(store.documents()) == 4


def test_a_changed_file_is_replaced(indexer: Indexer, store: CorpusStore, files: Path) -> None:
    indexer.add([files])
    (files / "2.md").write_text("Nun steht hier ein Walfisch.", encoding="utf-8")
    report = indexer.add([files])
    assert (len(report.replaced), len(report.unchanged)) == (1, 3)
    assert "Walfisch" in store.document(report.replaced[0]).text
    assert len(store.documents()) == 4


def test_a_file_that_cannot_be_read_costs_itself_only(
    indexer: Indexer, store: CorpusStore, files: Path
) -> None:
    (files / "leer.txt").touch()
    (files / "bild.txt").write_bytes(bytes(range(256)) * 9)
    (files / "menu.txt").write_text("menu\nclose\n")
    seen: list[str] = []
    report = indexer.add([files], seen.append)
    assert len(report.added) == 5
    reasons = {Path(one.path).name: one.reason for one in report.refused}
    assert set(reasons) == {"leer.txt", "bild.txt"}
    assert all(reason.endswith(".") and "\n" not in reason for reason in reasons.values())
    assert len(seen) == 7
    assert len(store.documents()) == 5


def test_the_title_is_searched_and_embedded_but_not_quoted(
    indexer: Indexer, store: CorpusStore, encoder: HashingEncoder
) -> None:
    indexer.add_documents([document("a", "Er kam im Juli.", title="Walfischfang")])
    assert encoder.encoded == ["Er kam im Juli.", "Walfischfang\nEr kam im Juli."]
    ((number, _),) = store.bm25(stems("Walfischfang", "de"), Filters(), 5)
    assert store.passages([number])[number].passage.text == "Er kam im Juli."


def test_vectors_go_with_their_passages(
    indexer: Indexer, store: CorpusStore, encoder: HashingEncoder
) -> None:
    indexer.add_documents(DOCUMENTS)
    ids, vectors = store.vectors()
    found = store.passages(ids.tolist())
    texts = [f"{found[n].title}\n{found[n].passage.text}" for n in ids.tolist()]
    assert np.array_equal(vectors, encoder.encode_passages(texts))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_every_sentence_is_encoded_once_and_kept_with_its_passages(
    store: CorpusStore, encoder: HashingEncoder
) -> None:
    settings = Settings(passage_tokens=32, passage_overlap=1)
    text = " ".join(f"Der Satz Nummer {number} steht für sich." for number in range(20))
    Indexer(store, encoder, settings).add_documents([document("a", text)])
    passages = list(store.passages(store.vectors()[0].tolist()).values())
    held = [one for passage in passages for one in passage.passage.sentence_texts()]
    assert len(passages) > 2
    assert len(held) > len(set(held)) == 20
    assert sum(one in set(held) for one in encoder.encoded) == 20
    for one in passages:
        assert one.sentence_vectors is not None
        wanted = encoder.encode_passages(one.passage.sentence_texts())
        np.testing.assert_allclose(one.sentence_vectors, wanted, atol=1e-3)


def test_the_dense_index_follows_every_change(
    indexer: Indexer, store: CorpusStore, encoder: HashingEncoder
) -> None:
    def check() -> None:
        index, reason = open_dense(store, encoder.describe())
        assert reason is None
        assert index.count() == store.passage_count()

    indexer.add_documents(DOCUMENTS)
    check()
    indexer.remove("anteil")
    check()
    indexer.rebuild()
    check()
    for one in store.documents():
        indexer.remove(one.id)
    check()


def test_removing_what_is_not_there(indexer: Indexer) -> None:
    with pytest.raises(UsageError, match="no document 'x'"):
        indexer.remove("x")


@pytest.fixture
def with_files(filled: CorpusStore, encoder: HashingEncoder) -> Settings:
    """``filled`` has its vectors in files; settings that say so."""
    settings = Settings(exact_passages=0)
    index, reason = open_dense(filled, encoder.describe(), settings)
    assert reason is None
    index.save()
    return settings


@pytest.mark.parametrize("damage", ["missing", "torn", "record"])
def test_a_dense_index_that_will_not_do_is_made_again(
    filled: CorpusStore, encoder: HashingEncoder, with_files: Settings, damage: str
) -> None:
    query = encoder.encode_questions(["49 Prozent"])[0]
    whole, _ = open_dense(filled, encoder.describe(), with_files)
    wanted = whole.search(query, 9)[0].tolist()
    file = next(filled.folder.glob("dense-*"))
    if damage == "missing":
        file.unlink()
    elif damage == "torn":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        filled.set_meta(META, "[")
    index, reason = open_dense(filled, encoder.describe(), with_files)
    assert reason
    assert index.count() == filled.passage_count()
    assert index.search(query, 9)[0].tolist() == wanted
    assert open_dense(filled, encoder.describe(), with_files)[1] is None


def test_a_read_only_corpus_keeps_the_new_index_in_memory(
    filled: CorpusStore, encoder: HashingEncoder, with_files: Settings
) -> None:
    for file in filled.folder.glob("dense-*"):
        file.unlink()
    filled.writable = False
    index, reason = open_dense(filled, encoder.describe(), with_files)
    assert reason == "the file is missing"
    assert index.count() == filled.passage_count()
    assert list(filled.folder.glob("dense-*")) == []


def test_another_encoder_is_refused_with_the_command(
    filled: CorpusStore, settings: Settings
) -> None:
    other = HashingEncoder(32, name="other")
    message = r"built by encoder 'hashing'.*'other'.*belegt index rebuild --corpus"
    with pytest.raises(UsageError, match=message):
        check_encoder(filled, other)
    indexer = Indexer(filled, other, settings)
    generation = filled.generation
    with pytest.raises(UsageError, match=message):
        indexer.add_documents([document("neu", "Ein neuer Satz.")])
    with pytest.raises(UsageError, match=message):
        indexer.add([])
    with pytest.raises(UsageError, match=message):
        indexer.remove("anteil")
    assert filled.generation == generation
    assert len(filled.documents()) == len(DOCUMENTS)


def test_rebuilding_takes_the_present_encoder_and_settings(
    filled: CorpusStore, settings: Settings
) -> None:
    other = HashingEncoder(32, name="other")
    shorter = settings.model_copy(update={"passage_tokens": 10})
    before = filled.passage_count()
    assert Indexer(filled, other, shorter).rebuild() == len(DOCUMENTS)
    check_encoder(filled, other)
    assert stored_encoder(filled) == other.describe()
    assert filled.passage_count() > before
    assert filled.vectors()[1].shape[1] == 32
    assert {info.id for info in filled.documents()} == {one.id for one in DOCUMENTS}


def test_an_interrupted_rebuild_leaves_the_old_index(
    filled: CorpusStore, encoder: HashingEncoder, settings: Settings
) -> None:
    before, generation = filled.vectors(), filled.generation
    with pytest.raises(KeyboardInterrupt):
        Indexer(filled, HashingEncoder(32, interrupt_after=2), settings).rebuild()
    after = filled.vectors()
    assert np.array_equal(before[0], after[0])
    assert np.array_equal(before[1], after[1])
    assert filled.generation == generation
    check_encoder(filled, encoder)


@pytest.mark.parametrize("encoded", range(9))
def test_an_interrupted_run_leaves_whole_documents_and_goes_on(
    store: CorpusStore,
    settings: Settings,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    encoded: int,
) -> None:
    # Each file is one sentence, which is encoded alone and as its passage.
    after = encoded // 2
    monkeypatch.setattr(build, "_TOGETHER", 1)
    interrupted = Indexer(store, HashingEncoder(interrupt_after=encoded), settings)
    if after < 4:
        with pytest.raises(KeyboardInterrupt):
            interrupted.add([files])
    else:
        interrupted.add([files])
    assert len(store.documents()) == after
    assert store.passage_count() == after
    encoder = HashingEncoder()
    if after:
        assert open_dense(store, encoder.describe())[1] is None
    report = Indexer(store, encoder, settings).add([files])
    assert (len(report.added), len(report.unchanged)) == (4 - after, after)
    assert open_dense(store, encoder.describe())[0].count() == 4


def test_an_interruption_from_the_progress_bar_loses_nothing(
    indexer: Indexer, store: CorpusStore, encoder: HashingEncoder, files: Path
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    indexer.add_documents(DOCUMENTS)
    with pytest.raises(KeyboardInterrupt):
        indexer.add([files], on_passages=interrupt)
    assert {info.id for info in store.documents()} == {one.id for one in DOCUMENTS}
    assert open_dense(store, encoder.describe())[1] is None
    assert len(indexer.add([files]).added) == 4


def test_a_dense_index_that_cannot_be_saved_is_one_sentence(
    store: CorpusStore, encoder: HashingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer = Indexer(store, encoder, Settings(exact_passages=0))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BelegtError, match=r"No space left.*documents are stored"):
        indexer.add_documents(DOCUMENTS)
    assert len(store.documents()) == len(DOCUMENTS)
    monkeypatch.undo()
    assert list(store.folder.glob("dense-*.ivf")) == []


def test_nothing_to_add_leaves_an_empty_corpus(indexer: Indexer, store: CorpusStore) -> None:
    assert indexer.add([]).added == []
    assert stored_encoder(store) is None
    assert {file.name for file in store.folder.iterdir()} <= {
        DATABASE,
        f"{DATABASE}-wal",
        f"{DATABASE}-shm",
    }


def test_many_documents_are_encoded_together(
    indexer: Indexer, store: CorpusStore, encoder: HashingEncoder
) -> None:
    many = [document(f"d{n}", f"Hier steht der Satz {n}.") for n in range(20)]
    report = indexer.add_documents(many)
    assert report.added == [one.id for one in many]
    # Each as a sentence and as a passage.
    assert len(encoder.encoded) == 2 * 20
    for one in many:
        assert_stored(store, one)


def assert_stored(store: CorpusStore, one: Document) -> None:
    ids = store.passage_ids(Filters(documents=(one.id,)))
    texts = [stored.passage.text for stored in store.passages(ids.tolist()).values()]
    assert texts == [one.text]
