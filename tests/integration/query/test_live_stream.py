"""The live stream over a real broker: what happens is told, once, and nothing is missed."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders import EPOCH, at, note, payment, report
from msgspec import Raw
from msgspec.structs import replace
from query_process import BEARER, QueryApi, publish

from kmonitor.domain.faults.fault import Fault, FaultEvent
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.codec import encode
from kmonitor.events.log import RawReport
from kmonitor.events.types import Event
from kmonitor.kafka.topics import FAULT_EVENTS, OPEN_FAULTS, TERMINAL_EVENTS, TERMINAL_STATES

NAMES = (f"LV-{os.getpid()}-{number}" for number in count())


@pytest.fixture
def terminal() -> str:
    return next(NAMES)


class Listener:
    """One connection; reads events as they come, with a deadline for each."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()
        self.last_id = ""

    def next(self) -> tuple[str, Any]:
        """The next event: its type and its item."""
        kind = ""
        for line in self._lines:
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("data: "):
                return kind, json.loads(line[6:])
        raise AssertionError("the stream has ended")

    def until(self, wanted: str, **said: Any) -> Any:
        """The item of the next event of this type that says so; passes over the others."""
        while True:
            kind, item = self.next()
            if kind == wanted and all(item[name] == value for name, value in said.items()):
                return item


@contextmanager
def listening(api: QueryApi, last_event_id: str | None = None, **asked: str) -> Iterator[Listener]:
    headers = BEARER | ({"Last-Event-ID": last_event_id} if last_event_id else {})
    with httpx.stream("GET", f"{api.url}/v1/live", params=asked, headers=headers, timeout=15) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Listener(answer)


def heard(terminal: str, seq: int = 1, offset: int = 7) -> TerminalState:
    said = report(note(seq), terminal=terminal, received=seq)
    return after_report(TerminalState(terminal=terminal), said, 0, offset)


def raw_report(terminal: str, *events: Event) -> RawReport:
    return RawReport(
        terminal=terminal,
        epoch=EPOCH,
        sent_at=at(0),
        received_at=at(0),
        queued=0,
        operations_up_to=-1,
        events=[Raw(encode(event)) for event in events],
    )


def fault(terminal: str) -> Fault:
    return Fault(
        fault_id=f"{terminal}-fault",
        terminal=terminal,
        rule="silence",
        condition="silent",
        severity="error",
        effect="none",
        money_risk=False,
        acts="it",
        raised_at=at(0),
        since=at(0),
    )


def test_a_reader_first_gets_the_summary_and_then_what_happens(
    query_api: QueryApi, kafka: str, terminal: str
) -> None:
    with listening(query_api) as live:
        assert live.next()[0] == "summary"
        assert live.last_id.startswith("v1-")
        publish(kafka, heard(terminal))
        item = live.until("terminal", terminal=terminal)
        (row,) = query_api.get("/v1/terminals", q=terminal)["items"]
        assert item == row


def test_a_fault_is_told_as_the_list_shows_it(query_api: QueryApi, kafka: str, terminal: str) -> None:
    with listening(query_api, types="fault", terminal=terminal) as live:
        publish(kafka, FaultEvent(kind="raised", at=at(0), fault=fault(terminal)))
        assert live.next()[1]["status"] == "open"
        gone = replace(fault(terminal), cleared_at=at(9))
        # A detector that was killed publishes again: that is no second clearing.
        publish(kafka, *[FaultEvent(kind="cleared", at=at(9), fault=gone)] * 2)
        cleared = live.next()[1]
        assert cleared["status"] == "cleared"
        assert cleared == query_api.get("/v1/faults", status="cleared", terminal=terminal)["items"][0]
        publish(kafka, FaultEvent(kind="raised", at=at(10), fault=replace(fault(terminal), fault_id="next")))
        assert live.next()[1]["fault_id"] == "next"


def test_payments_are_told_once_however_often_a_report_is_sent(
    query_api: QueryApi, kafka: str, terminal: str
) -> None:
    with listening(query_api, types="payment", terminal=terminal) as live:
        twice = raw_report(terminal, payment(1, 100), payment(2, 200))
        publish(kafka, twice, twice, raw_report(terminal, payment(3, 300)))
        assert [live.next()[1]["credited_minor"] for _ in range(3)] == [100, 200, 300]


def test_who_comes_back_misses_nothing(query_api: QueryApi, kafka: str, terminal: str) -> None:
    with listening(query_api, types="terminal,payment", terminal=terminal) as live:
        publish(kafka, heard(terminal))
        live.until("terminal")
        known = live.last_id
    publish(kafka, heard(terminal, 2, 8))
    publish(kafka, raw_report(terminal, payment(1)))
    query_api.eventually(
        "/v1/terminals", lambda page: page["items"][0]["last_event_at"] == "2026-11-22T12:00:00Z", q=terminal
    )
    with listening(query_api, known, types="terminal,payment", terminal=terminal) as live:
        assert {live.next()[0], live.next()[0]} == {"terminal", "payment"}


def test_too_old_or_unknown_an_id_is_a_reset_and_a_snapshot(
    query_api: QueryApi, kafka: str, terminal: str
) -> None:
    publish(kafka, heard(terminal))
    query_api.eventually("/v1/terminals", lambda page: page["items"], q=terminal)
    for unknown in ("nonsense", "v1-0-0.0-0.0-0.0-0.0"):
        with listening(query_api, unknown, terminal=terminal) as live:
            assert live.next()[0] == "reset"
            assert live.until("terminal")["terminal"] == terminal
            # Until the snapshot is whole there is nothing to come back to.
            assert live.last_id == ""
            live.until("summary")
            assert live.last_id.startswith("v1-")


def test_poison_is_passed_over(query_api: QueryApi, kafka: str, terminal: str) -> None:
    with listening(query_api, types="terminal,payment", terminal=terminal) as live:
        for topic in (TERMINAL_STATES, OPEN_FAULTS, FAULT_EVENTS, TERMINAL_EVENTS):
            publish(kafka, (topic, terminal, b"\xffpayment."))
        publish(kafka, (OPEN_FAULTS, "~checkpoint", b"the detector's own"), heard(terminal))
        assert live.next()[1]["terminal"] == terminal


def test_a_restart_shows_the_same_and_ends_quietly(kafka: str, query_api: QueryApi, tmp_path: Path) -> None:
    publish(kafka, heard(next(NAMES)))
    again = QueryApi(kafka, "http://127.0.0.1:9", tmp_path)
    with again:
        mine = again.eventually("/v1/terminals", lambda page: page["items"], limit=1000)
        assert mine == query_api.eventually("/v1/terminals", lambda page: page == mine, limit=1000)
        with listening(again) as live:
            assert live.next()[0] == "summary"
            assert again.stop() == 0


def test_without_clickhouse_the_present_is_still_answered(
    kafka: str, query_api: QueryApi, tmp_path: Path
) -> None:
    with QueryApi(kafka, "http://127.0.0.1:9", tmp_path) as alone:
        for path in (
            "/v1/revenue",
            "/v1/payments",
            "/v1/completeness",
            "/v1/faults?status=all",
            "/v1/quarantine",
        ):
            answer = httpx.get(alone.url + path, headers=BEARER, timeout=30)
            assert answer.status_code == 503, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
        assert alone.get("/v1/summary")["money_today"] is None
        assert alone.get("/v1/faults").keys() == {"items", "next"}
        assert alone.get("/v1/terminals", limit=1)["items"]
