"""What a terminal keeps until it is answered: events under their numbers, cut into batches."""

from collections import Counter
from itertools import takewhile
from typing import NamedTuple

import msgspec
from msgspec import Struct

from kmonitor.fleet_simulator.rhythm import instant
from kmonitor.fleet_simulator.till import Boxes

_encoder = msgspec.json.Encoder()


class Stamp:
    """Under what a stretch of events was said: the counter's epoch, and how far the clock ran ahead.

    Events of two stamps never share a report: at a change of the clock or of the counter a new one begins.
    """

    def __init__(self, terminal: str, epoch: int, skew_s: float) -> None:
        self.epoch = epoch
        self.skew_s = skew_s
        name = _encoder.encode(terminal)
        self.report_head = b'{"terminal":%b,"epoch":%d,"sent_at":"' % (name, epoch)
        self.ledger_head = b'{"line":"said","terminal":%b,"epoch":%d,"event":' % (name, epoch)


class Event(NamedTuple):
    """One event as it is sent, every time with the same bytes."""

    seq: int
    raw: bytes
    stamp: Stamp


class Batch(Struct, frozen=True):
    """Events of one report, and how many more wait behind them."""

    events: list[Event]
    queued: int

    @property
    def stamp(self) -> Stamp:
        return self.events[0].stamp

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last sequence number."""
        return self.events[0].seq, self.events[-1].seq

    def body(self, now: float) -> bytes:
        """The report as it is posted at this attempt."""
        stamp = self.stamp
        sent_at = instant(now + stamp.skew_s)
        events = b",".join([event.raw for event in self.events])
        return b'%b%b","queued":%d,"events":[%b]}' % (stamp.report_head, sent_at.encode(), self.queued, events)


class Place(Struct):
    """Where a terminal is in its own order: the last number used, what nobody answered yet, what is in the
    boxes."""

    epoch: int
    seq: int = 0
    waiting: list[Event] = []
    boxes: Boxes = {}

    def move(self, unit: str, denomination: int, count: int) -> None:
        """So many notes or coins more in this unit."""
        self.boxes.setdefault(unit, Counter())[denomination] += count


def of_one_stamp(events: list[Event]) -> list[Event]:
    """The first of them, as many as may share a report."""
    stamp = events[0].stamp
    if events[-1].stamp is stamp:
        return events
    return list(takewhile(lambda event: event.stamp is stamp, events))
