"""What must last before it is raised and be gone before it is cleared, and what only people can end."""

from builders import TERMINAL, at, dictionary, door, heartbeat, printer, procedure, report, tamper, tick
from folding import Table, at_once
from msgspec.structs import replace

from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.fault import FaultEvent, TerminalFaults
from kmonitor.domain.office.registry import Registry
from kmonitor.events.codec import decode
from kmonitor.events.log import Report, Tick
from kmonitor.events.office.upkeep import FaultClosed
from kmonitor.events.operations import Operation
from kmonitor.fault_detector.fold import FaultDetector

OFFLINE = dictionary().entries["receipt_printer", "offline"]


def after(*log: Report | Tick, registry: Registry | None = None, known: Dictionary | None = None) -> Table:
    table = Table()
    table.run(FaultDetector(known or dictionary(), registry or Registry(), known=at_once), list(log))
    return table


def ticks(first: int, last: int, **said: int) -> list[Report | Tick]:
    return [replace(tick(second), **said) for second in range(first, last + 1)]


def told(table: Table) -> list[tuple[str, str, float]]:
    events = [decode(each.value, FaultEvent) for each in table.published]
    return [(each.kind, each.fault.condition, (each.at - at(0)).total_seconds()) for each in events]


def offline(seq: int, second: float) -> Report:
    return report(printer(seq, "offline", second), received=second)


def back(seq: int, second: float) -> Report:
    return report(printer(seq, "ok", second), received=second)


def test_what_must_last_is_raised_in_tick_time_and_what_must_be_gone_is_cleared_so() -> None:
    assert (OFFLINE.raise_after_s, OFFLINE.clear_after_s) == (30, 10)
    table = after(tick(0), offline(1, 0), *ticks(1, 40), back(2, 40), *ticks(41, 60))
    assert told(table) == [("raised", "offline", 30), ("cleared", "offline", 50)]


def test_what_comes_and_goes_in_time_is_never_told() -> None:
    table = after(tick(0), offline(1, 0), *ticks(1, 20), back(2, 20), *ticks(21, 70))
    assert told(table) == []


def test_what_is_gone_for_a_moment_only_stays_one_fault() -> None:
    log = [tick(0), offline(1, 0), *ticks(1, 40), back(2, 40), *ticks(41, 45), offline(3, 45), *ticks(46, 58)]
    assert told(after(*log)) == [("raised", "offline", 30)]


def test_saying_it_again_does_not_begin_the_wait_anew() -> None:
    table = after(tick(0), offline(1, 0), *ticks(1, 20), offline(2, 20), *ticks(21, 40))
    assert told(table) == [("raised", "offline", 30)]


def test_no_time_passes_while_we_are_away() -> None:
    table = after(tick(0), offline(1, 0), *ticks(1, 5), *ticks(900, 915))
    assert told(table) == []


def test_while_a_terminal_is_silent_its_other_faults_wait() -> None:
    quick = Registry()
    table = after(
        tick(0),
        offline(1, 0),
        *ticks(1, 10),
        report(heartbeat(2, 10), received=10),
        *ticks(11, 200),
        registry=quick,
    )
    assert [(kind, condition) for kind, condition, _ in told(table)][:2] == [
        ("raised", "offline"),
        ("raised", "silent"),
    ]


def test_a_detector_killed_while_something_waits_tells_the_same() -> None:
    log = [tick(0), offline(1, 0), *ticks(1, 40), back(2, 40), *ticks(41, 60)]
    for killed_at in range(len(log)):
        table = Table()
        table.run(FaultDetector(dictionary(), Registry(), known=at_once), log, until=killed_at)
        table.run(FaultDetector(dictionary(), Registry(), known=at_once), log)
        once = dict.fromkeys(told(table))
        assert list(once) == [("raised", "offline", 30), ("cleared", "offline", 50)]


def test_a_door_and_a_kick_are_faults_and_a_kick_stays_until_a_repair_is_confirmed() -> None:
    table = after(
        tick(0),
        report(door(1, True), tamper(2, "kick"), received=0),
        report(door(3, False, 60), received=60),
        report(procedure(4, 120, kind="inspection"), received=120),
    )
    assert told(table) == [
        ("raised", "door_open", 0),
        ("raised", "kicked", 0),
        ("cleared", "door_open", 60),
        ("cleared", "kicked", 120),
    ]


def test_a_fault_closed_by_hand_is_not_raised_again_by_what_had_caused_it() -> None:
    registry = Registry()
    kicked = report(tamper(1, "kick"), received=0)
    (opened,) = after(tick(0), kicked).all_of(TerminalFaults)[TERMINAL].open.values()
    registry.learn(0, closing(opened.fault_id))
    seen = {"operations_up_to": 0}
    table = after(
        tick(0),
        kicked,
        *ticks(1, 2, **seen),
        report(printer(2, "ok", 3), received=3),
        report(tamper(3, "kick", 4), received=4),
        registry=registry,
    )
    assert told(table) == [("raised", "kicked", 0), ("cleared", "kicked", 1), ("raised", "kicked", 4)]
    cleared = decode(table.published[1].value, FaultEvent).fault
    assert (cleared.cleared_by, cleared.finding) == ("ivanov", "a child")


def test_what_the_dictionary_learns_is_judged_at_the_next_live_event() -> None:
    known = dictionary()
    older = Dictionary({}, known.codes, known.radixes, "older")
    table = Table()
    log: list[Report | Tick] = [tick(0), report(printer(1, "jammed"), received=0), tick(11)]
    table.run(FaultDetector(older, Registry(), known=at_once), log)
    assert told(table) == []
    log += [report(heartbeat(2, 20), received=20)]
    table.run(FaultDetector(known, Registry(), known=at_once), log)
    assert told(table) == [("raised", "jammed", 20)]


def closing(fault_id: str) -> Operation:
    return Operation(
        operation_id="o-1",
        author="ivanov",
        recorded_at=at(1),
        body_sha256="",
        body=FaultClosed(fault_id=fault_id, finding="a child"),
    )
