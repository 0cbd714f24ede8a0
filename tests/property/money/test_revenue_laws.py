"""Revenue is a function of the set of facts: order, repetition and batching change nothing."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from money_log import Amounts, logs, records, revenue

from kmonitor.domain.office.registry import Registry
from kmonitor.domain.revenue import Booking, Fact
from kmonitor.events.codec import decode_record
from kmonitor.events.log import Report, Tick
from kmonitor.revenue_rollup.counting import Counted, Place, facts_of, rebook


def facts(log: list[Report]) -> list[Fact]:
    counted: defaultdict[str, Counted] = defaultdict(Counted)
    found: list[Fact] = []
    for record in records(log):
        report = decode_record(record.value or b"")
        assert not isinstance(report, Tick)
        place = Place(record.partition, record.offset, -1)
        found += facts_of(report, place, counted[report.terminal], Registry())
    return found


def totals(bookings: list[Booking]) -> dict[tuple[str, ...], Amounts]:
    found: dict[tuple[str, ...], Amounts] = {}
    for one in bookings:
        hour = one.hour.strftime("%Y-%m-%dT%H")
        key = (hour, one.terminal, one.service, one.method, one.currency)
        known = found.get(key, (0, 0, 0, 0, 0))
        added = (one.payments, one.inserted, one.credited, one.fee, one.refunded)
        found[key] = tuple(a + b for a, b in zip(known, added, strict=True))  # type: ignore[assignment]
    return {key: amounts for key, amounts in found.items() if any(amounts)}


@given(logs())
def test_revenue_equals_the_plainest_count(log: list[Report]) -> None:
    assert totals(rebook(facts(log))) == revenue(log)


@given(logs(), st.data())
def test_the_order_in_which_facts_become_known_and_their_repetition_change_nothing(
    log: list[Report], data: st.DataObject
) -> None:
    known = facts(log)
    again = data.draw(st.lists(st.sampled_from(known), max_size=5)) if known else []
    shuffled = data.draw(st.permutations([*known, *again]))
    assert totals(rebook(shuffled)) == totals(rebook(known))


@given(logs(), st.integers(0, 20))
def test_what_more_facts_do_to_a_bucket_is_always_written(log: list[Report], place: int) -> None:
    """Every bucket of a payment that had something before is among its bookings afterwards, if only as zero."""

    def buckets(bookings: list[Booking]) -> set[tuple[object, ...]]:
        return {(one.hour, one.terminal, one.payment_id, one.refund_id, one.service) for one in bookings}

    known = facts(log)
    assert buckets(rebook(known[:place])) <= buckets(rebook(known))
