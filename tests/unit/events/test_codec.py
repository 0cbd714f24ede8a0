"""What the codec takes, and what it says about what it does not."""

import pytest

from kmonitor.events.codec import (
    Unreadable,
    content_hash,
    decode_event,
    decode_record,
    encode,
    event_type,
    payment_hash,
    read_operation,
    read_report,
)
from kmonitor.events.log import RawReport
from kmonitor.events.payments import PaymentAccepted

PAYMENT = (
    b'{"seq": 1041, "type": "payment.accepted.v1", "at": "2026-11-22T13:15:29.880+03:00",'
    b' "payment_id": "p-88101", "service": "mobile.beeline", "recipient": "beeline", "method": "cash",'
    b' "currency": "RUB", "inserted_minor": 50000, "credited_minor": 48500, "fee_minor": 1500,'
    b' "change_minor": 0, "colour": "blue"}'
)
HEARTBEAT = b'{"seq": 7, "type": "terminal.heartbeat.v1", "at": "2026-11-22T10:15:30Z"%s}'


def body(*events: bytes) -> bytes:
    head = b'{"terminal": "M-1", "epoch": 1, "sent_at": "2026-11-22T10:15:30Z", "events": ['
    return head + b",".join(events) + b"]}"


def refusals(*events: bytes) -> list[tuple[int, int | None, str]]:
    refused = read_report(body(*events)).refused
    return [(each.refusal.index, each.refusal.seq, each.refusal.reason) for each in refused]


def test_an_event_is_kept_as_the_bytes_that_came_with_fields_that_nobody_knows() -> None:
    read = read_report(body(PAYMENT))
    assert [bytes(raw) for raw in read.accepted] == [PAYMENT]
    assert event_type(decode_event(PAYMENT)) == "payment.accepted.v1"


@pytest.mark.parametrize(
    ("item", "seq", "reason"),
    [
        (b"3", None, "not_an_object"),
        (b'{"seq": 5, "type": "coffee.brewed.v1"}', 5, "unknown_type"),
        (HEARTBEAT % b', "seq": 8', 8, "repeated_key"),
        (HEARTBEAT % b', "x": {"a": 1, "a": 2}', 7, "repeated_key"),
        (HEARTBEAT % b', "uptime_s": "long"', 7, "invalid_field"),
        (HEARTBEAT % b', "uptime_s": 1e400', 7, "invalid_field"),
        (HEARTBEAT % b', "nobody": 1e400', 7, "invalid_json"),
        (HEARTBEAT % b', "nobody": "\xff"', 7, "invalid_json"),
        (HEARTBEAT.replace(b"2026-", b"9999-") % b"", 7, "impossible_time"),
        (HEARTBEAT.replace(b"30Z", b"30") % b"", 7, "invalid_field"),
        (PAYMENT.replace(b"48500", b"-1"), 1041, "invalid_field"),
        (PAYMENT.replace(b"48500", b"485.00"), 1041, "invalid_field"),
        (PAYMENT.replace(b'"RUB"', b'"rub"'), 1041, "invalid_field"),
    ],
)
def test_an_item_that_can_never_be_read_is_told_apart_with_the_reason(
    item: bytes, seq: int | None, reason: str
) -> None:
    assert refusals(PAYMENT, item) == [(1, seq, reason)]


@pytest.mark.parametrize(
    "unreadable",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 10_000,
        b'{"a":' * 10_000,
        body(PAYMENT)[:-1],
        body(PAYMENT).replace(b'"epoch": 1', b'"epoch": NaN'),
        body(PAYMENT).replace(b'"epoch": 1', b'"epoch": 1, "epoch": 2'),
        body(PAYMENT).replace(b"2026-11-22T10", b"2999-11-22T10"),
        body(PAYMENT).replace(b'"terminal": "M-1", ', b""),
    ],
)
def test_a_body_that_is_no_report_is_refused_whole(unreadable: bytes) -> None:
    with pytest.raises(Unreadable):
        read_report(unreadable)


@pytest.mark.parametrize(
    "half",
    [
        rb'"\ud83d"',
        rb'"a\ud83d b"',
        rb'"\uDE00"',
        rb'"\ud83d\ud83d\ude00"',
        rb'"\\\ud83d"',
        rb'["\udfff", "\ude00\ud83d"]',
    ],
)
def test_half_a_character_costs_its_own_item_and_no_other(half: bytes) -> None:
    cut = HEARTBEAT % (b', "note": ' + half)
    pair = HEARTBEAT % rb', "note": "\\ud83d \ud83d\ude00"'
    read = read_report(body(PAYMENT, cut, pair))
    assert [each.raw for each in read.refused] == [cut]
    assert [(each.refusal.index, each.refusal.reason) for each in read.refused] == [(1, "invalid_json")]
    assert [bytes(raw) for raw in read.accepted] == [PAYMENT, pair]


def test_half_a_character_beside_the_items_makes_no_report() -> None:
    with pytest.raises(Unreadable):
        read_report(body(PAYMENT).replace(b"M-1", rb"M-\ud83d"))


def test_equal_content_has_one_hash_however_it_is_spelled() -> None:
    spelled = PAYMENT.replace(b", ", b" ,\n").replace(b'"seq": 1041 ,', b"").replace(b"}", b', "seq": 1041}')
    assert content_hash(spelled) == content_hash(PAYMENT)
    assert content_hash(PAYMENT.replace(b"48500", b"48501")) != content_hash(PAYMENT)


def test_a_payment_sent_again_under_a_new_number_is_the_same_payment() -> None:
    first, again = decode_event(PAYMENT), decode_event(PAYMENT.replace(b"1041", b"3"))
    other = decode_event(PAYMENT.replace(b"48500", b"48501"))
    assert isinstance(first, PaymentAccepted)
    assert isinstance(again, PaymentAccepted)
    assert isinstance(other, PaymentAccepted)
    assert payment_hash(first) == payment_hash(again) != payment_hash(other)


def test_a_record_of_the_log_holds_the_bytes_and_reads_back() -> None:
    said = read_report(body(PAYMENT)).said
    record = RawReport(
        terminal=said.terminal,
        epoch=said.epoch,
        sent_at=said.sent_at,
        received_at=said.sent_at,
        queued=0,
        operations_up_to=3,
        events=said.events,
    )
    assert PAYMENT in encode(record)
    read = decode_record(encode(record))
    assert read.operations_up_to == 3


@pytest.mark.parametrize("record", [b"", b"\x00\x01", b"{}", b'{"kind": "tick"}', b'{"kind": "report"}'])
def test_a_record_of_another_schema_is_unreadable(record: bytes) -> None:
    with pytest.raises(Unreadable):
        decode_record(record)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (b'{"type": "terminal.registered.v1"}', "terminal"),
        (b'{"type": "terminal.registered.v1", "terminal": "~x"}', "terminal"),
        (b'{"type": "terminal.registered.v1", "terminal": "x", "report_interval_s": 0}', "report_interval_s"),
        (b'{"type": "terminal.registered.v1", "terminal": "x", "latitude": 91}', "latitude"),
        (b'{"type": "terminal.exploded.v1", "terminal": "x"}', "type"),
        (b'{"type": "terminal.registered.v1", "terminal": "x", "terminal": "y"}', "terminal"),
    ],
)
def test_an_operation_that_cannot_be_read_names_the_field(said: bytes, field: str) -> None:
    with pytest.raises(Unreadable, match=field):
        read_operation(said)
