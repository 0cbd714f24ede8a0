"""How long a terminal with a year of events takes to be shown at a past moment.

    PYTHONPATH=tests python -m bench.past

One terminal among others: a heartbeat a minute, 200 payments a day, a collection every third day: about 830,000
events. Asked at random moments of the year, one question at a time, on an idle machine.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from backends import a_clickhouse
from builders import SCHEMAS

from bench.table import percentile
from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.migrations import Statement, migrate
from kmonitor.clickhouse.queries.past import AsOf
from kmonitor.query_api.archive import Archive
from kmonitor.query_api.past import faults_at, state_at

BEGIN = datetime(2025, 11, 25, tzinfo=UTC)
DAYS = 365
ASKED = 60
TERMINALS = ("YEAR-1", "YEAR-2")
HEARTBEAT = '{"uptime_s":86400,"cpu_percent":12.5,"link":{"kind":"gsm","operator":"mts","signal_percent":71}}'
NOTE = '{"unit":"validator-1","currency":"RUB","denomination_minor":50000,"payment_id":"p"}'
PAYMENT = (
    '{"payment_id":"p","service":"mobile.beeline","recipient":"beeline","method":"cash","currency":"RUB",'
    '"inserted_minor":50000,"credited_minor":48500,"fee_minor":1500}'
)
EVERY_S: dict[str, tuple[int, str]] = {
    "terminal.heartbeat.v1": (60, HEARTBEAT),
    "note.stacked.v1": (432, NOTE),
    "payment.accepted.v1": (432, PAYMENT),
    "payment.completed.v1": (432, '{"payment_id":"p"}'),
    "receipt.printed.v1": (432, '{"payment_id":"p"}'),
    "device.reported.v1": (
        4_320,
        '{"device":"bill_acceptor","unit":"validator-1","protocol":"ccnet","code":"14"}',
    ),
    "consumable.reported.v1": (
        3_600,
        '{"device":"receipt_printer","unit":"printer-1","kind":"receipt_paper","level_percent":50}',
    ),
    "cash.collected.v1": (259_200, '{"collection_id":"c","unit":"validator-1","contents":[]}'),
}
"""Of each type: one every so many seconds, and its fields."""
REGISTERS = {
    "terminal.heartbeat.v1": "heartbeat\\x1flink",
    "note.stacked.v1": "cash\\x1fvalidator-1\\x1fRUB\\x1f50000\\x1f1",
    "device.reported.v1": "unit\\x1fbill_acceptor\\x1fvalidator-1",
    "consumable.reported.v1": "consumable\\x1freceipt_printer\\x1fprinter-1\\x1freceipt_paper",
    "cash.collected.v1": "collected\\x1fvalidator-1",
}


SECONDS = DAYS * 86_400
BEGUN = f"toDateTime64('{BEGIN:%Y-%m-%d %H:%M:%S}', 6, 'UTC')"
EVENTS = """
INSERT INTO events (terminal, epoch, seq, type, at, event_time, received_at, partition, offset, item, register,
    body)
SELECT '{terminal}', 1, row_number() OVER (ORDER BY second, type) AS seq, type,
    {begun} + second AS at, at, at + 1, 0, intDiv(second, 60), 0, register,
    concat('{{"seq":', toString(seq), ',"type":"', type, '","at":"',
        formatDateTime(at, '%Y-%m-%dT%H:%i:%SZ'), '",', substring(fields, 2))
FROM ({parts})
"""
ARRIVALS = """
INSERT INTO arrivals (terminal, epoch, partition, offset, sent_at, received_at, queued, operations_up_to,
    interval_s, events)
SELECT '{terminal}', 1, 0, number, {begun} + number * 60 AS sent, sent + 1, 0, -1, 60, 1 FROM numbers({minutes})
"""


def fill(client: ClickHouse, terminal: str) -> int:
    """A year of one terminal, numbered in the order of time; how many events."""
    parts = [
        f"SELECT '{kind}' AS type, number * {every} + {place} AS second, '{fields}' AS fields,"  # noqa: S608
        f" '{REGISTERS.get(kind, '')}' AS register FROM numbers({SECONDS // every})"
        for place, (kind, (every, fields)) in enumerate(EVERY_S.items())
    ]
    said = {"terminal": terminal, "begun": BEGUN}
    client.run(Statement(EVENTS.format(parts=" UNION ALL ".join(parts), **said)))
    client.run(Statement(ARRIVALS.format(minutes=SECONDS // 60, **said)))
    counted = client.rows(Statement(f"SELECT count() AS n FROM events WHERE terminal = '{terminal}'"))  # noqa: S608
    return int(counted[0]["n"])


async def ask(url: str) -> list[float]:
    """Milliseconds of each question."""
    rng = Random(1)
    archive = Archive(url)
    took = []
    for _ in range(ASKED):
        time_ = BEGIN + timedelta(seconds=rng.uniform(0.01, 1) * DAYS * 86_400)
        as_of = AsOf(TERMINALS[0], time_, BEGIN + timedelta(days=DAYS + 1))
        begun = time.perf_counter()
        await asyncio.gather(state_at(archive, as_of), faults_at(archive, as_of))
        took.append(1000 * (time.perf_counter() - begun))
    archive.close()
    return sorted(took)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, a_clickhouse(Path(folder)) as url:
        migrate(url, SCHEMAS / "clickhouse")
        client = ClickHouse(url, timeout_s=300)
        events = max(fill(client, terminal) for terminal in TERMINALS)
        took = asyncio.run(ask(url))
        print(
            f"a terminal with {events:,} events in a year, asked at {ASKED} moments of it:"
            f" p50 {percentile(took, 0.5):.0f} ms, p90 {percentile(took, 0.9):.0f} ms, most {took[-1]:.0f} ms"
        )
        client.close()


if __name__ == "__main__":
    main()
