"""A broker that may be killed, and topics of one's own on it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from kmonitor.kafka.client import silence
from kmonitor.kafka.reader import Extent, Reader
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import ensure_topics
from kmonitor.local.kafka import Broker
from kmonitor.local.kafka_probe import answers
from kmonitor.local.ports import wait_until

CONTRACT = """
name: {name}
about: of one test
key: any
value: any
written_by: []
read_by: []
partitions: {partitions}
config: {{cleanup.policy: {policy}, retention.ms: -1}}
"""


@pytest.fixture(scope="package")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One for all tests of this folder, and of nobody else: they kill it."""
    with Broker(tmp_path_factory.mktemp("own-broker")) as broker:
        yield broker


@pytest.fixture
def broker(own_broker: Broker) -> Broker:
    """It serves, whatever the last test left behind."""
    if not answers(own_broker.port):
        own_broker.kill()
        own_broker.start()
    return own_broker


@pytest.fixture
def make_topic(broker: Broker, tmp_path: Path) -> Callable[..., str]:
    """Makes a topic that no other test has: `make_topic(partitions=3)` is its name."""

    def make(partitions: int = 1, policy: str = "delete", again: str | None = None) -> str:
        name = again or f"test-{uuid4()}"
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "topic.yaml").write_text(CONTRACT.format(name=name, partitions=partitions, policy=policy))
        ensure_topics(broker.bootstrap, folder)
        return name

    return make


@pytest.fixture
def read_all(broker: Broker) -> Callable[[str], list[Record]]:
    """All records of a topic, each partition's in log order."""

    def read(topic: str) -> list[Record]:
        reader = Reader(broker.bootstrap, [topic], client_id="test-reader", say=silence)
        extent = begin(reader)
        records: list[Record] = []
        positions = dict(extent.begin)

        def is_read() -> bool:
            if portion := reader.read(1_000, 0.2):
                records.extend(portion.records)
                positions.update(portion.positions)
            return all(positions[place] >= end for place, end in extent.ends.items())

        assert wait_until(is_read, 60)
        reader.close()
        return records

    return read


def begin(reader: Reader) -> Extent:
    """Starts a reader as soon as the broker lets it."""
    deadline = time.monotonic() + 30
    while (extent := reader.start("beginning")) is None:
        assert time.monotonic() < deadline
    return extent
