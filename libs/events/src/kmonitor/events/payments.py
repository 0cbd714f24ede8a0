"""A payment's life: accepted, then completed, failed or cancelled, and perhaps refunded."""

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import Currency, Method, Minor, Name, Text


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
