"""Answers that are exact words of a text, or the word that says that there are none.

In: a constraint, a vocabulary, the logits of one step after the other. Out: tokens, and at the end
an :class:`~qa.engine.extraction.Extraction`. Nothing can fail: whatever the logits are, what comes
out is nothing, or spans that stand in the text.

A text is tokenised otherwise at the beginning of an answer than behind a space, so not tokens are
compared but the bytes they stand for. What was said so far may stand in several places; all are
followed, and the likeliest token that goes on in any of them is taken (a finite automaton over the
text, as Willard and Louf 2023, arXiv:2307.09702, have it for grammars).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np

from qa.engine.decode.sampling import Logits, log_sum
from qa.engine.decode.span_text import SpanText
from qa.engine.decode.vocabulary import Vocabulary
from qa.engine.extraction import NO_MARGIN, ExtractedSpan, Extraction, SpanConstraint


class _InSpan(NamedTuple):
    """A span that began with byte ``first`` was said up to byte ``at``."""

    first: int
    at: int


class _InSeparator(NamedTuple):
    """A span was said, and ``said`` bytes of the separator."""

    first: int
    end: int
    said: int


class _InNothing(NamedTuple):
    """``said`` bytes of the word for nothing."""

    said: int


_State: TypeAlias = "_InSpan | _InSeparator | _InNothing"


class _Closed(NamedTuple):
    """A span that was said: everywhere it may have been meant, in bytes."""

    places: tuple[tuple[int, int], ...]
    log_probability: float
    tokens: int


class SpanSampler:
    """A :class:`~qa.engine.decode.sampling.Chooser` of one extraction."""

    def __init__(self, constraint: SpanConstraint, vocabulary: Vocabulary) -> None:
        self._constraint = constraint
        self._vocabulary = vocabulary
        self._text = SpanText(constraint, vocabulary)
        self._word = constraint.nothing.encode()
        self._nothing_token = vocabulary.tokenise(constraint.nothing)[0]
        self._beginnings: dict[int, list[_State]] = defaultdict(list)
        for first in self._text.starts:
            for token, at in self._text.tokens(first):
                self._beginnings[token].append(_InSpan(first, at))
        # None: a span may begin.
        self._states: list[_State] | None = None
        self._closed: list[_Closed] = []
        self._log_probability = 0.0
        self._tokens = 0
        self._first: Logits | None = None
        self._nothing = 0.0
        self._total = 0.0
        self._complete = False

    def choose(self, logits: Logits) -> tuple[int, float]:
        """The likeliest token that may be said; its log-probability (nats) among all tokens."""
        options = self._options()
        tokens = np.fromiter(options, dtype=np.int64, count=len(options))
        token, total = int(tokens[logits[tokens].argmax()]), log_sum(logits)
        if self._first is None:
            begun = np.fromiter(self._beginnings, dtype=np.int64, count=len(self._beginnings))
            self._first = logits[begun] - np.float32(total)
            self._nothing = float(logits[self._nothing_token] - total)
            if self._is_outweighed(token):
                token = int(begun[self._first.argmax()])
        log_probability = float(logits[token] - total)
        self._total += log_probability
        if token in self._vocabulary.ends:
            self._complete = self._may_end()
        else:
            self._go_on(options[token], log_probability)
        return token, log_probability

    def _is_outweighed(self, token: int) -> bool:
        """Whether ``token`` begins `nothing`, and that is not likelier than a span by enough."""
        wanted = self._constraint.reluctance
        if not wanted or token != self._nothing_token or not self._beginnings:
            return False
        return self._nothing - self._log_mass() < wanted

    def extraction(self, prompt_tokens: int = 0, evaluated_tokens: int = 0) -> Extraction:
        """What was said up to now."""
        closed = list(self._closed)
        if not self._says_nothing() and (places := self._last_places()):
            closed.append(_Closed(places, self._log_probability, self._tokens))
        unique: dict[tuple[tuple[int, int], ...], _Closed] = {}
        for span in closed:
            unique.setdefault(span.places, span)
        return Extraction(
            spans=tuple(map(self._span, unique.values())),
            nothing=self._nothing,
            starts=self._log_mass(),
            margin=self._margin(closed[0] if closed else None),
            log_probability=self._total,
            complete=self._complete,
            prompt_tokens=prompt_tokens,
            evaluated_tokens=evaluated_tokens,
        )

    # --- what may be said ---------------------------------------------------------------------

    def _options(self) -> Mapping[int, list[_State]]:
        """The tokens that may be said, and where each leads."""
        options: dict[int, list[_State]] = defaultdict(list)
        if self._states is None:
            options.update(self._beginnings)
        for state in self._now():
            for token, following in self._following(state):
                # Lists of beginnings are shared by all steps.
                options[token] = [*options[token], following]
        # Bytes that no token of the vocabulary stands for end a span as well.
        if self._may_end() or not options:
            options.update({token: [] for token in self._vocabulary.ends})
        return options

    def _now(self) -> list[_State]:
        if self._states is not None:
            return self._states
        return [] if self._closed else [_InNothing(0)]

    def _following(self, state: _State) -> Iterator[tuple[int, _State]]:
        if isinstance(state, _InNothing):
            for token, length in self._vocabulary.beginnings(self._word[state.said :]):
                yield token, _InNothing(state.said + length)
        elif isinstance(state, _InSeparator):
            for token, said in self._text.separator_tokens(state.said):
                yield token, state._replace(said=said)
        else:
            for token, at in self._text.tokens(state.at):
                yield token, state._replace(at=at)
            if len(self._closed) + 1 < self._constraint.most_spans:
                for token, end, said in self._text.closing_tokens(state.at):
                    yield token, _InSeparator(state.first, end, said)

    def _may_end(self) -> bool:
        if self._states is None:
            return bool(self._closed)
        return self._says_nothing() or any(
            isinstance(state, _InSpan) and self._text.may_end(state.at) for state in self._states
        )

    def _says_nothing(self) -> bool:
        """Whether what was said is the word for nothing, whatever else it is."""
        return _InNothing(len(self._word)) in (self._states or ())

    def _go_on(self, states: list[_State], log_probability: float) -> None:
        self._log_probability += log_probability
        self._tokens += 1
        separated = [
            (state.first, state.end)
            for state in states
            if isinstance(state, _InSeparator) and self._text.is_separated(state.said)
        ]
        self._states = states
        if separated:
            places = tuple(sorted(separated))
            self._closed.append(_Closed(places, self._log_probability, self._tokens))
            self._states, self._log_probability, self._tokens = None, 0.0, 0

    # --- what was said ------------------------------------------------------------------------

    def _last_places(self) -> tuple[tuple[int, int], ...]:
        """Of the last span: all places, up to the last boundary where it was cut."""
        found = set()
        for state in self._states or ():
            if isinstance(state, _InSpan):
                found.add((state.first, self._text.last_end(state.first, state.at)))
            elif isinstance(state, _InSeparator):
                found.add((state.first, state.end))
        longest = max((end - first for first, end in found), default=0)
        return tuple(sorted(one for one in found if longest and one[1] - one[0] == longest))

    def _span(self, closed: _Closed) -> ExtractedSpan:
        places = tuple(self._text.characters(*place) for place in closed.places)
        return ExtractedSpan(
            start=places[0][0],
            end=places[0][1],
            places=places,
            log_probability=closed.log_probability,
            mean_log_probability=closed.log_probability / closed.tokens,
            tokens=closed.tokens,
        )

    def _log_mass(self) -> float:
        """Log-probability that any span begins."""
        if self._first is None or not self._first.size:
            return -NO_MARGIN
        return float(np.logaddexp.reduce(self._first))

    def _margin(self, chosen: _Closed | None) -> float:
        """Of the first token of what was said first over that of any other span."""
        if self._first is None:
            return NO_MARGIN
        known = dict(zip(self._beginnings, self._first.tolist(), strict=True))
        if chosen is None:
            own, best = {self._nothing_token}, self._nothing
        else:
            own = {token for first, _ in chosen.places for token, _ in self._text.tokens(first)}
            best = max(known[token] for token in own)
        return best - max(
            (chance for token, chance in known.items() if token not in own), default=-NO_MARGIN
        )
