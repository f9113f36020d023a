"""What the scheduler asks of somebody who reads prompts faster than llama.cpp does.

In: prompts that are being read. Out: which of their tokens are in their sequences now. Nothing can
fail here: a reader that cannot go on reads nothing, and llama.cpp reads the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.engine.request import Request


@dataclass(frozen=True)
class Branch:
    """``tokens`` that follow the first ``at`` of a prompt in another sequence.

    ``fork``: lets that sequence begin with those first tokens, once they are in the prompt's own;
    its number.
    """

    at: int
    tokens: Sequence[int]
    fork: Callable[[], int]


@dataclass(frozen=True)
class Unread:
    """``held`` tokens are in the sequence of ``request``; ``tokens`` are to come before its last.

    The last token is llama.cpp's own, because its logits are wanted. ``branch``: what may be read
    beside the last of ``tokens``.
    """

    request: Request
    held: int
    tokens: Sequence[int]
    branch: Branch | None = None


class Reader(Protocol):
    """Called by the scheduler's thread alone, between two steps of the context."""

    def takes(self, unread: Unread) -> bool:
        """Whether the next tokens are this reader's to read."""
        ...

    def read(self, unread: Sequence[Unread], most: int) -> dict[Request, int]:
        """Read at most ``most`` tokens, the first prompts first; how many of each were read.

        More than a prompt's ``tokens`` were read where its branch is in its sequence as well.
        """
        ...


class NoReader:
    """Leaves everything to llama.cpp."""

    def takes(self, unread: Unread) -> bool:  # noqa: ARG002 - the same for all
        """Never."""
        return False

    def read(self, unread: Sequence[Unread], most: int) -> dict[Request, int]:
        """Not to be called, as nothing is taken."""
        raise NotImplementedError(unread, most)
