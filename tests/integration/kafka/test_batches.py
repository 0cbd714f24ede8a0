"""What is committed was dealt with, and what is not is read again; a member stays one while it waits."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from kmonitor.kafka.batches import Batch, BatchConsumer, Group, Limits
from kmonitor.kafka.errors import ClientBroken
from kmonitor.kafka.producer import DurableProducer
from kmonitor.local.kafka import Broker
from kmonitor.local.ports import wait_until

MakeTopic = Callable[..., str]
SINK = Path(__file__).with_name("sink_process.py")


def write(bootstrap: str, topic: str, values: list[bytes], partition: int = 0) -> None:
    async def send() -> None:
        async with DurableProducer(bootstrap, client_id="writer") as producer:
            await asyncio.gather(*(producer.send(topic, b"k", value, partition=partition) for value in values))

    asyncio.run(send())


def numbers(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


@contextmanager
def member(
    broker: Broker,
    topic: str,
    group: str,
    *,
    instance: str = "one",
    session_s: float = 6,
    poll_interval_s: float = 300,
    **given: object,
) -> Iterator[BatchConsumer]:
    consumer = BatchConsumer(
        broker.bootstrap,
        [topic],
        Group(name=group, instance=instance, session_s=session_s, poll_interval_s=poll_interval_s),
        stop=threading.Event(),
        **given,  # type: ignore[arg-type]
    )
    try:
        yield consumer
    finally:
        consumer.close()


def next_batch(consumer: BatchConsumer) -> Batch:
    found: list[Batch] = []

    def is_there() -> bool:
        batch = consumer.take()
        if batch is not None:
            found.append(batch)
        return batch is not None

    assert wait_until(is_there, 30, pause_s=0)
    return found[0]


def offsets(batch: Batch) -> list[int]:
    return [record.offset for record in batch.records]


class Sink:
    """A member in another process, told what to do line by line."""

    def __init__(self, broker: Broker, topic: str, group: str, instance: str = "one") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SINK), broker.bootstrap, topic, group, instance],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def does(self, what: str) -> object:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def takes(self) -> list[int]:
        got: list[object] = []

        def is_there() -> bool:
            got.append(self.does("take"))
            return got[-1] is not None

        assert wait_until(is_there, 30, pause_s=0)
        assert isinstance(got[-1], list)
        return got[-1]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_a_process_killed_before_its_commit_reads_the_same_again(broker: Broker, make_topic: MakeTopic) -> None:
    topic, group = make_topic(), str(uuid4())
    write(broker.bootstrap, topic, numbers(10))
    first = Sink(broker, topic, group)
    assert first.takes() == list(range(10))
    first.kill()
    second = Sink(broker, topic, group)
    assert second.takes() == list(range(10))
    assert second.does("commit") is True
    second.kill()
    write(broker.bootstrap, topic, numbers(3))
    third = Sink(broker, topic, group)
    assert third.takes() == [10, 11, 12]
    third.kill()


def test_a_commit_reaches_exactly_to_the_end_of_its_batch(broker: Broker, make_topic: MakeTopic) -> None:
    topic, group = make_topic(), str(uuid4())
    write(broker.bootstrap, topic, numbers(25))
    limits = Limits(records=10)
    with member(broker, topic, group, limits=limits) as consumer:
        first, second = next_batch(consumer), next_batch(consumer)
        assert (offsets(first), offsets(second)) == (list(range(10)), list(range(10, 20)))
        assert first.commit()
    with member(broker, topic, group, limits=limits) as consumer:
        assert offsets(next_batch(consumer)) == list(range(10, 20))


def test_a_batch_ends_at_its_bytes_and_nothing_is_skipped(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    write(broker.bootstrap, topic, [bytes(1_000)] * 20)
    with member(broker, topic, str(uuid4()), limits=Limits(bytes=2_500)) as consumer:
        batches = [next_batch(consumer) for _ in range(7)]
    assert [len(batch.records) for batch in batches] == [3, 3, 3, 3, 3, 3, 2]
    assert [offset for batch in batches for offset in offsets(batch)] == list(range(20))


def test_waiting_longer_than_the_poll_interval_loses_no_partition(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic, group = make_topic(), str(uuid4())
    write(broker.bootstrap, topic, numbers(5))
    # The rival gets the partition as soon as the first one loses it.
    with (
        member(broker, topic, group, poll_interval_s=6) as consumer,
        member(broker, topic, group, instance="two") as rival,
    ):
        batch = next_batch(consumer)
        settled = threading.Event()
        watching = threading.Thread(target=lambda: settled.set() if not rival.wait(9) else None)
        watching.start()
        for _ in range(20):
            assert consumer.wait(0.5)
        watching.join()
        while not batch.commit():  # the rival's coming moved the partitions once
            batch = next_batch(consumer)
        assert consumer.assigned == {(topic, 0)}
        write(broker.bootstrap, topic, numbers(2))
        assert offsets(next_batch(consumer)) == [5, 6]


def test_what_came_before_a_wait_is_not_lost_by_it(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    write(broker.bootstrap, topic, numbers(3_000))
    with member(broker, topic, str(uuid4()), limits=Limits(records=100)) as consumer:
        got: list[int] = []
        while len(got) < 3_000:
            got += offsets(next_batch(consumer))
            consumer.wait(0.01)
    assert got == list(range(3_000))


def test_partitions_that_moved_are_read_again_by_their_new_owner(broker: Broker, make_topic: MakeTopic) -> None:
    topic, group = make_topic(partitions=4), str(uuid4())
    for partition in range(4):
        write(broker.bootstrap, topic, numbers(10), partition)
    with member(broker, topic, group) as one:
        held = next_batch(one)
        while len(one.assigned) < 4:
            one.wait(0.1)
        with member(broker, topic, group, instance="two") as two:
            taken: list[tuple[int, int]] = []

            def both_turn() -> bool:
                one.wait(0.1)
                two.wait(0.1)
                return len(one.assigned) == len(two.assigned) == 2

            assert wait_until(both_turn, 30, pause_s=0)
            assert held.commit() is False
            while len(taken) < 40:
                for consumer in (one, two):
                    if batch := consumer.take():
                        taken += [(record.offset, record.partition) for record in batch.records]
                        assert batch.commit()
    assert sorted(taken) == sorted((offset, partition) for offset in range(10) for partition in range(4))


def test_what_was_held_when_the_partitions_moved_is_not_taken_before_what_comes_again(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic, group = make_topic(), str(uuid4())
    write(broker.bootstrap, topic, numbers(100))
    with member(broker, topic, group, limits=Limits(bytes=1)) as one:
        for expected in range(10):
            assert offsets(next_batch(one)) == [expected]
        with member(broker, topic, group, instance="two") as two:
            # A rebalance moves all partitions of all members, also those that stay where they are.
            joining = threading.Thread(target=lambda: two.wait(6))
            joining.start()
            while joining.is_alive():
                one.wait(0.2)
            owner = one if one.assigned else two
            assert next_batch(owner).records[0].offset == 0


@pytest.mark.parametrize(
    ("away_s", "session_s"), [(0, 60), (10, 6)], ids=["for a moment", "for longer than its session"]
)
def test_it_outlives_the_broker_and_says_so(
    broker: Broker, make_topic: MakeTopic, away_s: float, session_s: float
) -> None:
    topic, group = make_topic(), str(uuid4())
    said: list[str | None] = []
    write(broker.bootstrap, topic, numbers(2))
    with member(broker, topic, group, session_s=session_s, say=said.append) as consumer:
        batch = next_batch(consumer)
        broker.kill()
        assert wait_until(lambda: consumer.take() is None and bool(said), 20, pause_s=0)
        consumer.wait(away_s)
        broker.start()
        if not batch.commit():
            assert next_batch(consumer).commit()
        assert wait_until(lambda: consumer.take() is None and said[-1] is None, 30, pause_s=0)
        write(broker.bootstrap, topic, numbers(1))
        assert offsets(next_batch(consumer)) == [2]


def test_a_commit_while_the_broker_is_away_waits_for_it(broker: Broker, make_topic: MakeTopic) -> None:
    topic, group = make_topic(), str(uuid4())
    write(broker.bootstrap, topic, numbers(2))
    with member(broker, topic, group) as consumer:
        batch = next_batch(consumer)
        broker.pause()
        resuming = threading.Timer(2, broker.resume)
        resuming.start()
        assert batch.commit()
        resuming.join()
    with member(broker, topic, group) as consumer:
        write(broker.bootstrap, topic, numbers(1))
        assert offsets(next_batch(consumer)) == [2]


def test_a_second_process_under_the_same_name_ends_the_first(broker: Broker, make_topic: MakeTopic) -> None:
    topic, group = make_topic(), str(uuid4())
    write(broker.bootstrap, topic, numbers(1))
    with member(broker, topic, group) as first:
        batch = next_batch(first)
        with member(broker, topic, group) as second:
            assert next_batch(second).commit()
            with pytest.raises(ClientBroken, match="fenced"):
                batch.commit()


def test_a_wish_to_stop_ends_every_wait(broker: Broker, make_topic: MakeTopic) -> None:
    stop = threading.Event()
    consumer = BatchConsumer(
        broker.bootstrap, [make_topic()], Group(name=str(uuid4()), instance="one"), stop=stop
    )
    ended = threading.Thread(target=lambda: list(consumer.batches()))
    ended.start()
    stop.set()
    ended.join(10)
    assert not ended.is_alive()
    assert consumer.wait(60) is False
    consumer.close()
