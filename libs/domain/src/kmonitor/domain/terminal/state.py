"""What a terminal is doing, folded from its reports, register by register."""

from datetime import datetime
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.clock import Clock
from kmonitor.domain.sequences import Seen
from kmonitor.domain.terminal.cash_box import Box, settled, with_collection, with_movement
from kmonitor.domain.terminal.registers import (
    NOWHERE,
    Cassette,
    ClockState,
    Consumable,
    Health,
    LinkState,
    Lock,
    Menu,
    Performed,
    Place,
    Software,
    Stop,
    Unit,
    clock_state,
    newer_health,
    newer_link,
    newest,
    with_consumable,
    with_unit,
)
from kmonitor.domain.terminal.signals import word_of
from kmonitor.events import cash, life, payments, units
from kmonitor.events.log import Report
from kmonitor.events.types import Event


class TerminalState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one terminal, as of the record at `offset` of `partition`.

    `seen` tells per epoch which sequence numbers were applied. `units`, `signals` (doors, power, tampering),
    `consumables` and `procedures` are keyed by what tells one from another, joined by `/`; `boxes` and
    `cassettes` by their unit.
    """

    terminal: str
    partition: int = -1
    offset: int = -1
    seen: dict[int, Seen] = {}
    units: dict[str, Unit] = {}
    signals: dict[str, Unit] = {}
    consumables: dict[str, Consumable] = {}
    boxes: dict[str, Box] = {}
    cassettes: dict[str, Cassette] = {}
    procedures: dict[str, Performed] = {}
    stop: Stop = Stop()
    lock: Lock = Lock()
    menu: Menu = Menu()
    health: Health | None = None
    link: LinkState | None = None
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

    @property
    def is_menu_open(self) -> bool:
        """Whether somebody stands in the service menu; a terminal that was started since has left it."""
        return self.menu.role is not None and self.menu.place > self.software.place


def after_report(state: TerminalState, report: Report, partition: int, offset: int) -> TerminalState:
    """The state once this report happened; a report at or below the state's own offset changes nothing.

    An event late for its register never overwrites newer truth of that register, and still counts
    wherever nothing newer is known. An identity that was applied before is not applied again. A re-driven
    report is not the terminal speaking: it tells nothing of its clock, its queue and when it was heard.
    """
    if partition == state.partition and offset <= state.offset:
        return state
    clock = Clock(report.sent_at, report.received_at)
    seen = state.seen.get(report.epoch, Seen())
    for event in report.events:
        if event.seq not in seen:
            seen = seen.with_(event.seq)
            state = apply(state, event, (report.epoch, event.seq), clock.event_time(event.at))
    state = replace(with_seen(state, report.epoch, seen), partition=partition, offset=offset)
    if report.is_redrive:
        return state
    return replace(
        state,
        queued=report.queued,
        clock=clock_state(clock),
        first_received_at=state.first_received_at or report.received_at,
        last_received_at=report.received_at,
    )


def with_seen(state: TerminalState, epoch: int, seen: Seen) -> TerminalState:
    """The state once it is known which numbers of an epoch were applied."""
    if not seen.ranges:
        return state
    every = state.seen | {epoch: seen}
    boxes = {unit: settled(box, every) for unit, box in state.boxes.items()}
    return replace(state, seen=every, boxes=boxes)


def apply(state: TerminalState, event: Event, place: Place, time: datetime) -> TerminalState:
    """The state once this event, not applied before, happened at this event time."""
    if state.last_event_at is None or time > state.last_event_at:
        state = replace(state, last_event_at=time)
    match event:
        case payments.PaymentAccepted():
            if state.last_payment_at is None or time > state.last_payment_at:
                return replace(state, last_payment_at=time)
            return state
        case (
            payments.PaymentCompleted()
            | payments.PaymentFailed()
            | payments.PaymentCancelled()
            | payments.PaymentRefunded()
            | units.ReceiptPrinted()
            | units.ReceiptFailed()
            | cash.NoteRejected()
            | life.SessionEnded()
        ):
            return state
        case units.DeviceReported():
            return replace(state, units=with_unit(state.units, event, place, time))
        case units.ConsumableReported():
            return replace(state, consumables=with_consumable(state.consumables, event, place, time))
        case life.DoorChanged() | life.PowerChanged() | life.TamperDetected():
            word = word_of(event)
            return replace(state, signals=with_unit(state.signals, word, place, time)) if word else state
        case (
            cash.NoteStacked()
            | cash.CoinAccepted()
            | cash.CashDispensed()
            | cash.CashCollected()
            | cash.CassetteRemoved()
            | cash.CassetteInserted()
        ):
            return _with_cash(state, event, place, time)
        case _:
            return _with_life(state, event, place, time)


CashEvent = (
    cash.NoteStacked
    | cash.CoinAccepted
    | cash.CashDispensed
    | cash.CashCollected
    | cash.CassetteRemoved
    | cash.CassetteInserted
)


def _with_cash(state: TerminalState, event: CashEvent, place: Place, time: datetime) -> TerminalState:
    match event:
        case cash.NoteStacked() | cash.CoinAccepted() | cash.CashDispensed():
            box = with_movement(state.boxes.get(event.unit, Box()), event, place)
            return replace(state, boxes=state.boxes | {event.unit: box})
        case cash.CashCollected():
            box = with_collection(state.boxes.get(event.unit, Box()), place)
            return replace(state, boxes=state.boxes | {event.unit: box})
        case cash.CassetteRemoved() | cash.CassetteInserted():
            known = state.cassettes.get(event.unit)
            if known is not None and place <= known.place:
                return state
            present = isinstance(event, cash.CassetteInserted)
            return replace(
                state, cassettes=state.cassettes | {event.unit: Cassette(present, time, place, event.by)}
            )
        case _:
            assert_never(event)


LifeEvent = (
    life.TerminalStarted
    | life.TerminalStopped
    | life.TerminalHeartbeat
    | life.TerminalLocked
    | life.TerminalUnlocked
    | life.ServiceMenuOpened
    | life.ServiceMenuClosed
    | life.ProcedurePerformed
)


def _with_life(state: TerminalState, event: LifeEvent, place: Place, time: datetime) -> TerminalState:
    match event:
        case life.TerminalHeartbeat():
            return replace(
                state,
                health=newer_health(state.health, event, place, time),
                link=newer_link(state.link, event.link, place, time),
            )
        case life.TerminalStarted():
            if place <= state.software.place:
                return state
            return replace(state, software=Software(event.software, event.timezone, place))
        case life.TerminalStopped():
            if place <= state.stop.place:
                return state
            return replace(state, stop=Stop(event.reason, time, place))
        case life.TerminalLocked() | life.TerminalUnlocked():
            if place <= state.lock.place:
                return state
            locked = isinstance(event, life.TerminalLocked)
            return replace(state, lock=Lock(locked, event.reason, time, place))
        case life.ServiceMenuOpened() | life.ServiceMenuClosed():
            if place <= state.menu.place:
                return state
            role = event.role if isinstance(event, life.ServiceMenuOpened) else None
            return replace(state, menu=Menu(role, event.by, time, place))
        case life.ProcedurePerformed():
            key = f"{event.procedure}/{event.result}"
            known = state.procedures.get(key)
            if known is not None and place <= known.place:
                return state
            done = Performed(event.procedure, event.result, time, place, event.by)
            return replace(state, procedures=state.procedures | {key: done})
        case _:
            assert_never(event)
