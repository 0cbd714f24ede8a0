"""A single record by its place."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka_writing import write

from kmonitor.kafka.errors import BrokerAway
from kmonitor.kafka.lookup import Lookup
from kmonitor.local.kafka import Broker

MakeTopic = Callable[..., str]


def test_it_reads_what_stands_there_and_nothing_else(broker: Broker, make_topic: MakeTopic) -> None:
    topic = make_topic()
    write(broker.bootstrap, topic, b"0", b"1")
    lookup = Lookup(broker.bootstrap, topic, client_id="test")
    found = [lookup.at(0, offset, 20) for offset in (1, 0, 2, 900)]
    assert [record and record.value for record in found] == [b"1", b"0", None, None]
    lookup.close()


def test_it_ends_after_the_question_that_is_under_way(broker: Broker) -> None:
    lookup = Lookup(broker.bootstrap, "no-such-topic", client_id="test")
    with ThreadPoolExecutor(1) as asking:
        asked = asking.submit(lookup.at, 0, 0, 2)
        time.sleep(0.5)
        lookup.close()
        assert isinstance(asked.exception(), BrokerAway)
    with pytest.raises(BrokerAway, match="has ended"):
        lookup.at(0, 0, 2)


def test_it_says_that_the_broker_answers_again(
    broker: Broker, make_topic: MakeTopic, caplog: pytest.LogCaptureFixture
) -> None:
    topic = make_topic()
    write(broker.bootstrap, topic, b"0")
    lookup = Lookup(broker.bootstrap, topic, client_id="test")
    assert lookup.at(0, 0, 20)
    broker.kill()
    with caplog.at_level(logging.WARNING, "kmonitor.kafka"):
        with pytest.raises(BrokerAway):
            lookup.at(0, 0, 3)
        broker.start()
        assert lookup.at(0, 0, 20)
    said = [each.getMessage() for each in caplog.records if each.name == "kmonitor.kafka"]
    assert [each.split(" ", 3)[3] for each in said] == ["does not answer", "answers again"]
    lookup.close()
