"""One terminal in full, as it is now: read from the bytes of its state when someone asks."""

from datetime import datetime
from operator import attrgetter
from typing import Any

from msgspec import Struct

from kmonitor.domain.faults.dictionary import UNKNOWN, Dictionary, Words
from kmonitor.domain.faults.fault import Fault
from kmonitor.domain.office.registry import DESCRIBED, TerminalAttributes
from kmonitor.domain.office.upkeep import due_at
from kmonitor.domain.terminal.cash_box import Notes, notes_in
from kmonitor.domain.terminal.registers import Consumable, Unit
from kmonitor.domain.terminal.state import TerminalState
from kmonitor.domain.terminal.status import Status, StatusSince
from kmonitor.events.scalars import Procedure


class UnitNow(Struct, frozen=True):
    """`condition` is canonical: `ok`, or `unknown` when nobody knows the code, which is then shown; `text`
    is a known code in words."""

    device: str
    unit: str
    condition: str
    code: str | None
    since: datetime
    protocol: str | None = None
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None
    text: Words | None = None


class ConsumableNow(Struct, frozen=True):
    device: str
    unit: str
    kind: str
    remaining: float | None
    capacity: float | None
    level_percent: float | None
    since: datetime


class NotesNow(Struct, frozen=True):
    unit: str
    currency: str
    denomination_minor: int
    count: int


class LinkNow(Struct, frozen=True):
    kind: str | None
    operator: str | None
    signal_percent: float | None
    ping_ms: float | None
    since: datetime


class HealthNow(Struct, frozen=True):
    """The computer's last heartbeat."""

    since: datetime
    uptime_s: float | None
    unsent_payments: int | None
    cpu_percent: float | None
    memory_percent: float | None
    disk_free_mb: float | None
    temperature_c: float | None
    sim_balance_minor: int | None


class SoftwareNow(Struct, frozen=True):
    version: str | None
    timezone: str | None


class ClockNow(Struct, frozen=True):
    skew_s: float
    wrong: bool


class ProcedureNow(Struct, frozen=True):
    """A regulated procedure: when it was last done well, and, where it is scheduled, when it is due again.

    `failed_at`: the last time that it was tried and failed, if that is newer.
    """

    procedure: str
    performed_at: datetime | None
    by: str | None
    failed_at: datetime | None
    every_days: int | None
    due_at: datetime | None
    overdue: bool


class CassetteNow(Struct, frozen=True):
    unit: str
    present: bool
    by: str | None
    since: datetime


class Position(Struct, frozen=True):
    """The last record of the log that is included."""

    partition: int
    offset: int


class TerminalNow(Struct, frozen=True, kw_only=True):
    terminal: str
    name: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    region: str | None
    dealer: str | None
    timezone: str | None
    currency: str | None
    report_interval_s: int
    working_hours: str | None
    model: str | None
    tags: list[str]
    status: Status
    status_since: datetime | None
    reason: str | None
    devices: list[UnitNow]
    signals: list[UnitNow]
    cassettes: list[CassetteNow]
    consumables: list[ConsumableNow]
    cash: list[NotesNow]
    link: LinkNow | None
    health: HealthNow | None
    queued: int
    software: SoftwareNow
    clock: ClockNow
    locked: bool
    service_menu: str | None
    last_payment_at: datetime | None
    last_event_at: datetime | None
    last_received_at: datetime | None
    procedures: list[ProcedureNow]
    open_faults: list[str]
    position: Position | None


BY_NOTE = attrgetter("unit", "currency", "denomination_minor")
BY_AGE = attrgetter("raised_at", "fault_id")


class Frame(Struct, frozen=True):
    """By what a state is read: the dictionary, the procedures that are regulated there, and the moment."""

    dictionary: Dictionary
    every_days: dict[Procedure, int]
    now: datetime


class Shown(Struct, frozen=True):
    """All that is known of one terminal at a moment."""

    terminal: str
    attributes: TerminalAttributes
    state: TerminalState
    status: StatusSince
    faults: tuple[Fault, ...]


def terminal_now(shown: Shown, frame: Frame) -> TerminalNow:
    """What `GET /v1/terminals/{id}` answers, and `…/at` of another moment."""
    state = shown.state
    return TerminalNow(
        terminal=shown.terminal,
        **_described(shown.attributes),
        status=shown.status.status,
        status_since=shown.status.since,
        reason=shown.status.reason,
        devices=[_unit(unit, frame.dictionary) for _, unit in sorted(state.units.items())],
        signals=[_unit(unit, frame.dictionary) for _, unit in sorted(state.signals.items())],
        cassettes=[
            CassetteNow(unit, each.present, each.by, each.since)
            for unit, each in sorted(state.cassettes.items())
        ],
        consumables=[_consumable(each) for _, each in sorted(state.consumables.items())],
        cash=sorted(map(_notes, notes_in(state.boxes)), key=BY_NOTE),
        link=_link(state),
        health=_health(state),
        queued=state.queued,
        software=SoftwareNow(state.software.version, state.software.timezone),
        clock=ClockNow(state.clock.skew_s, state.clock.wrong),
        locked=state.lock.locked,
        service_menu=state.menu.role if state.is_menu_open else None,
        last_payment_at=state.last_payment_at,
        last_event_at=state.last_event_at,
        last_received_at=state.last_received_at,
        procedures=_procedures(state, frame),
        open_faults=[fault.fault_id for fault in sorted(shown.faults, key=BY_AGE)],
        position=Position(state.partition, state.offset) if state.offset >= 0 else None,
    )


def _described(who: TerminalAttributes) -> dict[str, Any]:
    said = {name: getattr(who, name) for name in DESCRIBED}
    return said | {"report_interval_s": who.interval_s, "tags": who.tags or []}


def _procedures(state: TerminalState, frame: Frame) -> list[ProcedureNow]:
    """Those that were done and those that should be."""
    names = {each.procedure for each in state.procedures.values()} | frame.every_days.keys()
    return [_procedure(name, state, frame) for name in sorted(names)]


def _procedure(name: Procedure, state: TerminalState, frame: Frame) -> ProcedureNow:
    done, failed = state.procedures.get(f"{name}/ok"), state.procedures.get(f"{name}/failed")
    every = frame.every_days.get(name)
    due = None if done is None or every is None else due_at(done.at, every)
    return ProcedureNow(
        procedure=name,
        performed_at=done.at if done else None,
        by=done.by if done else None,
        failed_at=failed.at if failed and (done is None or failed.place > done.place) else None,
        every_days=every,
        due_at=due,
        # What was never done is due since it was scheduled.
        overdue=every is not None and (due is None or due <= frame.now),
    )


def _unit(unit: Unit, dictionary: Dictionary) -> UnitNow:
    condition = dictionary.condition_of(unit)
    return UnitNow(
        device=unit.device,
        unit=unit.unit,
        condition=condition,
        # What was said as a condition that nobody knows is its code: it is shown, never guessed at.
        code=unit.code or (unit.condition if condition == UNKNOWN else None),
        since=unit.since,
        protocol=unit.protocol,
        model=unit.model,
        firmware=unit.firmware,
        serial=unit.serial,
        text=dictionary.text_of_code(unit),
    )


def _consumable(said: Consumable) -> ConsumableNow:
    return ConsumableNow(
        said.device, said.unit, said.kind, said.remaining, said.capacity, said.level_percent, said.since
    )


def _notes(notes: Notes) -> NotesNow:
    return NotesNow(notes.unit, notes.currency, notes.denomination_minor, notes.count)


def _link(state: TerminalState) -> LinkNow | None:
    if state.link is None:
        return None
    link = state.link.link
    return LinkNow(link.kind, link.operator, link.signal_percent, link.ping_ms, state.link.since)


def _health(state: TerminalState) -> HealthNow | None:
    said = state.health
    if said is None:
        return None
    return HealthNow(
        said.at,
        said.uptime_s,
        said.unsent_payments,
        said.cpu_percent,
        said.memory_percent,
        said.disk_free_mb,
        said.temperature_c,
        said.sim_balance_minor,
    )
