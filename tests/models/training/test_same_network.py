"""What training computes is what llama.cpp computes, with and without the shipped adapter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from real_models import CACHE, need_model

from base.settings import Settings
from models.adapter import chosen_adapter
from models.forms import Language
from models.store import ModelStore
from models.training.base_network import BaseNetwork
from models.training.packing import Tail, TextExamples, pack
from models.training.train import make_adapter, tokeniser
from qa.engine.local.llama import load_engine
from qa.engine.protocol import Message, Segment

pytestmark = pytest.mark.llm

LLM = Settings().llm
TEXT = "The lighthouse was built in 1874 by Clara Berg. Its lamp is 42 metres above the sea."
TAILS: tuple[tuple[str, Language, str], ...] = (
    ("extract", "en", "Who built the lighthouse?"),
    ("extract", "de", "Wie viele Schafe standen dort?"),
    ("prove", "en", "Clara Berg built the lighthouse."),
)
TOLERANCE = 0.1
"""Divergence (nats) of what comes next: training reads texts in 8 bits, llama.cpp the weights in
four."""


def trained(file: Path, adapted: bool) -> list[np.ndarray]:
    """Log-probabilities of what comes first after each tail, as training computes them."""
    import torch

    network = BaseNetwork(file, 14)
    adapter = None
    if adapted:
        known = chosen_adapter(Settings(cache=CACHE), ModelStore(CACHE).digest(LLM))
        assert known is not None
        adapter = make_adapter(network, 16, 1)
        adapter.load(known.file)
    tails = tuple(Tail(form, language, content, "x") for form, language, content in TAILS)
    packed = pack(TextExamples("", TEXT, tails, "made"), tokeniser(file))
    with torch.no_grad():
        hidden = network.forward(packed, adapter)
        logits = network.logits(hidden[[rows[0] for rows in packed.rows]])
    return list(torch.log_softmax(logits, -1).numpy())


def served(adapted: bool) -> list[np.ndarray]:
    """The same as the engine computes them."""
    from models import forms

    engine = load_engine(Settings(cache=CACHE, prefill="llama"))
    found = []
    try:
        for form, language, content in TAILS:
            tail = forms.extract_tail if form == "extract" else forms.prove_tail
            before, behind = tail(language, trained=True)
            assert not behind
            system = Segment(forms.SYSTEM, trusted=True, constant=True)
            user = (
                Segment(forms.TEXT, trusted=True, constant=True),
                Segment(forms.headed_text("", TEXT), quoted=True),
                Segment(before, trusted=True),
                Segment(content),
            )
            prompt = engine.chat([Message("system", (system,)), Message("user", user)])
            with engine.prefill(prompt, adapter=adapted) as session:
                found.append(session.log_probabilities())  # type: ignore[attr-defined]
    finally:
        engine.close()
    return found


@pytest.mark.parametrize("adapted", [False, True])
def test_what_comes_next_is_the_same(adapted: bool) -> None:
    here, there = trained(need_model(LLM), adapted), served(adapted)
    for one, two in zip(there, here, strict=True):
        assert float((np.exp(one) * (one - two)).sum()) < TOLERANCE
        assert one.argmax() == two.argmax()
