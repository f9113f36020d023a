from __future__ import annotations

import contextlib
import json
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence

import pytest
from fakes import HashingEncoder, ScriptedEngine
from samples import DOCUMENTS, document

from base.errors import UsageError
from base.settings import Settings
from corpus.cache_folder import kept_folder
from corpus.store import CorpusStore
from index.build import Indexer
from qa.cli import index_commands
from qa.engine.protocol import Segment
from qa.engine.request import EngineBusyError, EngineClosedError
from qa.pipeline import cache_warmer
from qa.pipeline.cache_warmer import CacheWarmer, has_room, prompts, reading_count


class Reader(ScriptedEngine):
    """Notes what it reads, and forgets it. ``busy``: that many times somebody asks."""

    def __init__(self) -> None:
        super().__init__()
        self.kept_prompts: list[str] = []
        self.busy = 0
        self.broken = False

    def is_cached(self, prompt: Sequence[Segment]) -> list[bool]:
        return [False for one in prompt if one.kept_in is not None]

    def cache(self, prompt: Sequence[Segment], *, background: bool = True) -> bool:
        assert background
        if self.closed:
            raise EngineClosedError("closed")
        if self.broken:
            raise ValueError("broken")
        if self.busy:
            self.busy -= 1
            raise EngineBusyError("Somebody asks.")
        self.kept_prompts.append("".join(one.text for one in prompt if one.kept_in is not None))
        return super().cache(prompt, background=background)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setattr(cache_warmer, "PAUSE_S", 0.01)
    return Reader()


@pytest.fixture
def ahead(reader: Reader, filled: CorpusStore, settings: Settings) -> Iterator[CacheWarmer]:
    @contextlib.contextmanager
    def reading() -> Iterator[CorpusStore]:
        with CorpusStore.open(filled.folder) as opened:
            yield opened

    made = CacheWarmer(reader, reading, settings)
    yield made
    made.close()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.005)


def test_each_passage_is_read_once_for_questions_of_both_languages(
    reader: Reader, filled: CorpusStore
) -> None:
    made = list(prompts(filled, reader))
    assert len(made) == reading_count(filled) == filled.passage_count()
    folders = [
        segment.kept_in for prompt in made for segment in prompt if segment.kept_in is not None
    ]
    assert set(folders) == {kept_folder(filled.folder, doc.id) for doc in DOCUMENTS}
    assert len({prompt[0].text for prompt in made}) == 1
    assert all(prompt[0].constant for prompt in made)


def test_the_whole_corpus_is_read_while_nobody_asks(
    ahead: CacheWarmer, reader: Reader, filled: CorpusStore
) -> None:
    reader.busy = 3
    ahead.start()
    until(lambda: len(reader.kept_prompts) == reading_count(filled))


@pytest.mark.parametrize("keeps", ["idle", "never"])
def test_what_comes_before_is_done_first_and_told_to_end(
    reader: Reader, filled: CorpusStore, settings: Settings, keeps: str
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def before(closing: threading.Event) -> None:
        begun.set()
        closing.wait(20)
        ended.set()

    given = settings.model_copy(update={"keep_passages": keeps})
    ahead = CacheWarmer(reader, lambda: contextlib.nullcontext(filled), given, before)
    ahead.start()
    assert begun.wait(20)
    assert reader.kept_prompts == []
    ahead.close()
    assert ended.is_set()
    assert reader.kept_prompts == []


def test_passages_are_read_after_it(
    reader: Reader, filled: CorpusStore, settings: Settings
) -> None:
    called: list[int] = []

    def before(_: threading.Event) -> None:
        called.append(len(reader.kept_prompts))

    @contextlib.contextmanager
    def reading() -> Iterator[CorpusStore]:
        with CorpusStore.open(filled.folder) as opened:
            yield opened

    ahead = CacheWarmer(reader, reading, settings, before)
    ahead.start()
    until(lambda: len(reader.kept_prompts) == reading_count(filled))
    ahead.close()
    assert called == [0]


def test_a_document_that_is_added_is_read(
    ahead: CacheWarmer,
    reader: Reader,
    filled: CorpusStore,
    encoder: HashingEncoder,
    settings: Settings,
) -> None:
    ahead.start()
    until(lambda: len(reader.kept_prompts) == reading_count(filled))
    text = "Die Brücke wurde 1894 gebaut. Sie trägt zwei Gleise."
    Indexer(filled, encoder, settings).add_documents([document("bridge", text)])
    until(lambda: any("Brücke" in one for one in reader.kept_prompts))


def test_what_was_kept_of_a_removed_document_after_all_goes(
    ahead: CacheWarmer,
    reader: Reader,
    filled: CorpusStore,
    encoder: HashingEncoder,
    settings: Settings,
) -> None:
    ahead.start()
    until(lambda: len(reader.kept_prompts) == reading_count(filled))
    gone, other = DOCUMENTS[:2]
    Indexer(filled, encoder, settings).remove(gone.id)
    late, stays = (kept_folder(filled.folder, one.id) for one in (gone, other))
    for folder in (late, stays):
        folder.mkdir(parents=True)
        (folder / "a.state").write_bytes(b"late")
    # The next change, or the next start of the server, at the latest.
    Indexer(filled, encoder, settings).add_documents([document("new", "Ein Satz ist neu hier.")])
    until(lambda: not late.exists())
    assert stays.exists()


def test_what_was_asked_for_goes_first(
    ahead: CacheWarmer, reader: Reader, filled: CorpusStore
) -> None:
    wanted = list(prompts(filled, reader))[-1]
    ahead.want(wanted)
    ahead.start()
    until(lambda: bool(reader.kept_prompts))
    assert reader.kept_prompts[0] == "".join(one.text for one in wanted if one.kept_in)
    until(lambda: len(reader.kept_prompts) == reading_count(filled) + 1)
    ahead.want(wanted)
    until(lambda: len(reader.kept_prompts) == reading_count(filled) + 2)


@pytest.mark.parametrize(
    "change", [{"keep_passages": "never"}, {"keep_passages": "always"}, {"kept_passages_mb": 0}]
)
def test_nothing_is_read_where_it_is_not_wanted(
    reader: Reader, filled: CorpusStore, settings: Settings, change: dict[str, object]
) -> None:
    ahead = CacheWarmer(
        reader, lambda: contextlib.nullcontext(filled), settings.model_copy(update=change)
    )
    ahead.start()
    ahead.close()
    assert not reader.kept_prompts


def test_a_full_place_ends_it(filled: CorpusStore, settings: Settings) -> None:
    small = settings.model_copy(update={"kept_passages_mb": 1})
    assert has_room(filled, small)
    folder = kept_folder(filled.folder, DOCUMENTS[0].id)
    folder.mkdir(parents=True)
    (folder / "a.state").write_bytes(bytes(1 << 20))
    assert not has_room(filled, small)


def test_what_was_read_is_not_read_again_and_needs_no_room(
    filled: CorpusStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_warmer, "PAUSE_S", 0.01)
    engine = ScriptedEngine()
    read_before = list(prompts(filled, engine))
    for prompt in read_before:
        engine.cache(prompt)
    looked: list[CorpusStore] = []
    monkeypatch.setattr(cache_warmer, "has_room", lambda store, _: bool(looked.append(store)))
    ahead = CacheWarmer(engine, lambda: contextlib.nullcontext(filled), settings)
    done = threading.Event()
    monkeypatch.setattr(ahead, "_generation", lambda: done.set() or filled.generation)
    ahead.start()
    assert done.wait(20)
    ahead.close()
    assert not looked
    assert all(all(engine.is_cached(prompt)) for prompt in read_before)


@pytest.mark.parametrize("raises", [False, True])
def test_one_passage_that_cannot_be_kept_costs_no_other(
    ahead: CacheWarmer, reader: Reader, filled: CorpusStore, raises: bool
) -> None:
    """The second of them is too long for the engine, or damaged."""
    cache = reader.cache
    bad = [*prompts(filled, reader)][1]
    texts = [segment.text for segment in bad if segment.kept_in is not None]

    def cache_all_but_one(prompt: Sequence[Segment], *, background: bool = True) -> bool:
        if [segment.text for segment in prompt if segment.kept_in is not None] == texts:
            if raises:
                raise ValueError("damaged")
            return False
        return cache(prompt, background=background)

    reader.cache = cache_all_but_one  # type: ignore[method-assign]
    ahead.start()
    wanted = {
        "".join(s.text for s in one if s.kept_in is not None) for one in prompts(filled, reader)
    }
    until(lambda: wanted - set(reader.kept_prompts) == {"".join(texts)})
    ahead.close()


@pytest.mark.parametrize("fault", ["closed", "broken"])
def test_an_engine_that_fails_ends_it_and_nothing_else(
    ahead: CacheWarmer,
    reader: Reader,
    fault: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    setattr(reader, fault, True)
    before = threading.active_count()
    ahead.start()
    until(lambda: threading.active_count() <= before)
    assert ("read ahead" in caplog.text) == (fault == "broken")


def read(
    filled: CorpusStore, monkeypatch: pytest.MonkeyPatch, *, as_json: bool = True
) -> ScriptedEngine:
    engine = ScriptedEngine()
    monkeypatch.setattr("qa.pipeline.session.open_engine", lambda _: engine)
    assert index_commands.read(Namespace(corpus=filled.folder, json=as_json, index=None)) == 0
    return engine


def test_the_command_reads_every_passage(
    filled: CorpusStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = read(filled, monkeypatch)
    count = reading_count(filled)
    assert json.loads(capsys.readouterr().out) == {"read": count, "of": count}
    assert len(engine.read_before) == filled.passage_count()
    assert engine.closed


def test_the_command_says_what_found_no_place(
    filled: CorpusStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cache_warmer, "has_room", lambda *_: False)
    assert not read(filled, monkeypatch, as_json=False).read_before
    said = capsys.readouterr().out
    assert said.startswith(f"Read 0 of {reading_count(filled)} passages")
    assert "BELEGT_KEPT_PASSAGES_MB" in said


@pytest.mark.parametrize("setting", ["BELEGT_KEEP_PASSAGES=never", "BELEGT_KEPT_PASSAGES_MB=0"])
def test_the_command_wants_a_place_to_keep_things(
    filled: CorpusStore, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(*setting.split("="))
    with pytest.raises(UsageError, match="BELEGT_KEEP_PASSAGES"):
        read(filled, monkeypatch)
