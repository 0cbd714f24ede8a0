"""Which payments of the log count: each event the first time its number comes, booked as was known then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kmonitor.domain.clock import Clock
from kmonitor.domain.completeness import NOTHING_SEEN, count
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.revenue import Booking, Fact, Source, attribution, bookings, fact
from kmonitor.domain.sequences import Seen
from kmonitor.events.log import Report
from kmonitor.events.payments import (
    Payment,
    PaymentAccepted,
    PaymentCancelled,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
)

PAYMENTS = (PaymentAccepted, PaymentCompleted, PaymentFailed, PaymentCancelled, PaymentRefunded)
# Only these change what a payment adds to revenue.
COUNTING = frozenset({"accepted", "cancelled", "refunded"})


@dataclass(slots=True)
class Counted:
    """How far the events of one terminal have been counted: up to which offset, and which numbers."""

    revision: int = -1
    seen: dict[int, Seen] = field(default_factory=dict)


def new_payments(report: Report, offset: int, counted: Counted) -> Iterator[tuple[int, Payment]]:
    """The payments of a report, by item, whose number comes for the first time; `counted` moves on.

    A report at or below the revision has been counted, with all that it caused.
    """
    if offset <= counted.revision:
        return
    counted.revision = offset
    if not report.events:
        return
    judged = count(counted.seen.get(report.epoch, NOTHING_SEEN), [event.seq for event in report.events])
    counted.seen[report.epoch] = judged.seen
    for item, event in enumerate(report.events):
        if isinstance(event, PAYMENTS) and (judged.is_first is None or judged.is_first[item]):
            yield item, event


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report stands, and the last operation that its partition had shown by then."""

    partition: int
    offset: int
    operations_up_to: int


def facts_of(report: Report, place: Place, counted: Counted, registry: Registry) -> Iterator[Fact]:
    """The facts that a report adds, attributed as the office had it at each event's time."""
    clock = Clock(report.sent_at, report.received_at)
    for item, payment in new_payments(report, place.offset, counted):
        event_time = clock.event_time(payment.at)
        attributes = registry.attributes(report.terminal, event_time, place.operations_up_to)
        source = Source(
            report.terminal,
            report.epoch,
            place.partition,
            place.offset,
            item,
            event_time,
            report.received_at,
        )
        yield fact(payment, source, attribution(attributes))


def without_known(new: Iterable[Fact], known: Iterable[Fact]) -> list[Fact]:
    """What is not stored yet. What was booked stays booked as it was, however often the step is repeated."""
    stored = {(each.partition, each.offset, each.item) for each in known}
    return [each for each in new if (each.partition, each.offset, each.item) not in stored]


def rebook(facts: Iterable[Fact]) -> list[Booking]:
    """All bookings of all the payments that these facts are of."""
    by_payment: dict[tuple[str, str], list[Fact]] = {}
    for each in facts:
        by_payment.setdefault((each.terminal, each.payment_id), []).append(each)
    return [booking for one in by_payment.values() for booking in bookings(one)]
