"""Where a person's files belong, as far as there is such a place.

In: environment and user database of the system. Out: absolute folders for what can be made again
and for what cannot. What can fail: a user without a home folder (a service, a container with a user
id that has no name), a UsageError that names the settings to set; a relative folder, called "~"
perhaps, is never made.
"""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from base.errors import UsageError


def cache_folder() -> Path:
    """The folder of models and builds where BELEGT_CACHE names none."""
    return _absolute(user_cache_path("belegt"))


def corpus_folder() -> Path:
    """The folder of the corpus where BELEGT_CORPUS names none."""
    return _absolute(user_data_path("belegt")) / "corpus"


def _absolute(folder: Path) -> Path:
    if folder.is_absolute():
        return folder
    raise UsageError(
        f"This user has no home folder (belegt would have to use '{folder}'); set BELEGT_CORPUS "
        "and BELEGT_CACHE to folders of your own."
    )
