"""revenue-rollup on the real engine: however often it is killed, every total is exact."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from money_log import Amounts, logs, records, revenue
from mortal import Write, live
from redrive_log import logs_with_redrives

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.migrations import Statement
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries.revenue import Key, RevenueBy
from kmonitor.domain.office.registry import Registry
from kmonitor.events.log import Report
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.revenue_rollup.reading import read
from kmonitor.revenue_rollup.sink import RevenueSink

deaths = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=4)
sizes = st.lists(st.integers(1, 6), max_size=12)
TABLES = ("payment_facts", "payment_bookings", "revenue_hourly", "revenue_progress")


def rollup(tables: ClickHouse, patience: Patience) -> Write:
    sink = RevenueSink(tables, patience, lambda _: Registry())

    def write(batch: Sequence[Record]) -> None:
        sink.write(read(batch, Tolerance("log")))

    return write


def shown(tables: ClickHouse, query: RevenueBy) -> dict[tuple[str, ...], Amounts]:
    return {
        (row["hour"], row["terminal"], row["service"], row["method"], row["currency"]): (
            row["payments"],
            row["inserted_minor"],
            row["credited_minor"],
            row["fee_minor"],
            row["refunded_minor"],
        )
        for row in tables.rows(query)
    }


# Not shrunk: each example is a whole life on a real engine.
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.one_of(logs(), logs_with_redrives()), deaths, sizes)
def test_totals_are_exact_however_it_is_killed_and_the_log_is_cut(
    tables: ClickHouse, log: list[Report], deaths: list[tuple[int, bool]], sizes: list[int]
) -> None:
    for table in TABLES:
        tables.run(Statement(f"TRUNCATE TABLE {table}"))
    live(records(log), lambda patience: rollup(tables, patience), iter(deaths), iter(sizes))
    keys: tuple[Key, ...] = ("hour", "terminal", "service", "method")
    assert shown(tables, RevenueBy(group_by=keys)) == revenue(log)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    assert shown(tables, RevenueBy(from_=since, group_by=keys)) == revenue(log)
