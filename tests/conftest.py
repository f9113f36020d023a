"""For every test: an environment of its own, and the real models where they are present."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes import HashingEncoder, ScriptedEngine
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from real_models import CACHE, need_model
from samples import DOCUMENTS

from base.settings import PREFIX, Settings
from corpus.store import CorpusStore
from index.build import Indexer, open_dense
from index.encoder import Encoder, load_encoder
from index.retriever import Retriever

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long an example takes is the machine's affair, and the first one loads word lists.
hypothesis_settings.register_profile(
    "belegt", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("belegt")

INSTALL = "install them with: apt-get install chromium && pip install playwright"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees a person's settings or touches their documents."""
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("BELEGT_CORPUS", str(tmp_path / "users-corpus"))
    # Nor measures for 20 s unless it says so.
    monkeypatch.setenv("BELEGT_TUNE", "off")


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


@pytest.fixture
def filled(store: CorpusStore, encoder: HashingEncoder, settings: Settings) -> CorpusStore:
    """Four short documents, German and English, with and without date and source."""
    Indexer(store, encoder, settings).add_documents(DOCUMENTS)
    return store


@pytest.fixture
def retriever(filled: CorpusStore, encoder: HashingEncoder, settings: Settings) -> Retriever:
    dense, _ = open_dense(filled, encoder.describe())
    return Retriever(filled, dense, encoder, settings)


@pytest.fixture(scope="session")
def real_encoder() -> Encoder:
    settings = Settings(cache=CACHE)
    need_model(settings.encoder)
    return load_encoder(settings)


# Not for the whole session: while Playwright is open, nothing else in its thread can use asyncio.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    api: Any = pytest.importorskip("playwright.sync_api", reason=f"No playwright; {INSTALL}")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"No Chromium; {INSTALL}")
    api.expect.set_options(timeout=30_000)
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program)
        yield opened
        opened.close()
