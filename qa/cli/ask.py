"""``belegt ask``: one question or a file of them.

In: parsed arguments. Out: answers on standard output, for people or as JSON, and an exit code.
What can fail: what the assistant raises, and a file of questions that cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from corpus.filters import Filters
from qa.api.server_client import ServedAssistant
from qa.api.server_discovery import find_server
from qa.cli.render import TerminalStyle, render_sources, render_timings
from qa.pipeline.answer import Answer, DoneEvent, Event, RetractedEvent, SentenceEvent, TokenEvent
from qa.pipeline.options import AskOptions

ANSWERED, NOT_FOUND = 0, 3


def run(args: argparse.Namespace) -> int:
    """Answer what ``args`` ask; 0 answered, 3 not found (of several: none found)."""
    if (args.question is None) == (args.questions is None):
        raise UsageError("Give one question, or --questions FILE with one question a line.")
    if args.top_k is not None and not 1 <= args.top_k <= 50:
        raise UsageError(f"--top-k is {args.top_k}; it must be from 1 to 50.")
    if args.question is not None and not args.question.strip():
        raise UsageError('The question is empty; ask something, e.g. belegt ask "Wer ...?".')
    questions = None if args.questions is None else list(_read(args.questions))
    settings = load_settings(
        corpus=args.corpus,
        engine=args.engine,
        memory_limit=args.memory_limit,
        index=args.index,
    )
    once = questions is None
    with _assistant(settings, use_server=not args.no_server, once=once) as assistant:
        if questions is None:
            return _answer(assistant, args.question, args)
        return _answer_all(assistant, questions, args)


class Answerer(Protocol):
    """Whoever answers: a server of the same corpus, or the models in this process."""

    def prepare_for_more(self) -> None:
        """Further questions follow; returns at once."""
        ...

    def stream(self, question: str, options: AskOptions) -> Iterator[Event]:
        """Events while the answer grows."""
        ...


@contextmanager
def _assistant(settings: Settings, *, use_server: bool, once: bool) -> Iterator[Answerer]:
    running = find_server(settings) if use_server else None
    if running is not None:
        yield ServedAssistant(running)
        return
    # Loaded only where needed: a server has its models loaded already.
    from qa.pipeline.session import open_assistant

    with open_assistant(settings, once=once) as assistant:
        yield assistant


def _read(name: str) -> Iterator[str]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"The questions in '{name}' cannot be read: {reason}.") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise UsageError(f"There is no question in '{name}'; write one a line.")
    yield from found


def _answer_all(assistant: Answerer, questions: list[str], args: argparse.Namespace) -> int:
    codes = []
    for number, question in enumerate(questions):
        if number == 1:
            # Not before the first answer, which somebody waits for.
            assistant.prepare_for_more()
        try:
            codes.append(_answer(assistant, question, args))
        except UsageError as error:
            # One bad line must not cost the answers to the others, nor shift their order.
            codes.append(error.exit_code)
            if args.json:
                line = {"question": question, "error": str(error)}
                print(json.dumps(line, ensure_ascii=False), flush=True)
            print(f"belegt: {error}", file=sys.stderr)
    bad = [code for code in codes if code not in (ANSWERED, NOT_FOUND)]
    return bad[0] if bad else min(codes)


def _answer(assistant: Answerer, question: str, args: argparse.Namespace) -> int:
    try:
        filters = Filters(
            since=args.since,
            until=args.until,
            sources=tuple(args.source),
            languages=tuple(args.doc_lang),
            documents=tuple(args.document),
        )
    except ValueError as error:
        raise UsageError(f"The filters cannot be used: {error}") from error
    options = AskOptions(language=args.lang, top_k=args.top_k, filters=filters)
    events = assistant.stream(question, options)
    style = TerminalStyle.of(sys.stdout)
    if args.questions is not None and not args.json:
        print(style.strong(question))
    answer: Answer | None = None
    shown = ""
    for event in events:
        if isinstance(event, DoneEvent):
            answer = event.answer
        elif not args.json:
            shown = _show(event, shown, style)
    if answer is None:
        raise BelegtError("The answer ended early; ask again.")
    if args.json:
        print(answer.model_dump_json(indent=None if args.questions is not None else 2), flush=True)
    else:
        if answer.status == "not_found":
            print(answer.text)
        print(render_sources(answer, style))
        if args.verbose:
            print(render_timings(answer))
        if args.questions is not None:
            print()
    return ANSWERED if answer.status == "answered" else NOT_FOUND


def _show(event: object, shown: str, style: TerminalStyle) -> str:
    """Print what ``event`` brings; the unchecked words on the screen after it.

    ``shown`` are those before it. They appear only where they can be taken back.
    """
    if isinstance(event, TokenEvent) and style.live:
        print(style.dim(event.text), end="", flush=True)
        return shown + event.text
    if isinstance(event, RetractedEvent | SentenceEvent) and shown:
        print(style.erase(shown), end="", flush=True)
    if isinstance(event, SentenceEvent):
        print(event.text, flush=True)
        return ""
    return "" if isinstance(event, RetractedEvent) else shown
