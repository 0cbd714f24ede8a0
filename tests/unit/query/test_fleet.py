"""The fleet in memory: who is listed, in what order, and as what."""

from datetime import datetime
from typing import Any

from builders import TERMINAL, at, dictionary, jam, note, report, validator
from msgspec.structs import replace
from query_process import faults_of, operation

from kmonitor.domain.office.registry import Registry
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.codec import encode
from kmonitor.events.office.terminals import TerminalRegistered
from kmonitor.query_api.cursors import place
from kmonitor.query_api.fleet import Fleet
from kmonitor.query_api.routes.terminals import TerminalsWanted, page_of

JAM = jam(TERMINAL, 5, fault_id="f1")


class Office:
    """A fleet, and an office that speaks to it."""

    def __init__(self) -> None:
        self.now: datetime = at(0)
        self.registry = Registry()
        self.fleet = Fleet(self.registry, lambda: self.now, dictionary())

    def registers(self, terminal: str, **said: Any) -> Any:
        body = TerminalRegistered(terminal=terminal, **said)
        self.registry.learn(self.registry.up_to + 1, operation(body))
        return self.fleet.describe(terminal)

    def listed(self, **wanted: Any) -> list[str]:
        page = page_of(self.fleet.after(None), TerminalsWanted(**wanted))
        return [row.terminal for row in page.items]


def heard(terminal: str = TERMINAL, received: float = 0) -> bytes:
    said = report(note(1), terminal=terminal, received=received)
    return encode(after_report(TerminalState(terminal=terminal), said, 0, 7))


def test_a_registered_terminal_is_new_until_it_is_heard() -> None:
    office = Office()
    assert office.registers("A").status == "new"
    row = office.fleet.take_state("A", heard("A"))
    assert row is not None
    assert row.status == "working"
    assert dict(+office.fleet.by_status) == {"working": 1}


def test_a_terminal_that_nobody_registered_is_listed_when_it_is_heard() -> None:
    office = Office()
    office.fleet.take_state("B", heard("B"))
    assert office.listed() == ["B"]


def test_a_fault_changes_the_status_and_its_end_changes_it_back() -> None:
    office = Office()
    office.fleet.take_state(TERMINAL, heard())
    stopped = office.fleet.take_faults(TERMINAL, encode(faults_of(JAM)))
    assert stopped is not None
    assert (stopped.status, stopped.open_faults) == ("stopped", 1)
    assert [fault.fault_id for fault in office.fleet.open_faults()] == ["f1"]
    assert office.fleet.by_severity["error"] == 1
    works = office.fleet.take_faults(TERMINAL, None)
    assert works is not None
    assert works.status == "working"
    assert list(office.fleet.open_faults()) == []
    assert office.fleet.by_severity["error"] == 0


def test_what_changes_nothing_that_is_shown_gives_no_row() -> None:
    office = Office()
    office.fleet.take_state(TERMINAL, heard())
    assert office.fleet.take_state(TERMINAL, heard()) is None


def test_a_description_that_holds_from_tomorrow_shows_tomorrow() -> None:
    office = Office()
    office.registers("A", region="old")
    assert office.registers("A", region="new", effective_from=at(86_400)) is None
    assert office.fleet.turn_pages() == []
    office.now = at(86_401)
    assert [row.region for row in office.fleet.turn_pages()] == ["new"]
    assert office.fleet.turn_pages() == []


def test_the_list_filters_by_all_that_was_asked() -> None:
    office = Office()
    office.registers("A-1", name="Ёлочка", region="msk", dealer="d1")
    office.registers("A-2", address="Lenin st.", region="msk", dealer="d2")
    office.registers("A-3", region="spb", dealer="d1")
    assert office.listed(region="msk") == ["A-1", "A-2"]
    assert office.listed(region="msk", dealer="d1") == ["A-1"]
    assert office.listed(q="елоч") == ["A-1"]
    assert office.listed(q="LENIN") == ["A-2"]
    assert office.listed(q="a-3") == ["A-3"]
    assert office.listed(status="new") == ["A-1", "A-2", "A-3"]
    assert office.listed(status="working") == []


def test_pages_join_to_the_whole_list_in_a_stable_order() -> None:
    office = Office()
    for number in (5, 3, 9, 1, 7):
        office.registers(f"T-{number}")
    found: list[str] = []
    cursor: str | None = None
    while True:
        at_ = place("terminals", cursor, str)
        after = str(at_[0]) if at_ else None
        page = page_of(office.fleet.after(after), TerminalsWanted(limit=2))
        found += [row.terminal for row in page.items]
        # A terminal that comes in between moves no other one.
        office.registers("T-0")
        cursor = page.next
        if cursor is None:
            break
    assert found == ["T-1", "T-3", "T-5", "T-7", "T-9"]


def test_a_full_last_page_has_no_next() -> None:
    office = Office()
    office.registers("A")
    office.registers("B")
    assert page_of(office.fleet.after(None), TerminalsWanted(limit=2)).next is None


def test_a_forgotten_state_leaves_the_registered_terminal_new() -> None:
    office = Office()
    office.registers(TERMINAL, name="shop")
    office.fleet.take_state(TERMINAL, heard())
    row = office.fleet.take_state(TERMINAL, None)
    assert row is not None
    assert (row.status, row.name) == ("new", "shop")


def test_a_row_tells_the_last_report() -> None:
    office = Office()
    state = after_report(TerminalState(terminal=TERMINAL), report(validator(1, "14"), received=30), 0, 7)
    row = office.fleet.take_state(TERMINAL, encode(replace(state, queued=3)))
    assert row is not None
    assert row.last_received_at == at(30)


def test_a_closed_terminal_that_goes_on_reporting_is_looked_at_no_more_often_than_it_can_change() -> None:
    office = Office()
    office.registers(TERMINAL, working_hours="00:00-09:00", region="r", effective_from=at(36_000))
    shown: dict[int, str] = {}
    for seconds in range(0, 21_600, 30):
        office.now = at(seconds)
        # Every other hour it says nothing.
        is_silent = seconds // 3_600 % 2 == 1
        said = None if is_silent else office.fleet.take_state(TERMINAL, heard(received=seconds))
        for row in filter(None, (said, *office.fleet.turn_pages())):
            if row.status not in list(shown.values())[-1:]:
                shown[seconds] = row.status
    # It counts as off two and a half intervals after its last word.
    assert shown == {
        0: "working",
        3_720: "off",
        7_200: "working",
        10_920: "off",
        14_400: "working",
        18_120: "off",
    }
    assert len(office.fleet._upcoming) <= 3
