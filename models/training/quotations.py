"""Quotations that were written for belegt, with statements that they prove and others.

In: the JSON Lines files in ``models/training/quotations/``, one quotation a line. Out: quotations
with their statements. What can fail: a file that is not of this form (it raises).

Half of the true statements use quite other words than the quotation and half its own, and so do the
false ones: a network or a weight that is fitted to one half alone learns that own words prove
nothing, or that they prove everything.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from models.forms import Language
from models.training.reading_sets import is_held

_FOLDER = Path(__file__).parent / "quotations"
_PARTS = 5
"""One quotation of so many is held."""


class WrittenStatement(BaseModel):
    """A statement about a quotation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement: str
    language: Language
    supported: bool
    """Whether the quotation alone proves it."""
    kind: str
    """What was changed, or how it is told in other words."""


class WrittenQuotation(BaseModel):
    """A quotation with its statements."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quote: str
    quote_language: Language
    pairs: tuple[WrittenStatement, ...]


def written_quotations(*, held: bool | None = None) -> list[WrittenQuotation]:
    """Those to train on, those that are held for fitting, or all; those that measure are the set of
    pairs ``statements``.
    """
    quotations = [
        WrittenQuotation.model_validate_json(line)
        for file in sorted(_FOLDER.glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    return [
        quotation
        for quotation in quotations
        # By the words alone those were drawn that measure.
        if held is None or is_held(f"fitting {quotation.quote}", of=_PARTS) == held
    ]
