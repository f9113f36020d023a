"""Reads chunks of prompts with the network and hands them to their sequences.

In: chunks, of several prompts at once. Out: which of them are in their sequences now. What can
fail: memory, and a library that changes its mind about states; then the caller gives up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from qa.engine.prefill.handover import Handover
from qa.engine.prefill.network import Network, Past
from qa.engine.request import Request


@dataclass(frozen=True)
class Chunk:
    """``tokens`` to be read behind the ``held`` of a prompt, and ``room`` for all of it."""

    request: Request
    held: int
    tokens: Sequence[int]
    room: int


class Worker:
    """Used by the thread that owns the context."""

    def __init__(self, network: Network, handover: Handover, threads: int) -> None:
        self._network = network
        self._handover = handover
        self._threads = threads
        # Gone with their requests, at whatever point those end.
        self._pasts: WeakKeyDictionary[Request, Past] = WeakKeyDictionary()

    def read(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Request, int]]:
        """Tokens of each request that are in its sequence now: all of its chunk or none.

        One after the other, so that what was handed over before something failed is known.
        """
        import torch

        torch.set_num_threads(self._threads)
        pasts = [self._past(chunk) for chunk in chunks]
        self._network.read([(past, one.tokens) for past, one in zip(pasts, chunks, strict=True)])
        for past, chunk in zip(pasts, chunks, strict=True):
            given = self._handover.give(past, chunk.held, chunk.request.sequence)
            if given and past.length < past.room:
                self._pasts[chunk.request] = past
            yield chunk.request, len(chunk.tokens) if given else 0

    def _past(self, chunk: Chunk) -> Past:
        kept = self._pasts.pop(chunk.request, None)
        if kept is not None and kept.length == chunk.held and kept.room == chunk.room:
            return kept
        past = Past(self._network.architecture, chunk.room)
        if chunk.held:
            self._handover.fetch(chunk.request.sequence, past)
        return past
