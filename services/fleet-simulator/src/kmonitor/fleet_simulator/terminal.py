"""A terminal as the gateway knows it: it numbers its events and keeps each until it is answered."""

from collections import deque
from typing import Any, assert_never

import msgspec

from kmonitor.fleet_simulator.agenda import Happening, Turned
from kmonitor.fleet_simulator.kiosk import Kiosk
from kmonitor.fleet_simulator.ledger import Aside, ClockRan, Expected, Over
from kmonitor.fleet_simulator.pace import Pace
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.rhythm import LocalTime, instant
from kmonitor.fleet_simulator.spool import Batch, Event, Place, Stamp, of_one_stamp
from kmonitor.fleet_simulator.turns import (
    ClockSet,
    LinkChanged,
    Reinstalled,
    SpoolRestored,
    TroubleBegan,
    TroubleEnded,
)

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
        "cash.collected.v1",
        "power.changed.v1",
        "service_menu.opened.v1",
        "service_menu.closed.v1",
        "tamper.detected.v1",
    }
)
"""What a terminal reports at once; everything else waits for the next report."""

_encoder = msgspec.json.Encoder()


class Terminal:
    """Takes events from its kiosk as time passes, and hands them out in batches until they are taken."""

    def __init__(self, who: Profile, kiosk: Kiosk, pace: Pace, place: Place) -> None:
        self.who = who
        self.seq = place.seq
        self.waiting: deque[Event] = deque(place.waiting)
        self.is_prompt = bool(place.waiting)
        self.is_linked = True
        self._kiosk = kiosk
        self._pace = pace
        self._local = LocalTime(who.timezone)
        self._stamp = Stamp(who.terminal, place.epoch, who.skew_s)
        self._troubles: dict[str, str] = {}
        self._count = 0

    @property
    def next_at(self) -> float:
        """The wall clock's time at which something may happen here."""
        return self._pace.wall(self._kiosk.next_at)

    def live(self, until: float) -> list[Event | Aside]:
        """Let it live until this time of the wall clock; its new events now wait to be sent.

        Answers what the ledger must know of it, in order.
        """
        told: list[Event | Aside] = []
        for each in self._kiosk.advance(self._pace.own(until)):
            if isinstance(each, Happening):
                self.seq += 1
                says = each.says
                self.is_prompt = self.is_prompt or says["type"] in PROMPT
                at = self._local.text(self._pace.wall(each.moment) + self._stamp.skew_s)
                event = Event(self.seq, _encode(self.seq, at, says), self._stamp)
                self.waiting.append(event)
                told.append(event)
            elif (aside := self._turn(each)) is not None:
                told.append(aside)
        return told

    def next_batch(self, most: int) -> Batch:
        """The oldest events that wait."""
        count = min(most, len(self.waiting))
        events = of_one_stamp([self.waiting[index] for index in range(count)])
        return Batch(events, len(self.waiting) - len(events))

    def taken(self, batch: Batch) -> None:
        """The gateway answered: these events need not be kept any longer."""
        for _ in batch.events:
            self.waiting.popleft()
        self.is_prompt = self.is_prompt and bool(self.waiting)

    def _turn(self, turned: Turned) -> Aside | None:
        moment = self._pace.wall(turned.moment)
        epoch, turn = self._stamp.epoch, turned.turn
        match turn:
            case ClockSet():
                skew_s = self.who.skew_s if turn.skew_s is None else turn.skew_s
                self._stamp = Stamp(self.who.terminal, epoch, skew_s)
                return ClockRan(self.who.terminal, skew_s)
            case Reinstalled():
                self._stamp = Stamp(self.who.terminal, max(epoch + 1, int(moment)), self._stamp.skew_s)
                self.seq = 0
                return None
            case SpoolRestored():
                self._stamp = Stamp(self.who.terminal, epoch, self._stamp.skew_s)
                self.seq = max(0, self.seq - turn.numbers)
                return None
            case LinkChanged():
                self.is_linked = turn.is_up
                return None
            case TroubleBegan():
                self._count += 1
                name = f"{self.who.terminal}/{epoch}/{self._count}"
                self._troubles[turn.key] = name
                evidence = (epoch, self.seq)
                return Expected(name, [self.who.terminal], instant(moment), turn.trouble, evidence)
            case TroubleEnded():
                return Over(self._troubles.pop(turn.key), instant(moment), (epoch, self.seq))
            case _:
                assert_never(turn)


def _encode(seq: int, at: str, says: dict[str, Any]) -> bytes:
    return _encoder.encode({"seq": seq, "type": says["type"], "at": at} | says)
