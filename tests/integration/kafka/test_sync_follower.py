"""A plain loop reads operations exactly as far as it needs them."""

import threading
import time
from collections.abc import Callable

import pytest
from kafka_writing import write

from kmonitor.kafka.errors import TopicMismatch
from kmonitor.kafka.records import Record
from kmonitor.kafka.sync_follower import SyncFollower
from kmonitor.local.kafka import Broker

MakeTopic = Callable[..., str]


def test_it_applies_up_to_the_record_asked_for(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    write(broker.bootstrap, topic, b"0", b"1", b"2")
    got: list[Record] = []
    follower = SyncFollower(broker.bootstrap, topic, got.extend, client_id="test")
    assert follower.advance_to(-1, 0)
    assert got == []
    assert follower.advance_to(1, 20)
    assert [record.value for record in got][:2] == [b"0", b"1"]
    assert follower.read_to_end(20)
    assert follower.position == 3
    follower.close()


def test_it_waits_for_a_record_that_is_not_written_yet_but_not_for_ever(
    broker: Broker, make_topic: MakeTopic
) -> None:
    topic = make_topic()
    got: list[Record] = []
    follower = SyncFollower(broker.bootstrap, topic, got.extend, client_id="test")
    assert follower.read_to_end(20)
    began = time.monotonic()
    assert not follower.advance_to(0, 0.3)
    assert time.monotonic() - began < 3
    writer = threading.Thread(target=write, args=(broker.bootstrap, topic, b"late"))
    writer.start()
    assert follower.advance_to(0, 20)
    writer.join()
    assert [record.value for record in got] == [b"late"]
    follower.close()


def test_a_topic_of_many_partitions_is_refused(broker: Broker, make_topic: MakeTopic) -> None:
    follower = SyncFollower(broker.bootstrap, make_topic(partitions=2), lambda _: None, client_id="test")
    with pytest.raises(TopicMismatch, match="has 2 partitions"):
        follower.read_to_end(20)
    follower.close()


def test_without_a_broker_it_says_not_yet_and_later_goes_on(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    write(broker.bootstrap, topic, b"0")
    broker.kill()
    follower = SyncFollower(broker.bootstrap, topic, lambda _: None, client_id="test")
    assert not follower.advance_to(0, 0.3)
    assert not follower.read_to_end(0.3)
    broker.start()
    assert follower.advance_to(0, 30)
    follower.close()
