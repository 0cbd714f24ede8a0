"""The gate lets in as many as leave again quickly, whatever knocks."""

import pytest

from kmonitor.ingest_gateway.gate import BODIES_AT_MOST, FEWEST, MOST, Gate
from kmonitor.ingest_gateway.problems import Problem


class World:
    """A clock, and for how long the log has been silent."""

    def __init__(self) -> None:
        self.now = 0.0
        self.silent_s = 0.0
        self.gate = Gate(lambda: self.silent_s, lambda: self.now)

    def passes(self, reports: int, took_s: float) -> None:
        """So many reports go in together and leave together."""
        entered = [self.gate.enter() for _ in range(reports) if not self.gate.full]
        assert self.gate.full or len(entered) == reports
        self.now += took_s
        for each in entered:
            self.gate.leave(each)


def test_slow_reports_shrink_the_limit_and_quick_ones_grow_it() -> None:
    world = World()
    for _ in range(100):
        world.passes(10, 0.3)
    assert world.gate.limit == FEWEST
    for _ in range(1000):
        world.passes(MOST, 0.03)
    assert world.gate.limit == MOST


def test_the_limit_grows_only_when_it_was_reached() -> None:
    world = World()
    before = world.gate.limit
    for _ in range(100):
        world.passes(1, 0.03)
    assert world.gate.limit == before


def test_a_silent_log_turns_all_away_at_once_and_lets_in_when_it_speaks() -> None:
    world = World()
    world.silent_s = 0.9
    with pytest.raises(Problem) as refused:
        world.gate.check_log()
    assert (refused.value.status, refused.value.retry_after_s) == (503, 2)
    world.silent_s = 0.0
    world.gate.check_log()


def test_all_bodies_together_are_bounded() -> None:
    gate = World().gate
    gate.hold(BODIES_AT_MOST)
    with pytest.raises(Problem):
        gate.hold(1)
    gate.release(1)
    gate.hold(1)
    assert gate.held_bytes == BODIES_AT_MOST


def test_refusals_are_told_once() -> None:
    gate = World().gate
    gate.refused += 2
    assert (gate.take_refused(), gate.take_refused()) == (2, 0)
