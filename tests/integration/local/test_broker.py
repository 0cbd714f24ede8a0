"""The broker keeps what it confirmed, and comes back soon."""

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from kmonitor.local.kafka import Broker
from kmonitor.local.kafka_probe import answers
from kmonitor.local.ports import wait_until

QUIET = {"log_level": 0}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One for all tests here: each leaves it running."""
    with Broker(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture
def topic(broker: Broker, request: pytest.FixtureRequest) -> str:
    name = str(request.node.name)
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, **QUIET})
    admin.create_topics([NewTopic(name, num_partitions=3)])[name].result(30)
    return name


def produce(broker: Broker, topic: str, values: range, size: int = 1) -> None:
    """Write and wait for the broker's word on each."""
    refused: list[KafkaError] = []

    def told(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            refused.append(error)

    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap,
            "enable.idempotence": True,
            "message.max.bytes": 8_000_000,
            **QUIET,
        }
    )
    for value in values:
        producer.produce(topic, f"{value}".encode().ljust(size), on_delivery=told)
    assert producer.flush(60) == 0
    assert refused == []


def consume(broker: Broker, topic: str, count: int) -> list[int]:
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": topic, "auto.offset.reset": "earliest", **QUIET}
    )
    consumer.subscribe([topic])
    read: list[int] = []
    deadline = time.monotonic() + 60
    while len(read) < count and time.monotonic() < deadline:
        for message in consumer.consume(100, timeout=0.5):
            assert message.error() is None
            read.append(int(message.value() or b""))
    consumer.close()
    return sorted(read)


def test_what_was_confirmed_survives_a_kill(broker: Broker, topic: str) -> None:
    produce(broker, topic, range(100))
    broker.kill()
    assert not answers(broker.port)
    broker.start()
    produce(broker, topic, range(100, 200))
    assert consume(broker, topic, 200) == list(range(200))


def test_a_groups_position_survives_a_clean_stop(broker: Broker, topic: str) -> None:
    produce(broker, topic, range(10))
    assert consume(broker, topic, 10) == list(range(10))
    broker.stop()
    broker.start()
    produce(broker, topic, range(10, 20))
    assert consume(broker, topic, 10) == list(range(10, 20))


def test_a_record_of_4_mib_is_taken(broker: Broker, topic: str) -> None:
    produce(broker, topic, range(1), size=4 * 1024 * 1024)


def test_topics_are_never_made_by_accident(broker: Broker) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, **QUIET})
    metadata = producer.list_topics("misspelt", timeout=10)
    assert metadata.topics["misspelt"].error is not None
    assert "misspelt" not in producer.list_topics(timeout=10).topics


def test_a_paused_broker_does_not_answer_and_goes_on_when_resumed(broker: Broker, topic: str) -> None:
    broker.pause()
    # Its threads stop one after the other.
    assert wait_until(lambda: not answers(broker.port, timeout_s=0.3), 10)
    broker.resume()
    produce(broker, topic, range(5))
    assert consume(broker, topic, 5) == list(range(5))
