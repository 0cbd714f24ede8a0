"""Both sinks as processes, on a broker and an engine of their own: killed, and with ClickHouse away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import SCHEMAS, heartbeat, payment, report
from confluent_kafka import Producer
from quarantining import refused_payment, report_of
from sink_service import SinkService

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.errors import NotNow
from kmonitor.clickhouse.migrations import Statement, migrate
from kmonitor.clickhouse.queries.completeness import Completeness
from kmonitor.clickhouse.queries.quarantine import QuarantineEntries
from kmonitor.clickhouse.queries.query import Query
from kmonitor.clickhouse.queries.revenue import RevenueBy
from kmonitor.events.codec import encode
from kmonitor.events.log import RawReport, Report
from kmonitor.ingest_gateway.redrives import brought_back
from kmonitor.kafka.topics import TERMINAL_EVENTS, ensure_topics
from kmonitor.local.clickhouse_server import Engine
from kmonitor.local.kafka import Broker
from kmonitor.local.ports import wait_until

PATIENCE_S = 90.0
REDRIVEN = "SELECT redriven FROM arrivals FINAL WHERE is_redrive"
TERMINALS = 20
REPORTS = 50
"""Of each terminal: five payments of 500 roubles and five heartbeats each, every third report sent again."""


@dataclass(frozen=True)
class Ground:
    broker: Broker
    engine: Engine
    clickhouse: ClickHouse
    folder: Path

    def service(self, module: str) -> SinkService:
        return SinkService(module, self.broker.bootstrap, self.engine.url, self.folder)

    def becomes(self, query: Query, expected: Callable[[list[dict[str, Any]]], bool]) -> bool:
        def asked() -> bool:
            try:
                return expected(self.clickhouse.rows(query))
            except NotNow:
                return False

        return wait_until(asked, PATIENCE_S)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("sinks")
    with Broker(folder / "kafka") as broker, Engine(folder / "clickhouse") as engine:
        ensure_topics(broker.bootstrap, SCHEMAS / "topics")
        migrate(engine.url, SCHEMAS / "clickhouse")
        client = ClickHouse(engine.url)
        yield Ground(broker, engine, client, folder)
        client.close()


def said(number: int, index: int) -> Report:
    first = index * 10 + 1
    events = [payment(first + at) if at % 2 else heartbeat(first + at) for at in range(10)]
    return report(*events, terminal=f"T-{number:02}")


def send(broker: Broker, values: list[tuple[int, bytes]]) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "acks": "all"})
    for partition, value in values:
        producer.produce(TERMINAL_EVENTS, value, partition=partition)
    assert producer.flush(30) == 0


def test_money_and_history_are_exact_through_kills_and_an_engine_that_goes_away(ground: Ground) -> None:
    sent = 0
    with ground.service("revenue_rollup") as rollup, ground.service("event_archive") as archive:
        for part in range(5):
            values = [
                (number % 12, encode(said(number, index)))
                for index in range(part * REPORTS // 5, (part + 1) * REPORTS // 5)
                for number in range(TERMINALS)
                for _ in range(2 if (index + number) % 3 == 0 else 1)
            ]
            send(ground.broker, values)
            sent += len(values)
            match part:
                case 1:
                    rollup.kill()
                    rollup.start()
                case 2:
                    archive.kill()
                    archive.start()
                case 3:
                    ground.engine.kill()
                    assert wait_until(lambda: not rollup.says_ok("/health/ready"), PATIENCE_S)
                    assert rollup.says_ok("/health/live") and archive.says_ok("/health/live")
                    ground.engine.start()
        payments = TERMINALS * REPORTS * 5
        assert ground.becomes(RevenueBy(), lambda rows: bool(rows) and rows[0]["payments"] == payments)
        assert ground.becomes(Completeness(), lambda rows: rows[0]["received"] == sent * 10)
        (money,) = ground.clickhouse.rows(RevenueBy())
        (figures,) = ground.clickhouse.rows(Completeness())
        assert money["credited_minor"] == payments * 50_000
        assert figures["applied"] == TERMINALS * REPORTS * 10
        assert figures["applied"] + figures["duplicate"] == figures["received"]
        assert (figures["quarantined"], figures["missing"]) == (0, 0)
        assert rollup.stop() == 0 and archive.stop() == 0


def test_what_is_re_driven_counts_once_through_kills_of_both_sinks(ground: Ground) -> None:
    entries = {f"BACK-{number:02}": refused_payment(f"BACK-{number:02}", 1) for number in range(24)}
    partitions = {name: number % 12 for number, name in enumerate(entries)}
    (before,) = ground.clickhouse.rows(Completeness())

    def tell(*said: Report | RawReport) -> None:
        send(ground.broker, [(partitions[each.terminal], encode(each)) for each in said])

    def back() -> list[RawReport]:
        return [brought_back(entry, "admin", datetime.now(UTC), -1) for entry in entries.values()]

    with ground.service("revenue_rollup") as rollup, ground.service("event_archive") as archive:
        tell(*map(report_of, entries.values()))
        quarantined = before["quarantined"] + len(entries)
        assert ground.becomes(Completeness(), lambda rows: rows[0]["quarantined"] == quarantined)
        for part, returned in enumerate([back() for _ in range(6)]):
            tell(*returned)
            killed = (archive, rollup)[part % 2]
            killed.kill()
            tell(*returned[::2])
            killed.start()
        tell(*(report(heartbeat(2), terminal=name, epoch=entry.epoch) for name, entry in entries.items()))
        received = before["received"] + 2 * len(entries)
        assert ground.becomes(Completeness(), lambda rows: rows[0]["received"] == received)
        (figures,) = ground.clickhouse.rows(Completeness())
        assert figures["applied"] == before["applied"] + 2 * len(entries)
        assert (figures["quarantined"], figures["duplicate"]) == (before["quarantined"], before["duplicate"])

        def is_exact(rows: list[dict[str, Any]]) -> bool:
            own = [row for row in rows if row["terminal"] in entries]
            return len(own) == len(entries) and {row["credited_minor"] for row in own} == {48_500}

        assert ground.becomes(RevenueBy(group_by=("terminal",)), is_exact)
        settled = [row for row in ground.clickhouse.rows(Statement(REDRIVEN)) if row["redriven"]]
        assert sorted(row["redriven"] for row in settled) == sorted(each.identity for each in entries.values())
        assert archive.stop() == 0 and rollup.stop() == 0


def test_random_bytes_and_a_contradiction_go_to_quarantine_with_their_bytes(ground: Ground) -> None:
    rubbish = b"\x00\xff\x00 no report"
    first, other = (report(payment(1, amount), terminal="CLONE") for amount in (100, 900))
    before = ground.clickhouse.rows(RevenueBy(terminal="CLONE"))
    with ground.service("revenue_rollup"), ground.service("event_archive"):
        send(ground.broker, [(0, encode(first)), (0, rubbish), (0, encode(other)), (0, encode(other))])
        assert ground.becomes(QuarantineEntries(), lambda rows: len(rows) == 2)
        rows = {row["reason"]: row for row in ground.clickhouse.rows(QuarantineEntries())}
        assert rows["unreadable_record"]["value"] == rubbish
        assert rows["identity_conflict"]["value"] == encode(other.events[0])
        assert rows["identity_conflict"]["terminal"] == "CLONE"
        assert ground.becomes(RevenueBy(terminal="CLONE"), bool)
    assert before == []
    (money,) = ground.clickhouse.rows(RevenueBy(terminal="CLONE"))
    assert (money["payments"], money["credited_minor"]) == (1, 100)
