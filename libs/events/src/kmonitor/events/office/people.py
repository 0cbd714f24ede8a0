"""The office on people and on programs that act for it: who may do what."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from kmonitor.events.office.said import OperationSaid, PersonId
from kmonitor.events.scalars import Instant, Name, Text

ADMINISTRATOR = "admin"
"""Who speaks with the administrator's token; no person may be called so."""

Role = Literal["dispatcher", "technician", "accountant", "dealer", "administrator"]
Password = Annotated[str, Meta(min_length=8, max_length=256, description="Kept as its argon2id hash only.")]


class PersonRegistered(OperationSaid, frozen=True, tag="person.registered.v1"):
    """Somebody may sign in. `dealer`: whose terminals alone a person of that role sees."""

    person: PersonId
    role: Role
    name: Text | None = None
    dealer: Name | None = None
    password: Password | None = None

    def __post_init__(self) -> None:
        refuse_roles_without_dealer(self.role, self.dealer)


class PersonUpdated(OperationSaid, frozen=True, tag="person.updated.v1"):
    """Absent means unchanged. A new role or password ends the sessions that are open."""

    person: PersonId
    role: Role | UnsetType = UNSET
    name: Text | None | UnsetType = UNSET
    dealer: Name | None | UnsetType = UNSET
    password: Password | UnsetType = UNSET


class PersonRetired(OperationSaid, frozen=True, tag="person.retired.v1"):
    """Can sign in no more; open sessions end."""

    person: PersonId


class ServiceTokenIssued(OperationSaid, frozen=True, tag="service_token.issued.v1"):
    """A program may act in a role, under its `name`; `person` is who answers for it."""

    role: Role
    name: Name | None = None
    person: PersonId | None = None
    dealer: Name | None = None

    def __post_init__(self) -> None:
        refuse_roles_without_dealer(self.role, self.dealer)
        if self.name is None and self.person is None:
            raise ValueError("say `name`, what the token is for, or `person`, who answers for it")


class ServiceTokenRevoked(OperationSaid, frozen=True, tag="service_token.revoked.v1"):
    """One token by `key_id`, or every one under a `name` or of a `person`."""

    key_id: Name | None = None
    name: Name | None = None
    person: PersonId | None = None

    def __post_init__(self) -> None:
        if self.key_id is None and self.name is None and self.person is None:
            raise ValueError("say which: `key_id`, `name` or `person`")


class PersonSignedOut(OperationSaid, frozen=True, tag="person.signed_out.v1"):
    """Somebody signed out: the session opens nothing any more, whoever has copied its cookie."""

    session: Name
    expires_at: Instant


PeopleOperation = (
    PersonRegistered
    | PersonUpdated
    | PersonRetired
    | ServiceTokenIssued
    | ServiceTokenRevoked
    | PersonSignedOut
)


def refuse_roles_without_dealer(role: Role, dealer: str | None) -> None:
    """A dealer's role without a dealer would see nothing, and another's with one would see too much."""
    if (role == "dealer") != (dealer is not None):
        raise ValueError("`dealer` goes with the role dealer, and with no other")
