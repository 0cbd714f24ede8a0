"""The columns of each table, in the order in which rows are gathered.

Words that repeat are sent as plain strings: the engine makes its dictionaries faster than we do.
"""

from kmonitor.clickhouse.client import Columns

INSTANT = "DateTime64(6, 'UTC')"
WALL_CLOCK = "DateTime('UTC')"


def arrivals() -> Columns:
    return Columns(
        "arrivals",
        {
            "terminal": "String",
            "epoch": "UInt64",
            "partition": "UInt32",
            "offset": "UInt64",
            "sent_at": INSTANT,
            "received_at": INSTANT,
            "queued": "UInt32",
            "operations_up_to": "Int64",
            "interval_s": "UInt32",
            "is_backlog": "Bool",
            "events": "UInt32",
            "refused": "UInt32",
            "first_seqs": "Array(UInt64)",
            "last_seqs": "Array(UInt64)",
            "last_times": f"Array({INSTANT})",
            "refused_seqs": "Array(UInt64)",
            "refused_keys": "Array(UInt64)",
            "conflict_keys": "Array(UInt64)",
            "duplicates": "UInt32",
            "is_redrive": "Bool",
            "redriven": "String",
            "redriven_by": "String",
            "released_keys": "Array(UInt64)",
            "uncounted": "UInt32",
        },
    )


def events() -> Columns:
    return Columns(
        "events",
        {
            "terminal": "String",
            "epoch": "UInt64",
            "seq": "UInt64",
            "type": "String",
            "at": INSTANT,
            "event_time": INSTANT,
            "received_at": INSTANT,
            "partition": "UInt32",
            "offset": "UInt64",
            "item": "UInt32",
            "register": "String",
            "body": "String",
        },
    )


def faults() -> Columns:
    return Columns(
        "faults",
        {
            "fault_id": "String",
            "kind": "String",
            "at": INSTANT,
            "terminal": "String",
            "rule": "String",
            "device": "String",
            "unit": "String",
            "condition": "String",
            "code": "String",
            "severity": "String",
            "effect": "String",
            "money_risk": "Bool",
            "acts": "String",
            "raised_at": INSTANT,
            "since": INSTANT,
            "evidence": "Array(String)",
            "partition": "UInt32",
            "offset": "UInt64",
            "body": "String",
        },
    )


def quarantine() -> Columns:
    return Columns(
        "quarantine",
        {
            "identity": "String",
            "reason": "String",
            "stage": "String",
            "detail": "String",
            "terminal": "String",
            "epoch": "Nullable(UInt64)",
            "seq": "Nullable(UInt64)",
            "item_index": "Nullable(UInt32)",
            "original_topic": "String",
            "original_partition": "Nullable(UInt32)",
            "original_offset": "Nullable(UInt64)",
            "received_at": INSTANT,
            "sent_at": f"Nullable({INSTANT})",
            "redacted": "Bool",
            "key": "String",
            "value": "String",
            "offset": "UInt64",
        },
    )


def write_offs() -> Columns:
    return Columns(
        "write_offs",
        {
            "terminal": "String",
            "epoch": "UInt64",
            "from_seq": "UInt64",
            "to_seq": "UInt64",
            "reason": "String",
            "author": "String",
            "recorded_at": INSTANT,
            "number": "UInt64",
        },
    )


def operations() -> Columns:
    return Columns(
        "operations",
        {
            "number": "UInt64",
            "operation_id": "String",
            "author": "String",
            "recorded_at": INSTANT,
            "effective_from": INSTANT,
            "type": "String",
            "subject": "String",
            "body": "String",
        },
    )


def payment_facts() -> Columns:
    return Columns(
        "payment_facts",
        {
            "terminal": "String",
            "payment_id": "String",
            "kind": "String",
            "refund_id": "String",
            "content_hash": "UInt64",
            "payment_key": "UInt64",
            "epoch": "UInt64",
            "seq": "UInt64",
            "partition": "UInt32",
            "offset": "UInt64",
            "item": "UInt32",
            "at": INSTANT,
            "event_time": INSTANT,
            "received_at": INSTANT,
            "day": "Date",
            "hour": WALL_CLOCK,
            "zone": "String",
            "dealer": "String",
            "region": "String",
            "service": "String",
            "recipient": "String",
            "method": "String",
            "currency": "String",
            "inserted": "Int64",
            "credited": "Int64",
            "fee": "Int64",
            "change": "Int64",
            "is_test": "Bool",
            "reason": "String",
        },
    )


def payment_bookings() -> Columns:
    return Columns(
        "payment_bookings",
        {
            "hour": WALL_CLOCK,
            "terminal": "String",
            "payment_id": "String",
            "refund_id": "String",
            "service": "String",
            "recipient": "String",
            "dealer": "String",
            "region": "String",
            "method": "String",
            "currency": "String",
            "zone": "String",
            "event_time": INSTANT,
            "partition": "UInt32",
            "payments": "Int64",
            "inserted": "Int64",
            "credited": "Int64",
            "fee": "Int64",
            "refunded": "Int64",
            "revision": "UInt64",
        },
    )


def revenue_progress() -> Columns:
    return Columns(
        "revenue_progress",
        {
            "terminal": "String",
            "partition": "UInt32",
            "revision": "UInt64",
            "operations_up_to": "Int64",
            "epochs": "Array(UInt64)",
            "first_seqs": "Array(UInt64)",
            "last_seqs": "Array(UInt64)",
        },
    )
