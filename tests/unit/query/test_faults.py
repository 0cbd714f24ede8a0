"""The faults of the present: who is shown which."""

from typing import Any

import pytest
from builders import at, dictionary, jam
from fastapi.routing import APIRoute
from msgspec import json
from query_process import faults_of, operation

from kmonitor.domain.faults.fault import Fault
from kmonitor.domain.office.roles import scopes
from kmonitor.events.codec import encode
from kmonitor.events.office.terminals import TerminalRegistered
from kmonitor.events.office.upkeep import FaultAcknowledged
from kmonitor.events.operations import OperationBody
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import OPEN_FAULTS, OPERATIONS
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
