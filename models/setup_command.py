"""``belegt setup``: what a fresh installation still needs, obtained and checked.

In: settings. Out: a native library that runs on this machine, and both models. What can fail: no
compiler, no source of a model that can be reached, too little space; each one sentence. What is
there already costs nothing. Importing this module loads nothing heavy.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from base.settings import Settings
    from models.cli import Subparsers


def register(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add ``setup`` to the command line."""
    parser = subparsers.add_parser(
        "setup",
        help="build the native library and obtain the models, unless they are here",
        description="Build the native library for this processor and obtain the models that the "
        "settings name, unless they are here. 'make setup' does the same in a checkout.",
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - every command takes them
    """Obtain what is missing."""
    from base.settings import load_settings

    settings = load_settings()
    obtain(settings, llm=settings.engine == "local")
    return 0


def is_checkout() -> bool:
    """Whether this is a checkout, where ``make`` sees to all this."""
    from models.native.advice import IN_CHECKOUT

    return IN_CHECKOUT


def obtain(settings: Settings, *, llm: bool) -> None:
    """Have the encoder and, with ``llm``, the language model and the library that runs it."""
    from importlib.util import find_spec

    from models.native.build import ensure_native
    from models.store import ModelStore

    store = ModelStore(settings.cache)
    for name in [settings.encoder, *([settings.llm] if llm else [])]:
        if store.is_missing(name):
            print(f"belegt: Obtaining the model '{name}' ...", file=sys.stderr, flush=True)
            store.pull(name)
    if llm and find_spec("llama_cpp") is None:
        print("belegt: Building the native library, once ...", file=sys.stderr, flush=True)
        ensure_native(settings)
