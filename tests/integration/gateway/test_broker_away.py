"""The broker dies, freezes and comes back: no 202 without its word, 503 within a second, then on as before."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import httpx
import psutil
import pytest
from gateway_process import Gateway, Kiosk, payment, ticks

from kmonitor.events.codec import decode_event
from kmonitor.local.kafka import Broker
from kmonitor.local.ports import LOOPBACK, wait_until

MANY = 8
# A second, and what two busy cores add to it.
SOON_S = 1.5


class Load:
    """Senders, each one report after the other, that note what they were answered."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.accepted: list[int] = []
        self.refused: list[float] = []
        self.unexpected: list[str] = []
        self._kiosk = kiosk
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(MANY)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, first: int) -> None:
        seq = first + 1
        said = {"Authorization": f"Bearer {self._kiosk.credential}", "Content-Type": "application/json"}
        with closing(HTTPConnection(LOOPBACK, self._kiosk.gateway.port, timeout=15)) as connection:
            while not self._over.is_set():
                since = time.monotonic()
                connection.request("POST", "/v1/reports", self._kiosk.body(payment(seq)), said)
                answer = connection.getresponse()
                text = answer.read().decode()
                if answer.status == 202:
                    self.accepted.append(seq)
                    seq += MANY
                elif answer.status == 503 and answer.headers["Retry-After"]:
                    self.refused.append(time.monotonic() - since)
                else:
                    self.unexpected.append(text)


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "kafka") as running:
        yield running


@pytest.fixture
def gateway(own_broker: Broker, tmp_path: Path) -> Iterator[Gateway]:
    with Gateway(own_broker.bootstrap, tmp_path) as running:
        yield running


def sequences(kiosk: Kiosk) -> set[int]:
    return {decode_event(raw).seq for report in kiosk.logged() for raw in report.events}


def await_acceptance(load: Load, count: int) -> None:
    target = len(load.accepted) + count
    assert wait_until(lambda: len(load.accepted) >= target, 40), load.unexpected


def test_a_killed_broker_costs_no_accepted_event(own_broker: Broker, gateway: Gateway) -> None:
    kiosk = Kiosk.registered(gateway, "killed")
    with Load(kiosk) as load:
        await_acceptance(load, 50)
        own_broker.kill()
        assert wait_until(lambda: len(load.refused) >= 3 * MANY, 30)
        own_broker.start()
        await_acceptance(load, 50)
    assert load.unexpected == []
    assert max(load.refused) < SOON_S
    assert set(load.accepted) <= sequences(kiosk)


def test_a_frozen_broker_is_answered_for_by_503_and_no_memory_is_lost(
    own_broker: Broker, gateway: Gateway
) -> None:
    kiosk = Kiosk.registered(gateway, "frozen")
    memory = psutil.Process(gateway.pid).memory_info
    with Load(kiosk) as load:
        await_acceptance(load, 50)
        before = memory().rss
        own_broker.pause()
        try:
            assert wait_until(lambda: len(load.refused) >= 1000, 60)
        finally:
            own_broker.resume()
        resumed = time.monotonic()
        await_acceptance(load, 50)
    assert load.unexpected == []
    assert time.monotonic() - resumed < 15
    assert max(load.refused) < SOON_S
    # Once the silence is noticed nobody waits any more.
    assert sorted(load.refused)[500] < 0.5
    assert memory().rss - before < 50 * 2**20
    assert set(load.accepted) <= sequences(kiosk)
    assert any(tick.refusing for _, tick in ticks(own_broker.bootstrap))


def test_a_gateway_started_without_a_broker_says_503_and_never_401(own_broker: Broker, tmp_path: Path) -> None:
    own_broker.kill()
    gateway = Gateway(own_broker.bootstrap, tmp_path)
    try:
        gateway.start(until_ready=False)
        kiosk = Kiosk(gateway, "early", "unknown.yet")
        answer = kiosk.reports(payment(1))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert httpx.get(f"{gateway.url}/health/ready").status_code == 503
        own_broker.start()
        assert wait_until(lambda: kiosk.reports(payment(1)).status_code == 401, 30)
    finally:
        gateway.kill()
