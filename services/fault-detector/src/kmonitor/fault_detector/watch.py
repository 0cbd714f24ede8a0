"""Who is heard in one partition, and since when in its tick time; kept by a checkpoint now and then."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.faults.fault import TerminalFaults
from kmonitor.domain.faults.presence import Heard, TickTime
from kmonitor.domain.office.registry import UNDESCRIBED, Registry
from kmonitor.domain.sequences import Seen
from kmonitor.domain.terminal.registers import NOWHERE, Place
from kmonitor.domain.terminal.standing import is_missed
from kmonitor.events.life import TerminalStopped
from kmonitor.events.log import Report, Tick
from kmonitor.events.types import Event

CHECKPOINT_EVERY = timedelta(seconds=10)
EARLIEST = 0
CLOSED_LOOK_MS = 10_000
"""How often it is looked at whether a closed terminal should be heard by now."""


class Checkpoint(Struct, frozen=True, kw_only=True):
    """All that a partition's watch knew once the record at `offset` was applied."""

    offset: int
    time: TickTime
    operations_up_to: int
    heard: dict[str, Heard]
    due: dict[str, int] = {}
    open: dict[str, str] = {}


@dataclass
class Watch:
    """Moves with every record of its partition, which is too often to publish: what was not yet kept by
    a checkpoint is read again from the log.

    `due`: when in tick time something that waits on a terminal is to be judged. `open`: whose each fault is.
    """

    offset: int = -1
    time: TickTime = field(default_factory=TickTime)
    operations_up_to: int = -1
    heard: dict[str, Heard] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    _look_at_ms: int = EARLIEST
    _looked_with: int = -1
    _kept_at: datetime | None = None

    @classmethod
    def resumed(cls, kept: Checkpoint) -> "Watch":
        return cls(
            kept.offset, kept.time, kept.operations_up_to, dict(kept.heard), dict(kept.due), dict(kept.open)
        )

    def hear(self, report: Report, offset: int, interval_s: int) -> list[Event]:
        """Note that a terminal reported; gives the events of the report that were never applied before.

        By a re-driven report nobody is heard: whoever was expected still is since then, and nobody else.
        """
        known = self.heard.get(report.terminal)
        seen_before = known.seen if known else {}
        seen = seen_before.get(report.epoch, Seen())
        stop: Place = known.stop if known else NOWHERE
        fresh: list[Event] = []
        for event in report.events:
            if event.seq not in seen:
                seen = seen.with_(event.seq)
                fresh.append(event)
                if isinstance(event, TerminalStopped):
                    stop = max(stop, (report.epoch, event.seq))
        seen_now = seen_before | {report.epoch: seen} if fresh else seen_before
        if report.is_redrive and known is not None:
            is_awaited = known.is_expected
            self.heard[report.terminal] = replace(known, seen=seen_now, stop=stop, known_silent=not is_awaited)
            return fresh
        heard = Heard(
            passed_ms=self.time.passed_ms,
            received_at=report.received_at,
            offset=offset,
            seen=seen_now,
            stop=stop,
            known_silent=report.is_redrive,
        )
        self.heard[report.terminal] = heard
        self._look_at_ms = min(self._look_at_ms, heard.silent_from_ms(interval_s))
        return fresh

    def newly_silent(self, tick: Tick, registry: Registry) -> list[str]:
        """Let a tick pass; gives the terminals that are silent since, each once until it is heard again."""
        self.time = self.time.after(tick)
        if self.time.passed_ms < self._look_at_ms and self._looked_with == self.operations_up_to:
            return []
        self._looked_with = self.operations_up_to
        silent: list[str] = []
        next_look = self.time.passed_ms + 3_600_000
        for terminal, heard in self.heard.items():
            if not heard.is_expected:
                continue
            who = registry.attributes(terminal, tick.at, self.operations_up_to) or UNDESCRIBED
            if not heard.is_silent(self.time, who.interval_s):
                next_look = min(next_look, heard.silent_from_ms(who.interval_s))
            elif is_missed(who, tick.at):
                silent.append(terminal)
            else:
                next_look = min(next_look, self.time.passed_ms + CLOSED_LOOK_MS)
        self._look_at_ms = next_look
        return silent

    def expect(self, before: TerminalFaults, after: TerminalFaults) -> None:
        """Note what a terminal's faults, once judged, have to be looked at for, and whose they are."""
        for fault in before.open.values():
            self.open.pop(fault.fault_id, None)
        for fault in after.open.values():
            self.open[fault.fault_id] = after.terminal
        due_ms = None if after.is_silent else after.next_due_ms
        if due_ms is None:
            self.due.pop(after.terminal, None)
        else:
            self.due[after.terminal] = due_ms

    def now_due(self) -> list[str]:
        """The terminals on which something has waited long enough."""
        return [terminal for terminal, due_ms in self.due.items() if due_ms <= self.time.passed_ms]

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for a checkpoint, in the log's own time."""
        return self._kept_at is None or now - self._kept_at >= CHECKPOINT_EVERY

    def checkpoint(self, now: datetime) -> Checkpoint:
        self._kept_at = now
        return Checkpoint(
            offset=self.offset,
            time=self.time,
            operations_up_to=self.operations_up_to,
            heard=self.heard,
            due=self.due,
            open=self.open,
        )


def interval(registry: Registry, terminal: str, at: datetime, up_to: int) -> int:
    """Seconds between two reports that this terminal promises, by what was known at that operation."""
    return (registry.attributes(terminal, at, up_to) or UNDESCRIBED).interval_s
