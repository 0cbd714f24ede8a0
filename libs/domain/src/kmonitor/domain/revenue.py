"""Money taken: facts of payments, and what each payment adds to which hour.

Order does not matter and nothing is too late. Of one thing said in two ways the first in the log counts.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.office.registry import DEFAULT_TIMEZONE, TerminalAttributes
from kmonitor.events.codec import payment_hash
from kmonitor.events.payments import (
    Payment,
    PaymentAccepted,
    PaymentCancelled,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
)

Kind = Literal["accepted", "completed", "failed", "cancelled", "refunded"]

# Where wall clocks are kept: within what every calendar here and in the tables can hold.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2105, 12, 31, tzinfo=UTC)
QUARTER_S = 900


class Source(Struct, frozen=True, gc=False):
    """Whose event it was and where it stands in the log; `event_time` in UTC."""

    terminal: str
    epoch: int
    partition: int
    offset: int
    item: int
    event_time: datetime
    received_at: datetime


class Attribution(Struct, frozen=True, gc=False):
    """To whom and to which calendar an event counts; what the office never said is empty."""

    zone: str = DEFAULT_TIMEZONE
    dealer: str = ""
    region: str = ""


NOBODY = Attribution()


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """One thing said of a payment, and where it is booked: `hour` is the terminal's wall clock, no zone."""

    terminal: str
    payment_id: str
    kind: Kind
    refund_id: str = ""
    content_hash: int
    epoch: int
    seq: int
    partition: int
    offset: int
    item: int
    at: datetime
    event_time: datetime
    received_at: datetime
    hour: datetime
    zone: str
    dealer: str
    region: str
    service: str = ""
    recipient: str = ""
    method: str = ""
    currency: str = ""
    inserted: int = 0
    credited: int = 0
    fee: int = 0
    change: int = 0
    is_test: bool = False
    reason: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the log of its terminal."""
        return self.offset, self.item


class Booking(Struct, frozen=True, kw_only=True, gc=False):
    """What one payment, or one refund of it, adds to one bucket: absolute, and zero once it is void."""

    hour: datetime
    terminal: str
    payment_id: str
    refund_id: str
    service: str
    recipient: str
    dealer: str
    region: str
    method: str
    currency: str
    zone: str
    event_time: datetime
    partition: int
    payments: int = 0
    inserted: int = 0
    credited: int = 0
    fee: int = 0
    refunded: int = 0


def attribution(attributes: TerminalAttributes | None) -> Attribution:
    """Where the office says that a terminal belongs."""
    if attributes is None:
        return NOBODY
    return Attribution(
        attributes.timezone or DEFAULT_TIMEZONE, attributes.dealer or "", attributes.region or ""
    )


def fact(payment: Payment, source: Source, belongs: Attribution) -> Fact:
    """What a payment event says, booked in the terminal's own hour at the event's time."""
    match payment:
        case PaymentAccepted():
            return replace(
                _said("accepted", payment, source, belongs),
                service=payment.service,
                recipient=payment.recipient,
                method=payment.method,
                currency=payment.currency,
                inserted=payment.inserted_minor,
                credited=payment.credited_minor,
                fee=payment.fee_minor,
                change=payment.change_minor,
                is_test=payment.test,
            )
        case PaymentCompleted():
            return _said("completed", payment, source, belongs)
        case PaymentFailed():
            return replace(_said("failed", payment, source, belongs), reason=payment.reason or "")
        case PaymentCancelled():
            return replace(_said("cancelled", payment, source, belongs), reason=payment.reason or "")
        case PaymentRefunded():
            return replace(
                _said("refunded", payment, source, belongs),
                refund_id=payment.refund_id,
                currency=payment.currency,
                credited=payment.credited_minor,
                fee=payment.fee_minor,
            )
        case _:
            assert_never(payment)


def _said(kind: Kind, payment: Payment, source: Source, belongs: Attribution) -> Fact:
    return Fact(
        terminal=source.terminal,
        payment_id=payment.payment_id,
        kind=kind,
        content_hash=payment_hash(payment),
        epoch=source.epoch,
        seq=payment.seq,
        partition=source.partition,
        offset=source.offset,
        item=source.item,
        at=payment.at,
        event_time=source.event_time,
        received_at=source.received_at,
        hour=wall_hour(source.event_time, belongs.zone),
        zone=belongs.zone,
        dealer=belongs.dealer,
        region=belongs.region,
    )


def bookings(facts: Iterable[Fact]) -> list[Booking]:
    """All that one payment adds to revenue, from everything known of it.

    A cancelled payment counts nowhere, nor do its refunds; nor does a test. A refund counts in its own hour
    under the payment's service, recipient and method; while the acceptance is unknown under empty ones, and
    those stand as zero afterwards. More facts never take a bucket away, they only change what is in it.
    """
    first: dict[tuple[Kind, str], Fact] = {}
    for each in facts:
        known = first.get((each.kind, each.refund_id))
        if known is None or each.place < known.place:
            first[each.kind, each.refund_id] = each
    accepted = first.get(("accepted", ""))
    is_void = ("cancelled", "") in first or (accepted is not None and accepted.is_test)
    lines: list[Booking] = []
    if accepted is not None:
        lines.append(_volume(accepted, is_void))
    for (kind, _), refund in first.items():
        if kind == "refunded":
            lines.append(_returned(refund, None, is_void or accepted is not None))
            if accepted is not None:
                lines.append(_returned(refund, accepted, is_void))
    return lines


def _volume(accepted: Fact, is_void: bool) -> Booking:
    return Booking(
        hour=accepted.hour,
        terminal=accepted.terminal,
        payment_id=accepted.payment_id,
        refund_id="",
        service=accepted.service,
        recipient=accepted.recipient,
        dealer=accepted.dealer,
        region=accepted.region,
        method=accepted.method,
        currency=accepted.currency,
        zone=accepted.zone,
        event_time=accepted.event_time,
        partition=accepted.partition,
        payments=0 if is_void else 1,
        inserted=0 if is_void else accepted.inserted,
        credited=0 if is_void else accepted.credited,
        fee=0 if is_void else accepted.fee,
    )


def _returned(refund: Fact, accepted: Fact | None, is_void: bool) -> Booking:
    """What went back to the payer, the fee included."""
    return Booking(
        hour=refund.hour,
        terminal=refund.terminal,
        payment_id=refund.payment_id,
        refund_id=refund.refund_id,
        service=accepted.service if accepted else "",
        recipient=accepted.recipient if accepted else "",
        dealer=refund.dealer,
        region=refund.region,
        method=accepted.method if accepted else "",
        currency=refund.currency,
        zone=refund.zone,
        event_time=refund.event_time,
        partition=refund.partition,
        refunded=0 if is_void else refund.credited + refund.fee,
    )


def wall_hour(event_time: datetime, zone: str) -> datetime:
    """The hour on the wall where the terminal stands, without a zone, kept within 1970 and 2105."""
    within = min(max(event_time, EARLIEST), LATEST)
    # No zone has ever changed its clock within a quarter of an hour.
    return _wall_hour(int(within.timestamp()) // QUARTER_S, zone)


@lru_cache(maxsize=65_536)
def _wall_hour(quarter: int, zone: str) -> datetime:
    instant = datetime.fromtimestamp(quarter * QUARTER_S, UTC)
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return local - timedelta(minutes=local.minute, seconds=local.second)
