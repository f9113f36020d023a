"""What HTTP costs a first token.

In: how many rounds. Out: the median time to the first token in process and over HTTP, and the
median of their differences; the exit code 1 where that is more than 30 ms. What can fail: a missing
model (one sentence).

    python -m eval.bench.api_first_token [--rounds 40]

One service with the tiny model answers both, from a thread of this process, over the sample corpus.
A round asks one question three times: once so that its prompt is known, then in process and over
HTTP, in turns which first. Nothing else may run meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from base.errors import BelegtError, UsageError
from base.settings import load_settings
from eval.bench.api_load import load_questions
from eval.bench.api_server import DOCUMENTS, MODEL, answer_everything
from qa.api.server_client import ServedAssistant
from qa.api.server_discovery import Running
from qa.pipeline.answer import Event, SentenceEvent, TokenEvent
from qa.pipeline.options import DEFAULT_OPTIONS

if TYPE_CHECKING:
    from qa.api.app_state import Service

WANTED_MS = 30.0
_ASKED_OF = 12


def main() -> int:
    """Measure, report; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.api_first_token")
    parser.add_argument("--rounds", type=int, default=40, metavar="N")
    args = parser.parse_args()
    try:
        if args.rounds < 1:
            raise UsageError("--rounds must be 1 or more.")
        with tempfile.TemporaryDirectory(prefix="belegt-bench-") as folder:
            pairs = measure_first_token(Path(folder), args.rounds)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    inside, over = (sorted(1000 * pair[at] for pair in pairs) for at in (0, 1))
    more = sorted(1000 * (pair[1] - pair[0]) for pair in pairs)
    print(
        f"First token of {len(pairs)} questions: in process {median(inside):.1f} ms, over HTTP "
        f"{median(over):.1f} ms (medians); {median(more):+.1f} ms between them, nine of ten below "
        f"{more[int(0.9 * len(more))]:+.1f} ms. Wanted: at most +{WANTED_MS:g} ms."
    )
    return 1 if median(more) > WANTED_MS else 0


def measure_first_token(folder: Path, rounds: int) -> list[tuple[float, float]]:
    """Seconds to the first token, in process and over HTTP, of so many questions.

    A question that is refused without a token is left out.
    """
    found: list[tuple[float, float]] = []
    asked = load_questions()[:_ASKED_OF]
    with _serve(folder) as (service, running):
        served = ServedAssistant(running)
        for number in range(rounds):
            question = asked[number % len(asked)]
            _inside(service, question)
            if number % 2:
                over = _over(served, question)
                inside = _inside(service, question)
            else:
                inside = _inside(service, question)
                over = _over(served, question)
            if inside is not None and over is not None:
                found.append((inside, over))
    if not found:
        raise BelegtError("No question got an answer whose first token could be timed.")
    return found


@contextlib.contextmanager
def _serve(folder: Path) -> Iterator[tuple[Service, Running]]:
    import uvicorn

    from qa.api.app import create_app
    from qa.api.app_state import Service
    from qa.api.middleware.connection import server_options
    from qa.api.middleware.secured import secure
    from qa.api.storage.keys import Access
    from qa.cli.serve import address, listen, load_models

    answer_everything()
    settings = load_settings(corpus=folder / "corpus", llm=MODEL, tune="off")
    service = Service(settings, load_models)
    service.start(wait=True)
    _fill(service)
    access = Access(settings.corpus, loopback=True)
    app = secure(create_app(service, access), access, settings, service.metrics)
    with listen("127.0.0.1", 0) as place:
        running = Running(url=address(place), token=access.token, pid=0, behaviour="")
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", **server_options(settings)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        try:
            yield service, running
        finally:
            server.should_exit = True
            thread.join()
            access.close()


def _fill(service: Service) -> None:
    from corpus.loaders import load_file

    documents = [load_file(one) for one in sorted(DOCUMENTS.glob("*.md"))]
    with service.library.writing() as (_, indexer):
        indexer.add_documents(documents)


def _inside(service: Service, question: str) -> float | None:
    began = time.perf_counter()
    with service.assistant() as assistant:
        return _first(assistant.stream(question, DEFAULT_OPTIONS), began)


def _over(served: ServedAssistant, question: str) -> float | None:
    began = time.perf_counter()
    return _first(served.stream(question), began)


def _first(events: Iterator[Event], began: float) -> float | None:
    """Seconds to the first token; the answer is read to its end, so that nothing lingers."""
    first = None
    for event in events:
        if first is None and isinstance(event, TokenEvent | SentenceEvent):
            first = time.perf_counter() - began
    return first


if __name__ == "__main__":
    sys.exit(main())
