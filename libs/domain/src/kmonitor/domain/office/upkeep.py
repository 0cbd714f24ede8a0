"""What the office planned and said of faults: maintenance, regulated procedures, who looks after what."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.events.office.said import Chosen
from kmonitor.events.office.upkeep import (
    FaultAcknowledged,
    FaultAssigned,
    FaultClosed,
    FaultCommented,
    MaintenanceCancelled,
    MaintenancePlanned,
    ProcedureScheduled,
    RuleChanged,
    UpkeepOperation,
)
from kmonitor.events.operations import Operation
from kmonitor.events.scalars import Procedure


class Belongs(Struct, frozen=True):
    """By what the office chooses terminals."""

    terminal: str
    region: str | None = None
    dealer: str | None = None


class Care(Struct, frozen=True):
    """What people said of one fault."""

    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    assigned_to: str | None = None
    closed_by: str | None = None
    finding: str | None = None
    notes: tuple[tuple[datetime, str, str], ...] = ()


class Closing(Struct, frozen=True):
    """A fault was closed by hand, by the operation with this number."""

    number: int
    fault_id: str
    by: str
    finding: str | None


NO_CARE = Care()
NUMBER = attrgetter("number")
NOTES_AT_MOST = 50
"""Remembered of one fault; the log has them all."""


@dataclass
class Upkeep:
    """The fold: `learn` each operation in the order of the log, once."""

    maintenance: dict[str, MaintenancePlanned] = field(default_factory=dict)
    schedules: list[ProcedureScheduled] = field(default_factory=list)
    care: dict[str, Care] = field(default_factory=dict)
    closings: list[Closing] = field(default_factory=list)

    def learn(self, number: int, operation: Operation, body: UpkeepOperation) -> None:
        match body:
            case MaintenancePlanned():
                self.maintenance[body.maintenance_id] = body
            case MaintenanceCancelled():
                self.maintenance.pop(body.maintenance_id, None)
            case ProcedureScheduled():
                self.schedules.append(body)
            case FaultAcknowledged() | FaultAssigned() | FaultCommented() | FaultClosed():
                known = self.care.get(body.fault_id, NO_CARE)
                self.care[body.fault_id] = _cared(known, operation, body)
                if isinstance(body, FaultClosed):
                    self.closings.append(Closing(number, body.fault_id, operation.author, body.finding))
            case RuleChanged():
                pass  # whoever judges by rules reads them from the log
            case _:
                assert_never(body)

    def closed_between(self, after: int, up_to: int) -> list[Closing]:
        """The closings by operations numbered above one and up to another."""
        start = bisect_right(self.closings, after, key=NUMBER)
        return self.closings[start : bisect_right(self.closings, up_to, key=NUMBER)]

    def windows(self, who: Belongs) -> Iterator[MaintenancePlanned]:
        """The planned windows of a terminal, past ones included."""
        return (each for each in self.maintenance.values() if is_chosen(each, who))

    def every_days(self, who: Belongs) -> dict[Procedure, int]:
        """After how many days each procedure is due on a terminal: the last word that chooses it counts."""
        said: dict[Procedure, int | None] = {}
        for each in self.schedules:
            if is_chosen(each, who):
                said[each.procedure] = each.every_days
        return {procedure: days for procedure, days in said.items() if days is not None}


def is_chosen(choice: Chosen, who: Belongs) -> bool:
    """Whether an operation is about this terminal."""
    if choice.terminals is not None:
        return who.terminal in choice.terminals
    if choice.region is not None:
        return who.region == choice.region
    return choice.dealer is None or who.dealer == choice.dealer


def due_at(performed_at: datetime, every_days: int) -> datetime:
    """When a procedure is due again."""
    return performed_at + timedelta(days=every_days)


def _cared(
    known: Care, operation: Operation, body: FaultAcknowledged | FaultAssigned | FaultCommented | FaultClosed
) -> Care:
    if body.note:
        said = (operation.recorded_at, operation.author, body.note)
        known = replace(known, notes=(*known.notes, said)[-NOTES_AT_MOST:])
    match body:
        case FaultAcknowledged():
            if known.acknowledged_by is not None:
                return known
            return replace(known, acknowledged_by=operation.author, acknowledged_at=operation.recorded_at)
        case FaultAssigned():
            return replace(known, assigned_to=body.to)
        case FaultCommented():
            return known
        case FaultClosed():
            return replace(known, closed_by=operation.author, finding=body.finding)
        case _:
            assert_never(body)
