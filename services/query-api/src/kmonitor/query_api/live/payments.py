"""Payments as they happen: each report's payment events, folded into the item that the list shows."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec import Raw, Struct
from msgspec.structs import replace

from kmonitor.domain.clock import Clock
from kmonitor.domain.office.registry import TerminalAttributes
from kmonitor.events.codec import InvalidEvent, decode_event, decode_raw_record
from kmonitor.events.log import Tick
from kmonitor.events.payments import (
    Payment,
    PaymentAccepted,
    PaymentCancelled,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
)
from kmonitor.query_api.payment_item import Outcome, PaymentItem

MARK = b"payment."
RECENT = 20_000
Describe = Callable[[str, datetime], TerminalAttributes]
"""A terminal as it was at a time."""
STRENGTH = {"accepted": 0, "failed": 1, "completed": 2, "cancelled": 3}


class Known(Struct, frozen=True, gc=False):
    item: PaymentItem
    refunds: tuple[str, ...] = ()


class RecentPayments:
    """The last payments, so that a repeated report tells nothing twice and a completion shows the sums."""

    def __init__(self, most: int = RECENT) -> None:
        self._known: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._most = most

    def take(self, value: bytes, described: Describe) -> list[PaymentItem]:
        """The payments that a record of the log changes. Raises `Unreadable`."""
        if MARK not in value:
            return []
        record = decode_raw_record(value)
        if isinstance(record, Tick):
            return []
        clock = Clock(record.sent_at, record.received_at)
        found = (_payment(raw) for raw in record.events if MARK in bytes(raw))
        items = [self._fold(record.terminal, each, clock, described) for each in found if each is not None]
        return [item for item in items if item is not None]

    def _fold(self, terminal: str, event: Payment, clock: Clock, described: Describe) -> PaymentItem | None:
        key = (terminal, event.payment_id)
        known = self._known.get(key) or Known(
            PaymentItem(terminal=terminal, payment_id=event.payment_id, status="accepted")
        )
        new = after(known, event, clock, described)
        if new == known:
            return None
        self._known[key] = new
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return new.item


def after(known: Known, event: Payment, clock: Clock, described: Describe) -> Known:
    """The payment once this event came; what was said before counts before."""
    item = known.item
    outcome: Outcome
    match event:
        case PaymentAccepted():
            if item.accepted_at is not None:
                return known
            accepted_at = clock.event_time(event.at)
            who = described(item.terminal, accepted_at)
            return replace(
                known,
                item=replace(
                    item,
                    accepted_at=accepted_at,
                    received_at=clock.received_at,
                    service=event.service,
                    recipient=event.recipient,
                    dealer=who.dealer,
                    region=who.region,
                    method=event.method,
                    currency=event.currency,
                    inserted_minor=event.inserted_minor,
                    credited_minor=event.credited_minor,
                    fee_minor=event.fee_minor,
                    change_minor=event.change_minor,
                    refunded_minor=item.refunded_minor or 0,
                    test=event.test,
                ),
            )
        case PaymentRefunded():
            if event.refund_id in known.refunds:
                return known
            refunded = (item.refunded_minor or 0) + event.credited_minor + event.fee_minor
            return Known(replace(item, refunded_minor=refunded), (*known.refunds, event.refund_id))
        case PaymentCompleted():
            outcome = "completed"
        case PaymentFailed():
            outcome = "failed"
        case PaymentCancelled():
            outcome = "cancelled"
        case _:
            assert_never(event)
    if STRENGTH[outcome] <= STRENGTH[item.status]:
        return known
    return replace(known, item=replace(item, status=outcome))


def _payment(raw: Raw) -> Payment | None:
    try:
        event = decode_event(raw, suspicious=False)
    except InvalidEvent:
        # The gateway read it; a reader that is older than the gateway leaves what it does not know.
        return None
    return event if isinstance(event, Payment) else None
