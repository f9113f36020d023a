"""The reader's word on whether quotations prove statements.

In: an engine, pairs of quotation and statement. Out: for each pair the log-odds (nats) of yes
against no. What can fail: what the engine raises, such as a text longer than its context.

The quotation stands before the statement, in the form that the adapter was trained in
(:mod:`models.forms`), so that one reading of a quotation serves all statements about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models import forms
from models.forms import Language
from qa.engine.protocol import Engine, Message, Segment

if TYPE_CHECKING:
    from qa.proof.support import Pair

_TOGETHER = 32


class ReaderEntailment:
    """An :class:`~qa.proof.support.EntailmentScorer` by the language model and its adapter."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._trained = bool(engine.describe().adapter)

    def score(self, pairs: Sequence[Pair]) -> list[float]:
        """Log-odds (nats) of yes against no, one for each pair, in order."""
        scores = [0.0] * len(pairs)
        for language in ("de", "en"):
            places = [at for at, pair in enumerate(pairs) if pair.statement_language == language]
            yes, no = yes_and_no(language)
            for first in range(0, len(places), _TOGETHER):
                some = places[first : first + _TOGETHER]
                prompts = [self._prompt(pairs[at]) for at in some]
                odds = self._engine.score_yes_no(prompts, yes, no, adapter=self._trained)
                for at, score in zip(some, odds, strict=True):
                    scores[at] = score
        return scores

    def _prompt(self, pair: Pair) -> list[Segment]:
        assert pair.statement_language is not None
        before, behind = forms.prove_tail(pair.statement_language, trained=self._trained)
        user = (
            Segment(forms.TEXT, trusted=True, constant=True),
            Segment(forms.headed_text("", pair.quote), quoted=True),
            Segment(before, trusted=True),
            Segment(" ".join(pair.statement.split())),
            *((Segment(behind, trusted=True),) if behind else ()),
        )
        system = Segment(forms.SYSTEM, trusted=True, constant=True)
        return self._engine.chat([Message("system", (system,)), Message("user", user)])


def yes_and_no(language: Language) -> tuple[list[str], list[str]]:
    """How a reader may begin to say yes, and how to say no."""
    yes, no = forms.YES[language], forms.NO[language]
    return [yes, yes.capitalize()], [no, no.capitalize()]
