"""A conversation as segments, and back as the messages of a chat.

In: messages of a prompt, or segments with whatever was put after them. Out: segments that remember
who speaks, or messages for ``chat/completions``. Nothing can fail.

A server renders the model's chat template itself and, as both servers of the tests do, recognises
control tokens such as ``<|im_end|>`` wherever they stand. So what a document or a question says is
broken up before it is sent: it stays readable and is no token of a template any more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.engine.protocol import Message, Segment

GENERATION_PROMPT = "\ue000"
"""Stands in trusted text where the assistant begins to speak; of the private-use area."""
# <|im_end|>, <s>, <<SYS>>, <start_of_turn>, <｜User｜>; [INST], [/INST], [TOOL_CALLS].
_CONTROL = re.compile(r"<(?=\S)|\[(?=/?[A-Za-z_]+\])")


@dataclass(frozen=True)
class ChatSegment(Segment):
    """A part of the message ``number``, which ``role`` says."""

    role: str = "user"
    number: int = 0


def segments(messages: Sequence[Message]) -> list[Segment]:
    """The parts of ``messages``, and the generation_prompt to the assistant as the last."""
    parts = [
        ChatSegment(
            part.text, part.trusted, part.constant, part.kept_in, role=message.role, number=number
        )
        for number, message in enumerate(messages)
        for part in message.parts
    ]
    return [*parts, Segment(GENERATION_PROMPT, trusted=True)]


class ChatTranscript:
    """What was read. ``opening`` is what the assistant has been made to say already."""

    def __init__(self, read: Sequence[Segment]) -> None:
        self._turns: list[tuple[int, str, str]] = []
        self.opening = ""
        self._assistant_speaks = False
        for segment in read:
            if isinstance(segment, ChatSegment):
                text = segment.text if segment.trusted else plain(segment.text)
                self._say(segment.number, segment.role, text)
            elif segment.trusted:
                self.extend(segment.text)
            else:
                self._continue(plain(segment.text))

    def extend(self, text: str) -> None:
        """Put trusted ``text`` after what was read; a generation_prompt in it counts."""
        before, generation_prompt, after = text.partition(GENERATION_PROMPT)
        self._continue(before)
        self._assistant_speaks = self._assistant_speaks or bool(generation_prompt)
        self._continue(after)

    def with_text(self, text: str) -> ChatTranscript:
        """The same with ``text`` after it."""
        made = ChatTranscript(())
        made._turns = list(self._turns)
        made.opening, made._assistant_speaks = self.opening, self._assistant_speaks
        made.extend(text)
        return made

    def messages(self, *, continued: bool) -> list[dict[str, str]]:
        """For ``chat/completions``.

        An opening is the last message where the server continues such a one (``continued``). Any
        other server would begin anew after it; there the opening ends the user's words, as a cue.
        """
        made = [{"role": role, "content": text} for _, role, text in self._turns]
        if self.opening and continued:
            made.append({"role": "assistant", "content": self.opening})
        elif self.opening and made:
            made[-1]["content"] += f"\n\n{self.opening} …"
        return made

    @property
    def characters(self) -> int:
        """Of all that was read."""
        return sum(len(text) for _, _, text in self._turns) + len(self.opening)

    def _say(self, number: int, role: str, text: str) -> None:
        if self._turns and self._turns[-1][0] == number:
            text = self._turns.pop()[2] + text
        self._turns.append((number, role, text))

    def _continue(self, text: str) -> None:
        if not text:
            return
        if self._assistant_speaks:
            self.opening += text
        else:
            number, role, _ = self._turns[-1] if self._turns else (0, "user", "")
            self._say(number, role, text)


def plain(text: str) -> str:
    """``text`` without anything that a chat template gives a meaning."""
    return _CONTROL.sub(lambda found: f"{found[0]} ", text)


class AfterOpening:
    """What is said after ``opening``, whether or not the server begins by repeating it."""

    def __init__(self, opening: str) -> None:
        self._opening = opening
        self._held = ""
        self._done = not opening

    def push(self, text: str) -> str:
        """What of it is certainly new; the rest is held back."""
        if self._done:
            return text
        self._held += text
        said = self._held.lstrip()
        if said.startswith(self._opening):
            self._done = True
            return said.removeprefix(self._opening)
        if self._opening.startswith(said):
            return ""
        return self.finish()

    def finish(self) -> str:
        """What was held back, once it is no repetition."""
        if self._done:
            return ""
        self._done = True
        # Words of their own need a space before them.
        apart = self._held[:1].isalnum() and not self._opening[-1].isspace()
        return f" {self._held}" if apart else self._held
