"""What was confirmed is in the log, in order, whatever happens to the broker."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import pytest

from kmonitor.kafka.errors import NotDelivered, Saturated
from kmonitor.kafka.producer import Bounds, DurableProducer, Position
from kmonitor.kafka.records import Record
from kmonitor.local.kafka import Broker

MakeTopic = Callable[..., str]
ReadAll = Callable[[str], list[Record]]
Sent = list[tuple[bytes, bytes, "asyncio.Future[Position]"]]


def murmur2_partition(key: bytes, partitions: int) -> int:
    """Kafka's own partitioner, from its Java client (Utils.murmur2)."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    length = len(key)
    h = 0x9747B28C ^ length
    for at in range(0, length - length % 4, 4):
        k = int.from_bytes(key[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    tail = key[length - length % 4 :]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions


async def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 (others' threads change it)
            await asyncio.sleep(0.02)


async def test_a_send_says_where_the_record_stands(
    broker: Broker, make_topic: MakeTopic, read_all: ReadAll
) -> None:
    topic = make_topic(partitions=3)
    async with DurableProducer(broker.bootstrap, client_id="test") as producer:
        first = await producer.send(topic, b"key", b"\x00value", [("reason", b"\xff")], partition=2)
        tombstone = await producer.send(topic, None, None, partition=2)
    assert (first, tombstone) == (Position(2, 0), Position(2, 1))
    one, other = read_all(topic)
    assert (one.key, one.value, one.headers) == (b"key", b"\x00value", (("reason", b"\xff"),))
    assert (other.key, other.value, other.headers) == (None, None, ())


async def test_a_key_goes_where_every_other_client_of_kafka_would_send_it(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic = make_topic(partitions=12)
    keys = [b"MSK-%06d" % number for number in range(200)]
    async with DurableProducer(broker.bootstrap, client_id="test") as producer:
        positions = await asyncio.gather(*(producer.send(topic, key, b"") for key in keys))
    assert [position.partition for position in positions] == [murmur2_partition(key, 12) for key in keys]


async def test_nothing_confirmed_is_lost_and_order_is_kept_when_the_broker_is_killed(
    broker: Broker, make_topic: MakeTopic, read_all: ReadAll
) -> None:
    topic = make_topic(partitions=4)
    sent: Sent = []

    def send_some(producer: DurableProducer) -> None:
        for _ in range(50):
            key, value = b"terminal-%d" % (len(sent) % 7), b"%d" % len(sent)
            sent.append((key, value, producer.send(topic, key, value)))

    patient = Bounds(delivery_timeout_s=300)  # a loaded machine takes its time to start a broker
    async with DurableProducer(broker.bootstrap, client_id="test", bounds=patient) as producer:
        for _ in range(2):
            for turn in range(60):
                send_some(producer)
                if turn == 30:
                    await asyncio.gather(*(future for _, _, future in sent[: len(sent) // 2]))
                await asyncio.sleep(0)
            broker.kill()
            for _ in range(20):
                send_some(producer)
                await asyncio.sleep(0.01)
            assert producer.in_flight > 0
            broker.start()
        outcomes = await asyncio.gather(*(future for _, _, future in sent), return_exceptions=True)

    log = {Position(record.partition, record.offset): record.value for record in read_all(topic)}
    confirmed = [(value, outcome) for (_, value, _), outcome in zip(sent, outcomes, strict=True)]
    assert all(log[outcome] == value for value, outcome in confirmed if isinstance(outcome, Position))
    assert not [outcome for _, outcome in confirmed if not isinstance(outcome, Position)]
    # Each key in its order, and nothing twice: the producer is idempotent.
    by_partition: dict[int, list[int]] = defaultdict(list)
    for position, value in log.items():
        by_partition[position.partition].append(int(value or b""))
    assert all(numbers == sorted(set(numbers)) for numbers in by_partition.values())


async def test_while_the_broker_is_silent_the_oldest_wait_shows_and_the_bounds_hold(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic = make_topic()
    bounds = Bounds(messages=100)
    async with DurableProducer(broker.bootstrap, client_id="test", bounds=bounds) as producer:
        await producer.send(topic, b"", b"warm")
        assert producer.oldest_in_flight_s == 0
        broker.pause()
        futures = [producer.send(topic, b"", b"waits") for _ in range(100)]
        with pytest.raises(Saturated, match="100 records wait"):
            producer.send(topic, b"", b"too many")
        assert producer.in_flight == 100
        await until(lambda: producer.oldest_in_flight_s > 0.5)
        broker.resume()
        await asyncio.gather(*futures)
        assert (producer.in_flight, producer.oldest_in_flight_s) == (0, 0)


async def test_what_the_broker_does_not_confirm_in_time_has_failed(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic = make_topic()
    bounds = Bounds(delivery_timeout_s=1)
    async with DurableProducer(broker.bootstrap, client_id="test", bounds=bounds) as producer:
        broker.pause()
        with pytest.raises(NotDelivered):
            await producer.send(topic, b"", b"lost")
        broker.resume()
        assert (await producer.send(topic, b"", b"then it goes on")).offset >= 0


async def test_closing_without_a_broker_ends_in_time_and_fails_what_waits(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic = make_topic()
    producer = DurableProducer(broker.bootstrap, client_id="test")
    broker.kill()
    future = producer.send(topic, b"", b"never")
    async with asyncio.timeout(5):
        await producer.close(flush_s=0.5)
    with pytest.raises(NotDelivered):
        await future


async def test_it_says_when_the_broker_goes_and_when_it_is_back(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    said: list[str | None] = []
    async with DurableProducer(broker.bootstrap, client_id="test", say=said.append) as producer:
        await producer.send(topic, b"", b"one")
        broker.kill()
        await until(lambda: len(said) == 1)
        broker.start()
        await producer.send(topic, b"", b"two")
        await until(lambda: len(said) == 2)
    assert said[0] is not None
    assert broker.bootstrap in said[0]
    assert said[1] is None


async def test_a_record_too_large_is_refused_at_once(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    async with DurableProducer(broker.bootstrap, client_id="test") as producer:
        with pytest.raises(NotDelivered, match="too large"):
            await producer.send(topic, b"", bytes(5_000_000))
        assert producer.in_flight == 0
