"""What is broken on a terminal: what its units say against the faults that are open."""

import hashlib
from datetime import datetime
from typing import Literal

from msgspec import Struct

from kmonitor.domain.faults.dictionary import Actor, Clears, Dictionary, Effect, Severity
from kmonitor.domain.terminal.registers import NOWHERE, Place, Unit
from kmonitor.events.payments import PaymentAccepted

Rule = Literal["unit", "silence", "payment_sums"]


class Fault(Struct, frozen=True, kw_only=True):
    """Something wrong with a terminal, from the record that raised it until the one that clears it.

    `fault_id` derives from the cause, so a replay raises the same fault. `raised_at` and `cleared_at` are
    the log's own times (of the judged record); `since` is the event time of the cause. `evidence` names
    the events by identity.
    """

    fault_id: str
    terminal: str
    rule: Rule
    condition: str
    severity: Severity
    effect: Effect
    money_risk: bool
    acts: Actor
    raised_at: datetime
    since: datetime
    device: str | None = None
    unit: str | None = None
    code: str | None = None
    place: Place = NOWHERE
    """Of the event that caused it, in the terminal's own order."""
    clears: Clears = "itself"
    raise_after_s: int = 0
    clear_after_s: int = 0
    cleared_at: datetime | None = None
    cleared_by: str | None = None
    """Who closed it by hand, and with what finding."""
    finding: str | None = None
    evidence: list[str] = []

    @property
    def key(self) -> str:
        """What makes two sightings one fault while it is open."""
        return "/".join((self.rule, self.device or "", self.unit or "", self.condition))


class FaultEvent(Struct, frozen=True, kw_only=True):
    """One record of `kmonitor.fault-events.v1`; its identity is (fault_id, kind)."""

    kind: Literal["raised", "cleared"]
    at: datetime
    fault: Fault


class Pending(Struct, frozen=True):
    """A fault that is raised once it has lasted, at this tick time in ms."""

    due_ms: int
    fault: Fault


class TerminalFaults(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The faults of a terminal, and the units' last words they are judged by, as of the record at `offset`.

    `pending`: not open yet. `clearing`: open, and cleared at that tick time in ms unless it comes back.
    `closed`: closed by hand while their cause still stood; that cause raises nothing more. `repaired`: the
    place of the last repair that was confirmed. `unjudged`: a backlog has changed the units, and no live event
    has come since. `judged_by`: the version of the dictionary. `quiet_since`: when the last fault was cleared.
    """

    terminal: str
    partition: int = -1
    offset: int = -1
    units: dict[str, Unit] = {}
    open: dict[str, Fault] = {}
    pending: dict[str, Pending] = {}
    clearing: dict[str, int] = {}
    closed: tuple[str, ...] = ()
    repaired: Place = NOWHERE
    unjudged: bool = False
    judged_by: str | None = None
    quiet_since: datetime | None = None

    @property
    def is_silent(self) -> bool:
        return any(fault.rule == "silence" for fault in self.open.values())

    @property
    def next_due_ms(self) -> int | None:
        """When in tick time something that waits is due; None if nothing waits."""
        waiting = [*(each.due_ms for each in self.pending.values()), *self.clearing.values()]
        return min(waiting, default=None)


def diagnose(terminal: str, units: dict[str, Unit], at: datetime, dictionary: Dictionary) -> dict[str, Fault]:
    """What the units' last words mean, by the dictionary. An unknown code is no fault, and never guessed."""
    found: dict[str, Fault] = {}
    for unit in units.values():
        entry = dictionary.entry_of(unit)
        if entry is not None:
            epoch, seq = unit.place
            fault = Fault(
                fault_id=fault_id(terminal, "unit", unit.device, unit.unit, entry.condition, epoch, seq),
                terminal=terminal,
                rule="unit",
                device=unit.device,
                unit=unit.unit,
                condition=entry.condition,
                code=unit.code,
                severity=entry.severity,
                effect=entry.effect,
                money_risk=entry.money_risk,
                acts=entry.acts,
                raised_at=at,
                since=unit.since,
                place=unit.place,
                clears=entry.clears,
                raise_after_s=entry.raise_after_s,
                clear_after_s=entry.clear_after_s,
                evidence=[f"{terminal}/{epoch}/{seq}"],
            )
            found[fault.key] = fault
    return found


def silence(terminal: str, heard_at: datetime, heard_offset: int, at: datetime) -> Fault:
    """Nothing received for 2.5 report intervals of tick time; the window starts at the last report heard."""
    return Fault(
        fault_id=fault_id(terminal, "silence", heard_offset),
        terminal=terminal,
        rule="silence",
        condition="silent",
        severity="error",
        effect="none",
        money_risk=False,
        acts="it",
        raised_at=at,
        since=heard_at,
    )


def sums_differ(payment: PaymentAccepted) -> bool:
    """Whether inserted is not credited + fee + change: it counts as said, and somebody has to look."""
    return payment.inserted_minor != payment.credited_minor + payment.fee_minor + payment.change_minor


def payment_sums(terminal: str, epoch: int, payment: PaymentAccepted, since: datetime, at: datetime) -> Fault:
    """A payment whose sums do not add up; money, so also old news raises it. It stays until closed by hand."""
    return Fault(
        fault_id=fault_id(terminal, "payment_sums", epoch, payment.seq),
        terminal=terminal,
        rule="payment_sums",
        unit=payment.payment_id,
        condition="sums_differ",
        severity="warning",
        effect="none",
        money_risk=True,
        acts="office",
        raised_at=at,
        since=since,
        evidence=[f"{terminal}/{epoch}/{payment.seq}"],
    )


def fault_id(*cause: object) -> str:
    """16 hexadecimal digits that derive from the cause alone."""
    return hashlib.blake2b("\x1f".join(map(str, cause)).encode(), digest_size=8).hexdigest()
