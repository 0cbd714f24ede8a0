"""Who may read what: every route by every role and by another dealer, and what of it is theirs."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

import httpx
import pytest
from archive_rows import archive_event, archive_fault, archive_log, archive_payment
from builders import at, jam, note, payment, report
from query_process import BEARER, QueryApi, bearer, faults_of, operation, person, publish, spoken, token

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.domain.faults.fault import FaultEvent
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.codec import encode
from kmonitor.events.office.people import PersonUpdated
from kmonitor.events.office.terminals import TerminalRegistered, TerminalUpdated
from kmonitor.events.office.upkeep import FaultAcknowledged
from kmonitor.events.operations import Operation
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import FAULT_EVENTS, OPERATIONS, TERMINAL_EVENTS
from kmonitor.query_api.fault_list import FaultStatus

RUN = f"AC{os.getpid()}"
OWN, OTHER, MOVED = f"{RUN}-own", f"{RUN}-other", f"{RUN}-moved"
DEALER, STRANGER = f"{RUN}-dealer", f"{RUN}-stranger"
MOVED_AT = 100
"""Seconds after noon: until then `MOVED` was the dealer's, since then it is the stranger's."""
READERS = ("administrator", "dispatcher", "technician", "accountant", "dealer", "stranger", "nobody")

# The statuses in the order of READERS. Whoever adds a route decides here who may read it.
ROUTES = {
    "/v1/summary": "200 200 200 200 200 200 401",
    "/v1/terminals": "200 200 200 200 200 200 401",
    "/v1/terminals/{terminal}": "200 200 200 200 200 404 401",
    "/v1/terminals/{terminal}/events": "200 200 200 200 200 404 401",
    "/v1/terminals/{terminal}/at": "200 200 200 200 200 404 401",
    "/v1/terminals/{terminal}/completeness": "200 200 200 200 200 404 401",
    "/v1/terminals/{terminal}/history": "200 200 403 403 403 403 401",
    "/v1/faults": "200 200 200 200 200 200 401",
    "/v1/conditions": "200 200 200 200 200 200 401",
    "/v1/codes": "200 200 200 200 200 200 401",
    "/v1/codes/unknown": "200 200 403 403 403 403 401",
    "/v1/completeness": "200 200 200 200 200 200 401",
    "/v1/live": "200 200 200 200 200 200 401",
    "/v1/payments": "200 200 403 200 200 200 401",
    "/v1/payments/{terminal}/{payment_id}": "200 200 403 200 200 404 401",
    "/v1/revenue": "200 403 403 200 200 200 401",
    "/v1/quarantine": "200 200 403 403 403 403 401",
    "/v1/quarantine/{identity}": "404 404 403 403 403 403 401",
    "/v1/people": "200 403 403 403 403 403 401",
    "/v1/tokens": "200 403 403 403 403 403 401",
    "/v1/audit": "200 403 403 403 403 403 401",
}
OPEN = {("/v1/session", "get"), ("/v1/session", "post"), ("/v1/session", "delete")}
"""How one comes in and goes out."""


def headers(reader: str) -> dict[str, str]:
    return {} if reader == "nobody" else bearer(spoken(f"{RUN}-{reader}"))


def heard(terminal: str, offset: int = 7) -> TerminalState:
    return after_report(TerminalState(terminal=terminal), report(note(1), terminal=terminal), 0, offset)


def said() -> list[Operation]:
    """The network of these tests: two terminals, one that moves, and who reads of them."""
    roles: list[Any] = ["administrator", "dispatcher", "technician", "accountant"]
    return [
        operation(TerminalRegistered(terminal=OWN, dealer=DEALER)),
        operation(TerminalRegistered(terminal=OTHER, dealer=f"{RUN}-third")),
        operation(TerminalRegistered(terminal=MOVED, dealer=DEALER)),
        operation(TerminalUpdated(terminal=MOVED, dealer=STRANGER, effective_from=at(MOVED_AT))),
        *(token(f"{RUN}-{role}", role) for role in roles),
        *(person(f"{RUN}-p-{role}", role, f"password of {role}") for role in roles),
        token(f"{RUN}-dealer", "dealer", DEALER),
        token(f"{RUN}-stranger", "dealer", STRANGER),
        person(f"{RUN}-p-dealer", "dealer", "password of dealer", DEALER),
    ]


@pytest.fixture(scope="module")
def park(query_api: QueryApi, kafka: str, clickhouse: str) -> Iterator[QueryApi]:
    """The query API with that network, alive and archived."""
    archive, operations = ClickHouse(clickhouse), said()
    positions = publish(kafka, *operations)
    archive_log(
        archive,
        *(
            Record(OPERATIONS, 0, place.offset, b"", encode(each), (), 0)
            for place, each in zip(positions, operations, strict=True)
        ),
    )
    for number, terminal in enumerate((OWN, OTHER, MOVED)):
        said_ = report(note(1), payment(2), payment(4, payment_id="paid"), terminal=terminal)
        archive_log(archive, Record(TERMINAL_EVENTS, 0, 9_000 + number, b"", encode(said_), (), 0))
        archive_payment(archive, terminal, payment(2, 700, payment_id="paid"), dealer=_dealer(terminal))
        archive_fault(archive, FaultEvent(kind="raised", at=at(0), fault=jam(terminal, 0)))
    # What happens on the terminal that moves, before and after.
    for seq, seconds in ((11, MOVED_AT - 1), (12, MOVED_AT)):
        archive_event(archive, MOVED, note(seq, seconds=seconds))
    archive_payment(archive, MOVED, payment(20, 900, MOVED_AT, payment_id="later"), dealer=STRANGER)
    archive_fault(archive, FaultEvent(kind="raised", at=at(MOVED_AT), fault=jam(MOVED, MOVED_AT)))
    publish(kafka, *(heard(each) for each in (OWN, OTHER, MOVED)))
    publish(kafka, faults_of(jam(OWN, 50)), faults_of(jam(OTHER, 50)))
    query_api.eventually("/v1/terminals", lambda page: len(page["items"]) == 3, q=RUN)
    query_api.eventually("/v1/faults", lambda page: page["items"], terminal=OTHER)
    query_api.get("/v1/summary", after=operations[-1].operation_id)
    yield query_api
    archive.close()


def _dealer(terminal: str) -> str:
    return {OWN: DEALER, OTHER: f"{RUN}-third", MOVED: DEALER}[terminal]


def asked(park: QueryApi, path: str, shown: dict[str, str], **parameters: Any) -> Any:
    answer = httpx.get(park.url + path, params=parameters, headers=shown, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def status(park: QueryApi, path: str, shown: dict[str, str]) -> int:
    """Of the stream too, which never ends by itself."""
    with httpx.stream("GET", park.url + path, headers=shown, timeout=20) as answer:
        if answer.status_code != 200:
            answer.read()
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
        return answer.status_code


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_answers_each_role_as_it_was_decided(park: QueryApi, route: str) -> None:
    path = route.format(terminal=OWN, payment_id="paid", identity="none")
    found = [status(park, path, headers(reader)) for reader in READERS]
    assert " ".join(map(str, found)) == ROUTES[route], dict(zip(READERS, found, strict=True))


def test_every_route_is_in_the_table(query_api: QueryApi) -> None:
    paths = httpx.get(f"{query_api.url}/openapi.json").json()["paths"]
    calls = {(path, method) for path, methods in paths.items() for method in methods}
    assert calls == {(path, "get") for path in ROUTES} | OPEN


@pytest.mark.parametrize("reader", READERS[:4] + READERS[4:5])
def test_a_person_sees_what_a_program_in_the_same_role_sees(park: QueryApi, reader: str) -> None:
    with httpx.Client(base_url=park.url, timeout=20) as browser:
        entered = browser.post(
            "/v1/session", json={"person": f"{RUN}-p-{reader}", "password": f"password of {reader}"}
        )
        assert entered.status_code == 200, entered.text
        assert entered.json()["role"] == reader
        for route, statuses in ROUTES.items():
            if route != "/v1/live":
                path = route.format(terminal=OWN, payment_id="paid", identity="none")
                assert str(browser.get(path).status_code) == statuses.split()[READERS.index(reader)], route


def test_a_terminals_past_is_theirs_whose_it_was(park: QueryApi) -> None:
    path = f"/v1/terminals/{MOVED}/at?time={{:%Y-%m-%dT%H:%M:%SZ}}"
    shown = [status(park, path.format(at(MOVED_AT + after)), headers("stranger")) for after in (-1, 0)]
    assert shown == [404, 200]


def test_a_dealer_lists_own_terminals_only(park: QueryApi) -> None:
    mine = headers("dealer")
    assert [row["terminal"] for row in asked(park, "/v1/terminals", mine)["items"]] == [OWN]
    assert asked(park, "/v1/terminals", mine, q=OTHER)["items"] == []
    assert asked(park, "/v1/terminals", mine, dealer=STRANGER)["items"] == []
    assert [row["terminal"] for row in asked(park, "/v1/terminals", headers("stranger"))["items"]] == [MOVED]


def test_a_page_of_a_dealers_list_goes_on_where_it_ended(park: QueryApi) -> None:
    shown = headers("administrator")
    first = asked(park, "/v1/terminals", shown, q=RUN, limit=1)
    assert [row["terminal"] for row in first["items"]] == [MOVED]
    # Another reader's cursor opens nothing that is not theirs.
    rest = asked(park, "/v1/terminals", headers("dealer"), cursor=first["next"])
    assert [row["terminal"] for row in rest["items"]] == [OWN]


@pytest.mark.parametrize("terminal", [OTHER, MOVED, "no-such-terminal", "%27%20OR%201%3D1"])
@pytest.mark.parametrize(
    "path",
    [
        "/v1/terminals/{}",
        "/v1/terminals/{}/at",
        "/v1/terminals/{}/events",
        "/v1/terminals/{}/completeness",
        "/v1/payments/{}/unknown",
    ],
)
def test_what_is_not_the_dealers_is_not_there(park: QueryApi, path: str, terminal: str) -> None:
    assert status(park, path.format(terminal), headers("dealer")) == 404


def test_a_dealers_summary_counts_own_terminals_faults_and_money(park: QueryApi) -> None:
    summary = asked(park, "/v1/summary", headers("dealer"))
    assert sum(summary["terminals"].values()) == 1
    assert summary["faults"] == {"info": 0, "warning": 0, "error": 1, "critical": 0}
    assert summary["money_today"] == []
    assert asked(park, "/v1/summary", headers("technician"))["money_today"] is None


def test_a_dealer_sees_the_faults_of_own_terminals_in_own_times(park: QueryApi) -> None:
    def ids(reader: str, **wanted: str) -> set[str]:
        return {each["fault_id"] for each in asked(park, "/v1/faults", headers(reader), **wanted)["items"]}

    assert ids("dealer") == {f"{OWN}-50"}
    assert ids("dealer", terminal=OTHER) == ids("dealer", terminal=OTHER, status="all") == set()
    assert ids("dealer", status="all") == {f"{OWN}-50", f"{OWN}-0", f"{MOVED}-0"}
    assert ids("dealer", status="all", terminal=MOVED) == {f"{MOVED}-0"}
    assert ids("stranger", status="all") == {f"{MOVED}-{MOVED_AT}"}
    assert ids("dispatcher", status="all", terminal=MOVED) == {f"{MOVED}-0", f"{MOVED}-{MOVED_AT}"}


def test_a_terminal_that_moved_tells_its_new_dealer_nothing_of_before(park: QueryApi) -> None:
    page = asked(park, f"/v1/terminals/{MOVED}/events", headers("stranger"))
    assert [event["seq"] for event in page["items"]] == [12]
    every = asked(park, f"/v1/terminals/{MOVED}/events", headers("technician"))
    assert [event["seq"] for event in every["items"]] == [1, 2, 4, 11, 12]


def test_money_is_the_dealers_whose_the_terminal_was(park: QueryApi) -> None:
    def taken(reader: str, **wanted: str) -> dict[str, int]:
        page = asked(park, "/v1/revenue", headers(reader), group_by="terminal", **wanted)
        return {each["terminal"]: each["credited_minor"] for each in page["items"]}

    assert taken("dealer") == {OWN: 700, MOVED: 700}
    assert taken("stranger") == {MOVED: 900}
    assert taken("dealer", dealer=STRANGER) == taken("dealer", terminal=OTHER) == {}
    assert taken("accountant", terminal=MOVED) == {MOVED: 1_600}


def test_payments_are_the_dealers_whose_the_terminal_was(park: QueryApi) -> None:
    def found(reader: str, **wanted: str) -> set[tuple[str, str]]:
        items = asked(park, "/v1/payments", headers(reader), **wanted)["items"]
        return {(each["terminal"], each["payment_id"]) for each in items}

    assert found("dealer") == {(OWN, "paid"), (MOVED, "paid")}
    assert found("stranger") == {(MOVED, "later")}
    assert found("dealer", terminal=OTHER) == found("dealer", dealer=STRANGER) == set()
    assert status(park, f"/v1/payments/{MOVED}/paid", headers("dealer")) == 200
    assert status(park, f"/v1/payments/{MOVED}/later", headers("dealer")) == 404
    assert status(park, f"/v1/payments/{MOVED}/paid", headers("stranger")) == 404
    assert status(park, f"/v1/payments/{OTHER}/paid", headers("dealer")) == 404
    life = asked(park, f"/v1/payments/{MOVED}/paid", headers("dealer"))
    assert [fault["fault_id"] for fault in life["faults"]] == [f"{MOVED}-0"]


def test_a_dealers_completeness_is_of_own_terminals(park: QueryApi) -> None:
    complete = asked(park, "/v1/completeness", headers("dealer"))
    # Three events came of `OWN`, and its number 3 did not.
    assert (complete["received"], complete["applied"], complete["missing_events"]) == (3, 3, 1)
    assert [gap["terminal"] for gap in complete["missing"]] == [OWN]


def test_a_dealer_without_terminals_sees_nothing_and_not_everything(park: QueryApi, kafka: str) -> None:
    newcomer = token(f"{RUN}-newcomer", "dealer", f"{RUN}-nowhere")
    publish(kafka, newcomer)
    mine = headers("newcomer")
    assert asked(park, "/v1/terminals", mine, after=newcomer.operation_id)["items"] == []
    assert asked(park, "/v1/faults", mine, status="all")["items"] == []
    assert asked(park, "/v1/revenue", mine)["items"] == []
    assert asked(park, "/v1/payments", mine)["items"] == []
    complete = asked(park, "/v1/completeness", mine)
    assert (complete["received"], complete["missing"]) == (0, [])
    assert sum(asked(park, "/v1/summary", mine)["terminals"].values()) == 0


def told(lines: Iterator[str]) -> tuple[str, Any]:
    """The next event of a stream: its type and its item."""
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: "):
            return kind, json.loads(line[6:])
    raise AssertionError("the stream has ended")


def test_a_dealers_live_stream_tells_of_own_terminals_only(park: QueryApi, kafka: str) -> None:
    shown = headers("dealer") | {"Last-Event-ID": "unknown"}
    with httpx.stream("GET", f"{park.url}/v1/live", headers=shown, timeout=15) as answer:
        lines = answer.iter_lines()
        snapshot = [told(lines)]
        while snapshot[-1][0] != "summary":
            snapshot.append(told(lines))
        names = [item["terminal"] for kind, item in snapshot if kind in ("terminal", "fault")]
        assert set(names) == {OWN}
        assert sum(snapshot[-1][1]["terminals"].values()) == 1
        raised = [FaultEvent(kind="raised", at=at(70), fault=jam(each, 70)) for each in (OTHER, MOVED, OWN)]
        for event in raised:
            publish(kafka, (FAULT_EVENTS, event.fault.terminal, encode(event)))
        kind, item = told(lines)
        while kind == "summary":
            assert sum(item["terminals"].values()) == 1
            kind, item = told(lines)
        assert (kind, item["terminal"]) == ("fault", OWN)


def test_the_audit_tells_who_said_what_and_no_secret(park: QueryApi) -> None:
    page = asked(park, "/v1/audit", BEARER, subject=MOVED)
    assert [each["type"] for each in page["items"]] == ["terminal.updated.v1", "terminal.registered.v1"]
    latest = page["items"][0]
    assert (latest["author"], latest["subject"], latest["body"]["dealer"]) == ("test", MOVED, STRANGER)
    assert latest["effective_from"] == "2026-11-22T12:01:40Z"
    first = asked(park, "/v1/audit", BEARER, subject=MOVED, limit=1)
    rest = asked(park, "/v1/audit", BEARER, subject=MOVED, cursor=first["next"])
    assert first["items"] + rest["items"] == page["items"]
    ivanov = asked(park, "/v1/audit", BEARER, subject=f"person/{RUN}-p-dealer")["items"]
    assert [each["type"] for each in ivanov] == ["person.registered.v1"]
    assert asked(park, "/v1/audit", BEARER, subject=f"{RUN}-p-dealer")["items"] == []
    assert asked(park, "/v1/audit", BEARER, subject=MOVED, author="nobody")["items"] == []
    whole = httpx.get(f"{park.url}/v1/audit", params={"limit": 1000}, headers=BEARER).text
    assert not any(each in whole for each in ("argon2", "secret", "sha256"))


def test_people_and_tokens_are_listed_without_hashes(park: QueryApi) -> None:
    answer = httpx.get(f"{park.url}/v1/people", params={"limit": 1000}, headers=headers("administrator"))
    people = {each["person"]: each for each in answer.json()["items"]}
    assert people[f"{RUN}-p-dealer"] == {
        "person": f"{RUN}-p-dealer",
        "name": None,
        "role": "dealer",
        "dealer": DEALER,
        "can_sign_in": True,
    }
    tokens = httpx.get(f"{park.url}/v1/tokens", params={"limit": 1000}, headers=headers("administrator"))
    known = {each["name"]: each for each in tokens.json()["items"]}
    assert known[f"{RUN}-dealer"]["key_id"] == f"key-{RUN}-dealer"
    assert not any(each in answer.text + tokens.text for each in ("argon2", "secret", "sha256"))


def test_a_terminals_history_tells_each_word_on_it(park: QueryApi) -> None:
    items = asked(park, f"/v1/terminals/{MOVED}/history", headers("dispatcher"))["items"]
    assert [(each["type"], each["said"]["dealer"], each["author"]) for each in items] == [
        ("terminal.registered.v1", DEALER, "test"),
        ("terminal.updated.v1", STRANGER, "test"),
    ]
    assert items[1]["effective_from"] == "2026-11-22T12:01:40Z"
    assert "region" not in items[1]["said"]


def test_a_person_whose_role_changes_sees_the_new_one_only_after_signing_in_again(
    park: QueryApi, kafka: str
) -> None:
    name = f"{RUN}-promoted"
    publish(kafka, person(name, "technician", "a good password"))
    with httpx.Client(base_url=park.url, timeout=20) as browser:
        typed = {"person": name, "password": "a good password"}
        assert browser.post("/v1/session", json=typed).status_code == 200
        assert browser.get("/v1/revenue").status_code == 403
        change = operation(PersonUpdated(person=name, role="accountant"))
        publish(kafka, change)
        assert asked(park, "/v1/summary", BEARER, after=change.operation_id)
        assert browser.get("/v1/revenue").status_code == 401
        assert browser.post("/v1/session", json=typed).status_code == 200
        assert browser.get("/v1/revenue").status_code == 200


@pytest.fixture(scope="module")
def seen(park: QueryApi, kafka: str) -> QueryApi:
    """The same, once somebody has seen every open fault."""
    words = [operation(FaultAcknowledged(fault_id=f"{each}-50", note=f"of {each}")) for each in (OWN, OTHER)]
    publish(kafka, *words)
    park.get("/v1/summary", after=words[-1].operation_id)
    return park


@pytest.mark.parametrize("wanted", get_args(FaultStatus))
def test_a_fault_that_somebody_has_seen_stays_its_dealers_alone(seen: QueryApi, wanted: str) -> None:
    def ids(reader: str) -> set[str]:
        page = asked(seen, "/v1/faults", headers(reader), status=wanted, limit=1000)
        return {each["fault_id"] for each in page["items"]}

    every = {f"{OWN}-50", f"{OTHER}-50"} if wanted != "cleared" else set()
    assert {each for each in ids("dispatcher") if each.endswith("-50")} >= every
    assert {each for each in ids("dealer") if each.endswith("-50")} == every - {f"{OTHER}-50"}
    assert not any(each.startswith((OWN, OTHER)) for each in ids("stranger"))


def test_the_audit_waits_for_the_operation_that_it_is_asked_for(
    park: QueryApi, kafka: str, clickhouse: str
) -> None:
    said_ = operation(TerminalRegistered(terminal=f"{RUN}-late", dealer=f"{RUN}-third"))
    (position,) = publish(kafka, said_)
    with ThreadPoolExecutor(1) as reader:
        asking = reader.submit(
            asked, park, "/v1/audit", BEARER, subject=f"{RUN}-late", after=said_.operation_id
        )
        park.get("/v1/summary", after=said_.operation_id)
        log = Record(OPERATIONS, 0, position.offset, b"", encode(said_), (), 0)
        archive_log(ClickHouse(clickhouse), log)
        assert [each["operation_id"] for each in asking.result()["items"]] == [said_.operation_id]
