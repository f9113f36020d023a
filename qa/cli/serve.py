"""``belegt serve``: the API and the page, until it is told to stop.

In: parsed arguments. Out: an exit code, after running answers were finished or their time was up.
What can fail, each one sentence: an address that is taken or is none, one beyond this machine
without a key, a corpus that cannot be opened; a model that cannot be loaded ends the server too.
"""

from __future__ import annotations

import argparse
import ipaddress
import socket
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from qa.api.server_discovery import announce

if TYPE_CHECKING:
    from index.encoder import Encoder
    from qa.api.app import Extension
    from qa.engine.protocol import ClosableEngine

_BACKLOG = 1024


def run(args: argparse.Namespace, extensions: Sequence[Extension] = ()) -> int:
    """Serve until SIGINT or SIGTERM."""
    settings = load_settings(
        corpus=args.corpus,
        host=args.host,
        port=args.port,
        engine=args.engine,
        index=args.index,
        memory_limit=args.memory_limit,
    )
    with listen(settings.host, settings.port) as place:
        return serve(settings, place, extensions)


def serve(settings: Settings, place: socket.socket, extensions: Sequence[Extension] = ()) -> int:
    """Serve on a socket that listens already."""
    from qa.api.app import create_app
    from qa.api.app_state import Service
    from qa.api.http_server import HttpServer
    from qa.api.logs import configure_logging
    from qa.api.middleware.origins import is_loopback
    from qa.api.middleware.secured import secure
    from qa.api.storage.keys import Access

    configure_logging(settings)
    _make_corpus(settings)
    access = Access(settings.corpus, loopback=is_loopback(settings.host))
    try:
        service = Service(settings, load_models)
        app = secure(create_app(service, access, extensions), access, settings, service.metrics)
        url = address(place)
        server = HttpServer(app, settings, service.leave, service.lanes.cut)
        with announce(settings, url, access.token):
            service.start(on_failure=server.stop)
            print(f"belegt: Serving '{settings.corpus}' at {url}", file=sys.stderr)
            server.run(place)
    finally:
        access.close()
    if service.failure is not None:
        raise _told(service.failure) from service.failure
    return 0


def _told(failure: Exception) -> BelegtError:
    if isinstance(failure, BelegtError):
        return failure
    return BelegtError(
        f"The models or the corpus could not be loaded ({type(failure).__name__}: {failure}); "
        "'belegt doctor' shows what is there."
    )


def load_models(settings: Settings) -> tuple[Encoder, ClosableEngine]:
    """Both models, loaded at the same time; PyTorch gets ready for prompts where it reads them."""
    from index.encoder import load_encoder
    from qa.pipeline.session import beside_engine

    settings = settings.of_server()
    encoder, engine = beside_engine(settings, lambda: load_encoder(settings))
    engine.prepare_prefill()
    return encoder, engine


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; UsageError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"The server cannot listen on {host} port {port} ({error.strerror or error}); "
            "name others with --host and --port."
        ) from error


def address(place: socket.socket) -> str:
    """The URL by which programs on this machine reach a listening socket."""
    host, port = place.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _make_corpus(settings: Settings) -> None:
    try:
        settings.corpus.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BelegtError(
            f"The corpus folder '{settings.corpus}' cannot be made ({error.strerror}); "
            "name another with --corpus."
        ) from error
