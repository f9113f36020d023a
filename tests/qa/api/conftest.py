"""The guarded application, and how much is made up where more finds more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guarded import Guarded, guarded, running


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


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Guarded]:
    """Within the limits of the settings; a test of others makes its own."""
    with guarded(tmp_path) as made:
        yield made


@pytest.fixture
def port(server: Guarded) -> Iterator[int]:
    with running(server) as found:
        yield found
