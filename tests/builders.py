"""Builders that show only what matters in a test: reports, events and what they are made of."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.fault import Fault
from kmonitor.events.cash import (
    CashCollected,
    CashDispensed,
    CassetteInserted,
    CassetteRemoved,
    CoinAccepted,
    NoteStacked,
)
from kmonitor.events.life import (
    DoorChanged,
    PowerChanged,
    ProcedurePerformed,
    ServiceMenuClosed,
    ServiceMenuOpened,
    TamperDetected,
    TerminalHeartbeat,
    TerminalLocked,
    TerminalStarted,
    TerminalStopped,
    TerminalUnlocked,
)
from kmonitor.events.log import Redriven, Report, Tick
from kmonitor.events.payments import PaymentAccepted
from kmonitor.events.scalars import Procedure
from kmonitor.events.types import Event
from kmonitor.events.units import ConsumableReported, DeviceReported
from kmonitor.runtime.fault_dictionary import read_fault_dictionary

DoorName = Literal["cabinet", "safe", "upper", "lower"]
PowerSource = Literal["mains", "ups_low", "ups_ok"]

SCHEMAS = Path(__file__).parents[1] / "schemas"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TERMINAL = "MSK-004417"
EPOCH = 1_763_800_000


def at(seconds: float) -> datetime:
    """That many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


@cache
def dictionary() -> Dictionary:
    return read_fault_dictionary(SCHEMAS)


def report(*events: Event, received: float = 0, **said: Any) -> Report:
    """A report of a healthy clock, received that many seconds after noon."""
    known: dict[str, Any] = {
        "terminal": TERMINAL,
        "epoch": EPOCH,
        "queued": 0,
        "operations_up_to": -1,
        "sent_at": at(received),
    }
    return Report(**(known | {"received_at": at(received), "events": list(events)} | said))


def redrive(*events: Event, received: float = 0, **said: Any) -> Report:
    """A report by which an entry of the quarantine comes back; whatever else it says is not the terminal's."""
    entry = Redriven(identity="entry-1", by="admin", index=0, seq=1, reason="unknown_type")
    return report(*events, received=received, **({"redriven": entry} | said))


def tick(seconds: float, refusing: bool = False) -> Tick:
    return Tick(at=at(seconds), refusing=refusing, operations_up_to=-1)


def heartbeat(seq: int, seconds: float = 0) -> TerminalHeartbeat:
    return TerminalHeartbeat(seq=seq, at=at(seconds), uptime_s=seq)


def started(seq: int, seconds: float = 0) -> TerminalStarted:
    return TerminalStarted(seq=seq, at=at(seconds), reason="power_on", software="1.0")


def stopped(seq: int, seconds: float = 0) -> TerminalStopped:
    return TerminalStopped(seq=seq, at=at(seconds), reason="power_off")


def printer(seq: int, condition: str, seconds: float = 0) -> DeviceReported:
    return DeviceReported(
        seq=seq, at=at(seconds), device="receipt_printer", unit="printer-1", condition=condition
    )


def validator(seq: int, code: str, seconds: float = 0) -> DeviceReported:
    return DeviceReported(
        seq=seq, at=at(seconds), device="bill_acceptor", unit="validator-1", protocol="ccnet", code=code
    )


def paper(seq: int, level: float, seconds: float = 0) -> ConsumableReported:
    return ConsumableReported(
        seq=seq,
        at=at(seconds),
        device="receipt_printer",
        unit="printer-1",
        kind="receipt_paper",
        level_percent=level,
    )


def note(seq: int, denomination_minor: int = 10_000, seconds: float = 0) -> NoteStacked:
    return NoteStacked(
        seq=seq, at=at(seconds), unit="validator-1", currency="RUB", denomination_minor=denomination_minor
    )


def payment(seq: int, credited_minor: int = 50_000, seconds: float = 0, **said: Any) -> PaymentAccepted:
    known: dict[str, Any] = {
        "payment_id": f"p-{seq}",
        "service": "mobile.beeline",
        "recipient": "beeline",
        "method": "cash",
        "currency": "RUB",
        "inserted_minor": credited_minor,
    }
    return PaymentAccepted(seq=seq, at=at(seconds), credited_minor=credited_minor, **(known | said))


def coin(seq: int, denomination_minor: int = 1_000, seconds: float = 0) -> CoinAccepted:
    return CoinAccepted(
        seq=seq, at=at(seconds), unit="coins-1", currency="RUB", denomination_minor=denomination_minor
    )


def dispensed(seq: int, count: int, seconds: float = 0, unit: str = "validator-1") -> CashDispensed:
    return CashDispensed(
        seq=seq, at=at(seconds), unit=unit, currency="RUB", denomination_minor=10_000, count=count
    )


def collected(seq: int, seconds: float = 0, unit: str = "validator-1") -> CashCollected:
    return CashCollected(seq=seq, at=at(seconds), collection_id=f"c-{seq}", unit=unit)


def cassette(seq: int, present: bool, seconds: float = 0) -> CassetteInserted | CassetteRemoved:
    kind = CassetteInserted if present else CassetteRemoved
    return kind(seq=seq, at=at(seconds), unit="validator-1", by="collector-7")


def door(seq: int, open_: bool, seconds: float = 0, which: DoorName = "cabinet") -> DoorChanged:
    return DoorChanged(seq=seq, at=at(seconds), door=which, open=open_)


def power(seq: int, source: PowerSource, seconds: float = 0) -> PowerChanged:
    return PowerChanged(seq=seq, at=at(seconds), source=source)


def menu(seq: int, open_: bool, seconds: float = 0) -> ServiceMenuOpened | ServiceMenuClosed:
    if open_:
        return ServiceMenuOpened(seq=seq, at=at(seconds), role="technician", by="petrov")
    return ServiceMenuClosed(seq=seq, at=at(seconds))


def tamper(seq: int, sensor: Literal["tilt", "kick", "penetration"], seconds: float = 0) -> TamperDetected:
    return TamperDetected(seq=seq, at=at(seconds), sensor=sensor)


def procedure(seq: int, seconds: float = 0, kind: Procedure = "z_report") -> ProcedurePerformed:
    return ProcedurePerformed(seq=seq, at=at(seconds), procedure=kind)


def locked(seq: int, is_locked: bool, seconds: float = 0) -> TerminalLocked | TerminalUnlocked:
    return (TerminalLocked if is_locked else TerminalUnlocked)(seq=seq, at=at(seconds), reason="balance")


def jam(terminal: str, seconds: float = 0, **said: Any) -> Fault:
    """A jammed validator that was raised that many seconds after noon."""
    known: dict[str, Any] = {
        "fault_id": f"{terminal}-{seconds:.0f}",
        "unit": "validator-1",
        "severity": "error",
        "evidence": [f"{terminal}/{EPOCH}/1"],
    }
    return Fault(
        terminal=terminal,
        rule="unit",
        device="bill_acceptor",
        condition="jammed",
        code="43",
        effect="stops",
        money_risk=True,
        acts="technician",
        raised_at=at(seconds),
        since=at(seconds),
        **(known | said),
    )


def plain(value: Any) -> Any:
    """As JSON would show it."""
    return msgspec.to_builtins(value)
