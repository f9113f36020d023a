from __future__ import annotations

import pytest

import index.encoder
import qa.pipeline.session
from base.settings import Settings
from qa.cli.serve import load_models


class Engine:
    """Notes that it was told to get ready."""

    prepared = False

    def prepare_prefill(self, seconds: float = 0.0) -> bool:
        self.prepared = True
        return seconds > 0


@pytest.mark.parametrize(
    ("writer", "wanted"), [("auto", "torch"), ("llama", "llama"), ("torch", "torch")]
)
def test_a_servers_answers_are_pytorchs_unless_told(
    writer: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, given = Engine(), []

    def beside(settings: Settings, _: object) -> tuple[None, Engine]:
        given.append(settings.writer)
        return None, engine

    monkeypatch.setattr(qa.pipeline.session, "beside_engine", beside)
    monkeypatch.setattr(index.encoder, "load_encoder", lambda _: None)
    load_models(Settings(writer=writer))
    assert given == [wanted]
    assert engine.prepared
