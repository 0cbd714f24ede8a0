"""A follower has read everything when it says so, and goes on after every trouble but a new topic."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient

from kmonitor.kafka.errors import TopicRewritten
from kmonitor.kafka.follower import Follower
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.records import Record
from kmonitor.local.kafka import Broker

MakeTopic = Callable[..., str]


@asynccontextmanager
async def running(follower: Follower) -> AsyncIterator[Follower]:
    run = asyncio.create_task(follower.run())
    try:
        yield follower
    finally:
        run.cancel()
        with suppress(asyncio.CancelledError):
            await run


async def fill(broker: Broker, topic: str, values: list[bytes], partition: int = 0) -> None:
    async with DurableProducer(broker.bootstrap, client_id="filler") as producer:
        await asyncio.gather(*(producer.send(topic, value, value, partition=partition) for value in values))


async def until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 (others' threads change it)
            await asyncio.sleep(0.02)


async def test_it_reads_whole_topics_and_then_follows(broker: Broker, make_topic: MakeTopic) -> None:
    one, other = make_topic(partitions=2), make_topic()
    await fill(broker, one, [b"%d" % number for number in range(3_000)], partition=1)
    await fill(broker, other, [b"x"])
    got: list[Record] = []
    follower = Follower(broker.bootstrap, [one, other], got.extend, client_id="test")
    assert not follower.ready
    async with running(follower):
        await until(lambda: follower.ready)
        assert [record.value for record in got if record.topic == one] == [b"%d" % n for n in range(3_000)]
        assert (follower.position(one, 1), follower.position(one, 0), follower.position(other)) == (3_000, 0, 1)
        await fill(broker, other, [b"y"])
        assert await follower.reached(other, 0, 1, 10)
        assert got[-1].value == b"y"


async def test_once_caught_up_everything_confirmed_before_the_call_is_applied(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic = make_topic(partitions=3)
    applied: set[bytes | None] = set()

    def apply(records: list[Record]) -> None:
        applied.update(record.value for record in records)

    async with (
        running(Follower(broker.bootstrap, [topic], apply, client_id="test")) as follower,
        DurableProducer(broker.bootstrap, client_id="test") as producer,
    ):

        async def write_and_read(number: int) -> bool:
            value = b"%d" % number
            await producer.send(topic, value, value)
            return await follower.caught_up(10) and value in applied

        for _ in range(10):
            assert all(await asyncio.gather(*(write_and_read(len(applied) + n) for n in range(50))))


async def test_a_tombstone_is_a_record_without_a_value(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic(policy="compact")
    got: list[Record] = []
    async with (
        running(Follower(broker.bootstrap, [topic], got.extend, client_id="test")) as follower,
        DurableProducer(broker.bootstrap, client_id="test") as producer,
    ):
        await producer.send(topic, b"gone", b"{}")
        await producer.send(topic, b"gone", None)
        assert await follower.caught_up(10)
    assert [record.value for record in got] == [b"{}", None]


async def test_from_the_end_only_what_comes_is_read(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    await fill(broker, topic, [b"old"])
    got: list[Record] = []
    follower = Follower(broker.bootstrap, [topic], got.extend, client_id="test", start="end")
    async with running(follower):
        await until(lambda: follower.ready)
        await fill(broker, topic, [b"new"])
        assert await follower.caught_up(10)
    assert [record.value for record in got] == [b"new"]


async def test_what_apply_raises_ends_it(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    await fill(broker, topic, [b"x"])

    def apply(_: list[Record]) -> None:
        raise ZeroDivisionError("a bug")

    follower = Follower(broker.bootstrap, [topic], apply, client_id="test")
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(follower.run(), 20)
    assert not await follower.caught_up(5)


async def test_it_waits_for_a_topic_that_is_not_there_yet_and_for_the_broker(
    broker: Broker, make_topic: MakeTopic
) -> None:
    said: list[str | None] = []
    topic = make_topic()
    broker.kill()
    follower = Follower(broker.bootstrap, [topic], lambda _: None, client_id="test", say=said.append)
    async with running(follower):
        assert not await follower.caught_up(0.3)
        broker.start()
        await fill(broker, topic, [b"x"])
        assert await follower.caught_up(20)
        assert follower.ready
        await until(lambda: said[-1:] == [None])
    assert not await Follower(broker.bootstrap, [str(uuid4())], lambda _: None, client_id="t").caught_up(0.1)


async def test_it_goes_on_after_the_broker_was_killed(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    got: list[Record] = []
    said: list[str | None] = []
    follower = Follower(broker.bootstrap, [topic], got.extend, client_id="test", say=said.append)
    async with running(follower):
        await fill(broker, topic, [b"before"])
        assert await follower.caught_up(10)
        broker.kill()
        assert not await follower.caught_up(0.3)
        await until(lambda: said[-1:] != [None] and bool(said))
        broker.start()
        await until(lambda: said[-1:] == [None])
        await fill(broker, topic, [b"after"])
        assert await follower.caught_up(20)
    assert [record.value for record in got] == [b"before", b"after"]


async def test_a_topic_that_was_made_anew_ends_it(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    await fill(broker, topic, [b"1", b"2", b"3"])
    got: list[Record] = []
    follower = Follower(broker.bootstrap, [topic], got.extend, client_id="test")
    run = asyncio.create_task(follower.run())
    assert await follower.caught_up(10)
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    admin.delete_topics([topic])[topic].result()
    make_topic(again=topic)
    await fill(broker, topic, [b"another"])
    with pytest.raises(TopicRewritten, match=topic):
        await asyncio.wait_for(run, 30)
    assert [record.value for record in got] == [b"1", b"2", b"3"]
