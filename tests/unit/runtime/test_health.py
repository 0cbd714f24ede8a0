"""A service is ready while nothing is wrong, alive while its loop turns, and says so over HTTP."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.health import Health, answer
from kmonitor.runtime.metrics import RECORDS
from kmonitor.runtime.probes import ProbeServer


@contextmanager
def serving(health: Health) -> Iterator[int]:
    server = ProbeServer(health, "127.0.0.1", 0)
    try:
        yield server.port
    finally:
        server.close()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    said = response.status, response.read()
    connection.close()
    return said


def test_it_is_ready_when_every_part_it_waits_for_was_reported_well() -> None:
    health = Health("broker", "registry")
    health.report("broker", None)
    assert (health.ready, health.reasons) == (False, {"registry": "starting"})
    health.reporter("registry")(None)
    assert health.ready


def test_a_part_in_trouble_makes_it_not_ready_but_never_dead() -> None:
    health = Health(stuck_after_s=60)
    health.report("ClickHouse", "does not answer")
    assert (health.ready, health.live) == (False, True)


def test_a_loop_that_does_not_turn_is_dead() -> None:
    health = Health(stuck_after_s=0)
    assert not health.live
    assert answer(health, "/health/live").status == 503


def test_probes_get_the_reasons() -> None:
    health = Health()
    with serving(health) as port:
        assert get(port, "/health/ready")[0] == 200
        health.report("broker", "Kafka does not answer")
        status, body = get(port, "/health/ready?verbose=1")
        assert status == 503
        assert json.loads(body)["reasons"] == {"broker": "Kafka does not answer"}
        assert get(port, "/health/live")[0] == 200
        assert get(port, "/other")[0] == 404


def test_the_metrics_are_there_with_when_to_worry() -> None:
    RECORDS.inc()
    with serving(Health()) as port:
        status, body = get(port, "/metrics")
    text = body.decode()
    assert status == 200
    assert "kmonitor_records_total" in text
    assert "Worry when" in text
    assert "process_cpu_seconds_total" in text
    assert "process_resident_memory_bytes" in text


async def test_it_answers_beside_a_loop_of_asyncio() -> None:
    with serving(Health()) as port:
        assert await asyncio.to_thread(get, port, "/health/live") == (
            200,
            await asyncio.to_thread(body_of, port),
        )


def body_of(port: int) -> bytes:
    return get(port, "/health/live")[1]


def test_a_slow_asker_does_not_hold_up_another() -> None:
    with serving(Health()) as port, socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /health")
        assert get(port, "/health/live")[0] == 200


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with (
        serving(Health()) as port,
        pytest.raises(CannotStart, match=f"{port} is not to be had .*KMONITOR_HTTP_PORT"),
    ):
        ProbeServer(Health(), "127.0.0.1", port)
