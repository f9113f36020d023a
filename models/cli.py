"""``belegt models``: list, pull, verify, use, path.

In: parsed arguments. Out: text or JSON on standard output, an exit code. What can fail: what
the store raises; the caller prints it. Importing this module loads nothing heavy.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.store import ModelStore

Subparsers = argparse._SubParsersAction  # argparse has no public name for it


def register(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add ``models`` and its commands to the command line."""
    parser = subparsers.add_parser(
        "models", help="obtain and check models", description="Obtain and check models."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    listing = commands.add_parser("list", help="show the known models and how they stand")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(func=list_models)

    pulling = commands.add_parser("pull", help="download and check models, unless they are here")
    pulling.add_argument(
        "names",
        metavar="NAME",
        nargs="+",
        help="of the list, or hf:OWNER/REPO/FILE.gguf[@REVISION] for any GGUF file of a hub",
    )
    pulling.add_argument(
        "--from", dest="file", type=Path, metavar="FILE", help="take this file instead of a source"
    )
    pulling.add_argument("--quiet", action="store_true", help="show no progress")
    pulling.set_defaults(func=pull_model)

    verifying = commands.add_parser("verify", help="read every byte and compare digests")
    verifying.add_argument("name", metavar="NAME", nargs="?", help="without it, all that are here")
    verifying.set_defaults(func=verify_models)

    using = commands.add_parser("use", help="have this language model answer from now on")
    using.add_argument("name", metavar="NAME")
    using.set_defaults(func=use_model)

    path = commands.add_parser("path", help="print where a model lies")
    path.add_argument("name", metavar="NAME")
    path.set_defaults(func=print_path)


def list_models(args: argparse.Namespace) -> int:
    """Print every model of the manifest with its state."""
    import json

    from base.files import human
    from models.manifest import recommended_readers

    states = _store().states()
    if args.json:
        print(json.dumps([state.model_dump() for state in states], indent=2))
        return 0
    for state in states:
        print(f"{state.name:<28} {state.kind:<8} {human(state.size):>8}  {state.state}")
        print(f"    {state.use}; {state.licence}; {state.detail}")
    print("\nRecommended readers (only the first was measured with belegt):")
    for reader in recommended_readers():
        print(f"{reader.name}: {reader.machine}; takes {reader.memory}; {reader.licence}")
        print(f"    {reader.expect}; belegt models pull {reader.pull}")
    return 0


def pull_model(args: argparse.Namespace) -> int:
    """Make models available and print where they lie."""
    from base.errors import UsageError

    if args.file and len(args.names) > 1:
        raise UsageError(f"--from {args.file} is one file, but {len(args.names)} models are named.")
    store = _store()
    for wanted in args.names:
        name = _pinned(store.cache, wanted) if wanted.startswith("hf:") else wanted
        store = _store()
        print(store.pull(name, progress=not args.quiet, local=args.file))
        if name != wanted:
            print(f"belegt: It is called '{name}'; belegt models use {name}", file=sys.stderr)
    return 0


def _pinned(cache: Path, wanted: str) -> str:
    """The name of a hub's file in the person's own manifest, which it is put into."""
    from models.hub_pull import HubFile, entry_of
    from models.own_manifest import add

    return add(cache, entry_of(HubFile.parse(wanted))).name


def use_model(args: argparse.Namespace) -> int:
    """Have the language model of that name answer where BELEGT_LLM names none."""
    from base.chosen import choose
    from base.errors import UsageError

    store = _store()
    model = store.manifest.find(args.name)
    if model.kind != "llm":
        raise UsageError(
            f"'{args.name}' is an encoder; set BELEGT_ENCODER to it and run 'belegt index rebuild'."
        )
    store.path(args.name)
    choose(store.cache, args.name)
    print(f"'{args.name}' answers from now on, unless BELEGT_LLM names another.")
    return 0


def verify_models(args: argparse.Namespace) -> int:
    """Check one model, or all that are here; the first fault ends it."""
    store = _store()
    here = [state.name for state in store.states() if state.state != "missing"]
    for name in [args.name] if args.name else here:
        print(f"{name}: verified, {store.verify(name)}")
    if not args.name and not here:
        print("No model is here yet; run: belegt models list")
    return 0


def print_path(args: argparse.Namespace) -> int:
    """Print the file or folder to load for one model."""
    print(_store().path(args.name))
    return 0


def _store() -> ModelStore:
    from base.settings import load_settings
    from models.store import ModelStore

    return ModelStore(load_settings().cache)
