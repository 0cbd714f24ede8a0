"""How an entry of the quarantine becomes a report again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import EPOCH, NOON, TERMINAL, at, heartbeat, payment, redrive, report, tick
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.domain.clock import Clock
from kmonitor.events.codec import encode
from kmonitor.events.log import Redriven
from kmonitor.ingest_gateway.problems import Problem
from kmonitor.ingest_gateway.redrives import brought_back
from kmonitor.kafka.quarantine import QuarantineEntry, Refused, log_identity, refused_item
from kmonitor.kafka.topics import OPERATIONS, TERMINAL_EVENTS

NOW = at(86_400)


def item(value: bytes = b"{}", **said: Any) -> QuarantineEntry:
    known: dict[str, Any] = {"value": value, "reason": "unknown_type", "detail": "", "terminal": TERMINAL}
    known |= {"epoch": EPOCH, "item_index": 2, "seq": 7, "received_at": at(0).isoformat()}
    return refused_item(Refused(**(known | said)))


def record(value: bytes, topic: str = TERMINAL_EVENTS, reason: str = "unreadable_record") -> QuarantineEntry:
    return QuarantineEntry(
        identity=log_identity(topic, 3, 41),
        value=value,
        key=None,
        reason=reason,
        stage="archive",
        detail="",
        received_at=at(0).isoformat(),
        original_topic=topic,
        original_partition=3,
        original_offset=41,
    )


def refusal(entry: QuarantineEntry) -> int:
    with pytest.raises(Problem) as told:
        brought_back(entry, "admin", NOW, 5)
    return told.value.status


def test_an_item_comes_back_with_its_exact_bytes_under_its_terminal_and_epoch() -> None:
    entry = item(b'{ "seq":7 }')
    back = brought_back(entry, "admin", NOW, 5)
    assert [bytes(each) for each in back.events] == [b'{ "seq":7 }']
    assert (back.terminal, back.epoch, back.operations_up_to, back.queued) == (TERMINAL, EPOCH, 5, 0)
    assert back.redriven == Redriven(identity=entry.identity, by="admin", index=2, seq=7, reason="unknown_type")


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**8), st.integers(0, 10**8))
def test_its_events_get_the_time_that_they_would_have_had(skew_ms: int, age_ms: int, later_ms: int) -> None:
    received = NOON
    sent = received - timedelta(milliseconds=skew_ms)
    when = sent - timedelta(milliseconds=age_ms)
    entry = item(sent_at=sent.isoformat(), received_at=received.isoformat())
    back = brought_back(entry, "admin", received + timedelta(milliseconds=later_ms), 5)
    then, now = Clock(sent, received), Clock(back.sent_at, back.received_at)
    assert now.event_time(when) == then.event_time(when)
    assert now.is_wrong == then.is_wrong


def test_an_older_entry_without_the_report_s_clock_is_taken_for_a_right_one() -> None:
    back = brought_back(item(), "admin", NOW, 5)
    assert (back.sent_at, back.received_at) == (NOW, NOW)
    back = brought_back(item(received_at="yesterday"), "admin", NOW, 5)
    assert (back.sent_at, back.received_at) == (NOW, NOW)


def test_a_taken_number_never_comes_back() -> None:
    assert refusal(record(b"{}", reason="identity_conflict")) == 409


def test_a_whole_record_comes_back_as_it_was_but_for_its_clocks() -> None:
    said = report(heartbeat(1), payment(2), received=0, sent_at=at(-400), queued=4)
    entry = record(encode(said))
    back = brought_back(entry, "admin", NOW, 5)
    assert [bytes(each) for each in back.events] == [encode(each) for each in said.events]
    assert (back.queued, back.received_at - back.sent_at) == (4, timedelta(seconds=400))
    assert back.redriven == Redriven(identity=entry.identity, by="admin")


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (record(b"\x00rubbish"), 422),
        (record(encode(tick(0))), 409),
        (record(encode(redrive(heartbeat(1)))), 409),
        (record(b"{}", topic=OPERATIONS), 409),
        (item(sent_at="9999-12-31T23:00:00Z"), 422),
        (item(sent_at="0001-01-01T00:00:00Z"), 422),
    ],
)
def test_what_cannot_come_back_is_refused(entry: QuarantineEntry, status: int) -> None:
    assert refusal(entry) == status


def test_an_entry_of_nobody_cannot_come_back() -> None:
    nobody = QuarantineEntry(
        identity="x",
        value=b"{}",
        key=None,
        reason="r",
        stage="gateway",
        detail="",
        received_at=str(datetime.max),
    )
    assert refusal(nobody) == 422
