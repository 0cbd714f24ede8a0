"""Who may say what at POST /v1/operations: every operation by every role, and by what credentials."""

import hashlib
import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from gateway_process import SECRET, Gateway, Kiosk, Office, is_problem, read_all

from kmonitor.domain.office.sessions import COOKIE, Seal, Session
from kmonitor.events import codec
from kmonitor.events.operations import Operation
from kmonitor.kafka.topics import OPERATIONS
from kmonitor.local.ports import wait_until

ROLES = ("administrator", "dispatcher", "technician", "accountant", "dealer")
OFFICE = "202 403 403 403 403"
DISPATCH = "202 202 403 403 403"
REPAIR = "202 202 202 403 403"
MONEY = "202 403 403 202 403"
MONTH = {"from": "2026-11-22T10:00:00Z", "to": "2026-11-23T10:00:00Z"}
SUM = {"currency": "RUB", "amount_minor": 100}

# What is said (of a terminal, a person and an id of each test's own), and the statuses in the order of ROLES.
SAID: list[tuple[dict[str, Any], str]] = [
    ({"type": "terminal.registered.v1", "terminal": "new-{name}"}, OFFICE),
    ({"type": "terminal.updated.v1", "terminal": "{name}", "region": "north"}, OFFICE),
    ({"type": "terminal.retired.v1", "terminal": "{name}"}, OFFICE),
    ({"type": "terminal_key.issued.v1", "terminal": "{name}"}, OFFICE),
    ({"type": "terminal_key.revoked.v1", "terminal": "{name}"}, OFFICE),
    (
        {
            "type": "gap.written_off.v1",
            "terminal": "{name}",
            "epoch": 1,
            "from_seq": 1,
            "to_seq": 2,
            "reason": "burnt",
        },
        DISPATCH,
    ),
    ({"type": "person.registered.v1", "person": "new-{name}", "role": "administrator"}, OFFICE),
    ({"type": "person.updated.v1", "person": "{name}", "role": "administrator"}, OFFICE),
    ({"type": "person.retired.v1", "person": "{name}"}, OFFICE),
    ({"type": "service_token.issued.v1", "name": "{name}", "role": "administrator"}, OFFICE),
    ({"type": "service_token.revoked.v1", "name": "spare-{name}"}, OFFICE),
    ({"type": "person.signed_out.v1", "session": "s", "expires_at": "2026-11-22T10:00:00Z"}, OFFICE),
    ({"type": "fault.acknowledged.v1", "fault_id": "{name}"}, REPAIR),
    ({"type": "fault.assigned.v1", "fault_id": "{name}", "to": "ivanov"}, DISPATCH),
    ({"type": "fault.commented.v1", "fault_id": "{name}", "note": "seen"}, REPAIR),
    ({"type": "fault.closed.v1", "fault_id": "{name}", "finding": "a coin"}, REPAIR),
    ({"type": "maintenance.planned.v1", "maintenance_id": "{name}", "terminals": ["{name}"]} | MONTH, DISPATCH),
    ({"type": "maintenance.cancelled.v1", "maintenance_id": "{role}-{name}"}, DISPATCH),
    ({"type": "procedure.scheduled.v1", "procedure": "z_report", "every_days": 1}, DISPATCH),
    ({"type": "rule.changed.v1", "rule": {"name": "{name}"}}, OFFICE),
    ({"type": "threshold.set.v1", "recipient": "{name}"} | SUM, MONEY),
    ({"type": "remittance.made.v1", "remittance_id": "{name}", "recipient": "beeline"} | SUM, MONEY),
    ({"type": "remittance.reversed.v1", "remittance_id": "{name}"}, MONEY),
    ({"type": "recount.recorded.v1", "recount_id": "r", "collection_id": "{name}", "contents": []}, MONEY),
    ({"type": "deposit.recorded.v1", "deposit_id": "{name}", "parts": [{"collection_id": "c"} | SUM]}, MONEY),
    ({"type": "deposit.reversed.v1", "deposit_id": "{name}"}, MONEY),
    ({"type": "commission.set.v1", "service": "{name}", "terms": {"rate_percent": "1.5"}}, MONEY),
    ({"type": "dealer_balance.changed.v1", "dealer": "{name}"} | SUM, MONEY),
    ({"type": "period.closed.v1", "day": "2026-11-22"}, MONEY),
]


def of(name: str, role: str, said: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(said).replace("{name}", name).replace("{role}", role))
    return body


def bearer(shown: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {shown}"}


def issued(office: Office, role: str, name: str) -> str:
    """A new token of this role."""
    dealer = {"dealer": "d1"} if role == "dealer" else {}
    said = {"type": "service_token.issued.v1", "name": name, "role": role} | dealer
    answer = office.does(said, f"token-{name}-{role}")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["token"])


@pytest.fixture(scope="module")
def tokens(gateway: Gateway) -> dict[str, str]:
    """A token of each role."""
    run = secrets.token_hex(4)
    return {role: issued(Office(gateway), role, f"role-{run}") for role in ROLES}


@pytest.fixture
def known(office: Office, name: str) -> str:
    """A terminal, a person, a spare token and maintenance that the operations may be about."""
    office.registers(name)
    issued(office, "technician", f"spare-{name}")
    person = {"type": "person.registered.v1", "person": name, "role": "technician"}
    assert office.does(person, f"person-{name}").status_code == 202
    for role in ROLES:
        planned = {"type": "maintenance.planned.v1", "maintenance_id": f"{role}-{name}"} | MONTH
        assert office.does(planned, f"planned-{role}-{name}").status_code == 202
    return name


@pytest.mark.parametrize(("said", "statuses"), SAID, ids=[said["type"] for said, _ in SAID])
def test_an_operation_is_for_the_roles_that_were_decided(
    office: Office, tokens: dict[str, str], known: str, said: dict[str, Any], statuses: str
) -> None:
    # The administrator last: what he retires and revokes nobody else could speak of.
    found = {
        role: office.does(of(known, role, said), f"{known}-{role}", **bearer(tokens[role])).status_code
        for role in reversed(ROLES)
    }
    assert " ".join(str(found[role]) for role in ROLES) == statuses, found
    nobody = office.does(of(known, "nobody", said), f"{known}-nobody", Authorization="")
    assert nobody.status_code == 401


def test_every_operation_is_in_the_table(gateway: Gateway) -> None:
    schemas = httpx.get(f"{gateway.url}/openapi.json").json()["components"]["schemas"]
    language = set(schemas["Operation"]["discriminator"]["mapping"])
    assert language == {said["type"] for said, _ in SAID}


def test_a_403_says_who_may(office: Office, tokens: dict[str, str], name: str) -> None:
    said = {"type": "terminal.registered.v1", "terminal": name}
    refused = office.does(said, "k", **bearer(tokens["technician"]))
    assert is_problem(refused, 403, "type")
    assert "administrator" in refused.json()["detail"]


def recorded(gateway: Gateway, author: str) -> list[Operation]:
    found = (codec.decode_operation(each.value or b"") for each in read_all(gateway.bootstrap, OPERATIONS))
    return [each for each in found if each.author == author]


def test_what_a_program_says_is_signed_by_its_name(office: Office, name: str) -> None:
    shown = issued(office, "technician", name)
    said = {"type": "fault.acknowledged.v1", "fault_id": name}
    first = office.does(said, f"ack-{name}", **bearer(shown))
    assert office.does(said, f"ack-{name}", **bearer(shown)).json() == first.json()
    (operation,) = recorded(office.gateway, f"token:{name}")
    assert operation.operation_id == first.json()["operation_id"]


def test_a_repeated_issue_gives_the_same_token_and_the_log_only_its_hash(office: Office, name: str) -> None:
    said = {"type": "service_token.issued.v1", "name": name, "role": "accountant"}
    first, again = office.does(said, f"issue-{name}"), office.does(said, f"issue-{name}")
    assert first.json() == again.json()
    assert first.json()["key"] == first.json()["token"]
    secret = first.json()["token"].partition(".")[2]
    values = b"".join(each.value or b"" for each in read_all(office.gateway.bootstrap, OPERATIONS))
    assert secret.encode() not in values
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in values


def test_a_token_works_the_moment_it_is_issued_on_every_gateway(
    office: Office, second_gateway: Gateway, name: str
) -> None:
    there = Office(second_gateway)
    for number in range(20):
        shown = issued(office, "technician", f"{name}-{number}")
        said = {"type": "fault.acknowledged.v1", "fault_id": name}
        assert there.does(said, f"{name}-{number}", **bearer(shown)).status_code == 202


def test_a_revoked_token_says_nothing_any_more_on_any_gateway(
    office: Office, second_gateway: Gateway, name: str
) -> None:
    shown, said = issued(office, "technician", name), {"type": "fault.acknowledged.v1", "fault_id": name}
    revoked = {"type": "service_token.revoked.v1", "key_id": shown.partition(".")[0]}
    assert office.does(revoked, f"revoke-{name}").status_code == 202
    assert is_problem(office.does(said, "k", **bearer(shown)), 401, "Authorization")
    there = Office(second_gateway)
    assert wait_until(lambda: there.does(said, "k2", **bearer(shown)).status_code == 401, 5)


def test_a_terminals_key_is_no_token_and_a_token_no_terminals_key(
    office: Office, kiosk: Kiosk, tokens: dict[str, str]
) -> None:
    said = {"type": "fault.acknowledged.v1", "fault_id": "f"}
    assert office.does(said, "k", **bearer(kiosk.credential)).status_code == 401
    posing = Kiosk(kiosk.gateway, kiosk.terminal, tokens["administrator"])
    assert posing.reports().status_code == 401


class Person:
    """Somebody with a session, as the query API opens it."""

    def __init__(self, office: Office, name: str, role: str) -> None:
        self.office, self.name = office, name
        self.says_of({"type": "person.registered.v1", "role": role, "password": "a good password"})

    def says_of(self, said: dict[str, Any]) -> None:
        """The office says this of the person."""
        answer = self.office.does({"person": self.name} | said, secrets.token_hex(8))
        assert answer.status_code == 202, answer.text

    def cookie(self, **other: Any) -> dict[str, str]:
        records = read_all(self.office.gateway.bootstrap, OPERATIONS)
        proven_by = max(each.offset for each in records if each.key == f"person/{self.name}".encode())
        expires_at = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
        known: dict[str, Any] = {"session": secrets.token_hex(8), "expires_at": expires_at}
        session = Session(**known | {"person": self.name, "proven_by": proven_by} | other)
        return {"Cookie": f"theme=dark; {COOKIE}={Seal(bytes.fromhex(SECRET)).cookie(session)}"}

    def acknowledges(self, cookie: dict[str, str]) -> httpx.Response:
        said = {"type": "fault.acknowledged.v1", "fault_id": self.name}
        headers = {"Idempotency-Key": secrets.token_hex(8)} | cookie
        return httpx.post(f"{self.office.gateway.url}/v1/operations", json=said, headers=headers, timeout=10)


@pytest.fixture
def dispatcher(office: Office, name: str) -> Person:
    return Person(office, f"p-{name}", "dispatcher")


def test_who_is_signed_in_speaks_as_a_person(office: Office, dispatcher: Person) -> None:
    answer = dispatcher.acknowledges(dispatcher.cookie())
    assert answer.status_code == 202, answer.text
    (operation,) = recorded(office.gateway, dispatcher.name)
    assert operation.operation_id == answer.json()["operation_id"]


@pytest.mark.parametrize(
    "ends",
    [
        {"type": "person.retired.v1"},
        {"type": "person.updated.v1", "role": "accountant"},
        {"type": "person.updated.v1", "password": "another password"},
    ],
)
def test_a_session_ends_with_what_it_rests_on(dispatcher: Person, ends: dict[str, Any]) -> None:
    cookie = dispatcher.cookie()
    assert dispatcher.acknowledges(cookie).status_code == 202
    dispatcher.says_of(ends)
    assert is_problem(dispatcher.acknowledges(cookie), 401, "Cookie")


def test_an_expired_an_altered_and_a_signed_out_session_say_nothing(office: Office, dispatcher: Person) -> None:
    assert is_problem(dispatcher.acknowledges(dispatcher.cookie(expires_at=1)), 401, "Cookie")
    altered = {name: said[:-4] + "AAAA" for name, said in dispatcher.cookie().items()}
    assert is_problem(dispatcher.acknowledges(altered), 401, "Cookie")
    cookie = dispatcher.cookie(session="to-be-ended")
    assert dispatcher.acknowledges(cookie).status_code == 202
    said = {"type": "person.signed_out.v1", "session": "to-be-ended", "expires_at": "2099-01-01T00:00:00Z"}
    assert office.does(said, secrets.token_hex(8)).status_code == 202
    assert is_problem(dispatcher.acknowledges(cookie), 401, "Cookie")


def test_a_terminal_and_a_person_of_one_name_are_two_subjects(office: Office, name: str) -> None:
    office.registers(name)
    person = {"type": "person.registered.v1", "person": name, "role": "technician"}
    assert office.does(person, f"person-{name}").status_code == 202
    keys = {each.key for each in read_all(office.gateway.bootstrap, OPERATIONS)}
    assert {name.encode(), f"person/{name}".encode()} <= keys


CANARY = "correct-horse-battery-staple"
CARD = "4539148803436467"


def person_with(name: str, password: str) -> dict[str, Any]:
    return {"type": "person.registered.v1", "person": name, "role": "technician", "password": password}


def test_a_password_is_kept_as_argon2id_and_stands_nowhere_else(office: Office, name: str) -> None:
    said = person_with(name, f"{CANARY}-{name}")
    first = office.does(said, f"key-{name}")
    assert (first.status_code, office.does(said, f"key-{name}").json()) == (202, first.json())
    assert office.does(person_with(name, f"{CANARY}-other"), f"key-{name}").status_code == 409
    changed = {"type": "person.updated.v1", "person": name, "password": f"{CANARY}-changed"}
    assert office.does(changed, f"change-{name}").status_code == 202
    assert office.does(person_with(f"{name}-b", "short"), f"short-{name}").status_code == 422
    records = [
        each for each in read_all(office.gateway.bootstrap, OPERATIONS) if each.key == f"person/{name}".encode()
    ]
    hashes = [codec.decode_operation(each.value or b"").password_hash or "" for each in records]
    assert [each.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for each in hashes] == [True, True]
    assert PasswordHasher().verify(hashes[0], f"{CANARY}-{name}")
    assert PasswordHasher().verify(hashes[1], f"{CANARY}-changed")
    every = b"".join(bytes(each.value or b"") for each in read_all(office.gateway.bootstrap, OPERATIONS))
    assert CANARY.encode() not in every
    assert CANARY not in office.gateway.log.read_text()


def test_the_digest_of_a_request_tells_nobody_the_password(office: Office, name: str) -> None:
    said = person_with(name, "12345678")
    assert office.does(said, f"key-{name}").status_code == 202
    (record,) = [
        each for each in read_all(office.gateway.bootstrap, OPERATIONS) if each.key == f"person/{name}".encode()
    ]
    guess = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    assert codec.decode_operation(record.value or b"").body_sha256 != guess


def test_a_password_that_looks_like_a_card_is_still_the_password(office: Office, name: str) -> None:
    assert office.does(person_with(name, CARD), f"key-{name}").status_code == 202
    (record,) = [
        each for each in read_all(office.gateway.bootstrap, OPERATIONS) if each.key == f"person/{name}".encode()
    ]
    assert PasswordHasher().verify(codec.decode_operation(record.value or b"").password_hash or "", CARD)


def test_hashing_stops_nobody(office: Office, name: str, new_kiosk: Callable[[], Kiosk]) -> None:
    kiosk = new_kiosk()
    with ThreadPoolExecutor(12) as pool:
        people = [
            pool.submit(office.does, person_with(f"{name}-{number}", CANARY), f"{name}-{number}")
            for number in range(10)
        ]
        reports = [pool.submit(kiosk.reports) for _ in range(20)]
        assert {each.result().status_code for each in reports} == {202}
        assert {each.result().status_code for each in people} == {202}
