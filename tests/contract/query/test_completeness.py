"""What readers are told of completeness and of the quarantine, over a real engine."""

import base64
import os
from typing import Any

import httpx
import pytest
from builders import EPOCH, at, heartbeat, payment, redrive, report
from quarantining import refused_payment
from query_process import BEARER, QueryApi, operation, publish

from kmonitor.clickhouse import tables
from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.patience import Patience
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.office.write_offs import WriteOff
from kmonitor.event_archive.reading import TOPICS, read
from kmonitor.event_archive.rows import add_write_off
from kmonitor.event_archive.sink import ArchiveSink
from kmonitor.events.codec import encode
from kmonitor.events.log import Redriven, Refusal, Report
from kmonitor.events.office.terminals import TerminalRegistered
from kmonitor.kafka.quarantine import QuarantineEntry
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.kafka.topics import QUARANTINE, TERMINAL_EVENTS

NAMES = iter(f"CC-{os.getpid()}-{number:04d}" for number in range(10_000))
PARTITION = 11


@pytest.fixture
def terminal(query_api: QueryApi, kafka: str) -> str:
    """A terminal of this test's own, that the query API knows."""
    name = next(NAMES)
    body = TerminalRegistered(terminal=name)
    publish(kafka, body)
    query_api.get("/v1/terminals", after=operation(body).operation_id)
    return name


@pytest.fixture(scope="session")
def archive(clickhouse: str, query_api: QueryApi) -> ClickHouse:
    return ClickHouse(clickhouse)


def keep(archive: ClickHouse, *said: Report | QuarantineEntry) -> None:
    """As event-archive keeps it, in this order."""
    records = [_record(each, offset) for offset, each in enumerate(said)]
    sink = ArchiveSink(
        archive, Patience(lambda _: True, lambda _: None), lambda _: Registry(), lambda entries: None
    )
    sink.write(read(records, {topic: Tolerance(topic) for topic in TOPICS}))


def _record(said: Report | QuarantineEntry, offset: int) -> Record:
    if isinstance(said, QuarantineEntry):
        key, value, headers = said.to_record()
        return Record(QUARANTINE, 0, offset, key, value, tuple(headers), 0)
    return Record(TERMINAL_EVENTS, PARTITION, offset, said.terminal.encode(), encode(said), (), 0)


def write_off(archive: ClickHouse, terminal: str, from_seq: int, to_seq: int) -> None:
    rows = tables.write_offs()
    off = WriteOff(
        number=1,
        terminal=terminal,
        epoch=EPOCH,
        from_seq=from_seq,
        to_seq=to_seq,
        reason="the disk was replaced",
        author="admin",
        recorded_at=at(900),
    )
    add_write_off(rows, off)
    archive.insert(rows)


def test_one_terminal_s_completeness_has_what_the_contract_promises(
    query_api: QueryApi, archive: ClickHouse, terminal: str
) -> None:
    refused = [Refusal(index=2, seq=3, reason="unknown_type", identity="x")]
    keep(
        archive,
        report(heartbeat(1), heartbeat(2), terminal=terminal, refused=refused),
        report(heartbeat(8), heartbeat(8), terminal=terminal, received=60, queued=4),
    )
    write_off(archive, terminal, 6, 9)
    assert query_api.get(f"/v1/terminals/{terminal}/completeness") == {
        "terminal": terminal,
        "epochs": [
            {
                "epoch": EPOCH,
                "received": 5,
                "applied": 3,
                "duplicate": 1,
                "quarantined": 1,
                "last_seq": 8,
                "missing": [{"from_seq": 4, "to_seq": 5}],
                "missing_events": 2,
                "written_off": [
                    {
                        "from_seq": first,
                        "to_seq": last,
                        "reason": "the disk was replaced",
                        "author": "admin",
                        "at": "2026-11-22T12:15:00Z",
                    }
                    for first, last in ((6, 7), (9, 9))
                ],
            }
        ],
        "complete_to": "2026-11-22T12:00:00Z",
        "catching_up": True,
        "queued": 4,
    }
    network = query_api.get("/v1/completeness", limit=1000)
    own = [gap for gap in network["missing"] if gap["terminal"] == terminal]
    assert own == [{"terminal": terminal, "epoch": EPOCH, "from_seq": 4, "to_seq": 5}]


def test_a_terminal_never_heard_has_no_epochs_and_an_unknown_one_is_404(
    query_api: QueryApi, archive: ClickHouse, terminal: str
) -> None:
    empty: dict[str, Any] = {
        "terminal": terminal,
        "epochs": [],
        "complete_to": None,
        "catching_up": False,
        "queued": 0,
    }
    assert query_api.get(f"/v1/terminals/{terminal}/completeness") == empty
    asked = httpx.get(f"{query_api.url}/v1/terminals/NOBODY/completeness", headers=BEARER)
    assert asked.status_code == 404


def listed(query_api: QueryApi, **asked: Any) -> list[str]:
    return [item["identity"] for item in query_api.get("/v1/quarantine", **asked)["items"]]


def test_the_quarantine_is_listed_by_what_is_asked_for(
    query_api: QueryApi, archive: ClickHouse, terminal: str
) -> None:
    one, other = refused_payment(terminal, 1), refused_payment(terminal, 2)
    back = Redriven(identity=one.identity, by="admin", index=0, seq=1, reason="unknown_type")
    keep(archive, one, other, redrive(payment(1), terminal=terminal, redriven=back))
    assert sorted(listed(query_api, terminal=terminal)) == sorted([one.identity, other.identity])
    assert listed(query_api, terminal=terminal, redriven="true") == [one.identity]
    assert listed(query_api, terminal=terminal, redriven="false") == [other.identity]
    assert listed(query_api, terminal=terminal, stage="archive") == []
    assert listed(query_api, terminal=terminal, reason="no_such") == []
    assert listed(query_api, terminal=terminal, to="2020-01-01") == []
    assert len(listed(query_api, terminal=terminal, **{"from": "2020-01-01"})) == 2
    first = query_api.get("/v1/quarantine", terminal=terminal, limit=1)
    rest = query_api.get("/v1/quarantine", terminal=terminal, cursor=first["next"])
    assert len(first["items"] + rest["items"]) == 2


def test_an_entry_is_shown_with_its_exact_bytes_and_what_became_of_it(
    query_api: QueryApi, archive: ClickHouse, terminal: str
) -> None:
    entry = refused_payment(terminal, 1)
    keep(archive, entry)
    before = query_api.get(f"/v1/quarantine/{entry.identity}")
    assert base64.b64decode(before["value_base64"]) == entry.value
    assert (before["text"], before["redriven"], before["taken_by"]) == (entry.value.decode(), None, None)
    back = Redriven(identity=entry.identity, by="admin", index=0, seq=1, reason="unknown_type")
    keep(archive, entry, redrive(payment(1), terminal=terminal, redriven=back, received=300))
    after = query_api.get(f"/v1/quarantine/{entry.identity}")
    assert after["redriven"] == {
        "at": "2026-11-22T12:05:00Z",
        "by": "admin",
        "position": {"partition": PARTITION, "offset": 1},
    }
    assert after["taken_by"] is None


def test_an_entry_whose_number_is_taken_says_by_what(
    query_api: QueryApi, archive: ClickHouse, terminal: str
) -> None:
    place = f"kmonitor.terminal-events.v1/{PARTITION}/{os.getpid()}/0"
    other = QuarantineEntry(
        identity=place,
        value=b"\xff not UTF-8",
        key=None,
        reason="identity_conflict",
        stage="archive",
        detail="",
        received_at="2026-11-22T12:00:00Z",
        terminal=terminal,
        epoch=EPOCH,
        seq=2,
    )
    keep(archive, other, report(heartbeat(1), payment(2), terminal=terminal))
    shown = query_api.get(f"/v1/quarantine/{place}")
    assert (shown["text"], shown["taken_by"]["seq"]) == (None, 2)
    assert shown["taken_by"]["event"]["payment_id"] == "p-2"


def test_an_entry_that_is_not_there_is_404(query_api: QueryApi) -> None:
    answer = httpx.get(f"{query_api.url}/v1/quarantine/no/such/entry", headers=BEARER)
    assert answer.status_code == 404
