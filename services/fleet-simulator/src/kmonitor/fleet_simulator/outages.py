"""When a terminal has no link: it goes on working, and what it says waits."""

from random import Random

from kmonitor.fleet_simulator.profile import Profile

HOUR = 3600.0
EVERY_H = {"gsm": 20.0, "wifi": 60.0, "ethernet": 200.0}
LASTING_S = (120.0, 3000.0)


class Outages:
    """The outages of one terminal from `start` on, on the wall clock; `speed` compresses them too."""

    def __init__(self, who: Profile, seed: int, start: float, speed: float) -> None:
        self._rng = Random(f"{seed}/outages/{who.terminal}")
        self._every_s = EVERY_H[who.link.kind] * HOUR / speed
        self._speed = speed
        self._from = self._to = start
        self._next()

    def is_down(self, now: float) -> bool:
        """Ask with times that only grow."""
        while now >= self._to:
            self._next()
        return now >= self._from

    def _next(self) -> None:
        self._from = self._to + self._rng.expovariate(1 / self._every_s)
        self._to = self._from + self._rng.uniform(*LASTING_S) / self._speed
