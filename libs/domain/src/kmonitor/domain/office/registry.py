"""Who and what the network consists of: a fold of the operations, asked as of any operation and time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hmac import compare_digest
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct

from kmonitor.domain.office.people import People
from kmonitor.domain.office.upkeep import Upkeep
from kmonitor.domain.office.write_offs import WriteOff
from kmonitor.events.office.money import MoneyOperation
from kmonitor.events.office.people import PeopleOperation
from kmonitor.events.office.terminals import (
    GapWrittenOff,
    TerminalDescribed,
    TerminalKeyIssued,
    TerminalKeyRevoked,
    TerminalOperation,
    TerminalRegistered,
    TerminalRetired,
    TerminalUpdated,
)
from kmonitor.events.office.upkeep import UpkeepOperation
from kmonitor.events.operations import IssuedKey, Operation

DEFAULT_REPORT_INTERVAL_S = 60
DEFAULT_TIMEZONE = "UTC"
LATEST = 2**62


class TerminalAttributes(Struct, frozen=True, kw_only=True):
    """A terminal as the office described it; what was never said has its default."""

    name: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    region: str | None = None
    dealer: str | None = None
    timezone: str | None = None
    currency: str | None = None
    report_interval_s: int | None = None
    working_hours: str | None = None
    model: str | None = None
    tags: list[str] | None = None
    retired: bool = False

    @property
    def interval_s(self) -> int:
        return self.report_interval_s or DEFAULT_REPORT_INTERVAL_S

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.timezone or DEFAULT_TIMEZONE)


UNDESCRIBED = TerminalAttributes()
"""A terminal of which nothing was said."""
DESCRIBED = tuple(name for name in TerminalAttributes.__struct_fields__ if name != "retired")


class Described(Struct, frozen=True):
    """One operation on a terminal: its number in the log, since when it holds, and whose word it is."""

    number: int
    recorded_at: datetime
    effective_from: datetime
    said: TerminalRegistered | TerminalUpdated | TerminalRetired
    author: str


class Period(Struct, frozen=True):
    """Half-open: `since` ≤ t < `until`; None is for ever."""

    since: datetime | None
    until: datetime | None

    def holds(self, time: datetime) -> bool:
        return (self.since is None or self.since <= time) and (self.until is None or time < self.until)


class TerminalKey(Struct, frozen=True):
    """A credential of a terminal, known only by the hash of its secret."""

    key_id: str
    terminal: str
    secret_sha256: str
    issued: int

    def opens_with(self, secret_sha256: str) -> bool:
        return compare_digest(self.secret_sha256, secret_sha256)


@dataclass
class Registry:
    """The fold: `learn` each operation in the order of the log, then ask.

    Asked with `up_to=n` it answers exactly as if only the operations numbered ≤ n had happened, so a
    record is always judged as the gateway saw the world when it took it.
    """

    up_to: int = -1
    terminals: dict[str, tuple[Described, ...]] = field(default_factory=dict)
    operations: dict[str, tuple[int, str]] = field(default_factory=dict)
    keys: dict[str, TerminalKey] = field(default_factory=dict)
    people: People = field(default_factory=People)
    upkeep: Upkeep = field(default_factory=Upkeep)
    write_offs: dict[int, WriteOff] = field(default_factory=dict)
    """By the number of the operation."""
    _keys_of: dict[str, list[TerminalKey]] = field(default_factory=dict)
    _composed: dict[str, TerminalAttributes] = field(default_factory=dict)
    _ever_of: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, number: int, operation: Operation) -> None:
        """Take the operation with this number; a repeated number or operation id changes nothing."""
        if number <= self.up_to:
            return
        self.up_to = number
        if operation.operation_id in self.operations:
            return
        self.operations[operation.operation_id] = (number, operation.body_sha256)
        body = operation.body
        if isinstance(body, TerminalOperation):
            self._learn_terminal(number, operation, body)
        elif isinstance(body, PeopleOperation):
            self.people.learn(number, operation, body)
        elif isinstance(body, UpkeepOperation):
            self.upkeep.learn(number, operation, body)
        elif isinstance(body, MoneyOperation):
            pass  # facts of money, which whoever counts money reads from the log
        else:
            assert_never(body)

    def attributes(self, terminal: str, at: datetime, up_to: int = LATEST) -> TerminalAttributes | None:
        """The terminal as it was at a time, by what was known at an operation; None if unknown then.

        A time before the first description gets the first one: a terminal may speak of what happened
        before the office wrote it down.
        """
        history = self.terminals.get(terminal, ())
        known = [each for each in history if each.number <= up_to]
        if not known:
            return None
        if len(known) == len(history) and (len(known) == 1 or history[-1].effective_from <= at):
            return self._composed[terminal]
        return _compose([each for each in known if each.effective_from <= at] or known[:1])

    def known_at(self, terminal: str, moment: datetime) -> int:
        """The number of the last operation on a terminal that was recorded by then, to ask `up_to` it."""
        history = self.terminals.get(terminal, ())
        return max((each.number for each in history if each.recorded_at <= moment), default=-1)

    def periods_of(self, terminal: str, dealer: str) -> tuple[Period, ...]:
        """When a terminal was this dealer's, in order; the same that `attributes` says of each time."""
        periods: list[Period] = []
        owner: str | None = None
        for place, each in enumerate(self.terminals.get(terminal, ())):
            said = UNSET if isinstance(each.said, TerminalRetired) else each.said.dealer
            if said is UNSET or said == owner:
                continue
            since = None if place == 0 else each.effective_from
            if owner == dealer:
                periods[-1] = Period(periods[-1].since, since)
            if said == dealer:
                periods.append(Period(since, None))
            owner = said
        return tuple(each for each in periods if each.until is None or each.since != each.until)

    def ever_of(self, dealer: str) -> frozenset[str]:
        """Every terminal that was ever said to be this dealer's."""
        return frozenset(self._ever_of.get(dealer, ()))

    def live_keys(self, terminal: str) -> list[TerminalKey]:
        return list(self._keys_of.get(terminal, ()))

    def _learn_terminal(self, number: int, operation: Operation, body: TerminalOperation) -> None:
        match body:
            case TerminalRegistered() | TerminalUpdated() | TerminalRetired():
                since = body.effective_from or operation.recorded_at
                self._describe(Described(number, operation.recorded_at, since, body, operation.author))
            case TerminalKeyIssued():
                self._issue(number, body.terminal, operation.key)
            case TerminalKeyRevoked():
                self._revoke(body)
            case GapWrittenOff():
                self.write_offs[number] = WriteOff(
                    number=number,
                    terminal=body.terminal,
                    epoch=body.epoch,
                    from_seq=body.from_seq,
                    to_seq=body.to_seq,
                    reason=body.reason,
                    author=operation.author,
                    recorded_at=operation.recorded_at,
                )
            case _:
                assert_never(body)

    def _describe(self, described: Described) -> None:
        terminal = described.said.terminal
        history = (*self.terminals.get(terminal, ()), described)
        self.terminals[terminal] = tuple(sorted(history, key=lambda each: (each.effective_from, each.number)))
        self._composed[terminal] = _compose(self.terminals[terminal])
        if isinstance(described.said, TerminalDescribed) and isinstance(described.said.dealer, str):
            self._ever_of.setdefault(described.said.dealer, set()).add(terminal)

    def _issue(self, number: int, terminal: str, issued: IssuedKey | None) -> None:
        if issued is not None:
            key = TerminalKey(issued.key_id, terminal, issued.secret_sha256, number)
            self.keys[key.key_id] = key
            self._keys_of.setdefault(terminal, []).append(key)

    def _revoke(self, body: TerminalKeyRevoked) -> None:
        kept = [key for key in self.live_keys(body.terminal) if body.key_id not in (None, key.key_id)]
        for key in self.live_keys(body.terminal):
            if key not in kept:
                del self.keys[key.key_id]
        self._keys_of[body.terminal] = kept


def _compose(history: Iterable[Described]) -> TerminalAttributes:
    said: dict[str, Any] = {}
    for each in history:
        if isinstance(each.said, TerminalRetired):
            said["retired"] = True
            continue
        if isinstance(each.said, TerminalRegistered):
            said["retired"] = False
        for name in DESCRIBED:
            if (value := getattr(each.said, name)) is not UNSET:
                said[name] = value
    return TerminalAttributes(**said)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
