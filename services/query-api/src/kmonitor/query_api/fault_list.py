"""A fault as readers see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from kmonitor.domain.faults.dictionary import Actor, Effect, Severity
from kmonitor.domain.faults.fault import Fault
from kmonitor.domain.office.upkeep import NO_CARE, Care

FaultStatus = Literal["open", "acknowledged", "cleared", "all"]


class FaultNote(Struct, frozen=True):
    """What somebody said of a fault."""

    at: datetime
    by: str
    note: str


class FaultItem(Struct, frozen=True):
    """One item of `GET /v1/faults` and of the live event `fault`."""

    fault_id: str
    terminal: str
    device: str | None
    unit: str | None
    condition: str
    severity: Severity
    money_risk: bool
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    assigned_to: str | None
    closed_by: str | None
    finding: str | None
    notes: list[FaultNote]
    status: Literal["open", "acknowledged", "cleared"]
    rule: str
    code: str | None
    effect: Effect
    acts: Actor
    since: datetime
    evidence: list[str]


def fault_item(fault: Fault, cared: Mapping[str, Care]) -> FaultItem:
    """A fault with what people said of it."""
    return FaultItem(
        **care_of(fault.fault_id, fault.cleared_at is None, cared),
        fault_id=fault.fault_id,
        terminal=fault.terminal,
        device=fault.device,
        unit=fault.unit,
        condition=fault.condition,
        severity=fault.severity,
        money_risk=fault.money_risk,
        raised_at=fault.raised_at,
        cleared_at=fault.cleared_at,
        rule=fault.rule,
        code=fault.code,
        effect=fault.effect,
        acts=fault.acts,
        since=fault.since,
        evidence=fault.evidence,
    )


def care_of(fault_id: str, is_open: bool, cared: Mapping[str, Care]) -> dict[str, Any]:
    """The fields of an item that tell what people said of a fault, and its status by that."""
    care = cared.get(fault_id, NO_CARE)
    acknowledged = "open" if care.acknowledged_by is None else "acknowledged"
    return {
        "acknowledged_by": care.acknowledged_by,
        "acknowledged_at": care.acknowledged_at,
        "assigned_to": care.assigned_to,
        "closed_by": care.closed_by,
        "finding": care.finding,
        "notes": [FaultNote(*note) for note in care.notes],
        "status": acknowledged if is_open else "cleared",
    }
