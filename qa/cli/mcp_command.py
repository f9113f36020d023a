"""``belegt mcp``: the corpus as tools of an editor or an assistant.

In: parsed arguments; messages of the Model Context Protocol on standard input or over HTTP. Out:
answers there, an exit code. What can fail: the SDK is not installed, an address that cannot be had,
one beyond this machine without a key. Importing this module loads nothing heavy.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from base.settings import Settings
    from models.cli import Subparsers
    from qa.mcp.corpus_tools import CorpusTools

PORT = 8766
_PATH = "/mcp"


def register(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add ``mcp`` to the command line."""
    parser = subparsers.add_parser(
        "mcp",
        help="offer the documents to editors and assistants (Model Context Protocol)",
        description="Offer the documents as read-only tools: ask, search, read_span, "
        "list_documents. Speaks on standard input and output unless --http is given.",
    )
    parser.add_argument("--http", action="store_true", help=f"serve over HTTP at {_PATH}")
    parser.add_argument(
        "--host", metavar="ADDRESS", help="with --http (default: this machine only)"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"with --http (default: {PORT})"
    )
    parser.add_argument(
        "--corpus", type=Path, metavar="FOLDER", help="the corpus (default: $BELEGT_CORPUS)"
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Serve until the input ends, or until a signal."""
    from base.settings import load_settings
    from qa.cli.serve import load_models
    from qa.mcp.corpus_tools import CorpusTools
    from qa.mcp.server import mcp_server

    settings = load_settings(corpus=args.corpus, host=args.host, port=args.port)
    tools = CorpusTools(settings, load_models)
    try:
        if args.http:
            _serve_http(tools, settings)
        else:
            mcp_server(tools).run("stdio")
    finally:
        tools.close()
    return 0


def _serve_http(tools: CorpusTools, settings: Settings) -> None:
    from qa.api.http_server import HttpServer
    from qa.api.logs import configure_logging
    from qa.api.middleware.origins import is_loopback
    from qa.api.storage.keys import Access
    from qa.cli.serve import address, listen
    from qa.mcp.http_app import http_app

    configure_logging(settings)
    access = Access(settings.corpus, loopback=is_loopback(settings.host))
    try:
        app = http_app(tools, access, settings)
        with listen(settings.host, settings.port) as place:
            print(f"belegt: Tools at {address(place)}{_PATH}", file=sys.stderr)
            HttpServer(app, settings, _nothing, _nothing).run(place)
    finally:
        access.close()


def _nothing() -> None:
    """The SDK ends its sessions itself."""
