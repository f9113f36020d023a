"""Where a person's files belong, as far as there is such a place.

In: environment and user database of the system. Out: absolute folders for what can be made again
and for what cannot. What can fail: a user without a home folder (a service, a container with a user
id that has no name), a UsageError that names the settings to set; a relative folder, called "~"
perhaps, is never made.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from base.errors import UsageError


def cache_folder() -> Path:
    """The folder of models and builds where BELEGT_CACHE names none."""
    return _absolute(user_cache_path)


def corpus_folder() -> Path:
    """The folder of the corpus where BELEGT_CORPUS names none."""
    return _absolute(user_data_path) / "corpus"


def _absolute(place: Callable[[str], Path]) -> Path:
    try:
        folder = place("belegt")
    except RuntimeError:
        # Newer versions of platformdirs say so themselves, in words that name no setting of ours.
        raise _homeless() from None
    if not folder.is_absolute():
        raise _homeless()
    return folder


def _homeless() -> UsageError:
    return UsageError(
        "This user has no home folder to keep anything in; set BELEGT_CORPUS and BELEGT_CACHE to "
        "folders of your own."
    )
