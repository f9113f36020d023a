"""What the scheduler asks of somebody who evaluates tokens faster than llama.cpp does.

In: prompts that are being read, answers that are being written. Out: which of their tokens are in
their sequences now, and logits. Nothing can fail here: what a reader cannot go on with it does not
read, and llama.cpp does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from qa.engine.decode.sampling import Logits
from qa.engine.request import Request

Follow: TypeAlias = "Callable[[], Logits | None]"
"""Puts what was read beside the end of a prompt into the prompt's sequence, which must end where it
begins by then; gives the logits after it, or None where there is no room.
"""


@dataclass(frozen=True)
class Branch:
    """``tokens`` that follow the first ``at`` of a prompt and see nothing of what else does."""

    at: int
    tokens: Sequence[int]


@dataclass(frozen=True)
class Unread:
    """``held`` tokens are in the sequence of ``request``; ``tokens`` are to come behind them.

    ``wanted``: of how many of the last the logits are wanted. ``branch``: what is read beside them;
    the logits after its last token are wanted.
    """

    request: Request
    held: Sequence[int]
    tokens: Sequence[int]
    wanted: int = 0
    branch: Branch | None = None


@dataclass(frozen=True)
class Read:
    """What was wanted of tokens that are in their sequence now: ``logits`` after the last of them.

    ``follow``: where there was a branch.
    """

    logits: Sequence[Logits]
    follow: Follow | None = None


class PrefillBackend(Protocol):
    """Called by the scheduler's thread alone, between two steps of the context."""

    @property
    def skips(self) -> int:
        """Tokens at the beginning of a prompt that it does not read."""
        ...

    @property
    def decodes(self) -> bool:
        """Whether answers with drafts are its work as well."""
        ...

    def accepts(self, unread: Unread) -> bool:
        """Whether the next tokens are this reader's to read."""
        ...

    def read(self, unread: Sequence[Unread]) -> dict[Request, Read]:
        """Read all tokens of each; whoever is missing is left to llama.cpp, as it was."""
        ...

    def forget(self, request: Request) -> None:
        """It is closed; nothing of it is wanted any more."""
        ...


class NoPrefillBackend:
    """Leaves everything to llama.cpp."""

    skips = 0
    decodes = False

    def accepts(self, unread: Unread) -> bool:  # noqa: ARG002 - the same for all
        """Never."""
        return False

    def read(self, unread: Sequence[Unread]) -> dict[Request, Read]:
        """Not to be called, as nothing is taken."""
        raise NotImplementedError(unread)

    def forget(self, request: Request) -> None:
        """There is nothing."""
