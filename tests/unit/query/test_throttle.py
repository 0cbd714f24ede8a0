"""Whoever keeps guessing has to wait, and nobody else does."""

import pytest

from kmonitor.query_api.problems import Problem
from kmonitor.query_api.throttle import ATTEMPTS, MOST_REMEMBERED, Throttle


def test_the_eleventh_wrong_attempt_in_a_minute_has_to_wait() -> None:
    throttle = Throttle()
    for _ in range(ATTEMPTS):
        throttle.enter("host a", "person p")
    for names in (("host a", "person q"), ("host b", "person p")):
        with pytest.raises(Problem) as refused:
            throttle.enter(*names)
        assert refused.value.status == 429
        assert 0 < int(refused.value.headers["Retry-After"]) <= 61
    throttle.enter("host b", "person q")


def test_a_right_attempt_counts_for_nothing() -> None:
    throttle = Throttle()
    for _ in range(ATTEMPTS * 3):
        throttle.enter("host a")
        throttle.forgive("host a")
    throttle.enter("host a")


def test_the_oldest_name_is_forgotten_when_there_are_too_many() -> None:
    throttle = Throttle()
    for _ in range(ATTEMPTS):
        throttle.enter("host a")
    for number in range(MOST_REMEMBERED):
        throttle.enter(f"host {number}")
    throttle.enter("host a")
