"""Reads chunks of prompts with the network and hands them to their sequences.

In: chunks, of several prompts at once. Out: which of them are in their sequences now. What can
fail: memory, and a library that changes its mind about states; then the caller gives up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from qa.engine.prefill.handover import Handover
from qa.engine.prefill.network import Network, New, Past
from qa.engine.reader import Branch
from qa.engine.request import Request


@dataclass(frozen=True)
class Chunk:
    """``tokens`` to be read behind the ``held`` of a prompt, and ``room`` for all of it.

    ``more``: others of this prompt will be read here after them. ``branch``: what is read beside
    the last of a prompt.
    """

    request: Request
    held: int
    tokens: Sequence[int]
    room: int
    more: bool = False
    branch: Branch | None = None


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

        With a branch, said again once its tokens are in theirs. One after the other, so that what
        was handed over before something failed is known.
        """
        import torch

        torch.set_num_threads(self._threads)
        pasts = [self._past(chunk) for chunk in chunks]
        self._network.read([_new(*one) for one in zip(pasts, chunks, strict=True)])
        for past, chunk in zip(pasts, chunks, strict=True):
            rows, sequence = past.rows(chunk.held), chunk.request.sequence
            count = len(chunk.tokens) if self._handover.give(rows, chunk.held, sequence) else 0
            if count and chunk.more:
                self._pasts[chunk.request] = past
            yield chunk.request, count
            if count and chunk.branch:
                yield chunk.request, count + self._give_branch(past, chunk.branch)

    def _give_branch(self, past: Past, branch: Branch) -> int:
        rows = past.beyond(len(branch.tokens))
        return len(branch.tokens) if self._handover.give(rows, branch.at, branch.fork()) else 0

    def _past(self, chunk: Chunk) -> Past:
        kept = self._pasts.pop(chunk.request, None)
        if kept is not None and kept.length == chunk.held and kept.room >= chunk.room:
            return kept
        past = Past(self._network.architecture, chunk.room)
        if chunk.held:
            self._handover.fetch(chunk.request.sequence, past)
        return past


def _new(past: Past, chunk: Chunk) -> New:
    branch = chunk.branch
    return New(past, chunk.tokens, branch.at, branch.tokens) if branch else New(past, chunk.tokens)
