"""Reads tokens of several requests with the network and hands them to their sequences.

In: what is to be read. Out: which of it is in its sequence now, and logits. What can fail: memory,
and a library that changes its mind about states; then the caller gives up.

Keys and values of a request stay here as long as it is open: of its answer, one token after the
other is read behind them. llama.cpp has them too, so that it can go on wherever this ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.native.torch_threads import set_torch_threads
from qa.engine.decode.sampling import Logits
from qa.engine.kv.cells import common_prefix
from qa.engine.prefill_backend import Follow, Read, Unread
from qa.engine.request import Request
from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.kv_transfer import KVTransfer
from qa.engine.torch_prefill.network import Network, NetworkInput, NetworkOutput


@dataclass
class _Held:
    """A cache, and the tokens it is of."""

    kv_cache: KVCache
    tokens: list[int] = field(default_factory=list)


class PrefillWorker:
    """Used by the thread that owns the context."""

    def __init__(self, network: Network, transfer: KVTransfer, threads: int) -> None:
        self._network = network
        self._transfer = transfer
        self._threads = threads
        self._held: dict[Request, _Held] = {}

    def read(self, unread: Sequence[Unread]) -> Iterator[tuple[Request, Read | None]]:
        """What was wanted of each request, or None where its sequence takes nothing.

        One after the other, so that what was handed over before something failed is known.
        """
        set_torch_threads(self._threads)
        held = [self._up_to_date(one) for one in unread]
        new = [_new(*pair) for pair in zip(held, unread, strict=True)]
        for one, mine, found in zip(unread, held, self._network.forward(new), strict=True):
            first = len(one.held)
            mine.tokens += one.tokens
            if self._transfer.give(mine.kv_cache.rows(first), first, one.request.sequence):
                follow = self._follow(one, mine, found) if one.branch else None
                yield one.request, Read(list(found.logits.numpy()), follow)
            else:
                self.forget(one.request)
                yield one.request, None

    def forget(self, request: Request) -> None:
        """Free what is held of a request."""
        self._held.pop(request, None)

    def _follow(self, one: Unread, held: _Held, found: NetworkOutput) -> Follow:
        branch, beside = one.branch, found.beside
        assert branch is not None
        assert beside is not None
        # Copied, because it is a part of what all rows of the pass gave.
        logits: Logits = beside.numpy().copy()

        def follow() -> Logits | None:
            held.kv_cache.branch_off(branch.at, len(branch.tokens))
            held.tokens[branch.at :] = branch.tokens
            rows = held.kv_cache.rows(branch.at)
            given = self._transfer.give(rows, branch.at, one.request.sequence)
            return logits if given else None

        return follow

    def _up_to_date(self, one: Unread) -> _Held:
        """What a request holds; of what was taken back and read otherwise, as llama.cpp has it."""
        held = self._held.get(one.request)
        if held is None:
            room = max(one.request.limit, len(one.held) + len(one.tokens))
            held = self._held[one.request] = _Held(KVCache(self._network.architecture, room))
        same = common_prefix(held.tokens, one.held)
        held.kv_cache.length = same
        if same < len(one.held):
            self._transfer.fetch(one.request.sequence, held.kv_cache)
        held.tokens = list(one.held)
        return held


def _new(held: _Held, one: Unread) -> NetworkInput:
    branch = one.branch
    at, tokens = (branch.at, branch.tokens) if branch else (0, ())
    return NetworkInput(held.kv_cache, one.tokens, one.wanted, at, tokens)
