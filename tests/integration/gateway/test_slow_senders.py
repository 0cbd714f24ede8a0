"""Whoever is too slow is cut off, whoever sends too much is told so, and the gateway stays small."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import psutil
import pytest
from gateway_process import Gateway, Kiosk, payment

from kmonitor.local.ports import LOOPBACK

# Ten seconds, the watch's own second, and what two busy cores add to it.
CUT_OFF_S = 14.0


@pytest.fixture(scope="module")
def gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(kafka, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def kiosk(gateway: Gateway) -> Kiosk:
    return Kiosk.registered(gateway, "slow")


def head(kiosk: Kiosk, *more: str) -> bytes:
    lines = (
        "POST /v1/reports HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {kiosk.credential}",
        "Content-Type: application/json",
        *more,
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def until_closed(connection: socket.socket) -> bytes:
    connection.settimeout(30)
    heard = b""
    while part := connection.recv(65536):
        heard += part
    return heard


def test_a_request_that_does_not_arrive_is_408_and_the_connection_closed(kiosk: Kiosk) -> None:
    sent = {
        "nothing": b"",
        "half a head": head(kiosk)[:60],
        "half a body": head(kiosk, "Content-Length: 1000") + b'{"terminal":',
        "chunks that stop": head(kiosk, "Transfer-Encoding: chunked") + b"5\r\n12345\r\n",
    }
    since = time.monotonic()
    with ExitStack() as opened:
        connections = {
            said: opened.enter_context(socket.create_connection((LOOPBACK, kiosk.gateway.port)))
            for said in sent
        }
        for said, connection in connections.items():
            connection.sendall(sent[said])
        for said, connection in connections.items():
            heard = until_closed(connection)
            assert heard.startswith(b"HTTP/1.1 408 "), said
            assert b"application/problem+json" in heard
            assert 8 < time.monotonic() - since < CUT_OFF_S, said


def test_a_dribble_is_cut_off_too(kiosk: Kiosk) -> None:
    since = time.monotonic()
    with socket.create_connection((LOOPBACK, kiosk.gateway.port)) as connection:
        connection.settimeout(0.2)
        heard = b""
        for byte in head(kiosk):
            try:
                connection.sendall(bytes([byte]))
                heard = connection.recv(1000)
            except TimeoutError:
                continue
            except ConnectionError:
                pass
            break
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - since < CUT_OFF_S


def test_an_endless_head_is_431(kiosk: Kiosk) -> None:
    with socket.create_connection((LOOPBACK, kiosk.gateway.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000)
        assert until_closed(connection).startswith(b"HTTP/1.1 431 ")


def test_a_length_that_lies_hurts_nobody_else(kiosk: Kiosk) -> None:
    body = kiosk.body(payment(1))
    with socket.create_connection((LOOPBACK, kiosk.gateway.port)) as connection:
        connection.sendall(head(kiosk, f"Content-Length: {len(body) - 5}", "Connection: close") + body)
        assert until_closed(connection).startswith(b"HTTP/1.1 400 ")
    assert kiosk.reports(payment(2)).status_code == 202


def test_100_mb_and_many_large_bodies_leave_the_memory_bounded(kiosk: Kiosk) -> None:
    assert kiosk.reports(payment(1)).status_code == 202
    memory = psutil.Process(kiosk.gateway.pid).memory_info
    before = memory().rss
    assert kiosk.posts(b" " * 100_000_000).status_code == 413
    assert kiosk.posts(b" " * 65536 for _ in range(1600)).status_code == 413
    part = head(kiosk, "Content-Length: 1000000") + b" " * 900_000
    connections = [socket.create_connection((LOOPBACK, kiosk.gateway.port)) for _ in range(60)]
    try:
        for connection in connections:
            connection.setblocking(False)
        for connection in connections:
            try:
                connection.send(part)
            except BlockingIOError:
                continue
        assert httpx.get(f"{kiosk.gateway.url}/health/live").status_code == 200
        assert memory().rss - before < 50 * 2**20
    finally:
        for connection in connections:
            connection.close()
    assert kiosk.reports(payment(3)).status_code == 202
