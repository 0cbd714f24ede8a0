"""A fault as readers see it."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from kmonitor.domain.dictionary import Actor, Effect, Severity
from kmonitor.domain.faults import Fault

FaultStatus = Literal["open", "acknowledged", "cleared", "all"]


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
    status: Literal["open", "cleared"]
    rule: str
    code: str | None
    effect: Effect
    acts: Actor
    since: datetime
    evidence: list[str]


def fault_item(fault: Fault) -> FaultItem:
    return FaultItem(
        fault_id=fault.fault_id,
        terminal=fault.terminal,
        device=fault.device,
        unit=fault.unit,
        condition=fault.condition,
        severity=fault.severity,
        money_risk=fault.money_risk,
        raised_at=fault.raised_at,
        cleared_at=fault.cleared_at,
        acknowledged_by=None,
        status="open" if fault.cleared_at is None else "cleared",
        rule=fault.rule,
        code=fault.code,
        effect=fault.effect,
        acts=fault.acts,
        since=fault.since,
        evidence=fault.evidence,
    )
