"""Waiting in place while ClickHouse is away: alive, saying so, and losing nothing."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from kmonitor.clickhouse.errors import NotNow

LOG = logging.getLogger("kmonitor.clickhouse")
FIRST_S, LONGEST_S = 0.2, 5.0

T = TypeVar("T")


class Stopped(Exception):
    """A stop was asked for while waiting: nothing more is to be done, and nothing was lost."""


class Patience:
    """Asks again until ClickHouse can answer.

    `wait` returns False when a stop was asked for; `say` tells the probes.
    """

    def __init__(self, wait: Callable[[float], bool], say: Callable[[str | None], None]) -> None:
        self._wait = wait
        self._say = say

    def __call__(self, ask: Callable[[], T]) -> T:
        """What `ask` answers in the end. Raises Stopped; whatever is no NotNow rises."""
        pause_s, since, first = FIRST_S, time.monotonic(), True
        while True:
            try:
                answer = ask()
            except NotNow as trouble:
                away_s = time.monotonic() - since
                LOG.warning("waiting for ClickHouse for %.0f s: %s", away_s, trouble)
                self._say(str(trouble))
                if not self._wait(pause_s):
                    raise Stopped from trouble
                pause_s, first = min(pause_s * 2, LONGEST_S), False
            else:
                if not first:
                    LOG.info("ClickHouse answers again after %.0f s", time.monotonic() - since)
                self._say(None)
                return answer
