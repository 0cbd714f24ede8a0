"""What happens on a terminal: one frozen struct for each event type of the protocol."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from kmonitor.events.scalars import (
    ConsumableKind,
    Count,
    Currency,
    Device,
    Instant,
    Method,
    Minor,
    Name,
    Seq,
    Text,
)


class Occurrence(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event says: its place in the terminal's own order, and when, by the terminal's clock."""

    seq: Seq
    at: Instant


class TerminalStarted(Occurrence, frozen=True, tag="terminal.started.v1"):
    reason: Literal["power_on", "reboot", "watchdog", "update", "unknown"] = "unknown"
    software: Text | None = None
    timezone: Text | None = None


class TerminalStopped(Occurrence, frozen=True, tag="terminal.stopped.v1"):
    reason: Literal["power_off", "reboot", "update", "operator", "crash"]


class Link(Struct, frozen=True, kw_only=True):
    kind: Literal["ethernet", "wifi", "gsm"] | None = None
    operator: Text | None = None
    signal_percent: float | None = None
    ping_ms: float | None = None


class TerminalHeartbeat(Occurrence, frozen=True, tag="terminal.heartbeat.v1"):
    uptime_s: float | None = None
    unsent_payments: Count | None = None
    cpu_percent: float | None = None
    memory_percent: float | None = None
    disk_free_mb: float | None = None
    temperature_c: float | None = None
    link: Link | None = None
    sim_balance_minor: int | None = None


class TerminalLocked(Occurrence, frozen=True, tag="terminal.locked.v1"):
    reason: Text | None = None
    by: Text | None = None


class TerminalUnlocked(Occurrence, frozen=True, tag="terminal.unlocked.v1"):
    reason: Text | None = None
    by: Text | None = None


class DeviceReported(Occurrence, frozen=True, tag="device.reported.v1"):
    """A unit says how it is: by its raw `protocol` and `code`, or by a canonical `condition`."""

    device: Device
    unit: Name
    protocol: Name | None = None
    code: Name | None = None
    condition: Name | None = None
    model: Text | None = None
    firmware: Text | None = None
    serial: Text | None = None

    def __post_init__(self) -> None:
        if (self.protocol is None) != (self.code is None):
            raise ValueError("`protocol` and `code` come together")
        if (self.code is None) == (self.condition is None):
            raise ValueError("either `protocol` and `code`, or `condition`, but not both")


class ConsumableReported(Occurrence, frozen=True, tag="consumable.reported.v1"):
    device: Device
    unit: Name
    kind: ConsumableKind
    remaining: float | None = None
    capacity: float | None = None
    level_percent: float | None = None


class NoteStacked(Occurrence, frozen=True, tag="note.stacked.v1"):
    """A banknote reached the stacker; without `payment_id` it is money outside any payment («купюры мимо»)."""

    unit: Name
    currency: Currency
    denomination_minor: Annotated[int, Meta(gt=0, le=10**13)]
    payment_id: Name | None = None


class PaymentAccepted(Occurrence, frozen=True, tag="payment.accepted.v1"):
    """Money taken for a service: inserted = credited + fee + change, else it counts as said and is a fault."""

    payment_id: Name
    service: Name
    recipient: Name
    method: Method
    currency: Currency
    inserted_minor: Minor
    credited_minor: Minor
    fee_minor: Minor = 0
    change_minor: Minor = 0
    test: bool = False


class PaymentCompleted(Occurrence, frozen=True, tag="payment.completed.v1"):
    payment_id: Name
    provider_reference: Text | None = None
    latency_ms: float | None = None


class PaymentFailed(Occurrence, frozen=True, tag="payment.failed.v1"):
    payment_id: Name
    reason: Text | None = None
    retriable: bool | None = None


class PaymentCancelled(Occurrence, frozen=True, tag="payment.cancelled.v1"):
    """The whole payment is void, in its own day."""

    payment_id: Name
    reason: Text | None = None


class PaymentRefunded(Occurrence, frozen=True, tag="payment.refunded.v1"):
    """Money given back, booked on the day of the refund."""

    payment_id: Name
    refund_id: Name
    currency: Currency
    credited_minor: Minor
    fee_minor: Minor = 0


Payment = PaymentAccepted | PaymentCompleted | PaymentFailed | PaymentCancelled | PaymentRefunded

Event = (
    TerminalStarted
    | TerminalStopped
    | TerminalHeartbeat
    | TerminalLocked
    | TerminalUnlocked
    | DeviceReported
    | ConsumableReported
    | NoteStacked
    | PaymentAccepted
    | PaymentCompleted
    | PaymentFailed
    | PaymentCancelled
    | PaymentRefunded
)
