"""Who becomes silent, when, and what an outage of ours does not do."""

from typing import Any

from builders import TERMINAL, dictionary, heartbeat, payment, redrive, report, stopped, tick
from folding import Table, at_once

from kmonitor.domain.faults.fault import FaultEvent, TerminalFaults
from kmonitor.domain.office.registry import Registry
from kmonitor.events.codec import decode
from kmonitor.events.log import Report, Tick
from kmonitor.fault_detector.fold import FaultDetector


def detector() -> FaultDetector:
    return FaultDetector(dictionary(), Registry(), known=at_once)


def ticks(first: int, last: int, **said: Any) -> list[Report | Tick]:
    return [tick(second, **said) for second in range(first, last + 1)]


def told(table: Table) -> list[tuple[str, str, float]]:
    events = [decode(each.value, FaultEvent) for each in table.published]
    return [(each.kind, each.fault.condition, each.at.timestamp() % 3600) for each in events]


def after(*log: Report | Tick) -> Table:
    table = Table()
    table.run(detector(), list(log))
    return table


def test_a_terminal_alone_in_its_partition_is_silent_after_two_and_a_half_intervals() -> None:
    table = after(tick(0), report(heartbeat(1), received=0), *ticks(1, 160))
    assert told(table) == [("raised", "silent", 151)]


def test_its_next_report_ends_the_silence() -> None:
    table = after(
        tick(0), report(heartbeat(1)), *ticks(1, 200), report(heartbeat(2), received=200), *ticks(201, 300)
    )
    assert [(kind, condition) for kind, condition, _ in told(table)] == [
        ("raised", "silent"),
        ("cleared", "silent"),
    ]


def test_by_a_re_drive_a_terminal_is_not_heard() -> None:
    table = after(
        tick(0), report(heartbeat(1)), *ticks(1, 100), redrive(heartbeat(2), received=100), *ticks(101, 160)
    )
    assert told(table) == [("raised", "silent", 151)]


def test_a_re_drive_makes_nobody_wait_for_a_terminal() -> None:
    assert told(after(tick(0), redrive(heartbeat(1)), *ticks(1, 300))) == []
    off = (tick(0), report(heartbeat(1), stopped(2)), *ticks(1, 100))
    assert told(after(*off, redrive(heartbeat(3), received=100), *ticks(101, 400))) == []


def test_what_a_re_drive_brought_is_not_new_once_more() -> None:
    sums = {"inserted_minor": 900}
    told_once = after(tick(0), redrive(payment(2, 500, **sums)), report(payment(2, 500, **sums)), tick(1))
    assert [condition for _, condition, _ in told(told_once)] == ["sums_differ"]


def test_a_terminal_that_reports_is_never_silent() -> None:
    log: list[Report | Tick] = []
    for minute in range(10):
        log.append(report(heartbeat(minute + 1, minute * 60), received=minute * 60))
        log += ticks(minute * 60, minute * 60 + 59)
    assert told(after(*log)) == []


def test_five_minutes_without_the_gateway_make_nobody_silent() -> None:
    table = after(*ticks(0, 10), report(heartbeat(1), received=10), *ticks(311, 320))
    assert told(table) == []


def test_while_the_gateway_refuses_nobody_becomes_silent() -> None:
    table = after(tick(0), report(heartbeat(1)), *ticks(1, 400, refusing=True))
    assert told(table) == []


def test_a_terminal_that_said_it_stops_does_not_become_silent() -> None:
    table = after(tick(0), report(heartbeat(1), stopped(2)), *ticks(1, 400))
    assert told(table) == []


def test_a_detector_that_was_away_reaches_the_same_verdicts_from_the_log() -> None:
    log = [tick(0), report(heartbeat(1)), *ticks(1, 160), report(heartbeat(2), received=160), *ticks(161, 700)]
    live, late = Table(), Table()
    live.run(detector(), log)
    late.run(detector(), log, until=30)
    late.run(detector(), log)
    assert set(told(late)) == set(told(live))
    assert late.all_of(TerminalFaults) == live.all_of(TerminalFaults)
    assert TERMINAL in live.all_of(TerminalFaults)
