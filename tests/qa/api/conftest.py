"""How much is made up where more finds more."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known only where this folder is named on the command line, which is where it is for."""
    parser.addoption(
        "--schema-examples",
        type=int,
        metavar="N",
        help="requests that test_openapi.py makes up for each operation",
    )
    parser.addoption(
        "--kills",
        type=int,
        metavar="N",
        help="how often test_lifecycle.py kills a server while it answers",
    )
