"""Facts, bookings and progress as rows of their tables, and facts back from rows."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

from kmonitor.clickhouse import tables
from kmonitor.clickhouse.client import Columns
from kmonitor.clickhouse.instants import micros, wall_seconds
from kmonitor.domain.revenue import Booking, Fact
from kmonitor.revenue_rollup.counting import Counted

T = TypeVar("T")

FACT: dict[str, Callable[[Fact], Any]] = {
    "payment_key": lambda fact: payment_key(fact.terminal, fact.payment_id),
    "at": lambda fact: micros(fact.at),
    "event_time": lambda fact: micros(fact.event_time),
    "received_at": lambda fact: micros(fact.received_at),
    "day": lambda fact: fact.hour.date(),
    "hour": lambda fact: wall_seconds(fact.hour),
}
BOOKING: dict[str, Callable[[Booking], Any]] = {
    "hour": lambda booking: wall_seconds(booking.hour),
    "event_time": lambda booking: micros(booking.event_time),
}


def payment_key(terminal: str, payment_id: str) -> int:
    """64 bits by which a payment is looked up; a stranger may have the same, so names are compared too."""
    name = f"{terminal}\0{payment_id}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big")


def fact_rows(facts: list[Fact]) -> Columns:
    return _gathered(tables.payment_facts(), facts, FACT)


def booking_rows(bookings: list[Booking], revisions: Mapping[int, int]) -> Columns:
    """`revisions`: by partition, the offset up to which the facts were known."""
    return _gathered(
        tables.payment_bookings(),
        bookings,
        BOOKING | {"revision": lambda booking: revisions[booking.partition]},
    )


def progress_rows(counted: Iterable[tuple[str, int, int, Counted]]) -> Columns:
    """Of (terminal, partition, operations up to, how far it was counted)."""
    columns = tables.revenue_progress()
    for terminal, partition, operations_up_to, one in counted:
        ranges = [(epoch, *each) for epoch, seen in one.seen.items() for each in seen.ranges]
        epochs, firsts, lasts = (
            (list(column) for column in zip(*ranges, strict=True)) if ranges else ([], [], [])
        )
        columns.add(terminal, partition, one.revision, operations_up_to, epochs, firsts, lasts)
    return columns


def fact_of_row(row: Mapping[str, Any]) -> Fact:
    return Fact(**{**row, "hour": row["hour"].replace(tzinfo=None)})


def _gathered(columns: Columns, items: list[T], getters: Mapping[str, Callable[[T], Any]]) -> Columns:
    for name, values in zip(columns.names, columns.values, strict=True):
        values.extend(map(getters.get(name) or attrgetter(name), items))
    return columns
