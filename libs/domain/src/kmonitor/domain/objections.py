"""Why an operation cannot be: what it says against the registry as it stands."""

from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from kmonitor.domain.registry import Registry
from kmonitor.events.operations import (
    OperationBody,
    TerminalDescribed,
    TerminalKeyIssued,
    TerminalKeyRevoked,
    TerminalRegistered,
    TerminalUpdated,
)

LIVE_KEYS_AT_MOST = 2


class Objection(Struct, frozen=True):
    """`field` is where it stands, `detail` what to change; `conflict` if the registry contradicts it."""

    field: str
    detail: str
    conflict: bool


def objection(registry: Registry, body: OperationBody) -> Objection | None:
    """The first reason not to record an operation, or None."""
    match body:
        case TerminalRegistered():
            return _wrong_zone(body)
        case TerminalUpdated():
            return _unknown(registry, body.terminal) or _wrong_zone(body)
        case TerminalKeyIssued():
            return _unknown(registry, body.terminal) or _too_many_keys(registry, body.terminal)
        case TerminalKeyRevoked():
            return _unknown(registry, body.terminal) or _no_such_key(registry, body)
        case _:
            assert_never(body)


def _unknown(registry: Registry, terminal: str) -> Objection | None:
    if terminal in registry.terminals:
        return None
    return Objection("terminal", f"no terminal {terminal!r} is registered: register it first", True)


def _wrong_zone(body: TerminalDescribed) -> Objection | None:
    if not isinstance(body.timezone, str):
        return None
    try:
        ZoneInfo(body.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Objection("timezone", f"{body.timezone!r} is no IANA time zone, as Europe/Moscow is", False)
    return None


def _too_many_keys(registry: Registry, terminal: str) -> Objection | None:
    if len(registry.live_keys(terminal)) < LIVE_KEYS_AT_MOST:
        return None
    detail = f"{terminal!r} has {LIVE_KEYS_AT_MOST} live keys: revoke one of them first"
    return Objection("terminal", detail, True)


def _no_such_key(registry: Registry, body: TerminalKeyRevoked) -> Objection | None:
    if body.key_id is None or any(key.key_id == body.key_id for key in registry.live_keys(body.terminal)):
        return None
    return Objection("key_id", f"{body.terminal!r} has no live key {body.key_id!r}", True)
