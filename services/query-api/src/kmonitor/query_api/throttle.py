"""Whoever keeps guessing has to wait. An attempt counts before it is looked at: many at once gain nothing."""

import time
from collections import OrderedDict, deque

from kmonitor.query_api.problems import Problem

ATTEMPTS = 10
ATTEMPTS_S = 60.0
MOST_REMEMBERED = 10_000


class Throttle:
    """At most so many wrong attempts within a minute under one name; the oldest names are forgotten."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, deque[float]] = OrderedDict()

    def enter(self, *names: str) -> None:
        """Counts an attempt under each name. Raises Problem 429 when there were too many under one."""
        now = time.monotonic()
        waits_s = [self._wait_s(name, now) for name in names]
        if (longest_s := max(waits_s)) > 0:
            raise Problem(429, "too many wrong attempts: try again later", retry_after_s=round(longest_s) + 1)
        for name in names:
            self._attempts.setdefault(name, deque(maxlen=ATTEMPTS)).append(now)
            self._attempts.move_to_end(name)
        while len(self._attempts) > MOST_REMEMBERED:
            self._attempts.popitem(last=False)

    def forgive(self, *names: str) -> None:
        """The attempt just counted was right."""
        for name in names:
            if attempts := self._attempts.get(name):
                attempts.pop()

    def _wait_s(self, name: str, now: float) -> float:
        attempts = self._attempts.get(name)
        is_full = attempts is not None and len(attempts) == ATTEMPTS
        return ATTEMPTS_S - (now - attempts[0]) if attempts and is_full else 0.0
