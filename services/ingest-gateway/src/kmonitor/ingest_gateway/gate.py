"""How many reports may be inside at once: as many as leave again quickly."""

from collections.abc import Callable

from kmonitor.ingest_gateway.problems import not_now

FEWEST, MOST = 32, 1024
QUICK_S, SLOW_S = 0.05, 0.1
WINDOW_S = 0.1
SILENT_S = 0.8
BODIES_AT_MOST = 12 * 1024 * 1024
"""Bytes of all bodies together; what is made of one (unpacked, masked, encoded) is as large again, thrice."""


class Gate:
    """Lets in while the log answers and few enough are inside; counts whom it turned away.

    The limit follows the time that reports take: it shrinks when their mean goes above 100 ms, and grows
    when it was reached and they were quicker than 50 ms. So whoever is let in is answered soon, however
    many knock.
    """

    def __init__(self, log_silent_s: Callable[[], float], clock: Callable[[], float]) -> None:
        self._log_silent_s = log_silent_s
        self._clock = clock
        self.limit = 256
        self.inside = 0
        self.held_bytes = 0
        self.refused = 0
        """How many were turned away since `take_refused`."""
        self._window_from = clock()
        self._left = 0
        self._took_s = 0.0
        self._was_full = False

    def check_log(self) -> None:
        """Raises Problem 503 at once while the log does not confirm what it was given."""
        if self._log_silent_s() > SILENT_S:
            raise not_now("the log does not answer now: send it again", retry_after_s=2)

    @property
    def full(self) -> bool:
        if self.inside < self.limit:
            return False
        self._was_full = True
        return True

    def enter(self) -> float:
        """When it went in, for `leave`; the caller has asked whether it is `full`."""
        self.inside += 1
        return self._clock()

    def leave(self, entered: float, *, measured: bool = True) -> float:
        """How long it was inside. `measured=False` if that says nothing about the log."""
        self.inside -= 1
        now = self._clock()
        if measured:
            self._left += 1
            self._took_s += now - entered
        if now - self._window_from > WINDOW_S:
            self._adjust(now)
        return now - entered

    def hold(self, size: int) -> None:
        """Accounts for bytes about to be held. Raises Problem 503 when all bodies together are too many."""
        if self.held_bytes + size > BODIES_AT_MOST:
            raise not_now("too much is being read at once: send it again")
        self.held_bytes += size

    def release(self, size: int) -> None:
        self.held_bytes -= size

    def take_refused(self) -> int:
        """How many were turned away since the last time this was asked."""
        refused, self.refused = self.refused, 0
        return refused

    def _adjust(self, now: float) -> None:
        mean_s = self._took_s / self._left if self._left else 0.0
        if mean_s > SLOW_S:
            self.limit = max(FEWEST, self.limit * 4 // 5)
        elif self._was_full and mean_s < QUICK_S:
            self.limit = min(MOST, self.limit * 11 // 10)
        self._window_from, self._left, self._took_s, self._was_full = now, 0, 0.0, False
