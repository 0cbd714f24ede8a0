"""Which register an event sets, as one word: an archive then finds the last word of each without reading it."""

from typing import assert_never

from kmonitor.events import cash, life, payments, units
from kmonitor.events.types import Event

SEPARATOR = "\x1f"
CASH, COLLECTED = "cash", "collected"
HEARTBEAT, HEARTBEAT_WITH_LINK = "heartbeat", f"heartbeat{SEPARATOR}link"


def register_of(event: Event) -> str:
    """Empty for an event that sets none. Events of one register say the same kind of thing of the same subject.

    Movements of cash are no register, they add up; their word tells what: `cash`, unit, currency, denomination
    and how many came in (negative: went out).
    """
    match event:
        case (
            payments.PaymentAccepted()
            | payments.PaymentCompleted()
            | payments.PaymentFailed()
            | payments.PaymentCancelled()
            | payments.PaymentRefunded()
            | units.ReceiptPrinted()
            | units.ReceiptFailed()
            | cash.NoteRejected()
            | life.SessionEnded()
        ):
            return ""
        case units.DeviceReported():
            return _name("unit", event.device, event.unit)
        case units.ConsumableReported():
            return _name("consumable", event.device, event.unit, event.kind)
        case cash.NoteStacked() | cash.CoinAccepted():
            return _name(CASH, event.unit, event.currency, event.denomination_minor, 1)
        case cash.CashDispensed():
            return _name(CASH, event.unit, event.currency, event.denomination_minor, -event.count)
        case cash.CashCollected():
            return _name(COLLECTED, event.unit)
        case cash.CassetteRemoved() | cash.CassetteInserted():
            return _name("cassette", event.unit)
        case life.TerminalHeartbeat():
            return HEARTBEAT if event.link is None else HEARTBEAT_WITH_LINK
        case life.TerminalStarted():
            return "started"
        case life.TerminalStopped():
            return "stopped"
        case life.TerminalLocked() | life.TerminalUnlocked():
            return "lock"
        case life.ServiceMenuOpened() | life.ServiceMenuClosed():
            return "menu"
        case life.ProcedurePerformed():
            return _name("procedure", event.procedure, event.result)
        case life.DoorChanged():
            return _name("door", event.door)
        case life.PowerChanged():
            return "power"
        case life.TamperDetected():
            return _name("tamper", event.sensor)
        case _:
            assert_never(event)


def _name(*parts: object) -> str:
    return SEPARATOR.join(str(part).replace(SEPARATOR, " ") for part in parts)
