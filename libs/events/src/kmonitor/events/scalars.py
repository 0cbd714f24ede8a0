"""The scalar types that every event is built of: what a number, a time and a name may be."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

Seq = Annotated[int, Meta(ge=1, lt=2**53, description="Grows by one from event to event within an epoch.")]
Epoch = Annotated[int, Meta(ge=0, lt=2**53, description="Grows when a terminal has lost its counter.")]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
Minor = Annotated[int, Meta(ge=0, le=10**13, description="Money in minor units (kopecks, cents).")]
Count = Annotated[int, Meta(ge=0, lt=2**31)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=1024)]

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
