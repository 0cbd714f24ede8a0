"""A payment's life: accepted, then completed, failed or cancelled, and perhaps refunded."""

from typing import Annotated

from msgspec import Meta

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import Currency, Method, Minor, Name, PaymentId, Text


class PaymentAccepted(Occurrence, frozen=True, tag="payment.accepted.v1"):
    """Money taken for a service: inserted = credited + fee + change, else it counts as said and is a fault."""

    payment_id: PaymentId
    service: Annotated[Name, Meta(description="What was paid for, as mobile.beeline.")]
    recipient: Annotated[Name, Meta(description="To whom the money is owed.")]
    method: Annotated[Method, Meta(description="How it was paid.")]
    currency: Currency
    inserted_minor: Annotated[Minor, Meta(description="What the payer gave, in minor units (kopecks, cents).")]
    credited_minor: Annotated[Minor, Meta(description="What goes to the recipient, in minor units.")]
    fee_minor: Annotated[Minor, Meta(description="The payer's fee, in minor units.")] = 0
    change_minor: Annotated[Minor, Meta(description="What the payer got back, in minor units.")] = 0
    test: Annotated[bool, Meta(description="A technician's test payment: it counts in no volume.")] = False


class PaymentCompleted(Occurrence, frozen=True, tag="payment.completed.v1"):
    """The provider has confirmed the payment."""

    payment_id: PaymentId
    provider_reference: Annotated[Text, Meta(description="The payment's number at the provider.")] | None = None
    latency_ms: Annotated[float, Meta(description="How long the provider took, milliseconds.")] | None = None


class PaymentFailed(Occurrence, frozen=True, tag="payment.failed.v1"):
    """The provider did not take the payment this time; it may still complete, also days later."""

    payment_id: PaymentId
    reason: Annotated[Text, Meta(description="The provider's or the terminal's reason.")] | None = None
    retriable: Annotated[bool, Meta(description="Whether the terminal will try again.")] | None = None


class PaymentCancelled(Occurrence, frozen=True, tag="payment.cancelled.v1"):
    """The whole payment is void, in its own day."""

    payment_id: PaymentId
    reason: Annotated[Text, Meta(description="Why it is void.")] | None = None


class PaymentRefunded(Occurrence, frozen=True, tag="payment.refunded.v1"):
    """Money given back, booked on the day of the refund."""

    payment_id: PaymentId
    refund_id: Annotated[Name, Meta(description="The refund's number: a payment may have several.")]
    currency: Currency
    credited_minor: Annotated[Minor, Meta(description="Given back of what was credited, in minor units.")]
    fee_minor: Annotated[Minor, Meta(description="Given back of the fee, in minor units.")] = 0


Payment = PaymentAccepted | PaymentCompleted | PaymentFailed | PaymentCancelled | PaymentRefunded
