"""The scalar types that every event is built of: what a number, a time and a name may be."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

Seq = Annotated[
    int, Meta(ge=1, lt=2**53, description="Starts at 1 in an epoch and grows by one from event to event.")
]
Epoch = Annotated[
    int, Meta(ge=0, lt=2**53, description="Grows when a terminal has lost its counter (it was reinstalled).")
]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
Minor = Annotated[int, Meta(ge=0, le=10**13, description="Money in minor units (kopecks, cents).")]
Count = Annotated[int, Meta(ge=0, lt=2**31)]
Queued = Annotated[Count, Meta(description="Events that still wait on the terminal after this report.")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3, description="ISO 4217, as RUB.")]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=1024)]
PaymentId = Annotated[Name, Meta(description="The payment's number, never used again on this terminal.")]
OfPayment = Annotated[Name, Meta(description="Of which payment; null or absent: outside any payment.")]
UnitName = Annotated[Name, Meta(description="Which unit of the terminal, under a name that stays.")]
By = Annotated[Text, Meta(description="Who did it, as the terminal knows them.")]

Device = Literal[
    "bill_acceptor",
    "coin_acceptor",
    "dispenser",
    "receipt_printer",
    "fiscal_registrar",
    "card_reader",
    "pin_pad",
    "modem",
    "scanner",
    "camera",
    "watchdog",
    "sensors",
    "ups",
    "screen",
    "computer",
]
ConsumableKind = Literal["receipt_paper", "control_tape", "cash_box", "coin_box", "fiscal_memory"]
Method = Literal["cash", "card", "qr"]
Procedure = Literal[
    "paper_replaced", "validator_cleaned", "z_report", "self_test", "test_payment", "inspection"
]
