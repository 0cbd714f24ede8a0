"""A payment as the list shows it."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Outcome = Literal["accepted", "completed", "failed", "cancelled"]


class PaymentItem(Struct, frozen=True, kw_only=True, gc=False):
    """One item of `GET /v1/payments` and of the live event `payment`.

    `status`: cancelled beats completed, which beats failed. What a live event does not know, because the
    payment was accepted long before, is null.
    """

    terminal: str
    payment_id: str
    status: Outcome
    accepted_at: datetime | None = None
    received_at: datetime | None = None
    service: str | None = None
    recipient: str | None = None
    dealer: str | None = None
    region: str | None = None
    method: str | None = None
    currency: str | None = None
    inserted_minor: int | None = None
    credited_minor: int | None = None
    fee_minor: int | None = None
    change_minor: int | None = None
    refunded_minor: int | None = None
    test: bool = False
