"""Every read of the contract, over a real broker and a real engine, with the fields that it promises."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from archive_rows import archive_event, archive_fault, archive_payment
from builders import EPOCH, at, jam, note, paper, payment, printer, procedure, report, validator
from msgspec.structs import replace
from query_process import BEARER, QueryApi, faults_of, operation, publish

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.domain.faults.fault import Fault, FaultEvent
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.office.terminals import TerminalRegistered

NAMES = iter(f"CT-{os.getpid()}-{number:04d}" for number in range(10_000))


@pytest.fixture
def terminal() -> str:
    """A terminal of this test's own."""
    return next(NAMES)


@pytest.fixture(scope="session")
def archive(clickhouse: str, query_api: QueryApi) -> ClickHouse:
    return ClickHouse(clickhouse)


def state(terminal: str, *events: Any, offset: int = 7, **said: Any) -> TerminalState:
    return after_report(TerminalState(terminal=terminal), report(*events, terminal=terminal, **said), 3, offset)


def jammed(terminal: str, fault_id: str, seconds: float = 0, severity: str = "error") -> Fault:
    """Of a unit of its own, so that a terminal may have several."""
    return jam(terminal, seconds, fault_id=fault_id, unit=f"validator-{fault_id}", severity=severity)


def test_a_terminal_is_listed_with_what_the_contract_promises(
    query_api: QueryApi, kafka: str, terminal: str
) -> None:
    office = TerminalRegistered(terminal=terminal, name="Shop", region="msk", dealer="d1")
    publish(kafka, office, state(terminal, note(1)), faults_of(jammed(terminal, "a")))
    page = query_api.eventually(
        "/v1/terminals", lambda page: page["items"] and page["items"][0]["open_faults"], q=terminal
    )
    assert page["next"] is None
    (row,) = page["items"]
    assert row == {
        "terminal": terminal,
        "name": "Shop",
        "status": "stopped",
        "status_since": "2026-11-22T12:00:00Z",
        "reason": "bill_acceptor/validator-a jammed",
        "last_event_at": "2026-11-22T12:00:00Z",
        "last_received_at": "2026-11-22T12:00:00Z",
        "open_faults": 1,
        "region": "msk",
        "dealer": "d1",
    }


def test_a_registered_terminal_shows_after_its_operation(
    query_api: QueryApi, kafka: str, terminal: str
) -> None:
    body = TerminalRegistered(terminal=terminal, name="never heard")
    publish(kafka, body)
    page = query_api.get("/v1/terminals", q=terminal, after=operation(body).operation_id)
    assert [(row["terminal"], row["status"]) for row in page["items"]] == [(terminal, "new")]


def test_a_terminal_in_full(query_api: QueryApi, kafka: str, terminal: str) -> None:
    units_said = (validator(1, "43"), printer(2, "ok"), validator(6, "77"))
    events = (*units_said, paper(3, 40), note(4), note(5), procedure(7))
    publish(kafka, state(terminal, *events, queued=2), faults_of(jammed(terminal, "b")))
    full = query_api.eventually(f"/v1/terminals/{terminal}", lambda full: full["open_faults"])
    units = {unit["device"]: (unit["condition"], unit["code"]) for unit in full["devices"]}
    assert units == {"bill_acceptor": ("unknown", "77"), "receipt_printer": ("ok", None)}
    assert full["consumables"][0]["level_percent"] == 40
    assert full["cash"] == [
        {"unit": "validator-1", "currency": "RUB", "denomination_minor": 10_000, "count": 2}
    ]
    assert full["open_faults"] == ["b"]
    assert full["position"] == {"partition": 3, "offset": 7}
    assert (full["queued"], full["clock"]) == (2, {"skew_s": 0.0, "wrong": False})
    # Others may have scheduled procedures for all terminals: of what was done there is this.
    done = [each["procedure"] for each in full["procedures"] if each["performed_at"] is not None]
    assert done == ["z_report"]
    assert {"status", "status_since", "reason", "link", "software", "last_payment_at"} <= full.keys()


def test_a_units_known_code_is_said_in_words(query_api: QueryApi, kafka: str, terminal: str) -> None:
    publish(kafka, state(terminal, validator(1, "47:51"), printer(2, "ok")))
    full = query_api.eventually("/v1/terminals/" + terminal, lambda full: full["devices"])
    texts = {unit["device"]: unit["text"] for unit in full["devices"]}
    words = {"ru": "Отказ: скорость мотора транспорта", "en": "Transport motor speed failure"}
    assert texts == {"bill_acceptor": words, "receipt_printer": None}


def test_conditions_tell_all_that_is_canonical(query_api: QueryApi) -> None:
    page = query_api.get("/v1/conditions")
    (rejecting,) = [item for item in page["items"] if item["condition"] == "rejecting"]
    assert rejecting == {
        "condition": "rejecting",
        "devices": ["bill_acceptor"],
        "severity": "warning",
        "effect": "degrades",
        "money_risk": False,
        "acts": "technician",
        "clears": "itself",
        "raise_after_s": 300,
        "clear_after_s": 60,
        "text": {"ru": "Отвергает купюры", "en": "Rejects notes"},
    }


def test_known_codes_are_listed_by_protocol(query_api: QueryApi) -> None:
    codes = query_api.get("/v1/codes", protocol="CCNET")["items"]
    assert {code["protocol"] for code in codes} == {"ccnet"}
    assert {"protocol", "code", "devices", "condition", "text", "source"} == codes[0].keys()
    assert len(query_api.get("/v1/codes")["items"]) > len(codes)
    assert query_api.get("/v1/codes", protocol="telepathy") == {"items": [], "next": None}


def test_unknown_codes_are_counted_over_the_terminals_as_they_are(
    query_api: QueryApi, kafka: str, terminal: str
) -> None:
    def counted() -> Any:
        return [item for item in query_api.get("/v1/codes/unknown")["items"] if terminal in item["examples"]]

    publish(kafka, state(terminal, validator(1, "DEAD"), offset=7))
    query_api.eventually("/v1/codes/unknown", lambda _: counted())
    assert counted() == [
        {
            "protocol": "ccnet",
            "code": "DEAD",
            "device": "bill_acceptor",
            "terminals": 1,
            "examples": [terminal],
        }
    ]
    publish(kafka, state(terminal, validator(1, "DEAD"), validator(2, "14"), offset=8))
    query_api.eventually("/v1/codes/unknown", lambda _: not counted())


def test_open_faults_come_from_memory_and_cleared_ones_from_the_archive(
    query_api: QueryApi, kafka: str, archive: ClickHouse, terminal: str
) -> None:
    now_open, old = jammed(terminal, f"{terminal}-open", 60), jammed(terminal, f"{terminal}-old")
    gone = replace(old, cleared_at=at(30))
    archive_fault(archive, FaultEvent(kind="raised", at=at(0), fault=old))
    archive_fault(archive, FaultEvent(kind="cleared", at=at(30), fault=gone))
    publish(kafka, state(terminal, note(1)), faults_of(now_open))

    def ids(status: str) -> list[str]:
        page = query_api.get("/v1/faults", terminal=terminal, status=status)
        return [fault["fault_id"] for fault in page["items"]]

    query_api.eventually("/v1/faults", lambda page: page["items"], terminal=terminal)
    assert ids("open") == [now_open.fault_id]
    assert ids("acknowledged") == []
    assert ids("cleared") == [old.fault_id]
    assert ids("all") == [now_open.fault_id, old.fault_id]
    (fault,) = query_api.get("/v1/faults", terminal=terminal, status="cleared")["items"]
    assert fault["cleared_at"] == "2026-11-22T12:00:30Z"
    assert (fault["money_risk"], fault["acknowledged_by"], fault["code"]) == (True, None, "43")


def test_a_fault_cleared_a_moment_ago_shows_before_the_archive_knows(
    query_api: QueryApi, kafka: str, terminal: str
) -> None:
    gone = replace(jammed(terminal, f"{terminal}-gone"), cleared_at=at(5))
    publish(kafka, FaultEvent(kind="cleared", at=at(5), fault=gone))
    page = query_api.eventually("/v1/faults", lambda page: page["items"], terminal=terminal, status="cleared")
    assert [fault["fault_id"] for fault in page["items"]] == [gone.fault_id]


def test_pages_of_faults_join_without_a_gap(query_api: QueryApi, kafka: str, terminal: str) -> None:
    publish(kafka, faults_of(*(jammed(terminal, f"{terminal}-{number}", number // 2) for number in range(5))))
    whole = query_api.eventually("/v1/faults", lambda page: len(page["items"]) == 5, terminal=terminal)
    found, cursor = [], None
    while True:
        asked = {"terminal": terminal, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = query_api.get("/v1/faults", **asked)
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole["items"]


def test_revenue_adds_up_by_any_keys_and_never_across_currencies(
    query_api: QueryApi, archive: ClickHouse, terminal: str
) -> None:
    for seq, currency in ((1, "RUB"), (2, "RUB"), (3, "KZT")):
        archive_payment(
            archive, terminal, payment(seq, 1_000, seq * 3600, currency=currency, payment_id=f"p{seq}")
        )
    by_hour = query_api.get("/v1/revenue", terminal=terminal, group_by="hour,terminal")
    assert [(each["hour"], each["currency"], each["credited_minor"]) for each in by_hour["items"]] == [
        ("2026-11-22T16", "RUB", 1_000),
        ("2026-11-22T17", "RUB", 1_000),
        ("2026-11-22T18", "KZT", 1_000),
    ]
    assert {"complete_to", "position", "next"} <= by_hour.keys()
    total = query_api.get("/v1/revenue", terminal=terminal, **{"from": "2026-11-22", "to": "2026-11-23"})
    assert [(each["currency"], each["payments"], each["inserted_minor"]) for each in total["items"]] == [
        ("KZT", 1, 1_000),
        ("RUB", 2, 2_000),
    ]
    assert set(total["items"][0]) == {
        "currency",
        "payments",
        "inserted_minor",
        "credited_minor",
        "fee_minor",
        "refunded_minor",
    }
    cut = query_api.get("/v1/revenue", terminal=terminal, **{"from": "2026-11-22T16:30:00+03:00"})
    assert sum(each["payments"] for each in cut["items"]) == 2
    first = query_api.get("/v1/revenue", terminal=terminal, group_by="hour", limit=1)
    rest = query_api.get("/v1/revenue", terminal=terminal, group_by="hour", limit=5, cursor=first["next"])
    assert [each["hour"] for each in first["items"] + rest["items"]] == [
        each["hour"] for each in by_hour["items"]
    ]


def test_a_payments_whole_life(query_api: QueryApi, archive: ClickHouse, terminal: str) -> None:
    paid = payment(2, 48_500, payment_id="eaten")
    archive_payment(archive, terminal, paid)
    archive_event(archive, terminal, paid)
    archive_event(archive, terminal, replace(note(1), payment_id="eaten"))
    archive_fault(archive, FaultEvent(kind="raised", at=at(60), fault=jammed(terminal, f"{terminal}-x", 60)))
    (item,) = query_api.get("/v1/payments", terminal=terminal, payment_id="eaten")["items"]
    assert (item["status"], item["credited_minor"], item["region"]) == ("accepted", 48_500, None)
    life = query_api.get(f"/v1/payments/{terminal}/eaten")
    assert life["payment"] == item
    assert [event["type"] for event in life["events"]] == ["note.stacked.v1", "payment.accepted.v1"]
    assert [fault["fault_id"] for fault in life["faults"]] == [f"{terminal}-x"]
    assert [fact["counts"] for fact in life["facts"]] == [True]


def test_payments_of_a_local_day(query_api: QueryApi, archive: ClickHouse, terminal: str) -> None:
    # 23:30 in Moscow on the 22nd, and half past midnight on the 23rd.
    for seq, hours in ((1, 8.5), (2, 9.5)):
        archive_payment(archive, terminal, payment(seq, seconds=hours * 3600))
    page = query_api.get("/v1/payments", terminal=terminal, **{"from": "2026-11-23"})
    assert [item["payment_id"] for item in page["items"]] == ["p-2"]


def test_events_in_order_with_identity_and_position(
    query_api: QueryApi, kafka: str, archive: ClickHouse, terminal: str
) -> None:
    publish(kafka, state(terminal, note(1)))
    query_api.eventually("/v1/terminals", lambda page: page["items"], q=terminal)
    for event in (note(3, seconds=3), payment(2, seconds=2), note(1, seconds=1)):
        archive_event(archive, terminal, event)
    path = f"/v1/terminals/{terminal}/events"
    page = query_api.get(path, limit=2)
    rest = query_api.get(path, cursor=page["next"])
    assert [event["seq"] for event in page["items"] + rest["items"]] == [1, 2, 3]
    first = page["items"][0]
    assert (first["terminal"], first["epoch"], first["position"]) == (
        terminal,
        EPOCH,
        {"partition": 0, "offset": 1},
    )
    assert first["event"]["denomination_minor"] == 10_000
    assert [event["seq"] for event in query_api.get(path, type="payment.accepted.v1")["items"]] == [2]
    later = {"from": at(2).isoformat(), "to": at(3).isoformat()}
    assert [event["seq"] for event in query_api.get(path, **later)["items"]] == [2]


def test_the_summary_and_completeness_have_every_field(query_api: QueryApi) -> None:
    summary = query_api.get("/v1/summary")
    assert {"terminals", "faults", "money_today", "complete_to", "catching_up"} <= summary.keys()
    assert set(summary["faults"]) == {"info", "warning", "error", "critical"}
    complete = query_api.get("/v1/completeness")
    assert complete["received"] == complete["applied"] + complete["duplicate"] + complete["quarantined"]
    assert {"missing", "complete_to", "catching_up"} <= complete.keys()
    assert query_api.get("/v1/quarantine").keys() == {"items", "next"}


def test_money_today_is_the_terminals_own_today(
    query_api: QueryApi, archive: ClickHouse, terminal: str
) -> None:
    now = datetime.now(UTC)
    paid = replace(payment(1, 700, currency="XTS"), at=now)
    archive_payment(archive, terminal, paid)
    archive_payment(archive, terminal, replace(paid, payment_id="yesterday", at=now - timedelta(days=1)))

    def sums(summary: Any) -> list[int]:
        return [each["credited_minor"] for each in summary["money_today"] if each["currency"] == "XTS"]

    query_api.eventually("/v1/summary", lambda summary: sums(summary) == [700])


def test_a_session_of_the_page(query_api: QueryApi) -> None:
    with httpx.Client(base_url=query_api.url) as browser:
        assert set(browser.get("/v1/session").json().values()) == {None}
        assert browser.get("/v1/summary").status_code == 401
        assert browser.post("/v1/session", headers=BEARER).status_code == 200
        assert browser.get("/v1/summary").status_code == 200
        now = browser.get("/v1/session").json()
        assert (now["author"], now["role"], now["person"]) == ("admin", "administrator", None)
        assert now["expires_at"] is not None
        assert browser.delete("/v1/session").status_code == 204
        assert browser.get("/v1/summary").status_code == 401
