"""The models that a person has; a test that needs an absent one is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from base.errors import BelegtError
from base.settings import Settings
from models.store import ModelStore

CACHE = Settings().cache
"""Read before any test changes the environment."""

TINY = "smollm2-135m-instruct"


def need_model(name: str) -> Path:
    """Where a real model lies; without it the test is left out, naming the command."""
    try:
        return ModelStore(CACHE).path(name)
    except BelegtError as error:
        pytest.skip(f"{error} (belegt models pull {name})")
