"""Whether PyTorch reads prompts faster, found out in a process of its own.

In: one :class:`ReaderRequest` as a line on standard input. Out: a line of each :class:`ReaderNews`
on standard output: that the model is loaded, the estimate, and where it was wanted the whole
measurement. What can fail: as news with an error what cannot be measured; whatever kills the
process, which is why it is a process of its own. SIGTERM ends it, and removes what it has half
unpacked.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from base.errors import BelegtError
from base.settings import Settings
from models.native.tuning import EngineParameters
from qa.engine.torch_prefill.architecture import UnsupportedModelError
from qa.engine.torch_prefill.choice import PrefillChoice, refused

_GENTLE = 19


class ReaderRequest(BaseModel):
    """What to measure, and with which settings."""

    model_config = ConfigDict(frozen=True)

    file: Path
    digest: str
    cache: Path
    cells: int
    memory_limit: int | None = Field(description="In MB, of this process.")
    parameters: EngineParameters
    seconds: float = Field(description="What the estimate may take.")
    whole: bool = Field(description="Whether the whole network is measured after the estimate.")
    gentle: bool = Field(description="Whether others who want the processor have it first.")


class ReaderNews(BaseModel):
    """How far it is. Without a choice or an error: the model is loaded."""

    model_config = ConfigDict(frozen=True)

    choice: PrefillChoice | None = None
    error: str = ""


def measure(request: ReaderRequest) -> None:
    """Do what ``request`` says."""
    from qa.engine.torch_prefill.choose import open_measurement
    from qa.engine.torch_prefill.weights import inspect

    try:
        architecture = inspect(request.file)
    except UnsupportedModelError as error:
        _tell(ReaderNews())
        _tell(ReaderNews(choice=refused(str(error))))
        return
    settings = Settings(cache=request.cache, cells=request.cells).model_copy(
        update={"memory_limit": request.memory_limit}
    )
    with open_measurement(
        architecture, request.file, request.digest, settings, request.parameters
    ) as measurement:
        _tell(ReaderNews())
        _tell(ReaderNews(choice=measurement.estimate(request.seconds)))
        if request.whole:
            _tell(ReaderNews(choice=measurement.measure()))


def _tell(news: ReaderNews) -> None:
    print(news.model_dump_json(), flush=True)


def main() -> int:
    """Answer the one request on standard input."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    request = ReaderRequest.model_validate_json(sys.stdin.readline())
    if request.gentle:
        os.nice(_GENTLE)
    try:
        measure(request)
    except BelegtError as error:
        _tell(ReaderNews(error=str(error)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
