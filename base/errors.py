"""Errors a person can act on.

In: a place in the code that met something it cannot go on with.
Out: one sentence that names the thing, its value and the mend; the command line prints it
without a traceback and exits with ``exit_code``.
"""

from __future__ import annotations


class BelegtError(Exception):
    """Something failed while the request itself was sound (exit code 1)."""

    exit_code = 1


class UsageError(BelegtError):
    """The request cannot be served as it was made (exit code 2, HTTP 4xx)."""

    exit_code = 2
