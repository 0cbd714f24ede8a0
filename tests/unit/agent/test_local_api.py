"""The agent's endpoint on loopback: an answer of 202 means on the disk."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from unit.agent.kiosk import a_spool, an_intake, paid, waiting

from kmonitor.terminal_agent.errors import CannotRun
from kmonitor.terminal_agent.local_api import BODY_AT_MOST, LOOPBACK, LocalApi
from kmonitor.terminal_agent.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with a_spool(tmp_path, limit=200_000) as opened:
        yield opened


@pytest.fixture
def api(spool: Spool) -> Iterator[LocalApi]:
    serving = LocalApi(0, an_intake(spool), lambda: {"queued": spool.queued})
    serving.start()
    yield serving
    serving.close()


def hand_over(api: LocalApi, events: Any, **headers: str) -> httpx.Response:
    return httpx.post(url(api, "/events"), json=events, headers=headers)


def url(api: LocalApi, path: str) -> str:
    return f"http://{LOOPBACK}:{api.port}{path}"


def is_problem(answer: httpx.Response, status: int) -> bool:
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["detail"]
    return answer.status_code == status


def test_202_tells_the_numbers_of_what_is_on_the_disk(api: LocalApi, spool: Spool) -> None:
    answer = hand_over(api, [paid("a"), paid("b")])
    assert answer.status_code == 202
    assert answer.json() == {"epoch": spool.epoch, "seqs": [1, 2]}
    assert [each["payment_id"] for each in waiting(spool)] == ["a", "b"]


def test_one_event_needs_no_list(api: LocalApi) -> None:
    assert hand_over(api, paid("a")).json()["seqs"] == [1]


def test_a_retried_hand_over_counts_once(api: LocalApi, spool: Spool) -> None:
    said = {"Idempotency-Key": "6f0c"}
    assert hand_over(api, paid("a"), **said).content == hand_over(api, paid("a"), **said).content
    assert spool.queued == 1


def test_a_key_with_another_body_is_409(api: LocalApi, spool: Spool) -> None:
    said = {"Idempotency-Key": "6f0c"}
    hand_over(api, paid("a"), **said)
    assert is_problem(hand_over(api, paid("b"), **said), 409)
    assert spool.queued == 1


def test_what_can_never_be_read_is_400_and_names_the_event_and_the_field(api: LocalApi, spool: Spool) -> None:
    answer = hand_over(api, [paid("a"), paid("b", currency="rub")])
    assert is_problem(answer, 400)
    assert answer.json()["index"] == 1
    assert "currency" in answer.json()["detail"]
    assert spool.queued == 0


def test_a_full_spool_is_507_and_says_when_to_come_again(api: LocalApi) -> None:
    answers = [hand_over(api, [paid("a")] * 500) for _ in range(3)]
    assert is_problem(answers[-1], 507)
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_agent_that_ends_takes_nothing_any_more(spool: Spool) -> None:
    intake = an_intake(spool)
    api = LocalApi(0, intake, dict)
    api.start()
    intake.close()
    answer = hand_over(api, paid("a"))
    api.close()
    assert is_problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert spool.queued == 0


def test_a_page_in_the_kiosks_browser_cannot_hand_over(api: LocalApi) -> None:
    answer = httpx.post(url(api, "/events"), content=b"{}", headers={"Content-Type": "text/plain"})
    assert is_problem(answer, 415)
    assert "access-control-allow-origin" not in answer.headers


def test_a_body_too_large_or_without_length_is_not_read(api: LocalApi) -> None:
    said = {"Content-Type": "application/json"}
    with socket.create_connection((LOOPBACK, api.port)) as connection:
        connection.sendall(
            b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (BODY_AT_MOST + 1)
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert is_problem(httpx.post(url(api, "/events"), content=iter([b"{}"]), headers=said), 411)
    assert is_problem(httpx.post(url(api, "/events"), json={}, headers={"Idempotency-Key": "x" * 201}), 400)


def test_a_caller_that_goes_away_in_the_middle_is_nothing(api: LocalApi, spool: Spool) -> None:
    with socket.create_connection((LOOPBACK, api.port)) as connection:
        connection.sendall(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert hand_over(api, paid("a")).status_code == 202
    assert spool.queued == 1


def test_a_caller_that_asks_before_it_sends_is_told_to_go_on(api: LocalApi) -> None:
    head = b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection((LOOPBACK, api.port), timeout=5) as connection:
        connection.sendall(head)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert connection.recv(1000).startswith(b"HTTP/1.1 415 ")


def test_it_says_how_it_is(api: LocalApi) -> None:
    assert httpx.get(url(api, "/status")).json() == {"queued": 0}
    assert httpx.get(url(api, "/health/live")).json() == {"ok": True}
    assert is_problem(httpx.get(url(api, "/")), 404)
    assert is_problem(httpx.post(url(api, "/status"), json={}), 404)


def test_many_hand_overs_on_one_connection(api: LocalApi) -> None:
    with httpx.Client() as client:
        answers = [client.post(url(api, "/events"), json=paid(str(number))) for number in range(20)]
    assert [each.json()["seqs"] for each in answers] == [[number] for number in range(1, 21)]


def test_a_taken_port_is_said_in_a_sentence(api: LocalApi, spool: Spool) -> None:
    with pytest.raises(CannotRun, match="free `port`"):
        LocalApi(api.port, an_intake(spool), dict)
