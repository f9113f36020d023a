"""Bytes of tokens to text that can be shown at once.

In: the bytes of one token after another. Out: text, with an unfinished UTF-8 character or a
possible beginning of a stop string held back. Nothing can fail: bytes that are not UTF-8 come
out as U+FFFD.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class TextStream:
    """Collects token bytes; ``stopped`` becomes True at the first stop string."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(text for text in stop if text)
        self._held = ""
        self.stopped = False

    def push(self, data: bytes) -> str:
        """Text that is now certain to belong to the answer."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(data)
        # Of several, the one that is whole first: it does not depend on how the bytes come.
        found = [
            (place + len(text), place)
            for text in self._stop
            if (place := self._held.find(text)) >= 0
        ]
        if found:
            self.stopped = True
            ready, self._held = self._held[: min(found)[1]], ""
            return ready
        return self._release(self._possible_start())

    def finish(self) -> str:
        """What was held back, once nothing more comes."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(b"", final=True)
        return self._release(len(self._held))

    def _release(self, length: int) -> str:
        ready, self._held = self._held[:length], self._held[length:]
        return ready

    def _possible_start(self) -> int:
        """Where a stop string may have begun at the end of the held text."""
        for place in range(len(self._held)):
            if any(text.startswith(self._held[place:]) for text in self._stop):
                return place
        return len(self._held)
