"""``belegt keys``: create, list, revoke.

In: parsed arguments. Out: text or JSON on standard output, an exit code. What can fail: what
:mod:`qa.api.storage.keys` raises; the caller prints it. A new key is printed once and stored
nowhere. Importing this module loads nothing heavy.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.cli import Subparsers
    from qa.api.storage.keys import Key

_ROLES = ("metrics", "reader", "editor", "admin")


def register(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add ``keys`` and its commands to the command line."""
    parser = subparsers.add_parser(
        "keys",
        help="make and revoke keys for the server",
        description="Make and revoke keys for the server. A change takes effect at once.",
    )
    commands = parser.add_subparsers(metavar="ACTION", required=True)
    creating = commands.add_parser("create", help="make a key and print it, this once")
    creating.add_argument("--role", required=True, choices=_ROLES, help="what may be done with it")
    creating.add_argument("--name", required=True, metavar="NAME", help="whose it is")
    creating.set_defaults(func=create_key)
    listing = commands.add_parser("list", help="show the keys, not their secrets")
    listing.set_defaults(func=list_keys)
    revoking = commands.add_parser("revoke", help="make a key useless")
    revoking.add_argument("id", metavar="ID", help="as 'belegt keys list' shows it")
    revoking.set_defaults(func=revoke_key)
    for command in (creating, listing, revoking):
        command.add_argument(
            "--corpus", type=Path, metavar="FOLDER", help="the corpus (default: $BELEGT_CORPUS)"
        )
        command.add_argument("--json", action="store_true", help="print JSON")


def create_key(args: argparse.Namespace) -> int:
    """Make a key; its secret alone goes to standard output, what else is to say beside it."""
    import json
    import sys
    from dataclasses import asdict

    from qa.api.storage.keys import Keys

    folder = _folder(args)
    folder.mkdir(parents=True, exist_ok=True)
    with Keys(folder) as keys:
        key, secret = keys.create(args.name, args.role)
    if args.json:
        print(json.dumps({**asdict(key), "key": secret}))
        return 0
    print(secret)
    print(
        f"Key {key.id} for {key.name}, {key.role}. It is shown this once; keep it safe.",
        file=sys.stderr,
    )
    return 0


def list_keys(args: argparse.Namespace) -> int:
    """Print every key with its state."""
    import json
    from dataclasses import asdict

    from qa.api.storage.keys import Keys

    with Keys(_folder(args)) as keys:
        found = keys.list()
    if args.json:
        print(json.dumps([asdict(key) for key in found], indent=2))
        return 0
    for key in found:
        print(f"{key.id}  {key.role:<6}  {key.name:<24}  {_state(key)}")
    if not found:
        print("No key was made yet; run: belegt keys create --role admin --name NAME")
    return 0


def revoke_key(args: argparse.Namespace) -> int:
    """Revoke one key."""
    from qa.api.storage.keys import Keys

    with Keys(_folder(args)) as keys:
        key = keys.revoke(args.id)
    print(f"Key {key.id} of {key.name} is revoked.")
    return 0


def _state(key: Key) -> str:
    if key.revoked:
        return f"revoked {key.revoked[:10]}"
    used = f"last used {key.last_used[:13]}h" if key.last_used else "never used"
    return f"made {key.created[:10]}, {used}"


def _folder(args: argparse.Namespace) -> Path:
    from base.settings import load_settings

    return load_settings(corpus=args.corpus).corpus
