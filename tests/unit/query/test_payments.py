"""Payments as they happen: told once, with their sums, whatever is repeated."""

from datetime import UTC, datetime

from builders import EPOCH, TERMINAL, at, heartbeat, payment
from msgspec import Raw

from kmonitor.domain.office.registry import TerminalAttributes
from kmonitor.events.codec import encode
from kmonitor.events.log import RawReport, Tick
from kmonitor.events.payments import PaymentCancelled, PaymentCompleted, PaymentFailed, PaymentRefunded
from kmonitor.events.types import Event
from kmonitor.query_api.figures import Money, money_today
from kmonitor.query_api.live.payments import RecentPayments
from kmonitor.query_api.payment_item import PaymentItem


def record(*events: Event) -> bytes:
    return encode(
        RawReport(
            terminal=TERMINAL,
            epoch=EPOCH,
            sent_at=at(0),
            received_at=at(0),
            queued=0,
            operations_up_to=-1,
            events=[Raw(encode(event)) for event in events],
        )
    )


def taken(recent: RecentPayments, *events: Event) -> list[PaymentItem]:
    return recent.take(record(*events), lambda *_: TerminalAttributes(dealer="d1"))


def test_a_payment_is_told_with_its_sums_and_its_dealer() -> None:
    (item,) = taken(RecentPayments(), heartbeat(1), payment(2, 48_500))
    assert (item.payment_id, item.status, item.credited_minor, item.dealer) == ("p-2", "accepted", 48_500, "d1")


def test_a_repeated_report_tells_nothing_again() -> None:
    recent = RecentPayments()
    assert len(taken(recent, payment(2))) == 1
    assert taken(recent, payment(2)) == []


def test_a_cancelled_payment_stays_cancelled() -> None:
    recent = RecentPayments()
    taken(recent, payment(2))
    (failed,) = taken(recent, PaymentFailed(seq=3, at=at(1), payment_id="p-2"))
    (cancelled,) = taken(recent, PaymentCancelled(seq=4, at=at(1), payment_id="p-2"))
    assert (failed.status, cancelled.status) == ("failed", "cancelled")
    assert taken(recent, PaymentCompleted(seq=5, at=at(1), payment_id="p-2")) == []


def test_a_refund_counts_once() -> None:
    recent = RecentPayments()
    refund = PaymentRefunded(
        seq=3, at=at(1), payment_id="p-2", refund_id="r", currency="RUB", credited_minor=100
    )
    taken(recent, payment(2))
    (item,) = taken(recent, refund)
    assert item.refunded_minor == 100
    assert taken(recent, refund) == []


def test_what_is_not_known_of_an_old_payment_is_null() -> None:
    (item,) = taken(RecentPayments(), PaymentCompleted(seq=3, at=at(1), payment_id="old"))
    assert (item.status, item.credited_minor) == ("completed", None)


def test_only_so_many_are_remembered() -> None:
    recent = RecentPayments(most=2)
    taken(recent, payment(1), payment(2), payment(3))
    assert len(taken(recent, payment(1))) == 1


def test_a_tick_tells_nothing() -> None:
    tick = encode(Tick(at=at(0), refusing=False, operations_up_to=-1))
    assert RecentPayments().take(tick, lambda *_: TerminalAttributes()) == []


def test_today_is_the_day_that_it_is_in_each_zone() -> None:
    now = datetime(2026, 11, 22, 22, tzinfo=UTC)
    rows = [
        {
            "zone": zone,
            "day": datetime(2026, 11, day).date(),
            "currency": "RUB",
            "payments": 1,
            "credited_minor": minor,
        }
        for zone, day, minor in (
            ("UTC", 22, 1),
            ("UTC", 23, 2),
            ("Asia/Vladivostok", 22, 4),
            ("Asia/Vladivostok", 23, 8),
        )
    ]
    assert money_today(rows, now) == [Money("RUB", 2, 9)]
