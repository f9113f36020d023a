"""Who reads prompts, found out in the first seconds in which nobody asks a server.

In: an engine that runs, its settings. Out: the choice, remembered and taken up by the engine, a
line of it in the log. What can fail: nothing that an asker sees; a question ends the measurement,
which begins again when nobody asks.
"""

from __future__ import annotations

import logging
import threading

from base.errors import BelegtError
from base.settings import Settings
from qa.engine.protocol import ClosableEngine
from qa.engine.tune.quick import GaveWayError, QuickMeasurement, reason_in_settings, say_choice

IDLE_S = 3.0
"""For so long nobody must have asked."""
_LOOK_S = 0.2
# Of a server that is never left alone for long; the next one tries again.
_TRIES = 5
_logger = logging.getLogger("belegt.tune")


class IdleMeasurement:
    """Used by one thread, which waits meanwhile. ``closing``: it is to end."""

    def __init__(self, engine: ClosableEngine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def run(self, closing: threading.Event) -> None:
        """Measure, if it is to be and was not before; returns when that is settled."""
        if reason_in_settings(self._settings):
            return
        try:
            self._run(QuickMeasurement(self._settings, self._engine.describe().digest), closing)
        except BelegtError as error:
            reason = str(error).rstrip(".")
            _logger.info("Who reads prompts faster was not measured: %s.", reason)

    def _run(self, measurement: QuickMeasurement, closing: threading.Event) -> None:
        if measurement.reason_against():
            return
        for _ in range(_TRIES):
            if not self._wait(closing):
                return
            try:
                choice = measurement.run(lambda: closing.is_set() or self._busy())
            except GaveWayError:
                continue
            _logger.info("%s", say_choice(choice))
            if choice.format is not None:
                self._engine.prepare_prefill()
            return

    def _wait(self, closing: threading.Event) -> bool:
        """Until nobody has asked for a while; False where it is to end."""
        left = IDLE_S
        while left > 0:
            if closing.wait(_LOOK_S):
                return False
            left = IDLE_S if self._busy() else left - _LOOK_S
        return True

    def _busy(self) -> bool:
        held = self._engine.occupancy() or {}
        return held.get("open", 0) + held.get("waiting", 0) > 0
