"""A terminal has one status at a time: the first that applies."""

from datetime import datetime

import pytest
from builders import TERMINAL, at, dictionary, heartbeat, menu, printer, report, started, stopped, validator

from kmonitor.domain.faults.fault import Fault, TerminalFaults, silence
from kmonitor.domain.faults.judge import Circumstances, judge_report
from kmonitor.domain.terminal.standing import Standing
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.domain.terminal.status import NO_FAULTS, OpenFaults, status
from kmonitor.events.life import TerminalLocked
from kmonitor.events.log import Report

SILENCE = silence(TERMINAL, at(0), 0, at(151))


def seen_as(said: Report, *faults: Fault) -> str:
    state = after_report(TerminalState(terminal=TERMINAL), said, partition=0, offset=0)
    judged, _ = judge_report(
        TerminalFaults(terminal=TERMINAL), said, said.events, Circumstances(60, 0, dictionary())
    )
    return status(state, OpenFaults((*judged.open.values(), *faults))).status


def test_a_terminal_never_heard_is_new() -> None:
    assert status(None, NO_FAULTS).status == "new"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (report(heartbeat(1)), "working"),
        (report(printer(1, "paper_near_end")), "working"),
        (report(printer(1, "paper_out")), "degraded"),
        (report(validator(1, "41")), "stopped"),
        (report(validator(1, "43"), printer(2, "paper_out")), "stopped"),
        (report(TerminalLocked(seq=1, at=at(0))), "stopped"),
        (report(validator(1, "43"), stopped(2)), "off"),
    ],
)
def test_the_first_status_that_applies_is_the_one(said: Report, expected: str) -> None:
    assert seen_as(said) == expected


def test_silence_hides_what_was_wrong_before() -> None:
    assert seen_as(report(validator(1, "43")), SILENCE) == "silent"


def test_a_status_says_why_and_since_when() -> None:
    said = report(validator(1, "43"), received=5)
    state = after_report(TerminalState(terminal=TERMINAL), said, partition=0, offset=0)
    judged, _ = judge_report(
        TerminalFaults(terminal=TERMINAL), said, said.events, Circumstances(60, 0, dictionary())
    )
    found = status(state, OpenFaults(tuple(judged.open.values())))
    assert (found.reason, found.since) == ("bill_acceptor/validator-1 jammed", at(5))


def standing_as(said: Report, stands: Standing, quiet_at: datetime | None = None) -> tuple[str, str | None]:
    state = after_report(TerminalState(terminal=TERMINAL), said, partition=0, offset=0)
    found = status(state, OpenFaults((SILENCE,)), stands, quiet_at)
    return found.status, found.reason


def test_what_the_office_planned_comes_before_what_the_terminal_says() -> None:
    said = report(heartbeat(1))
    assert standing_as(said, Standing(retired_since=at(1), maintained_since=at(2)))[0] == "retired"
    assert standing_as(said, Standing(maintained_since=at(2), maintenance="new lock")) == (
        "maintenance",
        "new lock",
    )


def test_a_closed_terminal_is_off_once_it_is_quiet() -> None:
    closed = Standing(closed_since=at(100))
    assert standing_as(report(heartbeat(1)), closed)[0] == "silent"
    assert standing_as(report(heartbeat(1)), closed, at(150)) == ("off", "outside its working hours")


def test_an_open_service_menu_is_maintenance_until_it_is_closed_or_the_terminal_starts_again() -> None:
    assert seen_as(report(menu(1, True), validator(2, "43"))) == "maintenance"
    assert seen_as(report(menu(1, True), menu(2, False))) == "working"
    assert seen_as(report(menu(1, True), started(2))) == "working"
