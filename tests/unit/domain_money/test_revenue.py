"""What each payment adds, and where."""

from datetime import UTC, datetime

import pytest
from builders import NOON, TERMINAL, at, payment

from kmonitor.domain.revenue import Attribution, Booking, Fact, Source, bookings, fact, wall_hour
from kmonitor.events.payments import Payment, PaymentCancelled, PaymentCompleted, PaymentRefunded

MOSCOW = Attribution("Europe/Moscow", "dealer-1", "region-1")


def said(event: Payment, offset: int = 0, seconds: float = 0) -> Fact:
    return fact(event, Source(TERMINAL, 1, 0, offset, 0, at(seconds), at(seconds)), MOSCOW)


def cancelled(seq: int, payment_id: str) -> PaymentCancelled:
    return PaymentCancelled(seq=seq, at=at(0), payment_id=payment_id)


def refunded(seq: int, payment_id: str, refund_id: str = "r-1") -> PaymentRefunded:
    return PaymentRefunded(
        seq=seq,
        at=at(0),
        payment_id=payment_id,
        refund_id=refund_id,
        currency="RUB",
        credited_minor=100,
        fee_minor=5,
    )


def of(lines: list[Booking], service: str) -> list[Booking]:
    return [line for line in lines if line.service == service]


def test_an_accepted_payment_counts_in_the_hour_on_its_own_wall() -> None:
    (line,) = bookings([said(payment(1, 50_000, fee_minor=1_500))])
    assert (line.hour, line.payments, line.credited, line.fee) == (datetime(2026, 11, 22, 15), 1, 50_000, 1_500)
    assert (line.dealer, line.region) == ("dealer-1", "region-1")


def test_completion_adds_nothing() -> None:
    done = PaymentCompleted(seq=2, at=at(0), payment_id="p-1")
    assert bookings([said(payment(1)), said(done, 1)]) == bookings([said(payment(1))])


def test_a_cancelled_payment_counts_nowhere_even_when_the_cancellation_came_first() -> None:
    (line,) = bookings([said(cancelled(2, "p-1"), 0), said(payment(1), 1)])
    assert (line.payments, line.inserted, line.credited) == (0, 0, 0)


def test_of_two_contents_the_first_in_the_log_counts_in_whatever_order_they_become_known() -> None:
    first, rival = said(payment(1, 100, payment_id="p"), 3), said(payment(9, 900, payment_id="p"), 7)
    assert bookings([rival, first]) == bookings([first])


def test_a_payment_sent_again_under_another_epoch_has_the_same_content() -> None:
    assert said(payment(1, payment_id="p")).content_hash == said(payment(77, payment_id="p")).content_hash


def test_a_refund_waits_under_empty_keys_and_moves_to_the_payment_when_it_comes() -> None:
    alone = bookings([said(refunded(5, "p-1"), 0)])
    assert [(line.service, line.refunded) for line in alone] == [("", 105)]
    both = bookings([said(refunded(5, "p-1"), 0), said(payment(1), 1)])
    assert [line.refunded for line in of(both, "")] == [0]
    assert sum(line.refunded for line in of(both, "mobile.beeline")) == 105


def test_a_refund_counts_in_its_own_hour() -> None:
    lines = bookings([said(payment(1), 0), said(refunded(5, "p-1"), 1, seconds=86_400)])
    assert {line.hour.day for line in lines if line.refunded} == {23}


def test_nothing_of_a_cancelled_or_test_payment_counts_its_refunds_included() -> None:
    void = bookings([said(payment(1), 0), said(refunded(5, "p-1"), 1), said(cancelled(6, "p-1"), 2)])
    tried = bookings([said(payment(1, test=True), 0), said(refunded(5, "p-1"), 1)])
    assert not any(line.payments or line.credited or line.refunded for line in void + tried)


@pytest.mark.parametrize(
    ("instant", "zone", "hour"),
    [
        (NOON, "Asia/Kolkata", datetime(2026, 11, 22, 17)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", datetime(2026, 10, 25, 2)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin", datetime(2026, 10, 25, 2)),
        (datetime(1901, 1, 1, tzinfo=UTC), "UTC", datetime(1970, 1, 2)),
        (datetime(2261, 1, 1, tzinfo=UTC), "UTC", datetime(2105, 12, 31)),
    ],
)
def test_the_hour_is_the_wall_clock_s(instant: datetime, zone: str, hour: datetime) -> None:
    assert wall_hour(instant, zone) == hour
