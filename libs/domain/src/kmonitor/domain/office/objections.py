"""Why an operation cannot be: what it says against the registry as it stands."""

from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import UNSET, Struct

from kmonitor.domain.office.people import is_meant
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.terminal.hours import WrongHours, read_hours
from kmonitor.events.office import people, terminals, upkeep
from kmonitor.events.office.money import MoneyOperation
from kmonitor.events.office.said import Chosen
from kmonitor.events.operations import OperationBody

LIVE_KEYS_AT_MOST = 2


class Objection(Struct, frozen=True):
    """`field` is where it stands, `detail` what to change; `conflict` if the registry contradicts it."""

    field: str
    detail: str
    conflict: bool


def objection(registry: Registry, body: OperationBody) -> Objection | None:
    """The first reason not to record an operation, or None.

    What the office says of money and of faults is taken as said: it tells what happened.
    """
    if isinstance(body, MoneyOperation):
        return None
    match body:
        case terminals.TerminalRegistered():
            return _wrong_words(body)
        case terminals.TerminalUpdated():
            return _unknown(registry, body.terminal) or _wrong_words(body)
        case terminals.TerminalRetired() | terminals.GapWrittenOff():
            return _unknown(registry, body.terminal)
        case terminals.TerminalKeyIssued():
            return _unknown(registry, body.terminal) or _too_many_keys(registry, body.terminal)
        case terminals.TerminalKeyRevoked():
            return _unknown(registry, body.terminal) or _no_such_key(registry, body)
        case people.PersonRegistered():
            return _taken_name(body.person)
        case people.ServiceTokenIssued() | people.PersonSignedOut():
            return None
        case people.PersonUpdated():
            return _nobody(registry, body.person) or _dealer_missing(registry, body)
        case people.PersonRetired():
            return _nobody(registry, body.person)
        case people.ServiceTokenRevoked():
            return _no_such_token(registry, body)
        case upkeep.MaintenancePlanned() | upkeep.ProcedureScheduled():
            return _unknown_chosen(registry, body)
        case upkeep.MaintenanceCancelled():
            return _no_such_maintenance(registry, body)
        case (
            upkeep.FaultAcknowledged()
            | upkeep.FaultAssigned()
            | upkeep.FaultCommented()
            | upkeep.FaultClosed()
            | upkeep.RuleChanged()
        ):
            return None
        case _:
            assert_never(body)


def _unknown(registry: Registry, terminal: str, field: str = "terminal") -> Objection | None:
    if terminal in registry.terminals:
        return None
    return Objection(field, f"no terminal {terminal!r} is registered: register it first", True)


def _unknown_chosen(registry: Registry, body: Chosen) -> Objection | None:
    found = (_unknown(registry, terminal, "terminals") for terminal in body.terminals or ())
    return next(filter(None, found), None)


def _wrong_words(body: terminals.TerminalDescribed) -> Objection | None:
    if isinstance(body.timezone, str) and not _is_zone(body.timezone):
        return Objection("timezone", f"{body.timezone!r} is no IANA time zone, as Europe/Moscow is", False)
    if isinstance(body.working_hours, str):
        try:
            read_hours(body.working_hours)
        except WrongHours as wrong:
            return Objection("working_hours", str(wrong), False)
    return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _too_many_keys(registry: Registry, terminal: str) -> Objection | None:
    if len(registry.live_keys(terminal)) < LIVE_KEYS_AT_MOST:
        return None
    detail = f"{terminal!r} has {LIVE_KEYS_AT_MOST} live keys: revoke one of them first"
    return Objection("terminal", detail, True)


def _no_such_key(registry: Registry, body: terminals.TerminalKeyRevoked) -> Objection | None:
    if body.key_id is None or any(key.key_id == body.key_id for key in registry.live_keys(body.terminal)):
        return None
    return Objection("key_id", f"{body.terminal!r} has no live key {body.key_id!r}", True)


def _taken_name(person: str) -> Objection | None:
    if person != people.ADMINISTRATOR:
        return None
    return Objection("person", f"{person!r} is who speaks with the administrator's token: take another", False)


def _nobody(registry: Registry, person: str) -> Objection | None:
    if person in registry.people.persons:
        return None
    return Objection("person", f"nobody is registered as {person!r}: register the person first", True)


def _dealer_missing(registry: Registry, body: people.PersonUpdated) -> Objection | None:
    known = registry.people.persons[body.person]
    role = known.role if body.role is UNSET else body.role
    dealer = known.dealer if body.dealer is UNSET else body.dealer
    if role == "dealer" and dealer is None:
        return Objection("dealer", "a person in the role dealer needs `dealer`: whose terminals to see", False)
    if role != "dealer" and isinstance(body.dealer, str):
        return Objection("dealer", f"`dealer` goes with the role dealer, and this is {role}", False)
    return None


def _no_such_token(registry: Registry, body: people.ServiceTokenRevoked) -> Objection | None:
    if any(is_meant(token, body) for token in registry.people.tokens.values()):
        return None
    field = next(name for name in ("key_id", "name", "person") if getattr(body, name) is not None)
    return Objection(field, f"there is no live token with this `{field}`", True)


def _no_such_maintenance(registry: Registry, body: upkeep.MaintenanceCancelled) -> Objection | None:
    if body.maintenance_id in registry.upkeep.maintenance:
        return None
    return Objection("maintenance_id", f"no maintenance {body.maintenance_id!r} is planned", True)
