"""A detector killed between any two records tells the same faults as one that was never killed."""

from collections.abc import Callable

from builders import (
    dictionary,
    door,
    heartbeat,
    payment,
    printer,
    procedure,
    report,
    stopped,
    tamper,
    tick,
    validator,
)
from folding import Table, at_once
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.domain.faults.fault import TerminalFaults
from kmonitor.domain.office.registry import Registry
from kmonitor.events.log import Report, Tick
from kmonitor.events.types import Event
from kmonitor.fault_detector.fold import FaultDetector

MAKERS: list[Callable[[int, float], Event]] = [
    lambda seq, at: heartbeat(seq, at),
    lambda seq, at: printer(seq, "jammed", at),
    lambda seq, at: printer(seq, "ok", at),
    lambda seq, at: validator(seq, "43", at - 3600),
    lambda seq, at: validator(seq, "14", at),
    lambda seq, at: payment(seq, 50_000, at, inserted_minor=seq * 10_000),
    lambda seq, at: stopped(seq, at),
    lambda seq, at: printer(seq, "offline", at),
    lambda seq, at: door(seq, seq % 2 == 0, at),
    lambda seq, at: tamper(seq, "kick", at),
    lambda seq, at: procedure(seq, at, kind="inspection"),
]


Step = tuple[int, int, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 5, 60, 200]),
        st.integers(0, len(MAKERS) - 1),
        st.sampled_from(["A-1", "A-2", "A-3"]),
    ),
    max_size=12,
)


def log_of(steps: list[Step]) -> list[Report | Tick]:
    """Three terminals' reports among ticks, with pauses long enough for silence."""
    log: list[Report | Tick] = []
    now = 0
    for seq, (pause, maker, terminal) in enumerate(steps, start=1):
        now += pause
        log += [tick(second) for second in range(max(0, now - 160), now, 2)]
        log.append(report(MAKERS[maker](seq, now), terminal=terminal, received=now))
    return log


def detector() -> FaultDetector:
    return FaultDetector(dictionary(), Registry(), known=at_once)


@given(STEPS, st.lists(st.integers(0, 1000), max_size=5))
def test_a_kill_between_any_two_records_changes_nothing(steps: list[Step], kills: list[int]) -> None:
    log = log_of(steps)
    straight, killed = Table(), Table()
    straight.run(detector(), log)
    for kill in kills:
        killed.run(detector(), log, until=kill % (len(log) + 1))
    killed.run(detector(), log)
    assert killed.all_of(TerminalFaults) == straight.all_of(TerminalFaults)
    assert {each.value for each in killed.published} == {each.value for each in straight.published}
