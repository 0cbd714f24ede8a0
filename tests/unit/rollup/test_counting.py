"""Which payments of the log count."""

from datetime import UTC, datetime
from typing import Any

from builders import heartbeat, payment, report

from kmonitor.domain.office.registry import Registry
from kmonitor.domain.revenue import Booking, Fact
from kmonitor.events.types import Event
from kmonitor.revenue_rollup.counting import Counted, Place, facts_of, new_payments, without_known
from kmonitor.revenue_rollup.sink import MANY_TERMINALS, rewrites


def counted(known: Counted, offset: int, *events: Event) -> list[int]:
    return [said.seq for _, said in new_payments(report(*events), offset, known)]


def test_only_payments_are_counted_but_every_number_is() -> None:
    known = Counted()
    assert counted(known, 0, heartbeat(1), payment(2)) == [2]
    assert counted(known, 1, payment(1), payment(3)) == [3]


def test_a_payment_under_a_number_that_another_event_took_does_not_count() -> None:
    known = Counted()
    counted(known, 0, heartbeat(1))
    assert counted(known, 1, payment(1)) == []


def test_what_was_counted_up_to_an_offset_is_not_counted_again() -> None:
    known = Counted()
    assert counted(known, 5, payment(1)) == [1]
    assert counted(known, 5, payment(1), payment(2)) == []
    assert known.revision == 5


def facts(offset: int, *events: Event) -> list[Fact]:
    return list(facts_of(report(*events), Place(0, offset, -1), Counted(), Registry()))


def test_what_was_booked_stays_booked_as_it_was() -> None:
    stored = facts(0, payment(1))
    assert without_known(facts(0, payment(1)), stored) == []
    assert without_known(facts(1, payment(1)), stored) != []


def booking(hour: int, terminal: str) -> Booking:
    texts: dict[str, Any] = dict.fromkeys(("payment_id", "refund_id", "service", "recipient"), "")
    texts |= dict.fromkeys(("dealer", "region", "method", "currency", "zone"), "")
    time = datetime(2026, 11, 22, tzinfo=UTC)
    wall = datetime(2026, 11, 22, hour)
    return Booking(hour=wall, terminal=terminal, event_time=time, partition=0, **texts)


def test_a_busy_hour_is_written_whole_and_a_quiet_one_by_terminal() -> None:
    busy = [booking(1, f"T-{number}") for number in range(MANY_TERMINALS + 1)]
    whole, named = rewrites([*busy, booking(2, "T-1"), booking(3, "T-2")], {0: 7})
    assert (whole.hours, whole.terminals) == ([busy[0].hour], None)
    assert named.terminals == ["T-1", "T-2"]
    assert [hour.hour for hour in named.hours] == [2, 3]
