"""The registers of a terminal: each keeps its last word, and the place of the event that said it."""

from datetime import datetime

from msgspec import Struct

from kmonitor.domain.clock import Clock
from kmonitor.domain.sequences import Seen
from kmonitor.events.life import Link, TerminalHeartbeat
from kmonitor.events.scalars import Device, Procedure
from kmonitor.events.units import ConsumableReported, DeviceReported

# The place of an event in a terminal's own order: (epoch, seq).
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


class Cassette(Struct, frozen=True, omit_defaults=True):
    """Whether a unit's cassette is in its place."""

    present: bool
    since: datetime
    place: Place
    by: str | None = None


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


class Menu(Struct, frozen=True, omit_defaults=True):
    """The service menu; `role` is None while it is closed."""

    role: str | None = None
    by: str | None = None
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
    sim_balance_minor: int | None = None


class LinkState(Struct, frozen=True):
    """How the terminal was last connected, by its own word."""

    link: Link
    since: datetime
    place: Place


class Software(Struct, frozen=True):
    version: str | None = None
    timezone: str | None = None
    place: Place = NOWHERE


class Performed(Struct, frozen=True, omit_defaults=True):
    """The last time that a regulated procedure ended so."""

    procedure: Procedure
    result: str
    at: datetime
    place: Place
    by: str | None = None


class ClockState(Struct, frozen=True):
    """How far the terminal's clock was off in its last report, in seconds; positive when it is behind."""

    skew_s: float = 0.0
    wrong: bool = False


def clock_state(clock: Clock) -> ClockState:
    """How a report's clock was."""
    return ClockState(round(clock.skew.total_seconds(), 3), clock.is_wrong)


def newest(seen: dict[int, Seen]) -> Place:
    """The place of the newest event among those seen."""
    if not seen:
        return NOWHERE
    epoch = max(seen)
    return (epoch, seen[epoch].last)


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


def with_consumable(
    consumables: dict[str, Consumable], event: ConsumableReported, place: Place, time: datetime
) -> dict[str, Consumable]:
    """The consumables once one of them was reported."""
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


def newer_health(known: Health | None, event: TerminalHeartbeat, place: Place, time: datetime) -> Health:
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
        sim_balance_minor=event.sim_balance_minor,
    )


def newer_link(known: LinkState | None, said: Link | None, place: Place, time: datetime) -> LinkState | None:
    """A heartbeat that says nothing of the link leaves it as it was."""
    if said is None or (known is not None and place <= known.place):
        return known
    return LinkState(said, time, place)
