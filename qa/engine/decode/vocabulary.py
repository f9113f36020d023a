"""A model's vocabulary by the bytes that its tokens stand for.

In: the bytes of every token. Out: the token of given bytes. Nothing can fail; of several tokens
with the same bytes the first counts, and control tokens, which stand for no bytes, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

LONGEST = 32
"""Bytes; longer tokens are runs of blanks and the like, which shorter ones make up as well."""


class Vocabulary:
    """``ends``: tokens that end an answer. ``tokenise``: plain text to tokens."""

    def __init__(
        self,
        pieces: Iterable[bytes],
        ends: Sequence[int],
        tokenise: Callable[[str], Sequence[int]],
    ) -> None:
        self.ends = frozenset(ends)
        self.tokenise = tokenise
        self._tokens: dict[bytes, int] = {}
        # Some models write their end as plain characters.
        for token, piece in enumerate(pieces):
            if 0 < len(piece) <= LONGEST and token not in self.ends:
                self._tokens.setdefault(piece, token)

    def beginnings(self, data: bytes) -> list[tuple[int, int]]:
        """Tokens that ``data`` begins with, each with its number of bytes, the shortest first."""
        found = []
        for length in range(1, min(len(data), LONGEST) + 1):
            token = self._tokens.get(data[:length])
            if token is not None:
                found.append((token, length))
        return found

    def token(self, data: bytes) -> int | None:
        """The token that stands for exactly ``data``."""
        return self._tokens.get(data)
