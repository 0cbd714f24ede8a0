"""Rows in the archive as the sinks would have written them, for tests of those who read them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from builders import EPOCH

from kmonitor.clickhouse import tables
from kmonitor.clickhouse.client import ClickHouse, Columns
from kmonitor.clickhouse.patience import Patience
from kmonitor.domain.faults.fault import FaultEvent
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.terminal.register_names import register_of
from kmonitor.event_archive.reading import TOPICS, read
from kmonitor.event_archive.sink import ArchiveSink
from kmonitor.events.codec import encode, event_type
from kmonitor.events.payments import PaymentAccepted
from kmonitor.events.types import Event
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance

MOSCOW = "Europe/Moscow"
WORDS = ("terminal", "service", "recipient", "dealer", "region", "method", "currency", "zone")
SUMS = ("payments", "inserted", "credited", "fee", "refunded")
HOURLY = (
    {"day": "Date", "hour": tables.WALL_CLOCK}
    | dict.fromkeys(WORDS, "String")
    | dict.fromkeys(SUMS, "Int64")
    | {"revision": "UInt64"}
)


def archive_payment(
    archive: ClickHouse, terminal: str, payment: PaymentAccepted, *, dealer: str = "", zone: str = MOSCOW
) -> None:
    """A payment's fact, its booking and the hour's total (of this payment alone)."""
    when, local = payment.at, payment.at.astimezone(ZoneInfo(zone))
    wall = datetime(local.year, local.month, local.day, local.hour, tzinfo=when.tzinfo)
    facts = tables.payment_facts()
    said = {
        "terminal": terminal,
        "payment_id": payment.payment_id,
        "kind": "accepted",
        "refund_id": "",
        "content_hash": payment.seq,
        "payment_key": payment.seq,
        "epoch": EPOCH,
        "seq": payment.seq,
        "partition": 0,
        "offset": payment.seq,
        "item": 0,
        "at": when,
        "event_time": when,
        "received_at": when + timedelta(seconds=1),
        "day": local.date(),
        "hour": wall,
        "zone": zone,
        "dealer": dealer,
        "region": "",
        "service": payment.service,
        "recipient": payment.recipient,
        "method": payment.method,
        "currency": payment.currency,
        "inserted": payment.inserted_minor,
        "credited": payment.credited_minor,
        "fee": payment.fee_minor,
        "change": payment.change_minor,
        "is_test": payment.test,
        "reason": "",
        "payments": 1,
        "refunded": 0,
        "revision": payment.seq,
    }
    for columns in (facts, tables.payment_bookings(), Columns("revenue_hourly", HOURLY)):
        columns.add(*(said[name] for name in columns.names))
        archive.insert(columns)


def archive_log(archive: ClickHouse, *records: Record) -> None:
    """Records as event-archive keeps them."""
    sink = ArchiveSink(archive, Patience(lambda _: True, lambda _: None), lambda _: Registry(), lambda _: None)
    sink.write(read(records, {topic: Tolerance(topic) for topic in TOPICS}))


def archive_event(archive: ClickHouse, terminal: str, event: Event) -> None:
    rows = tables.events()
    received = event.at + timedelta(seconds=1)
    said = (register_of(event), encode(event).decode())
    rows.add(
        terminal, EPOCH, event.seq, event_type(event), event.at, event.at, received, 0, event.seq, 0, *said
    )
    archive.insert(rows)


def archive_fault(archive: ClickHouse, event: FaultEvent) -> None:
    fault = event.fault
    rows = tables.faults()
    said = {name: getattr(fault, name) for name in fault.__struct_fields__} | {
        "kind": event.kind,
        "at": event.at,
        "device": fault.device or "",
        "unit": fault.unit or "",
        "code": fault.code or "",
        "partition": 0,
        "offset": 1 if event.kind == "raised" else 2,
        "body": encode(event).decode(),
    }
    rows.add(*(said[name] for name in rows.names))
    archive.insert(rows)
