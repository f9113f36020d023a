"""What a message of another service's chat API says.

In: the content of a message: text, parts, or nothing. Out: one text. What can fail, as a
ValidationError that names the type of the part: a part that would have to be looked at or listened
to, because leaving it out would change the question.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(max_length=100_000)]

TEXT_PARTS = ("text", "input_text", "output_text")
SILENT_PARTS = (
    "thinking",
    "redacted_thinking",
    "reasoning",
    "reasoning_content",
    "refusal",
)
"""Parts of an earlier answer that say nothing of what was asked or answered."""
_PICTURES = ("image", "image_url", "input_image", "image_file")


class Part(BaseModel):
    """A piece of a message; what else a client keeps with it (cache marks, citations) is not read.

    Parts of text are read, those of an earlier answer's reasoning are passed over, and all others
    are refused by their type.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    type: Literal[
        "text",
        "input_text",
        "output_text",
        "thinking",
        "redacted_thinking",
        "reasoning",
        "reasoning_content",
        "refusal",
    ] = Field(examples=["text"])
    text: Text | None = None


def _known_parts(content: Any) -> Any:
    """Refuse by its type what belegt cannot read; a part that is a bare string is text."""
    if not isinstance(content, list):
        return content
    parts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            continue
        kind = part["type"]
        if kind in _PICTURES:
            raise ValueError(f"pictures are not read by belegt; leave out the part '{kind}'")
        if kind not in (*TEXT_PARTS, *SILENT_PARTS):
            raise ValueError(
                f"a part of the type '{kind[:60]}' is not supported by belegt; send its text"
            )
        if kind in TEXT_PARTS and part.get("text") is None:
            raise ValueError(f"a part of the type '{kind}' needs the field 'text'")
    return parts


Content = Annotated[
    Text | Annotated[list[Part], Field(max_length=100)] | None, BeforeValidator(_known_parts)
]
"""Text, parts of text, or null, which says nothing."""


def text_of(content: str | list[Part] | None) -> str:
    """The content as one text, parts on lines of their own."""
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part.text or "" for part in content if part.type in TEXT_PARTS)
