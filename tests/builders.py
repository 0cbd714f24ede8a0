"""Builders that show only what matters in a test: reports, events and what they are made of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from kmonitor.domain.dictionary import Dictionary
from kmonitor.events.log import Report, Tick
from kmonitor.events.types import (
    ConsumableReported,
    DeviceReported,
    Event,
    NoteStacked,
    PaymentAccepted,
    TerminalHeartbeat,
    TerminalStarted,
    TerminalStopped,
)
from kmonitor.runtime.fault_dictionary import read_fault_dictionary

SCHEMAS = Path(__file__).parents[1] / "schemas"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TERMINAL = "MSK-004417"
EPOCH = 1_763_800_000


def at(seconds: float) -> datetime:
    """That many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def dictionary() -> Dictionary:
    return read_fault_dictionary(SCHEMAS)


def report(*events: Event, received: float = 0, **said: Any) -> Report:
    """A report of a healthy clock, received that many seconds after noon."""
    known: dict[str, Any] = {"terminal": TERMINAL, "epoch": EPOCH, "queued": 0, "operations_up_to": -1}
    known |= {"sent_at": at(received)}
    return Report(**(known | {"received_at": at(received), "events": list(events)} | said))


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


def plain(value: Any) -> Any:
    """As JSON would show it."""
    return msgspec.to_builtins(value)
