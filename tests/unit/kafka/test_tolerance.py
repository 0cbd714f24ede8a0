"""How much unreadable a consumer bears, and what it may have committed when it stops."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.kafka.tolerance import Tolerance, TooMuchPoison

TOPIC = "kmonitor.terminal-events.v1"


def test_one_poison_record_is_borne_and_may_be_committed() -> None:
    tolerance = Tolerance(TOPIC)
    tolerance.bad()
    assert tolerance.may_commit


def test_a_second_one_right_after_holds_the_commit_until_it_is_forgiven() -> None:
    tolerance = Tolerance(TOPIC)
    tolerance.bad(2)
    assert not tolerance.may_commit
    tolerance.good(100)
    assert tolerance.may_commit


def test_a_run_over_the_limit_stops_and_says_what_to_do() -> None:
    tolerance = Tolerance(TOPIC, limit=50)
    tolerance.bad(50)
    with pytest.raises(TooMuchPoison, match=rf"{TOPIC}: 51 records cannot be read.*then start again"):
        tolerance.bad()


@pytest.mark.parametrize("between", [9_999, 1_000, 101])
def test_one_in_many_goes_on_for_ever(between: int) -> None:
    tolerance = Tolerance(TOPIC)
    for _ in range(1_000):
        tolerance.bad()
        assert tolerance.may_commit
        tolerance.good(between)
    assert tolerance.poison == 1_000


def test_a_topic_with_too_large_a_share_of_poison_stops_too() -> None:
    tolerance = Tolerance(TOPIC)

    def drain() -> None:
        for _ in range(10_000):
            tolerance.bad()
            tolerance.good(20)

    with pytest.raises(TooMuchPoison):
        drain()


readable = st.lists(st.integers(0, 19).map(lambda dice: dice > 0), max_size=2_000)


@given(readable, st.integers(1, 10), st.integers(1, 20))
def test_a_consumer_that_stops_has_committed_at_most_the_first_of_the_run(
    records: list[bool], limit: int, forgiveness: int
) -> None:
    tolerance = Tolerance(TOPIC, limit=limit, forgiveness=forgiveness)
    committed = 0
    records = [*records, *[False] * (limit + 1)]
    with pytest.raises(TooMuchPoison):
        for offset, is_readable in enumerate(records):
            if is_readable:
                tolerance.good()
            else:
                tolerance.bad()
            if tolerance.may_commit:
                committed = offset + 1
    assert records[committed:].count(False) >= limit - 1


@given(readable, st.integers(1, 20))
def test_the_level_never_falls_below_nothing_nor_forgets_more_than_was_good(
    records: list[bool], forgiveness: int
) -> None:
    tolerance = Tolerance(TOPIC, limit=10_000, forgiveness=forgiveness)
    for is_readable in records:
        before = tolerance.level
        if is_readable:
            tolerance.good()
        else:
            tolerance.bad()
        expected = max(0.0, before - 1 / forgiveness) if is_readable else before + 1
        assert tolerance.level == pytest.approx(expected)
    assert tolerance.poison == records.count(False)


@given(st.integers(0, 500), st.integers(0, 500))
def test_many_good_ones_at_once_count_as_one_by_one(poison: int, good: int) -> None:
    at_once, singly = Tolerance(TOPIC, limit=1_000), Tolerance(TOPIC, limit=1_000)
    at_once.bad(poison)
    at_once.good(good)
    for _ in range(poison):
        singly.bad()
    for _ in range(good):
        singly.good()
    assert at_once.level == singly.level
