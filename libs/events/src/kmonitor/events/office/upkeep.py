"""The office on faults and upkeep: who looks after what, what is planned, and by which rules."""

from datetime import timedelta
from typing import Annotated, Any

from msgspec import Meta

from kmonitor.events.office.said import Chosen, Note, OperationSaid, PersonId
from kmonitor.events.scalars import Instant, Name, Procedure

FaultId = Annotated[str, Meta(min_length=1, max_length=64)]
NAMED = {"required": ["name"], "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 128}}}
LONGEST_MAINTENANCE = timedelta(days=366)


class FaultAcknowledged(OperationSaid, frozen=True, tag="fault.acknowledged.v1"):
    """Somebody has seen it."""

    fault_id: FaultId
    note: Note | None = None


class FaultAssigned(OperationSaid, frozen=True, tag="fault.assigned.v1"):
    """Somebody is to look after it."""

    fault_id: FaultId
    to: PersonId
    note: Note | None = None


class FaultCommented(OperationSaid, frozen=True, tag="fault.commented.v1"):
    """Somebody has something to say of it."""

    fault_id: FaultId
    note: Note


class FaultClosed(OperationSaid, frozen=True, tag="fault.closed.v1"):
    """Closed by hand; `finding` is what it was."""

    fault_id: FaultId
    finding: Note | None = None
    note: Note | None = None


class MaintenancePlanned(Chosen, frozen=True, tag="maintenance.planned.v1", rename={"from_": "from"}):
    """Faults of these terminals are expected from `from` until before `to`; said again it is replaced."""

    maintenance_id: Name
    from_: Instant
    to: Instant
    note: Note | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not timedelta() < self.to - self.from_ <= LONGEST_MAINTENANCE:
            raise ValueError("`to` must lie after `from`, a year at most")


class MaintenanceCancelled(OperationSaid, frozen=True, tag="maintenance.cancelled.v1"):
    """A planned maintenance will not be, or is over."""

    maintenance_id: Name
    note: Note | None = None


class ProcedureScheduled(Chosen, frozen=True, tag="procedure.scheduled.v1"):
    """A regulated procedure is due so many days after it was last done; null: it is not regulated any more."""

    procedure: Procedure
    every_days: Annotated[int, Meta(ge=1, le=3660)] | None


class RuleChanged(OperationSaid, frozen=True, tag="rule.changed.v1"):
    """One fault rule, whole, under its name."""

    rule: Annotated[dict[str, Any], Meta(extra_json_schema=NAMED)]

    def __post_init__(self) -> None:
        name = self.rule.get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= 128:
            raise ValueError("`rule.name` says which rule it is: 1 to 128 characters")


UpkeepOperation = (
    FaultAcknowledged
    | FaultAssigned
    | FaultCommented
    | FaultClosed
    | MaintenancePlanned
    | MaintenanceCancelled
    | ProcedureScheduled
    | RuleChanged
)
