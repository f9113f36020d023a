"""A model's own chat template, filled without letting content speak for the template.

In: messages whose parts are trusted or not, and the Jinja template stored in the model file.
Out: segments. What can fail: a template that cannot be rendered or drops a message (one
sentence that names the model).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from base.errors import UsageError
from qa.engine.protocol import Message, Segment

if TYPE_CHECKING:
    from jinja2 import Template

# Private-use characters: no tokenizer vocabulary or template contains them.
_SLOT = re.compile("\ue000([0-9]+)\ue001")


def render_chat(
    template: str, messages: Sequence[Message], special: dict[str, str], model: str
) -> list[Segment]:
    """Segments of ``messages`` in ``template``; the leading constant run is one segment.

    The template is rendered with a numbered slot for each part and split at the slots, so that
    whatever a document contains never passes through the template.
    """
    from jinja2 import TemplateError

    parts: list[Segment] = []
    plain = []
    for message in messages:
        slots = []
        for part in message.parts:
            slots.append(f"\ue000{len(parts)}\ue001")
            parts.append(part)
        plain.append({"role": message.role, "content": "".join(slots)})
    try:
        text = _compile(template).render(messages=plain, add_generation_prompt=True, **special)
    except TemplateError as error:
        raise UsageError(
            f"The chat template of model '{model}' cannot be used ({error}); "
            "take an instruction-tuned GGUF file."
        ) from error
    pieces = _SLOT.split(text)
    if [int(number) for number in pieces[1::2]] != list(range(len(parts))):
        raise UsageError(
            f"The chat template of model '{model}' drops or repeats messages; "
            "take an instruction-tuned GGUF file."
        )
    flat: list[Segment] = []
    for place, piece in enumerate(pieces):
        flat.append(parts[int(piece)] if place % 2 else Segment(piece, trusted=True))
    merged = _merge(flat)
    if not merged or not merged[-1].trusted:
        raise UsageError(
            f"The chat template of model '{model}' does not hand over to the assistant; "
            "take an instruction-tuned GGUF file."
        )
    return merged


@lru_cache(maxsize=4)
def _compile(template: str) -> Template:
    """A process has one model or two, and compiling its template takes 10 ms."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template)


def _merge(flat: Sequence[Segment]) -> list[Segment]:
    """Join neighbours of one kind; everything before the first variable part is constant."""
    variable = next(
        (place for place, one in enumerate(flat) if not one.constant and not one.trusted), len(flat)
    )
    marked = [replace(one, constant=place < variable) for place, one in enumerate(flat)]

    def kind(place: int) -> tuple[bool, bool, int | None]:
        one = marked[place]
        # A passage that is kept stays by itself.
        return one.trusted, one.constant, None if one.kept_in is None else place

    joined = []
    for _, group in groupby(range(len(marked)), key=kind):
        parts = [marked[place] for place in group]
        if text := "".join(one.text for one in parts):
            joined.append(replace(parts[0], text=text))
    return joined
