"""Exact words of a passage: what is asked for, and what is found.

In: a passage, the word that says that it holds no answer. Out: where the words of the answer stand,
with the probabilities they had. What can fail: a constraint that allows nothing to be said
(:class:`~base.errors.UsageError`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from base.errors import UsageError

NO_MARGIN = math.inf
"""Of what was said where nothing else could have been said."""


@dataclass(frozen=True)
class SpanConstraint:
    """What may be said: ``nothing``, or runs of characters of ``text`` at word boundaries."""

    text: str
    """What spans are taken from, exactly as the prompt shows it; may be part of a segment."""
    nothing: str
    """Says that the text holds no answer."""
    separator: str = "\n"
    """Stands between two spans; a span never holds it."""
    most_spans: int = 1
    """Spans at most."""
    ranges: tuple[tuple[int, int], ...] | None = None
    """Stretches of ``text`` (first character, end) in which a span must lie; None: anywhere."""
    limit: int = 64
    """Tokens at most."""
    reluctance: float = 0.0
    """By so much (nats) `nothing` must be likelier than all spans, as what is said first; 0: the
    likeliest token is said.
    """

    def __post_init__(self) -> None:
        """Raise UsageError for what allows nothing to be said."""
        if not self.nothing:
            raise UsageError("The word for 'no answer' is empty; give one, such as 'nothing'.")
        if not self.separator and self.most_spans > 1:
            raise UsageError(
                f"There may be {self.most_spans} spans and the separator is empty; give one."
            )
        if self.most_spans < 1 or self.limit < 1:
            raise UsageError(
                f"An extraction of {self.most_spans} spans and {self.limit} tokens at most cannot "
                "say anything; both must be 1 or more."
            )


@dataclass(frozen=True)
class ExtractedSpan:
    """A run of characters of the text."""

    start: int
    """Its first character, in the first place where it stands."""
    end: int
    """Behind its last character there."""
    places: tuple[tuple[int, int], ...]
    """All places (first character, end) where the same characters could have been meant."""
    log_probability: float
    """Of its tokens, summed (nats), in the distribution without the constraint."""
    mean_log_probability: float
    """Of its tokens, a token."""
    tokens: int
    """It was said with so many."""


@dataclass(frozen=True)
class Extraction:
    """What a passage says to a question."""

    spans: tuple[ExtractedSpan, ...]
    """Empty where the text holds no answer."""
    nothing: float
    """Log-probability (nats), as the first token, of what ``nothing`` begins with."""
    starts: float
    """Log-probability (nats), as the first token, of all that begins a run of the text."""
    margin: float
    """How much likelier (nats) the likeliest first token of what was said is than the likeliest of
    a span that begins elsewhere; infinite where there is none.
    """
    log_probability: float
    """Of all that was said, its end included (nats)."""
    complete: bool
    """False where ``limit`` cut the last span, which then ends at a word boundary before."""
    prompt_tokens: int = 0
    """Tokens of the prompt."""
    evaluated_tokens: int = 0
    """Tokens of the prompt that had to be computed."""
