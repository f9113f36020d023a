"""A context that computes nothing and forgets nothing: it stands for llama.cpp in tests of the
scheduler, and keeps the rules that llama.cpp keeps.

In: rows, as the binding gives them. Out: logits that depend on every token before them in their
sequence and on nothing else, so that a token in the wrong sequence, at the wrong position or left
over from a rejected draft changes what is said. Breaking a rule (a gap, more cells than there are,
a row of an unknown sequence) fails the test.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qa.engine.decode.sampling import Logits
from qa.engine.kv.rotary import Half
from qa.engine.local.binding import BATCH, BatchRow, ContextFullError
from qa.engine.request import Request, new_request
from qa.engine.scheduler import Scheduler

VOCABULARY = 40
END = 0


ADAPTED = 1000
"""Added to a token that was read with the adapter: what follows it is something else."""


def following(tokens: Sequence[int]) -> int:
    """What is said after ``tokens``: mostly what followed the last token before, as a copy is."""
    dice = zlib.crc32(repr(tokens[-12:]).encode())
    last = tokens[-1]
    earlier = [at for at, token in enumerate(tokens[:-1]) if token == last]
    if earlier and dice % 4:
        return tokens[earlier[-1] + 1] % ADAPTED
    return dice % VOCABULARY


def said(prompt: Sequence[int], limit: int, adapter_start: int | None = None) -> list[int]:
    """The answer to ``prompt``, by definition."""
    tokens, answer = list(prompt), []
    adapted = ADAPTED if adapter_start is not None else 0
    tokens[adapter_start:] = [token + adapted for token in tokens[adapter_start:]]
    while len(answer) < limit:
        token = following(tokens)
        if token == END:
            break
        answer.append(token)
        tokens.append(token + adapted)
    return answer


def logits_of(token: int) -> Logits:
    """Of which ``token`` is the likeliest by far."""
    found = np.zeros(VOCABULARY, dtype=np.float32)
    found[token] = 9.0
    return found


def open_request(scheduler: Scheduler, tokens: Sequence[int], **options: Any) -> Request:
    """A prompt that is read; ``options`` of :func:`~qa.engine.request.new_request`."""
    request = new_request(tokens, **options)
    scheduler.open(request)
    return request


class ToyContext:
    """``cells`` and ``sequences`` as in a real context; every step is written down in ``steps``.

    ``failing``: the next step fails. ``seconds``: how long a step takes. ``refusing``: rows that
    were kept find no place.
    """

    def __init__(self, cells: int, sequences: int) -> None:
        self._cells = cells
        self._held: dict[int, list[tuple[int, int]]] = {at: [] for at in range(sequences + 1)}
        self.spare = sequences
        self._next = 0
        self._logits: dict[int, int] = {}
        self.steps: list[int] = []
        self.failing = False
        self.refusing = False
        self.seconds = 0.0

    def used(self) -> int:
        return len({cell for held in self._held.values() for _, cell in held})

    def step(self, rows: Sequence[BatchRow], *, adapted: bool = False) -> None:
        assert 0 < len(rows) <= BATCH
        time.sleep(self.seconds)
        if self.failing:
            self.failing = False
            raise ContextFullError("as told")
        if self.used() + len(rows) > self._cells:
            raise ContextFullError("no cells")
        self._logits = {}
        for at, row in enumerate(rows):
            held = self._held[row.sequence]
            assert row.position == len(held), "no gaps, no overlap"
            token = row.token + (ADAPTED if adapted else 0)
            held.append((token, self._next))
            if row.also is not None:
                also = self._held[row.also]
                assert also == held[:-1], "coupled sequences began alike"
                also.append((token, self._next))
            self._next += 1
            if row.logits:
                self._logits[at] = following(self.tokens(row.sequence))
        self.steps.append(len(rows))

    def put(self, sequence: int, first: int, tokens: Sequence[int]) -> None:
        """As a state that is handed over: tokens behind ``first`` others, without a step."""
        held = self._held[sequence]
        assert first == len(held), "no gaps, no overlap"
        held.extend((token, self._next + at) for at, token in enumerate(tokens))
        self._next += len(tokens)

    def append(self, source: int, target: int, first: int, end: int) -> None:
        """The cells of ``source`` from ``first`` on become those of ``target`` as well."""
        assert len(self._held[target]) == first, "no gaps, no overlap"
        assert len(self._held[source]) == end
        self._held[target] += self._held[source][first:end]
        self._held[source] = []

    def rows(self, sequence: int, first: int) -> tuple[Half, Half]:
        """Tokens as keys, which are values as well."""
        found = np.array([token for token, _ in self._held[sequence][first:]], dtype=np.float16)
        return found.reshape(1, -1, 1), found.reshape(1, -1, 1)

    def put_rows(self, sequence: int, first: int, keys: Half, values: Half) -> bool:
        assert (keys == values).all()
        tokens = [int(token) for token in keys.flatten()]
        if self.refusing or self.used() + len(tokens) > self._cells:
            return False
        self.put(sequence, first, tokens)
        return True

    def tokens(self, sequence: int) -> list[int]:
        """What a sequence holds, for a reader that evaluates beside the context."""
        return [token for token, _ in self._held[sequence]]

    def logits(self, row: int) -> Logits:
        return logits_of(self._logits[row])

    def share(self, source: int, target: int, length: int) -> None:
        assert not self._held[target]
        assert length <= len(self._held[source])
        self._held[target] = self._held[source][:length]

    def truncate(self, sequence: int, length: int) -> None:
        del self._held[sequence][length:]

    def save(self, file: Path, sequence: int, tokens: Sequence[int]) -> None:
        assert [token for token, _ in self._held[sequence]] == list(tokens)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(repr(list(tokens)))

    def restore(self, file: Path, sequence: int, tokens: Sequence[int]) -> bool:
        assert not self._held[sequence]
        if not file.is_file() or file.read_text() != repr(list(tokens)):
            return False
        self._held[sequence] = [(token, self._next + at) for at, token in enumerate(tokens)]
        self._next += len(tokens)
        return True

    def piece(self, token: int) -> bytes:
        return f"{token} ".encode()

    def ends(self, token: int) -> bool:
        return token == END
