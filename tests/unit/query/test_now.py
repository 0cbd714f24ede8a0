"""What is true now: who is shown which faults, and what a word of the office changes."""

from typing import Any

import pytest
from builders import at, dictionary, jam, note, report
from fastapi.routing import APIRoute
from msgspec import json
from query_process import faults_of, operation

from kmonitor.domain.faults.fault import Fault
from kmonitor.domain.office.roles import scopes
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.codec import encode
from kmonitor.events.office.terminals import TerminalRegistered
from kmonitor.events.office.upkeep import (
    FaultAcknowledged,
    MaintenanceCancelled,
    MaintenancePlanned,
    ProcedureScheduled,
)
from kmonitor.events.operations import OperationBody
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import OPEN_FAULTS, OPERATIONS, TERMINAL_STATES
from kmonitor.query_api.archive import Archive
from kmonitor.query_api.fault_list import FaultStatus
from kmonitor.query_api.figures import FiguresReaders
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.live.vector import Vector
from kmonitor.query_api.now import Now
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.routes.faults import FaultsWanted, faults
from kmonitor.query_api.sight import EVERYTHING, Sight

DEALER = Sight(scopes("dealer"), "d1")


class Present:
    """The process's memory, with no broker behind it and an archive that is never asked."""

    def __init__(self) -> None:
        now = Now(lambda: at(60), dictionary())
        archive = Archive("http://nowhere")
        self.readers = Readers(now, archive, FiguresReaders(archive, now.clock, now.fleet), dictionary())
        self._offset = 0

    def says(self, *bodies: OperationBody) -> None:
        for body in bodies:
            self._offset += 1
            said = encode(operation(body))
            self.readers.now.take_operations([Record(OPERATIONS, 0, self._offset, b"", said, (), 0)])

    def breaks(self, *broken: Fault) -> None:
        for fault in broken:
            said = Record(OPEN_FAULTS, 0, 0, fault.terminal.encode(), encode(faults_of(fault)), (), 0)
            self.readers.now.take_present([said])

    def hears(self, *terminals: str) -> None:
        for each in terminals:
            state = after_report(TerminalState(terminal=each), report(note(1), terminal=each), 0, 7)
            said = Record(TERMINAL_STATES, 0, 0, each.encode(), encode(state), (), 0)
            self.readers.now.take_present([said])

    def statuses(self) -> dict[str, str]:
        return {each.row.terminal: each.row.status for each in self.readers.now.fleet.after(None)}

    async def shown(self, sight: Sight, **wanted: Any) -> list[str]:
        self.readers.now.hub = Hub(Vector([]))
        (route,) = (each for each in faults(self.readers).routes if isinstance(each, APIRoute))
        answer = await route.endpoint(sight, FaultsWanted(**wanted))
        return [each["fault_id"] for each in json.decode(answer.body)["items"]]


@pytest.fixture
def present() -> Present:
    """A dealer's terminal and another's, each with a fault that somebody has seen."""
    present = Present()
    present.says(
        TerminalRegistered(terminal="OWN", dealer="d1"),
        TerminalRegistered(terminal="OTHER", dealer="d2"),
    )
    present.breaks(jam("OWN", fault_id="own"), jam("OTHER", fault_id="other"))
    present.says(FaultAcknowledged(fault_id="own"), FaultAcknowledged(fault_id="other", note="a secret"))
    return present


@pytest.mark.parametrize("status", ["open", "acknowledged"])
async def test_a_dealer_is_shown_own_faults_whatever_was_said_of_them(
    present: Present, status: FaultStatus
) -> None:
    assert await present.shown(DEALER, status=status) == ["own"]
    assert set(await present.shown(EVERYTHING, status=status)) == {"own", "other"}


def planned(*terminals: str, plan: str = "m1") -> MaintenancePlanned:
    return MaintenancePlanned(maintenance_id=plan, from_=at(0), to=at(3_600), terminals=terminals)


def test_maintenance_planned_again_for_others_ends_on_those_of_before() -> None:
    present = Present()
    present.hears("A", "B", "C")
    present.says(planned("A", "B"))
    assert present.statuses() == {"A": "maintenance", "B": "maintenance", "C": "working"}
    present.says(planned("B", "C"))
    assert present.statuses() == {"A": "working", "B": "maintenance", "C": "maintenance"}
    present.says(MaintenanceCancelled(maintenance_id="m1"))
    assert present.statuses() == {"A": "working", "B": "working", "C": "working"}


def test_only_those_are_looked_at_whom_a_plan_chooses() -> None:
    present = Present()
    present.hears("A", "B", "C")
    fleet = present.readers.now.fleet
    cancelled = MaintenanceCancelled(maintenance_id="m1")
    assert fleet.meant_by(planned("A")) == ["A"]
    assert fleet.meant_by(cancelled) == []
    present.says(planned("A"))
    assert fleet.meant_by(planned("B")) == ["A", "B"]
    assert fleet.meant_by(cancelled) == ["A"]
    assert fleet.meant_by(ProcedureScheduled(procedure="inspection", every_days=7)) == []
