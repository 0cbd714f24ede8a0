"""A terminal as the gateway knows it: it numbers its events and keeps each until it is answered."""

from collections import deque
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from kmonitor.fleet_simulator.kiosk import Kiosk
from kmonitor.fleet_simulator.pace import Pace
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.rhythm import LocalTime

PROMPT = frozenset(
    {
        "payment.accepted.v1",
        "payment.failed.v1",
        "payment.cancelled.v1",
        "payment.refunded.v1",
        "device.reported.v1",
        "terminal.started.v1",
        "terminal.stopped.v1",
        "terminal.locked.v1",
        "terminal.unlocked.v1",
    }
)
"""What a terminal reports at once; everything else waits for the next report."""

_encoder = msgspec.json.Encoder()


class Event(NamedTuple):
    """One event as it is sent, every time with the same bytes."""

    seq: int
    raw: bytes


class Batch(Struct, frozen=True):
    """Events of one report, and how many more wait behind them."""

    events: list[Event]
    queued: int

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last sequence number."""
        return self.events[0].seq, self.events[-1].seq


class Place(Struct):
    """Where a terminal is in its own order: the last sequence number used, and what nobody answered yet."""

    epoch: int
    seq: int = 0
    waiting: list[Event] = []


class Terminal:
    """Takes events from its kiosk as time passes, and hands them out in batches until they are taken."""

    def __init__(self, who: Profile, kiosk: Kiosk, pace: Pace, place: Place) -> None:
        self.who = who
        self.epoch = place.epoch
        self.seq = place.seq
        self.waiting: deque[Event] = deque(place.waiting)
        self.is_prompt = bool(place.waiting)
        self._kiosk = kiosk
        self._pace = pace
        self._local = LocalTime(who.timezone)
        self._head = b'{"terminal":%b,"epoch":%d,"sent_at":"' % (_encoder.encode(who.terminal), place.epoch)

    @property
    def next_at(self) -> float:
        """The wall clock's time at which something may happen here."""
        return self._pace.wall(self._kiosk.next_at)

    def live(self, until: float) -> list[Event]:
        """Let it live until this time of the wall clock; its new events, which now wait to be sent."""
        new = []
        for happening in self._kiosk.advance(self._pace.own(until)):
            self.seq += 1
            says = happening.says
            self.is_prompt = self.is_prompt or says["type"] in PROMPT
            at = self._local.text(self._pace.wall(happening.moment) + self.who.skew_s)
            new.append(Event(self.seq, _encode(self.seq, at, says)))
        self.waiting.extend(new)
        return new

    def next_batch(self, most: int) -> Batch:
        """The oldest events that wait."""
        count = min(most, len(self.waiting))
        events = [self.waiting[index] for index in range(count)]
        return Batch(events, len(self.waiting) - count)

    def taken(self, batch: Batch) -> None:
        """The gateway answered: these events need not be kept any longer."""
        for _ in batch.events:
            self.waiting.popleft()
        self.is_prompt = self.is_prompt and bool(self.waiting)

    def body(self, batch: Batch, now: float) -> bytes:
        """The report as it is posted at this attempt."""
        sent_at = datetime.fromtimestamp(now + self.who.skew_s, UTC).isoformat(timespec="milliseconds")
        events = b",".join([event.raw for event in batch.events])
        return b'%b%b","queued":%d,"events":[%b]}' % (self._head, sent_at.encode(), batch.queued, events)


def _encode(seq: int, at: str, says: dict[str, Any]) -> bytes:
    return _encoder.encode({"seq": seq, "type": says["type"], "at": at} | says)
