"""For every test: an environment of its own, and the real models where they are present."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashingEncoder, ScriptedEngine

from corpus.document import Document, Language
from corpus.store import CorpusStore
from index.build import Indexer, open_dense
from index.encoder import Encoder, load_encoder
from index.retriever import Retriever
from models.errors import BelegtError
from models.settings import PREFIX, Settings
from models.store import ModelStore

CACHE = Settings().cache
TINY = "smollm2-135m-instruct"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees a person's settings or touches their documents."""
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("BELEGT_CORPUS", str(tmp_path / "users-corpus"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", corpus=tmp_path / "corpus")


@pytest.fixture
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def store(settings: Settings) -> Iterator[CorpusStore]:
    with CorpusStore.open(settings.corpus, create=True) as opened:
        yield opened


def document(
    name: str,
    text: str,
    language: Language = "de",
    *,
    title: str = "",
    date: str | None = None,
    source: str | None = None,
) -> Document:
    return Document(
        id=name,
        title=title or name,
        source=source,
        date=date,
        language=language,
        text=text,
        path=f"{name}.txt",
    )


DOCUMENTS = (
    document(
        "anteil",
        "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI. "
        "Der Vertrag wurde im Juni 2025 unterschrieben. Sie gilt als große Beteiligung.",
        title="Der Anteil",
        date="2025-06-13",
        source="Reuters",
    ),
    document(
        "layoffs",
        "Scale AI dismissed 200 employees in July. The company named the labeling business.",
        "en",
        title="Layoffs",
        date="2025-07",
        source="Bloomberg",
    ),
    document(
        "valuation",
        "The deal values the startup at 29 billion dollars. Chips were not part of the price.",
        "en",
        title="Valuation",
        date="2025-06-13",
        source="Bloomberg",
    ),
    document(
        "gruendung",
        "Alexandr Wang gründete das Unternehmen mit Lucy Guo. Das Büro liegt in San Francisco.",
        title="Gründung",
    ),
)


@pytest.fixture
def filled(store: CorpusStore, encoder: HashingEncoder, settings: Settings) -> CorpusStore:
    """Four short documents, German and English, with and without date and source."""
    Indexer(store, encoder, settings).add_documents(DOCUMENTS)
    return store


@pytest.fixture
def retriever(filled: CorpusStore, encoder: HashingEncoder, settings: Settings) -> Retriever:
    dense, _ = open_dense(filled, encoder.describe())
    return Retriever(filled, dense, encoder, settings)


def need_model(name: str) -> Path:
    """Where a real model lies; without it the test is left out, naming the command."""
    try:
        return ModelStore(CACHE).path(name)
    except BelegtError as error:
        pytest.skip(f"{error} (belegt models pull {name})")


@pytest.fixture(scope="session")
def real_encoder() -> Encoder:
    settings = Settings(cache=CACHE)
    need_model(settings.encoder)
    return load_encoder(settings)
