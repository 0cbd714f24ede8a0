"""Who is heard: silence measured in tick time, so that no outage of ours makes a terminal silent."""

from datetime import datetime, timedelta

from msgspec import Struct

from kmonitor.domain.sequences import Seen
from kmonitor.domain.terminal.registers import NOWHERE, Place, newest
from kmonitor.events.log import Tick

SILENT_AFTER_INTERVALS = 2.5
LONGEST_STEP = timedelta(seconds=3)


class TickTime(Struct, frozen=True):
    """The time that passed in one partition: the sum of the steps between its ticks.

    A step counts at most 3 s, and not at all while the gateway refuses reports or when a clock went
    back; while nobody ticks, time stands still.
    """

    passed_ms: int = 0
    last_tick_at: datetime | None = None

    def after(self, tick: Tick) -> "TickTime":
        if self.last_tick_at is None:
            return TickTime(self.passed_ms, tick.at)
        step = min(max(tick.at - self.last_tick_at, timedelta()), LONGEST_STEP)
        counted = 0 if tick.refusing else round(step.total_seconds() * 1000)
        return TickTime(self.passed_ms + counted, max(tick.at, self.last_tick_at))


class Heard(Struct, frozen=True, kw_only=True):
    """The last report of a terminal: when in tick time, where in the log, and what was applied by then.

    `stop` is the place of the last announcement that it stops. `known_silent` once its silence was raised,
    or where nobody waits for it yet.
    """

    passed_ms: int
    received_at: datetime
    offset: int
    seen: dict[int, Seen] = {}
    stop: Place = NOWHERE
    known_silent: bool = False

    @property
    def is_expected(self) -> bool:
        """Whether silence would be news: it is not known yet, and the terminal did not say that it stops."""
        return not self.known_silent and (self.stop == NOWHERE or self.stop < newest(self.seen))

    def is_silent(self, now: TickTime, interval_s: int) -> bool:
        return self.is_expected and now.passed_ms > self.silent_from_ms(interval_s)

    def silent_from_ms(self, interval_s: int) -> int:
        """The tick time, in ms, after which the terminal counts as silent."""
        return self.passed_ms + round(SILENT_AFTER_INTERVALS * interval_s * 1000)
