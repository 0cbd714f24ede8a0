"""When a terminal is silent, and when it is only us."""

from builders import EPOCH, at, tick

from kmonitor.domain.faults.presence import Heard, TickTime
from kmonitor.domain.sequences import Seen
from kmonitor.events.log import Tick


def passed(*ticks: Tick) -> int:
    time = TickTime()
    for each in ticks:
        time = time.after(each)
    return time.passed_ms


def test_time_is_the_sum_of_the_steps_between_ticks() -> None:
    assert passed(tick(0), tick(1), tick(2.5)) == 2500


def test_a_step_over_our_own_outage_counts_three_seconds() -> None:
    assert passed(tick(0), tick(1), tick(301)) == 4000


def test_time_stands_still_while_the_gateway_refuses() -> None:
    assert passed(tick(0), tick(1, refusing=True), tick(2)) == 1000


def test_a_clock_that_went_back_takes_no_time_away_and_gives_none_twice() -> None:
    assert passed(tick(0), tick(10), tick(5), tick(10), tick(11)) == 4000


def test_a_terminal_is_silent_after_two_and_a_half_intervals() -> None:
    heard = Heard(passed_ms=1000, received_at=at(0), offset=0)
    assert not heard.is_silent(TickTime(151_000), interval_s=60)
    assert heard.is_silent(TickTime(151_001), interval_s=60)


def test_a_terminal_that_said_it_stops_is_not_silent() -> None:
    seen = {EPOCH: Seen(((1, 8),))}
    said_last = Heard(passed_ms=0, received_at=at(0), offset=0, seen=seen, stop=(EPOCH, 8))
    said_earlier = Heard(passed_ms=0, received_at=at(0), offset=0, seen=seen, stop=(EPOCH, 7))
    assert (said_last.is_expected, said_earlier.is_expected) == (False, True)
