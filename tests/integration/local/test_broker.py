"""The broker keeps what it confirmed, and comes back soon."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from kmonitor.local.kafka import Broker
from kmonitor.local.kafka_probe import answers

TOPIC = "events"
QUIET = {"log_level": 0}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path) as running:
        admin = AdminClient({"bootstrap.servers": running.bootstrap, **QUIET})
        admin.create_topics([NewTopic(TOPIC, num_partitions=3)])[TOPIC].result(30)
        yield running


def produce(broker: Broker, values: range, size: int = 1) -> None:
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
        producer.produce(TOPIC, f"{value}".encode().ljust(size), on_delivery=told)
    assert producer.flush(60) == 0
    assert refused == []


def consume(broker: Broker, group: str, count: int) -> list[int]:
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest", **QUIET}
    )
    consumer.subscribe([TOPIC])
    read: list[int] = []
    deadline = time.monotonic() + 60
    while len(read) < count and time.monotonic() < deadline:
        for message in consumer.consume(100, timeout=0.5):
            assert message.error() is None
            read.append(int(message.value() or b""))
    consumer.close()
    return sorted(read)


def test_what_was_confirmed_survives_a_kill(broker: Broker) -> None:
    produce(broker, range(100))
    broker.kill()
    assert not answers(broker.port)
    broker.start()
    produce(broker, range(100, 200))
    assert consume(broker, "after a kill", 200) == list(range(200))


def test_a_groups_position_survives_a_clean_stop(broker: Broker) -> None:
    produce(broker, range(10))
    assert consume(broker, "readers", 10) == list(range(10))
    broker.stop()
    broker.start()
    produce(broker, range(10, 20))
    assert consume(broker, "readers", 10) == list(range(10, 20))


def test_a_record_of_4_mib_is_taken(broker: Broker) -> None:
    produce(broker, range(1), size=4 * 1024 * 1024)


def test_topics_are_never_made_by_accident(broker: Broker) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, **QUIET})
    metadata = producer.list_topics("misspelt", timeout=10)
    assert metadata.topics["misspelt"].error is not None
    assert "misspelt" not in producer.list_topics(timeout=10).topics


def test_a_paused_broker_does_not_answer_and_goes_on_when_resumed(broker: Broker) -> None:
    broker.pause()
    assert not answers(broker.port, timeout_s=0.3)
    broker.resume()
    produce(broker, range(5))
    assert consume(broker, "after a pause", 5) == list(range(5))
