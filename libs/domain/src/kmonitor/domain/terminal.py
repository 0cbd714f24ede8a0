"""What a terminal is doing, folded from its reports, register by register."""

from datetime import datetime
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.clock import Clock
from kmonitor.domain.sequences import Seen
from kmonitor.events.log import Report
from kmonitor.events.scalars import Device
from kmonitor.events.types import (
    ConsumableReported,
    DeviceReported,
    Event,
    Link,
    NoteStacked,
    PaymentAccepted,
    PaymentCancelled,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    TerminalHeartbeat,
    TerminalLocked,
    TerminalStarted,
    TerminalStopped,
    TerminalUnlocked,
)

# The place of an event in a terminal's own order: (epoch, seq). A register keeps the place that set it.
Place = tuple[int, int]
NOWHERE: Place = (-1, 0)


class Unit(Struct, frozen=True, omit_defaults=True):
    """A unit's last word, as it said it: a canonical `condition`, or its raw `protocol` and `code`, which
    the fault dictionary reads when somebody asks. `since` is the event time of that word."""

    device: Device
    unit: str
    since: datetime
    place: Place
    condition: str | None = None
    protocol: str | None = None
    code: str | None = None
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None


class Consumable(Struct, frozen=True, omit_defaults=True):
    device: Device
    unit: str
    kind: str
    since: datetime
    place: Place
    remaining: float | None = None
    capacity: float | None = None
    level_percent: float | None = None


class Notes(Struct, frozen=True):
    """How many notes of one denomination lie in one unit."""

    unit: str
    currency: str
    denomination_minor: int
    count: int


class Stop(Struct, frozen=True):
    """The last time the terminal announced that it stops; it holds until anything newer is heard."""

    reason: str | None = None
    since: datetime | None = None
    place: Place = NOWHERE


class Lock(Struct, frozen=True):
    locked: bool = False
    reason: str | None = None
    since: datetime | None = None
    place: Place = NOWHERE


class Health(Struct, frozen=True, omit_defaults=True):
    """The computer's last heartbeat."""

    at: datetime
    place: Place
    uptime_s: float | None = None
    unsent_payments: int | None = None
    cpu_percent: float | None = None
    memory_percent: float | None = None
    disk_free_mb: float | None = None
    temperature_c: float | None = None
    link: Link | None = None
    sim_balance_minor: int | None = None


class Software(Struct, frozen=True):
    version: str | None = None
    timezone: str | None = None
    place: Place = NOWHERE


class ClockState(Struct, frozen=True):
    """How far the terminal's clock was off in its last report, in seconds; positive when it is behind."""

    skew_s: float = 0.0
    wrong: bool = False


class TerminalState(Struct, frozen=True, kw_only=True):
    """All that is known of one terminal, as of the record at `offset` of `partition`.

    `seen` tells per epoch which sequence numbers were applied. `units`, `consumables` and `cash` are
    keyed by what tells one from another, joined by `/`.
    """

    terminal: str
    partition: int = -1
    offset: int = -1
    seen: dict[int, Seen] = {}
    units: dict[str, Unit] = {}
    consumables: dict[str, Consumable] = {}
    cash: dict[str, Notes] = {}
    stop: Stop = Stop()
    lock: Lock = Lock()
    health: Health | None = None
    software: Software = Software()
    clock: ClockState = ClockState()
    queued: int = 0
    last_payment_at: datetime | None = None
    last_event_at: datetime | None = None
    first_received_at: datetime | None = None
    last_received_at: datetime | None = None

    @property
    def newest(self) -> Place:
        """The place of the newest event that was applied."""
        return newest(self.seen)

    @property
    def is_off(self) -> bool:
        """Whether the last thing the terminal said is that it stops."""
        return self.stop.place != NOWHERE and self.stop.place >= self.newest


def newest(seen: dict[int, Seen]) -> Place:
    """The place of the newest event among those seen."""
    if not seen:
        return NOWHERE
    epoch = max(seen)
    return (epoch, seen[epoch].last)


def after_report(state: TerminalState, report: Report, partition: int, offset: int) -> TerminalState:
    """The state once this report happened; a report at or below the state's own offset changes nothing.

    An event late for its register never overwrites newer truth of that register, and still counts
    wherever nothing newer is known. An identity that was applied before is not applied again.
    """
    if partition == state.partition and offset <= state.offset:
        return state
    clock = Clock(report.sent_at, report.received_at)
    seen = state.seen.get(report.epoch, Seen())
    for event in report.events:
        if event.seq not in seen:
            seen = seen.with_(event.seq)
            state = apply(state, event, (report.epoch, event.seq), clock.event_time(event.at))
    return replace(
        state,
        partition=partition,
        offset=offset,
        seen=state.seen | {report.epoch: seen} if seen.ranges else state.seen,
        queued=report.queued,
        clock=ClockState(round(clock.skew.total_seconds(), 3), clock.is_wrong),
        first_received_at=state.first_received_at or report.received_at,
        last_received_at=report.received_at,
    )


def apply(state: TerminalState, event: Event, place: Place, time: datetime) -> TerminalState:
    """The state once this event, not applied before, happened at this event time."""
    if state.last_event_at is None or time > state.last_event_at:
        state = replace(state, last_event_at=time)
    match event:
        case PaymentAccepted():
            if state.last_payment_at is None or time > state.last_payment_at:
                return replace(state, last_payment_at=time)
            return state
        case PaymentCompleted() | PaymentFailed() | PaymentCancelled() | PaymentRefunded():
            return state
        case NoteStacked():
            return replace(state, cash=with_note(state.cash, event))
        case DeviceReported():
            return replace(state, units=with_unit(state.units, event, place, time))
        case ConsumableReported():
            return replace(state, consumables=_with_consumable(state.consumables, event, place, time))
        case TerminalHeartbeat():
            return replace(state, health=_newer_health(state.health, event, place, time))
        case TerminalStarted():
            if place <= state.software.place:
                return state
            return replace(state, software=Software(event.software, event.timezone, place))
        case TerminalStopped():
            if place <= state.stop.place:
                return state
            return replace(state, stop=Stop(event.reason, time, place))
        case TerminalLocked() | TerminalUnlocked():
            if place <= state.lock.place:
                return state
            locked = isinstance(event, TerminalLocked)
            return replace(state, lock=Lock(locked, event.reason, time, place))
        case _:
            assert_never(event)


def with_unit(units: dict[str, Unit], event: DeviceReported, place: Place, time: datetime) -> dict[str, Unit]:
    """The units once one of them spoke; the same object if it said nothing newer."""
    key = f"{event.device}/{event.unit}"
    known = units.get(key)
    if known is not None and place <= known.place:
        return units
    said = Unit(
        device=event.device,
        unit=event.unit,
        since=time,
        place=place,
        condition=event.condition,
        protocol=event.protocol,
        code=event.code,
        model=event.model,
        firmware=event.firmware,
        serial=event.serial,
    )
    return units | {key: said}


def with_note(cash: dict[str, Notes], event: NoteStacked) -> dict[str, Notes]:
    """The cash in the box with one note more."""
    key = f"{event.unit}/{event.currency}/{event.denomination_minor}"
    known = cash.get(key)
    count = 1 if known is None else known.count + 1
    return cash | {key: Notes(event.unit, event.currency, event.denomination_minor, count)}


def _with_consumable(
    consumables: dict[str, Consumable], event: ConsumableReported, place: Place, time: datetime
) -> dict[str, Consumable]:
    key = f"{event.device}/{event.unit}/{event.kind}"
    known = consumables.get(key)
    if known is not None and place <= known.place:
        return consumables
    said = Consumable(
        device=event.device,
        unit=event.unit,
        kind=event.kind,
        since=time,
        place=place,
        remaining=event.remaining,
        capacity=event.capacity,
        level_percent=event.level_percent,
    )
    return consumables | {key: said}


def _newer_health(known: Health | None, event: TerminalHeartbeat, place: Place, time: datetime) -> Health:
    if known is not None and place <= known.place:
        return known
    return Health(
        at=time,
        place=place,
        uptime_s=event.uptime_s,
        unsent_payments=event.unsent_payments,
        cpu_percent=event.cpu_percent,
        memory_percent=event.memory_percent,
        disk_free_mb=event.disk_free_mb,
        temperature_c=event.temperature_c,
        link=event.link,
        sim_balance_minor=event.sim_balance_minor,
    )
