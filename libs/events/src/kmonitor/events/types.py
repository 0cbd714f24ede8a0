"""What happens on a terminal: every event type of the protocol, as one union."""

from kmonitor.events.cash import (
    CashCollected,
    CashDispensed,
    CassetteInserted,
    CassetteRemoved,
    CoinAccepted,
    NoteRejected,
    NoteStacked,
)
from kmonitor.events.life import (
    DoorChanged,
    PowerChanged,
    ProcedurePerformed,
    ServiceMenuClosed,
    ServiceMenuOpened,
    SessionEnded,
    TamperDetected,
    TerminalHeartbeat,
    TerminalLocked,
    TerminalStarted,
    TerminalStopped,
    TerminalUnlocked,
)
from kmonitor.events.payments import (
    PaymentAccepted,
    PaymentCancelled,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
)
from kmonitor.events.units import (
    ConsumableReported,
    DeviceReported,
    ReceiptFailed,
    ReceiptPrinted,
)

Event = (
    TerminalStarted
    | TerminalStopped
    | TerminalHeartbeat
    | TerminalLocked
    | TerminalUnlocked
    | DeviceReported
    | ConsumableReported
    | NoteStacked
    | NoteRejected
    | CoinAccepted
    | CashDispensed
    | CassetteRemoved
    | CassetteInserted
    | CashCollected
    | PaymentAccepted
    | PaymentCompleted
    | PaymentFailed
    | PaymentCancelled
    | PaymentRefunded
    | ReceiptPrinted
    | ReceiptFailed
    | SessionEnded
    | ProcedurePerformed
    | ServiceMenuOpened
    | ServiceMenuClosed
    | DoorChanged
    | PowerChanged
    | TamperDetected
)
