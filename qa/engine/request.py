"""What the scheduler and a request's caller share.

In: tokens, what to do with them. Out: plain values that only the scheduler's thread changes.
What can fail: a request that is asked to go on and cannot. The errors that requests end with are
defined here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from base.errors import BelegtError, UsageError
from qa.engine.cancellation import Cancellation
from qa.engine.decode.lookup import PromptLookup
from qa.engine.decode.sampling import Chooser, Logits
from qa.engine.decode.text_stream import TextStream
from qa.engine.kv.passage_cache import KVBlock
from qa.engine.protocol import Piece


class EngineBusyError(BelegtError):
    """Too many requests wait already."""


class DeadlinePassedError(BelegtError):
    """A request had its time."""


class EngineClosedError(BelegtError):
    """The engine is of no use any more."""


@dataclass(eq=False)
class Request:
    """A prompt that is or will be read. Only the scheduler's thread looks inside.

    ``limit``: tokens that its sequence may come to hold. ``deadline``: in ``time.monotonic``.
    ``cached_blocks``: what follows the static prefix and was read before. ``background``: works
    only while nobody else is there, and ends when somebody comes. ``probe``: tokens that are read
    with the prompt and taken back; ``probe_logits``: the logits after them. ``continuation``:
    tokens that are read beside the check and stay; ``continuation_logits``: the logits after them,
    until somebody asks for them. ``wait_until``: until when (``time.monotonic``) its caller, who
    was just told something, is awaited. ``awaited``: whether its caller is at all. ``answer``: what
    is begun as soon as the prompt is read, without a word of its caller. ``adapter_start``: the
    first token that the adapter acts on; None where it does not. ``call``: what was submitted
    together shares it.
    """

    tokens: list[int]
    prefix_length: int
    limit: int
    deadline: float | None
    prompt_ready: Future[int]
    cancellation: Cancellation
    cached_blocks: Sequence[KVBlock] = ()
    background: bool = False
    probe: Sequence[int] = ()
    probe_logits: Logits | None = None
    continuation: Sequence[int] = ()
    continuation_logits: Logits | None = None
    wait_until: float = 0.0
    awaited: bool = True
    answer: Answering | None = None
    adapter_start: int | None = None
    call: int = 0
    sequence: int = -1
    work: Prefilling | Answering | None = None
    logits: Logits | None = None
    evaluated: int = 0
    closed: bool = False
    error: BaseException | None = None

    def end(self, error: BaseException) -> None:
        """Tell whoever waits for this request that nothing more comes."""
        work, self.work = self.work, None
        self.error = self.error or error
        if isinstance(work, Prefilling) and not work.result.done():
            work.result.set_exception(self.error)
        elif isinstance(work, Answering):
            work.output.put(self.error)
        if not self.prompt_ready.done():
            self.prompt_ready.set_exception(self.error)

    def require_rest(self) -> None:
        """Raise where it is closed or at work."""
        if self.closed:
            raise self.error or BelegtError("The request was closed.")
        if self.work is not None:
            raise BelegtError("The request is still at work; wait for that, or close the answer.")

    def ready(self) -> Logits:
        """The logits that it goes on from; raises where it cannot go on."""
        self.require_rest()
        if self.logits is None:
            raise BelegtError("The answer is complete; read something before the next one.")
        return self.logits

    @property
    def plain(self) -> list[int]:
        """Tokens of the prompt, up to where the adapter acts: what others can share."""
        return self.tokens[: self.adapter_start]

    @property
    def shareable(self) -> list[int]:
        """Tokens of the prompt that others may have read: the last one's logits are wanted."""
        return self.plain[: len(self.tokens) - 1]

    @property
    def has_continuation(self) -> bool:
        """Whether its prompt ends with a check, and it is known what follows that."""
        return bool(not self.prompt_ready.done() and self.probe and self.continuation)

    @property
    def cached_length(self) -> int:
        """Tokens at the beginning that need not be read: the start, and what was given."""
        return (
            self.prefix_length + sum(one.count for one in self.cached_blocks)
            if self.cached_blocks
            else 0
        )

    def too_long(self) -> UsageError:
        """What to raise where its sequence would have to hold more than ``limit``."""
        return UsageError(
            f"The prompt and what follows it need more than the {self.limit} tokens of the "
            "context; ask a shorter question or set BELEGT_CONTEXT_TOKENS higher."
        )


def new_request(
    tokens: Sequence[int],
    *,
    prefix_length: int,
    room: int,
    deadline: float | None = None,
    cancellation: Cancellation | None = None,
    cached_blocks: Sequence[KVBlock] = (),
    background: bool = False,
    probe: Sequence[int] = (),
    continuation: Sequence[int] = (),
    adapter_start: int | None = None,
) -> Request:
    """A prompt, of which the first ``prefix_length`` tokens are a static prefix; not queued yet.

    ``room``: tokens that may be read or said after it. ``cached_blocks``: the rows of what follows
    the prefix. ``background``: nobody waits for it, so it is busy whenever anybody else is there.
    ``probe``: what the first probe puts after the prompt; ``continuation``: what is read after
    that, if anything is. Both are read with the prompt because that is cheaper; with a probe,
    something must be read before there can be an answer. Without room for both, neither is.
    ``adapter_start``: the first token that the adapter acts on.
    """
    if len(probe) + len(continuation) > room:
        probe, continuation = (), ()
    return Request(
        list(tokens),
        prefix_length,
        len(tokens) + room,
        deadline,
        prompt_ready=Future[int](),
        cancellation=cancellation or Cancellation(),
        cached_blocks=cached_blocks,
        background=background,
        probe=probe,
        continuation=continuation,
        adapter_start=adapter_start,
    )


@dataclass(eq=False)
class Prefilling:
    """Tokens to evaluate; ``finish`` gets the logits after the last and returns the result."""

    tokens: list[int]
    result: Future[list[float]]
    finish: Callable[[Logits], list[float]]
    done: int = 0
    passed_over: int = 0

    @property
    def left(self) -> int:
        """Tokens still to be evaluated."""
        return len(self.tokens) - self.done


class Output(Protocol):
    """Where an answer goes: its pieces, then None, or what ended it."""

    def put(self, item: Piece | BaseException | None) -> None:
        """Take the next of it."""
        ...


@dataclass(eq=False)
class Answering:
    """An answer in the making. ``following``: chosen and said, but not evaluated yet.

    ``drafts``: whether it is drafted by lookup. ``begun``: tokens of the sequence that were there
    before it.
    """

    sampler: Chooser
    stream: TextStream
    left: int
    output: Output
    drafts: bool = False
    lookup: PromptLookup | None = None
    begun: int = 0
    following: int | None = None
    draft: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class EvaluatedPart:
    """Tokens of a request that were evaluated in a step.

    ``logits``: after its token of a number, where they were wanted. ``follow``: see
    :class:`~qa.engine.prefill_backend.Read`.
    """

    request: Request
    tokens: Sequence[int]
    logits: Callable[[int], Logits]
    follow: Callable[[], Logits | None] | None = None
