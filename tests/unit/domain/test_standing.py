"""How the office has a terminal stand: retired, planned for maintenance, closed."""

from typing import Any

from builders import at
from query_process import operation

from kmonitor.domain.office.registry import Registry, TerminalAttributes
from kmonitor.domain.office.upkeep import Belongs
from kmonitor.domain.terminal.standing import standing
from kmonitor.events.office.terminals import TerminalRegistered, TerminalRetired
from kmonitor.events.office.upkeep import MaintenanceCancelled, MaintenancePlanned, ProcedureScheduled
from kmonitor.events.operations import OperationBody

KIOSK = TerminalAttributes(region="msk", dealer="d1")


def office(*said: OperationBody) -> Registry:
    registry = Registry()
    for number, body in enumerate(said):
        registry.learn(number, operation(body))
    return registry


def planned(name: str = "m-1", **said: Any) -> MaintenancePlanned:
    return MaintenancePlanned(maintenance_id=name, from_=at(100), to=at(200), **said)


def test_a_window_holds_from_its_beginning_until_before_its_end() -> None:
    registry = office(planned(region="msk", note="new router"))
    found = [standing(registry, "T", KIOSK, at(second)) for second in (99, 100, 199, 200)]
    assert [each.maintenance for each in found] == [None, "new router", "new router", None]
    assert [each.changes_at for each in found] == [at(100), at(200), at(200), None]


def test_a_window_is_for_those_it_chooses() -> None:
    for said, expected in (
        ({"region": "spb"}, None),
        ({"dealer": "d1"}, "m-1"),
        ({"terminals": ("T", "U")}, "m-1"),
        ({"terminals": ("U",)}, None),
        ({}, "m-1"),
    ):
        assert standing(office(planned(**said)), "T", KIOSK, at(150)).maintenance == expected


def test_a_cancelled_window_is_none_and_a_planned_one_may_be_replaced() -> None:
    registry = office(planned(), MaintenanceCancelled(maintenance_id="m-1"))
    assert standing(registry, "T", KIOSK, at(150)).maintenance is None
    registry = office(planned(note="one"), planned(note="other"))
    assert standing(registry, "T", KIOSK, at(150)).maintenance == "other"


def test_a_retired_terminal_is_so_from_its_moment_until_it_is_registered_again() -> None:
    registry = office(
        TerminalRegistered(terminal="T", effective_from=at(0)),
        TerminalRetired(terminal="T", effective_from=at(100)),
        TerminalRegistered(terminal="T", effective_from=at(200)),
    )
    found = []
    for second in (50, 150, 250):
        attributes = registry.attributes("T", at(second))
        assert attributes is not None
        found.append(standing(registry, "T", attributes, at(second)).retired_since)
    assert found == [None, at(100), None]


def test_a_procedure_is_scheduled_by_the_last_word_that_chooses_a_terminal() -> None:
    registry = office(
        ProcedureScheduled(procedure="z_report", every_days=1),
        ProcedureScheduled(procedure="inspection", every_days=30, region="msk"),
        ProcedureScheduled(procedure="z_report", every_days=7, dealer="d1"),
        ProcedureScheduled(procedure="inspection", every_days=None, terminals=("U",)),
    )
    assert registry.upkeep.every_days(Belongs("T", "msk", "d1")) == {"z_report": 7, "inspection": 30}
    assert registry.upkeep.every_days(Belongs("U", "msk", "d2")) == {"z_report": 1}
