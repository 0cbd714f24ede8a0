"""A broker that may be killed, and topics of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.streams.stream_run import Run

from kmonitor.local.kafka import Broker


@pytest.fixture(scope="session")
def breakable_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Started on this machine even where Docker is: the tests here pause and kill it."""
    with Broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def run(breakable_broker: Broker, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Topics, workers and checks of one test."""
    run = Run(breakable_broker.bootstrap, request.node.name.removeprefix("test_")[:40], tmp_path / "run")
    yield run
    run.close()
