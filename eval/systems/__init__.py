"""Systems under test, behind one protocol.

In: a name and settings. Out: a system (:mod:`eval.systems.protocol`). What can fail: an unknown
name, an option that the system does not have, and what its module says of itself. A module is
imported when its system is made, so that naming the systems loads none of their libraries.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from base.errors import UsageError

if TYPE_CHECKING:
    from base.settings import Settings
    from eval.systems.protocol import System

_SYSTEMS: dict[str, tuple[str, str, frozenset[str]]] = {
    "belegt": ("eval.systems.belegt", "BelegtSystem", frozenset()),
    "http": ("eval.systems.http", "HttpSystem", frozenset({"url", "model", "timeout_s"})),
    "plain": ("eval.systems.plain", "PlainSystem", frozenset()),
    "llamaindex": ("eval.systems.llamaindex", "LlamaIndexSystem", frozenset()),
}
"""Module, class and options of each system by its name."""

NAMES = tuple(_SYSTEMS)


def make_system(name: str, settings: Settings, **options: object) -> System:
    """The system called ``name``; ``options`` are those of its class (``http``: url, model)."""
    if name not in _SYSTEMS:
        raise UsageError(f"There is no system '{name}'; known are {', '.join(NAMES)}.")
    module, kind, known = _SYSTEMS[name]
    for option in options:
        if option not in known:
            offered = ", ".join(sorted(known)) or "none"
            raise UsageError(f"System '{name}' has no option '{option}'; it has {offered}.")
    factory = getattr(importlib.import_module(module), kind)
    return cast("System", factory(settings, **options))
