"""The tables on a real engine: migrations, and what the questions answer."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from archive_rows import archive_fault, archive_log
from builders import NOON, SCHEMAS, TERMINAL, at, heartbeat, jam, payment, report
from query_process import operation

from kmonitor.clickhouse import tables
from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.errors import NotNow, Refused
from kmonitor.clickhouse.instants import micros
from kmonitor.clickhouse.migrations import MigrationRefused, Statement, migrate
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries.completeness import Completeness, Missing
from kmonitor.clickhouse.queries.history import FaultHistory, OperationsSaid, TerminalEvents
from kmonitor.clickhouse.queries.own import ALWAYS, Stay
from kmonitor.clickhouse.queries.payments import PaymentConflicts, PaymentFacts, PaymentLookup
from kmonitor.clickhouse.queries.revenue import RevenueBy, RevenueByZone
from kmonitor.domain.faults.fault import FaultEvent
from kmonitor.domain.office.registry import Registry
from kmonitor.events.codec import encode
from kmonitor.events.office.terminals import TerminalRegistered
from kmonitor.events.payments import PaymentCancelled, PaymentCompleted, PaymentRefunded
from kmonitor.events.types import Event
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import OPERATIONS, TERMINAL_EVENTS
from kmonitor.local.ports import free_ports
from kmonitor.revenue_rollup.reading import Entry, Stretch
from kmonitor.revenue_rollup.sink import RevenueSink


@pytest.fixture(scope="module")
def database(clickhouse: str) -> Iterator[ClickHouse]:
    migrate(clickhouse, SCHEMAS / "clickhouse", database="test_tables")
    client = ClickHouse(clickhouse, database="test_tables")
    yield client
    client.close()


def book(database: ClickHouse, terminal: str, *events: Event) -> None:
    """Each event as a report of its own."""
    patience = Patience(lambda _: True, lambda _: None)
    entries = [Entry(0, at, report(event, terminal=terminal)) for at, event in enumerate(events)]
    RevenueSink(database, patience, lambda _: Registry()).write(Stretch(entries, {0: 0}, {0: len(entries)}))


def test_migrations_are_applied_once_and_a_changed_one_is_refused(clickhouse: str, tmp_path: Path) -> None:
    file = tmp_path / "0001_a.sql"
    file.write_text("CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = ReplacingMergeTree ORDER BY x; -- ;\n")
    assert migrate(clickhouse, tmp_path, database="migrated") == ["0001_a.sql"]
    assert migrate(clickhouse, tmp_path, database="migrated") == []
    (tmp_path / "0002_b.sql").write_text("ALTER TABLE a ADD COLUMN IF NOT EXISTS y UInt8;")
    assert migrate(clickhouse, tmp_path, database="migrated") == ["0002_b.sql"]
    file.write_text("CREATE TABLE other (x UInt8) ENGINE = ReplacingMergeTree ORDER BY x;")
    with pytest.raises(MigrationRefused, match=r"0001_a\.sql was changed"):
        migrate(clickhouse, tmp_path, database="migrated")


def test_an_engine_that_is_not_there_is_a_not_now() -> None:
    away = ClickHouse(f"http://127.0.0.1:{free_ports(1)[0]}", database="test_tables")
    with pytest.raises(NotNow):
        away.ping()


def test_what_the_engine_will_never_do_is_refused(database: ClickHouse) -> None:
    with pytest.raises(Refused):
        database.rows(Statement("SELECT nothing FROM nowhere"))


def test_a_payment_s_life_is_told_in_the_order_of_the_log(database: ClickHouse) -> None:
    book(
        database,
        "LIFE",
        payment(1, 1_000, payment_id="p"),
        PaymentCompleted(seq=2, at=at(1), payment_id="p"),
        PaymentRefunded(
            seq=3, at=at(2), payment_id="p", refund_id="r", currency="RUB", credited_minor=300, fee_minor=7
        ),
        payment(4, 9_000, payment_id="p"),
    )
    facts = database.rows(PaymentFacts("LIFE", "p"))
    assert [fact["kind"] for fact in facts] == ["accepted", "completed", "refunded", "accepted"]
    (found,) = database.rows(PaymentLookup(terminal="LIFE"))
    assert (found["credited_minor"], found["outcome"], found["refunded_minor"]) == (1_000, "completed", 307)
    assert found["accepted_at"] == NOON
    (conflict,) = [row for row in database.rows(PaymentConflicts()) if row["terminal"] == "LIFE"]
    assert (conflict["kind"], conflict["contents"]) == ("accepted", 2)
    assert database.rows(PaymentLookup(terminal="LIFE", after=(found["accepted_at"], "LIFE", "p"))) == []


def test_revenue_is_cut_by_days_of_the_terminal_and_by_any_instant(database: ClickHouse) -> None:
    book(database, "CUT", payment(1, 100), payment(2, 200, seconds=90), payment(3, 400, seconds=86_400))

    def credited(**asked: Any) -> int:
        return sum(row["credited_minor"] for row in database.rows(RevenueBy(terminal="CUT", **asked)))

    assert credited() == 700
    assert credited(from_=date(2026, 11, 22), to=date(2026, 11, 23)) == 300
    assert credited(from_=at(1), to=at(86_400)) == 200
    assert credited(from_=date(2026, 11, 22), to=at(86_401)) == 700
    days = database.rows(RevenueBy(terminal="CUT", group_by=("day", "terminal")))
    assert [row["day"] for row in days] == ["2026-11-22", "2026-11-23"]
    rest = RevenueBy(terminal="CUT", group_by=("day", "terminal"), after=("2026-11-22", "CUT", "RUB"))
    assert database.rows(rest) == days[1:]
    zones = database.rows(RevenueByZone(date(2026, 11, 22), date(2026, 11, 23)))
    assert {row["zone"] for row in zones} == {"UTC"}


def test_a_bucket_emptied_by_a_cancellation_is_not_shown(database: ClickHouse) -> None:
    book(database, "VOID", payment(1, payment_id="p"), PaymentCancelled(seq=2, at=at(1), payment_id="p"))
    assert database.rows(RevenueBy(terminal="VOID", group_by=("hour",))) == []


def test_an_event_s_bytes_come_back_as_they_were_and_the_first_in_the_log_wins(database: ClickHouse) -> None:
    rows = tables.events()
    for offset, body in ((9, b'{"later":1}'), (3, '{"первое": 1}'.encode())):
        same = b'{"same":1}'
        rows.add(TERMINAL, 1, 1, "x", 0, 0, 0, 0, offset, 0, "", same)
        rows.add(TERMINAL, 1, 1 + offset, "x", 0, 0, 0, 0, offset, 0, "", body)
    database.insert(rows)
    found = {row["seq"]: row for row in database.rows(TerminalEvents(terminal=TERMINAL))}
    assert found[1]["offset"] == 3
    assert found[4]["body"] == '{"первое": 1}'.encode()


def test_clocks_in_1970_and_2100_make_no_partitions_of_their_own(database: ClickHouse) -> None:
    rows = tables.events()
    for seq, year in enumerate((1901, 1970, 2026, 2100, 2260), start=1):
        time = micros(datetime(year, 6, 1, tzinfo=UTC))
        rows.add("CLOCKS", 1, seq, "x", time, time, time, 0, 0, seq, "", b"{}")
    database.insert(rows)
    found = database.rows(
        Statement("SELECT DISTINCT _partition_id AS part FROM events WHERE terminal = 'CLOCKS' ORDER BY part")
    )
    assert [row["part"] for row in found] == ["202001", "202606", "204012"]
    assert len(database.rows(TerminalEvents(terminal="CLOCKS"))) == 5


def test_a_fault_is_one_row_from_its_raising_to_its_clearing(database: ClickHouse) -> None:
    rows = tables.faults()
    words = (
        "T",
        "unit",
        "bill_acceptor",
        "validator-1",
        "jammed",
        "43",
        "critical",
        "stops",
        True,
        "technician",
    )
    raised = micros(NOON)
    rows.add("f-1", "raised", raised, *words, raised, raised, ["T/1/2"], 0, 1, b"{}")
    rows.add("f-2", "raised", raised, *words, raised, raised, ["T/1/3"], 0, 2, b"{}")
    rows.add("f-1", "cleared", micros(at(60)), *words, raised, raised, ["T/1/2"], 0, 3, b"{}")
    database.insert(rows)
    database.insert(rows)
    found = {row["fault_id"]: row for row in database.rows(FaultHistory(terminal="T"))}
    assert (found["f-1"]["cleared_at"], found["f-2"]["cleared_at"]) == (at(60), None)
    assert found["f-1"]["money_risk"] is True and found["f-1"]["evidence"] == ["T/1/2"]
    assert [row["fault_id"] for row in database.rows(FaultHistory(terminal="T", is_open=True))] == ["f-2"]


def said(number: int, region: str, **known: Any) -> Record:
    body = TerminalRegistered(terminal="AUDITED", region=region)
    return Record(OPERATIONS, 0, number, b"", encode(operation(body, **known)), (), 0)


def test_an_operation_is_told_once_however_often_it_is_written_and_recorded(database: ClickHouse) -> None:
    records = [said(7, "a", operation_id="one"), said(8, "a", operation_id="one"), said(9, "b")]
    for _ in range(2):
        archive_log(database, *records)
    told = database.rows(OperationsSaid(subject="AUDITED"))
    assert [row["number"] for row in told] == [9, 7]
    assert [row["number"] for row in database.rows(OperationsSaid(subject="AUDITED", after=9))] == [7]
    assert database.rows(OperationsSaid(subject="AUDITED", author="nobody")) == []
    assert database.rows(OperationsSaid(subject="AUDITED", to=at(0))) == []
    assert len(database.rows(OperationsSaid(subject="AUDITED", from_=at(0), to=at(1)))) == 2


def test_a_dealer_may_have_thousands_of_terminals(database: ClickHouse) -> None:
    strangers = [f"STRANGER-{number:060d}" for number in range(5_000)]
    for number, terminal in enumerate(("MINE", "THEIRS")):
        heard = report(heartbeat(1), heartbeat(3), terminal=terminal)
        archive_log(database, Record(TERMINAL_EVENTS, 5, number, b"", encode(heard), (), 0))
        for seconds in (0, 100):
            archive_fault(database, FaultEvent(kind="raised", at=at(seconds), fault=jam(terminal, seconds)))
    own = [*strangers, "MINE"]
    (figures,) = database.rows(Completeness(own))
    assert (figures["received"], figures["missing"]) == (2, 1)
    assert [row["terminal"] for row in database.rows(Missing(own))] == ["MINE"]
    (nothing,) = database.rows(Completeness([]))
    assert (nothing["received"], nothing["complete_to"]) == (0, None)
    assert database.rows(Missing([])) == []

    stays: list[Stay] = [(each, *ALWAYS) for each in strangers]
    until_then = ("MINE", ALWAYS[0], micros(at(100)))
    found = database.rows(FaultHistory(stays=[*stays, until_then]))
    assert [row["fault_id"] for row in found] == ["MINE-0"]
    since_then = ("MINE", micros(at(100)), ALWAYS[1])
    assert [row["fault_id"] for row in database.rows(FaultHistory(stays=[since_then]))] == ["MINE-100"]
    assert database.rows(FaultHistory(stays=[])) == []
