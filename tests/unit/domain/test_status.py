"""A terminal has one status at a time: the first that applies."""

import pytest
from builders import TERMINAL, at, dictionary, heartbeat, printer, report, stopped, validator

from kmonitor.domain.faults import Fault, TerminalFaults, silence
from kmonitor.domain.judge import Circumstances, judge_report
from kmonitor.domain.status import NO_FAULTS, OpenFaults, status
from kmonitor.domain.terminal import TerminalState, after_report
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
