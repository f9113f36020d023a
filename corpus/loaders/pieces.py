"""Runs on their way to a block: what the loaders of marked-up formats share.

In: runs in reading order, with white space as the markup happens to have it. Out: a block whose
text has no white space at its ends, or None where nothing is left. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from corpus.loaded import Block, Role, Run


def collapse(text: str) -> str:
    """Each run of white space, no-break spaces apart, as one blank (CSS Text 3, 4.1.1)."""
    words = text.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\f", " ")
    while "  " in words:
        words = words.replace("  ", " ")
    return words


def tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Runs without a blank beside a blank or a line break, and without white space at the ends.

    Neighbours of one place and style become one run.
    """
    kept: list[Run] = []
    for run in runs:
        text = run.text
        before = kept[-1].text[-1] if kept else "\n"
        if before in " \n":
            text = text.lstrip(" ")
        if text.startswith("\n") and kept:
            _cut_end(kept)
        if not kept:
            text = text.lstrip()
        if not text:
            continue
        last = kept[-1] if kept else None
        if last and not last.edges and (last.place, last.style) == (run.place, run.style):
            kept[-1] = replace(last, text=last.text + text)
        else:
            kept.append(replace(run, text=text) if text != run.text else run)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1] = _without_end(kept[-1], kept[-1].text.rstrip())
    return tuple(kept)


def block_of(role: Role, runs: Sequence[Run], **facts: object) -> Block | None:
    """The block of ``runs``, tidied; ``facts`` are further fields of :class:`Block`."""
    tidied = tidy(runs)
    if not tidied:
        return None
    return Block(role=role, runs=tidied, **facts)  # type: ignore[arg-type]


def _cut_end(kept: list[Run]) -> None:
    while kept and not kept[-1].text.rstrip(" "):
        kept.pop()
    if kept:
        kept[-1] = _without_end(kept[-1], kept[-1].text.rstrip(" "))


def _without_end(run: Run, text: str) -> Run:
    if text == run.text:
        return run
    return replace(run, text=text, edges=run.edges[: len(text) + 1])
