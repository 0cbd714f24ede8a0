"""What the office is promised by POST /v1/operations."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gateway_process import ADMIN_TOKEN, Gateway, Kiosk, Office, is_problem, operations

from kmonitor.events.office.terminals import TerminalKeyIssued
from kmonitor.events.operations import subject

REGISTERED = "terminal.registered.v1"


def test_an_operation_is_recorded_once_however_often_it_is_said(office: Office, name: str) -> None:
    said = {"type": REGISTERED, "terminal": name, "region": "north"}
    first, again = office.does(said, f"key-{name}"), office.does(said, f"key-{name}")
    assert (first.status_code, first.json()) == (202, again.json())
    assert len(operations(office.gateway.bootstrap, name)) == 1


def test_the_same_body_may_be_spelled_otherwise(office: Office, name: str) -> None:
    office.does({"type": REGISTERED, "terminal": name}, f"key-{name}")
    assert office.does({"terminal": name, "type": REGISTERED}, f"key-{name}").status_code == 202


def test_the_same_key_with_another_body_is_409(office: Office, name: str) -> None:
    office.does({"type": REGISTERED, "terminal": name}, f"key-{name}")
    other = office.does({"type": REGISTERED, "terminal": name, "name": "other"}, f"key-{name}")
    assert is_problem(other, 409, "Idempotency-Key")
    elsewhere = office.does({"type": REGISTERED, "terminal": name + "-b"}, f"key-{name}")
    assert is_problem(elsewhere, 409, "Idempotency-Key")


def test_of_concurrent_ones_with_one_key_the_first_in_the_log_counts(office: Office, name: str) -> None:
    bodies = [{"type": REGISTERED, "terminal": f"{name}-{number % 2}"} for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda said: office.does(said, f"key-{name}"), bodies))
    assert sorted(each.status_code for each in answers) == [202] * 10 + [409] * 10
    winner = subject(operations(office.gateway.bootstrap, f"{name}-0", f"{name}-1")[0].body)
    assert {
        body["terminal"] for body, each in zip(bodies, answers, strict=True) if each.status_code == 202
    } == {winner}


def test_two_gateways_answer_a_repeated_key_alike(office: Office, second_gateway: Gateway, name: str) -> None:
    other = Office(second_gateway)
    office.registers(name)
    said = {"type": "terminal_key.issued.v1", "terminal": name}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: each.does(said, f"issue-{name}"), [office, other] * 4))
    assert {each.status_code for each in answers} == {202}
    assert len({each.text for each in answers}) == 1


def test_what_one_gateway_recorded_the_other_builds_upon(
    office: Office, second_gateway: Gateway, name: str
) -> None:
    office.registers(name)
    credential = Office(second_gateway).issues_key(name)
    kiosk = Kiosk(office.gateway, name, credential)
    assert kiosk.reports().status_code == 202


def test_an_issued_key_is_known_to_the_log_only_by_its_hash(office: Office, name: str) -> None:
    office.registers(name)
    key_id, _, secret = office.issues_key(name).partition(".")
    (issued,) = [
        each for each in operations(office.gateway.bootstrap, name) if isinstance(each.body, TerminalKeyIssued)
    ]
    assert issued.key is not None
    assert issued.key.key_id == key_id
    assert issued.key.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()


def test_a_third_live_key_is_409_and_a_rotation_works(office: Office, name: str) -> None:
    office.registers(name)
    first = office.issues_key(name, f"first-{name}")
    second = office.issues_key(name, f"second-{name}")
    third = office.does({"type": "terminal_key.issued.v1", "terminal": name}, f"third-{name}")
    assert is_problem(third, 409, "terminal")
    revoked = {"type": "terminal_key.revoked.v1", "terminal": name, "key_id": first.partition(".")[0]}
    assert office.does(revoked, f"revoke-{name}").status_code == 202
    assert Kiosk(office.gateway, name, first).reports().status_code == 401
    assert Kiosk(office.gateway, name, second).reports().status_code == 202


def test_of_keys_issued_at_once_two_are(office: Office, name: str) -> None:
    office.registers(name)
    said = {"type": "terminal_key.issued.v1", "terminal": name}
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda number: office.does(said, f"{name}-{number}").status_code, range(6)))
    assert sorted(statuses) == [202, 202, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({"type": "no.such.v1"}, 422, "type"),
        ({"type": REGISTERED}, 422, "terminal"),
        ({"type": REGISTERED, "terminal": "x y"}, 422, "terminal"),
        ({"type": REGISTERED, "terminal": "x", "latitude": 91}, 422, "latitude"),
        ({"type": REGISTERED, "terminal": "x", "report_interval_s": 0}, 422, "report_interval_s"),
        ({"type": REGISTERED, "terminal": "x", "timezone": "Mars/Base"}, 422, "timezone"),
        ({"type": REGISTERED, "terminal": "x", "effective_from": "2026-11-22"}, 422, "effective_from"),
        ({"type": "terminal.updated.v1", "terminal": "never-registered"}, 409, "terminal"),
        ({"type": "terminal_key.issued.v1", "terminal": "never-registered"}, 409, "terminal"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    office: Office, said: dict[str, object], status: int, field: str
) -> None:
    assert is_problem(office.does(said, f"bad-{said}"[:128]), status, field)


@pytest.mark.parametrize("key", [None, "", "x" * 129])
def test_without_a_usable_idempotency_key_it_is_400(office: Office, name: str, key: str | None) -> None:
    assert is_problem(office.does({"type": REGISTERED, "terminal": name}, key), 400, "Idempotency-Key")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 10_000, b'{"type":"x","type":"x"}'])
def test_what_is_no_json_is_a_problem(gateway: Gateway, body: bytes) -> None:
    said = {
        "Authorization": f"Bearer {ADMIN_TOKEN}",
        "Content-Type": "application/json",
        "Idempotency-Key": "k",
    }
    answer = httpx.post(f"{gateway.url}/v1/operations", content=body, headers=said)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("shown", ["", "Bearer wrong", f"Basic {ADMIN_TOKEN}"])
def test_without_the_administrators_token_it_is_401(office: Office, name: str, shown: str) -> None:
    answer = office.does({"type": REGISTERED, "terminal": name}, "k", Authorization=shown)
    assert is_problem(answer, 401, "Authorization")


def test_another_media_type_is_415(office: Office, name: str) -> None:
    answer = office.does({"type": REGISTERED, "terminal": name}, "k", **{"Content-Type": "text/plain"})
    assert is_problem(answer, 415, "Content-Type")


def test_a_card_number_in_an_operation_is_stored_nowhere(office: Office, name: str) -> None:
    said = {"type": REGISTERED, "terminal": name, "name": "call 4539 1488 0343 6467"}
    answer = office.does(said, f"key-{name}")
    assert (answer.status_code, answer.headers["kmonitor-redacted"]) == (202, "1")
    (recorded,) = operations(office.gateway.bootstrap, name)
    assert "6467" not in str(recorded.body)


def test_500_operations_at_once_are_all_recorded(office: Office, name: str) -> None:
    with ThreadPoolExecutor(50) as pool:
        names = [f"{name}-{number}" for number in range(500)]
        statuses = set(
            pool.map(lambda each: office.does({"type": REGISTERED, "terminal": each}, each).status_code, names)
        )
    assert statuses == {202}
    assert len(operations(office.gateway.bootstrap, *names)) == 500


def test_a_key_works_the_moment_it_is_issued_on_every_gateway(
    new_kiosk: Callable[[], Kiosk], second_gateway: Gateway
) -> None:
    for _ in range(20):
        kiosk = new_kiosk()
        there = Kiosk(second_gateway, kiosk.terminal, kiosk.credential)
        assert there.reports().status_code == 202
