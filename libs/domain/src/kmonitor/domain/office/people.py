"""Who may act: people and service tokens with their roles, as the office said."""

from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import assert_never

from msgspec import UNSET, Struct
from msgspec.structs import replace

from kmonitor.events.office.people import (
    PeopleOperation,
    PersonRegistered,
    PersonRetired,
    PersonSignedOut,
    PersonUpdated,
    Role,
    ServiceTokenIssued,
    ServiceTokenRevoked,
)
from kmonitor.events.operations import Operation


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who may sign in. `proven_by` is the number of the operation that last changed what a session
    rests on (role, dealer, password): a session of an older one has ended."""

    person: str
    role: Role
    name: str | None = None
    dealer: str | None = None
    password_hash: str | None = None
    proven_by: int = -1


class ServiceToken(Struct, frozen=True, kw_only=True):
    """A program's token, known only by the hash of its secret."""

    key_id: str
    secret_sha256: str
    name: str
    role: Role
    person: str | None = None
    dealer: str | None = None

    def opens_with(self, secret_sha256: str) -> bool:
        return compare_digest(self.secret_sha256, secret_sha256)


@dataclass
class People:
    """The fold: `learn` each operation in the order of the log, once.

    `ended`: sessions that somebody signed out of, until the time that would have ended them anyway.
    """

    persons: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, ServiceToken] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)

    def learn(self, number: int, operation: Operation, body: PeopleOperation) -> None:
        match body:
            case PersonRegistered():
                known = self.persons.get(body.person)
                kept = known.password_hash if known and operation.password_hash is None else None
                self.persons[body.person] = Person(
                    person=body.person,
                    role=body.role,
                    name=body.name,
                    dealer=body.dealer,
                    password_hash=operation.password_hash or kept,
                    proven_by=number,
                )
            case PersonUpdated():
                if (person := self.persons.get(body.person)) is not None:
                    self.persons[body.person] = _updated(person, number, operation, body)
            case PersonRetired():
                self.persons.pop(body.person, None)
            case ServiceTokenIssued():
                if operation.key is not None:
                    self.tokens[operation.key.key_id] = ServiceToken(
                        key_id=operation.key.key_id,
                        secret_sha256=operation.key.secret_sha256,
                        name=body.name or body.person or "",
                        role=body.role,
                        person=body.person,
                        dealer=body.dealer,
                    )
            case ServiceTokenRevoked():
                self.tokens = {key: each for key, each in self.tokens.items() if not is_meant(each, body)}
            case PersonSignedOut():
                now = operation.recorded_at
                self.ended = {name: until for name, until in self.ended.items() if until > now}
                self.ended[body.session] = body.expires_at
            case _:
                assert_never(body)


def is_meant(token: ServiceToken, body: ServiceTokenRevoked) -> bool:
    """Whether a token is among those that are revoked."""
    return (
        body.key_id in (None, token.key_id)
        and body.name in (None, token.name)
        and body.person in (None, token.person)
    )


def _updated(person: Person, number: int, operation: Operation, body: PersonUpdated) -> Person:
    role = person.role if body.role is UNSET else body.role
    dealer = person.dealer if body.dealer is UNSET else body.dealer
    password_hash = operation.password_hash or person.password_hash
    new = replace(
        person,
        role=role,
        # A role without a dealer forgets whose it was.
        dealer=dealer if role == "dealer" else None,
        name=person.name if body.name is UNSET else body.name,
        password_hash=password_hash,
    )
    proof = (new.role, new.dealer, new.password_hash)
    if proof == (person.role, person.dealer, person.password_hash):
        return new
    return replace(new, proven_by=number)
