"""The pure rules: what room there is for, how long to wait, what an answer means."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.agent.kiosk import problem

from kmonitor.events import codec
from kmonitor.terminal_agent.answers import Accepted, NotNow, Unreadable, Unwelcome, judge
from kmonitor.terminal_agent.backoff import backoff, obedient, slow
from kmonitor.terminal_agent.gateway import Answer
from kmonitor.terminal_agent.room import Room, kept, room
from kmonitor.terminal_agent.spool import Event, Refusal

EVENTS = [Event(41, b"{}"), Event(42, b"{}")]
TYPES = ["terminal.heartbeat.v1", "payment.accepted.v1", "session.ended.v1", "iris.scanned.v2"]


def answer(
    status: int, body: bytes = b"", media_type: str = "application/json", retry_after: str = ""
) -> Answer:
    return Answer(status, retry_after, media_type, body)


def accepted(count: int, *rejected: dict[str, Any]) -> Answer:
    said = {"accepted": count, "rejected": list(rejected), "received_at": "x", "report_interval_s": 10}
    return answer(202, codec.encode(said))


def test_there_is_room_for_all_then_for_what_matters_then_for_nothing() -> None:
    assert [room(used, 1000) for used in (0, 900, 901, 1000, 1001)] == [
        Room.ALL,
        Room.ALL,
        Room.ESSENTIAL,
        Room.ESSENTIAL,
        Room.NONE,
    ]
    assert kept(TYPES, Room.ALL) == [True, True, True, True]
    assert kept(TYPES, Room.ESSENTIAL) == [False, True, False, True]
    assert kept(TYPES, Room.NONE) == [False, False, False, False]


def test_a_pause_doubles_up_to_its_limit() -> None:
    assert [backoff(tries, 1.0, 60) for tries in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


@given(st.integers(0, 10**9), st.floats(0, 1), st.floats(1, 3600))
def test_chance_shortens_a_pause_by_at_most_half(tries: int, chance: float, longest_s: float) -> None:
    assert 0.5 * min(longest_s, 1) <= backoff(tries, chance, longest_s) <= longest_s
    assert backoff(tries, chance, longest_s) >= backoff(tries, 1.0, longest_s) / 2
    assert slow(chance, longest_s) >= 30


def test_different_chances_spread_the_kiosks() -> None:
    pauses = [backoff(5, chance / 10, 60) for chance in range(11)]
    assert all(one < other for one, other in pairwise(pauses))


@given(st.floats(0, 3600), st.floats(0, 1))
def test_nobody_comes_back_sooner_than_the_gateway_asked(seconds: float, chance: float) -> None:
    assert seconds <= obedient(seconds, chance) <= seconds * 1.2


def test_a_202_is_believed_if_it_speaks_of_these_events() -> None:
    assert judge(accepted(2), EVENTS) == Accepted([], 10)
    rejected = {"index": 1, "seq": None, "reason": "unknown_type", "detail": "?"}
    assert judge(accepted(1, rejected), EVENTS) == Accepted([Refusal(42, "unknown_type", "?")], 10)


@pytest.mark.parametrize(
    "said",
    [
        accepted(1),
        accepted(3),
        accepted(1, {"index": 7, "reason": "unknown_type"}),
        answer(202, b"<html>Welcome to our hotspot</html>", "text/html"),
        answer(202, b"{}"),
        answer(202, b"\xff"),
        answer(200, b"{}"),
        answer(302),
        answer(404),
        answer(415),
    ],
)
def test_no_other_success_empties_a_spool(said: Answer) -> None:
    assert isinstance(judge(said, EVENTS), Unwelcome)


@pytest.mark.parametrize(("status", "word"), [(401, "key"), (403, "another terminal")])
def test_a_refused_key_is_said_clearly(status: int, word: str) -> None:
    verdict = judge(problem(status), EVENTS)
    assert isinstance(verdict, Unwelcome)
    assert str(status) in verdict.reason
    assert word in verdict.reason


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_not_now(status: int) -> None:
    verdict = judge(problem(status, retry_after="7"), EVENTS)
    assert isinstance(verdict, NotNow)
    assert verdict.retry_after_s == 7


def test_only_seconds_are_asked_of_a_kiosks_clock() -> None:
    verdict = judge(problem(503, retry_after="Fri, 31 Dec 1999 23:59:59 GMT"), EVENTS)
    assert isinstance(verdict, NotNow)
    assert verdict.retry_after_s is None


@pytest.mark.parametrize("status", [400, 413])
def test_an_unreadable_report_is_the_gateways_word_only_as_a_problem(status: int) -> None:
    assert judge(problem(status), EVENTS) == Unreadable(str(status), "not like this", by_gateway=True)
    between = judge(answer(status, b"<html>", "text/html"), EVENTS)
    assert between == Unreadable(str(status), "", by_gateway=False)
