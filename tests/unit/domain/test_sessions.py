"""Sessions and tokens: who they open for, and everything that ends them."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from builders import NOON, at

from kmonitor.domain.office.people import People
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.office.sessions import Seal, Session
from kmonitor.domain.office.signers import THE_ADMINISTRATOR, Recognition, Signer
from kmonitor.events.office.people import (
    PersonRegistered,
    PersonRetired,
    PersonSignedOut,
    PersonUpdated,
    ServiceTokenIssued,
    ServiceTokenRevoked,
)
from kmonitor.events.operations import IssuedKey, Operation, OperationBody

ADMIN = sha256(b"admin-token").hexdigest()
OURS = Recognition(Seal(b"s" * 32), ADMIN)
LATER = NOON + timedelta(hours=12)
NEW = Session(session="s1", expires_at=int(LATER.timestamp()))
IVANOV = PersonRegistered(person="ivanov", role="dispatcher", name="Ivan")
TOKEN = "k1.secret"


class Office:
    """A registry that somebody speaks to."""

    def __init__(self) -> None:
        self.registry = Registry()

    def says(self, body: OperationBody, **said: Any) -> None:
        number = self.registry.up_to + 1
        known: dict[str, Any] = {"author": "admin", "recorded_at": NOON, "body_sha256": ""}
        operation = Operation(operation_id=str(number), body=body, **(known | said))
        self.registry.learn(number, operation)

    def issues(self, body: ServiceTokenIssued) -> None:
        secret = sha256(b"secret").hexdigest()
        self.says(body, key=IssuedKey(key_id="k1", secret_sha256=secret))

    @property
    def people(self) -> People:
        return self.registry.people

    def opens(self, cookie: str, now: datetime = NOON) -> Signer | None:
        found = OURS.by_cookie(self.people, cookie, now)
        return None if found is None else found.signer


@pytest.fixture
def office() -> Office:
    """Ivanov works here, and a program."""
    office = Office()
    office.says(IVANOV, password_hash="h1")
    office.issues(ServiceTokenIssued(role="dealer", name="bi", dealer="d1"))
    return office


def signed_in(office: Office) -> str:
    return OURS.seal.cookie(OURS.open_by_person(office.people.persons["ivanov"], NEW).session)


def by_token(office: Office, token: str) -> str:
    found = OURS.open_by_token(office.people, token, NEW)
    assert found is not None
    return OURS.seal.cookie(found.session)


def test_a_session_says_whose_it_is(office: Office) -> None:
    ivanov = Signer(author="ivanov", role="dispatcher", person="ivanov", name="Ivan")
    program = Signer(author="token:bi", role="dealer", token="bi", dealer="d1")
    assert office.opens(signed_in(office)) == ivanov
    assert office.opens(by_token(office, TOKEN)) == OURS.by_token(office.people, TOKEN) == program
    assert office.opens(by_token(office, "admin-token")) == THE_ADMINISTRATOR


@pytest.mark.parametrize("token", ["", "admin", "k1", "k1.", "k1.wrong", "k2.secret", ".", "й.ц"])
def test_any_other_token_is_nobodys(office: Office, token: str) -> None:
    assert OURS.by_token(office.people, token) is None
    assert OURS.open_by_token(office.people, token, NEW) is None


def test_a_session_ends_by_its_time(office: Office) -> None:
    cookie = signed_in(office)
    assert office.opens(cookie, LATER - timedelta(seconds=1)) is not None
    assert office.opens(cookie, LATER) is None


def test_an_altered_session_opens_nothing(office: Office) -> None:
    cookie = signed_in(office)
    assert office.opens(cookie) is not None
    for place in range(len(cookie)):
        other = "A" if cookie[place] != "A" else "Q"
        altered = cookie[:place] + other + cookie[place + 1 :]
        # The last letter of a part holds bits that belong to no byte.
        if OURS.seal.read(altered, NOON) != OURS.seal.read(cookie, NOON):
            assert office.opens(altered) is None
    for nonsense in ("", ".", "é.é", "a.b.c", cookie + "A" * 2000, cookie.partition(".")[0]):
        assert OURS.seal.read(nonsense, NOON) is None


def test_a_session_under_another_secret_opens_nothing(office: Office) -> None:
    foreign = Seal(b"t" * 32).cookie(OURS.open_by_person(office.people.persons["ivanov"], NEW).session)
    assert office.opens(foreign) is None


@pytest.mark.parametrize(
    ("said", "with_"),
    [
        (PersonRetired(person="ivanov"), {}),
        (PersonUpdated(person="ivanov", role="technician"), {}),
        (PersonUpdated(person="ivanov", role="dealer", dealer="d1"), {}),
        (PersonUpdated(person="ivanov"), {"password_hash": "h2"}),
        (IVANOV, {"password_hash": "h1"}),
    ],
)
def test_a_session_ends_with_what_it_rests_on(office: Office, said: OperationBody, with_: Any) -> None:
    cookie = signed_in(office)
    office.says(said, **with_)
    assert office.opens(cookie) is None


def test_another_name_ends_no_session(office: Office) -> None:
    cookie = signed_in(office)
    office.says(PersonUpdated(person="ivanov", name="Pyotr"))
    found = office.opens(cookie)
    assert found is not None
    assert found.name == "Pyotr"


def test_who_was_retired_and_comes_back_signs_in_anew(office: Office) -> None:
    cookie = signed_in(office)
    office.says(PersonRetired(person="ivanov"))
    office.says(IVANOV, password_hash="h1")
    assert office.opens(cookie) is None
    assert office.opens(signed_in(office)) is not None


def test_signing_out_ends_this_session_and_no_other(office: Office) -> None:
    cookie = signed_in(office)
    other = OURS.seal.cookie(Session(session="s2", expires_at=NEW.expires_at, person="ivanov", proven_by=0))
    office.says(PersonSignedOut(session="s1", expires_at=LATER))
    assert office.opens(cookie) is None
    assert office.opens(other) is not None


def test_ended_sessions_are_forgotten_when_they_would_have_ended_anyway(office: Office) -> None:
    office.says(PersonSignedOut(session="s1", expires_at=at(60)))
    office.says(PersonSignedOut(session="s2", expires_at=at(3600)), recorded_at=at(61))
    assert office.people.ended.keys() == {"s2"}


def test_a_revoked_token_and_its_sessions_open_nothing(office: Office) -> None:
    cookie = by_token(office, TOKEN)
    office.says(ServiceTokenRevoked(name="bi"))
    assert office.opens(cookie) is None
    assert OURS.by_token(office.people, TOKEN) is None


def test_another_administrators_token_ends_his_sessions(office: Office) -> None:
    cookie = by_token(office, "admin-token")
    changed = Recognition(OURS.seal, sha256(b"another").hexdigest())
    assert changed.by_cookie(office.people, cookie, NOON) is None
