"""Gateways that end with the file that used them, for their ticks would be other tests' time."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from gateway_process import Gateway, Kiosk, Office

NUMBERS = count(1)


@pytest.fixture(scope="module")
def gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(kafka, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def second_gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Another replica."""
    with Gateway(kafka, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def name() -> str:
    """Of a terminal that nobody has spoken of."""
    return f"terminal-{next(NUMBERS)}"


@pytest.fixture
def office(gateway: Gateway) -> Office:
    return Office(gateway)


@pytest.fixture
def new_kiosk(gateway: Gateway) -> Callable[[], Kiosk]:
    return lambda: Kiosk.registered(gateway, f"kiosk-{next(NUMBERS)}")


@pytest.fixture
def kiosk(new_kiosk: Callable[[], Kiosk]) -> Kiosk:
    return new_kiosk()
