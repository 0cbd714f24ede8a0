"""Says once a second how far the park is: a line that renews itself, plain lines, or JSON."""

import asyncio
import json
import sys
import time

from kmonitor.fleet_simulator.counts import Counts

PLAIN_EVERY_S = 5


class Progress:
    """`phase` is what the park does now, in one word."""

    def __init__(self, counts: Counts, *, as_json: bool) -> None:
        self.phase = "starting"
        self._counts = counts
        self._as_json = as_json
        self._began = time.monotonic()
        self._last = (self._began, 0)

    async def keep_saying(self) -> None:
        """Until it is cancelled."""
        seconds = 0
        while True:
            await asyncio.sleep(1)
            seconds += 1
            if self._as_json or sys.stdout.isatty() or seconds % PLAIN_EVERY_S == 0:
                self.say()

    def say(self, *, last: bool = False) -> None:
        now, (before, events) = time.monotonic(), self._last
        rate = (self._counts.events - events) / max(1e-9, now - before)
        if last:
            rate = self._counts.events / max(1e-9, now - self._began)
        self._last = (now, self._counts.events)
        if self._as_json:
            numbers = {"phase": self.phase, "events_per_s": round(rate, 1), **self._counts.numbers()}
            sys.stdout.write(json.dumps(numbers) + "\n")
        else:
            start, end = ("\r\033[K", "") if sys.stdout.isatty() else ("", "\n")
            sys.stdout.write(start + self._counts.line(self.phase, rate) + ("\n" if last else end))
        sys.stdout.flush()
