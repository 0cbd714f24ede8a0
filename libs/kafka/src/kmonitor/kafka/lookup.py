"""Reads single records by their place in a topic."""

import threading
import time

from confluent_kafka import Consumer, KafkaError, TopicPartition

from kmonitor.kafka.client import Link, configuration, groupless, silence
from kmonitor.kafka.errors import BrokerAway
from kmonitor.kafka.records import Record, read

NOT_THERE = frozenset(
    {KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}
)


class Lookup:
    """Asked now and then; it holds no more than a connection meanwhile. Questions wait for each other."""

    def __init__(self, bootstrap: str, topic: str, *, client_id: str) -> None:
        self._topic = topic
        self._link = Link(bootstrap, silence)
        self._asking = threading.Lock()
        self._closed = False
        self._consumer = Consumer(
            configuration(bootstrap, client_id, self._link)
            | groupless(client_id)
            | {
                "queued.min.messages": 1,
                "queued.max.messages.kbytes": 4_096,
                "fetch.wait.max.ms": 100,
            }
        )

    def at(self, partition: int, offset: int, seconds: float) -> Record | None:
        """The record at this place, None if there is none. Raises BrokerAway if that is not known in time."""
        with self._asking:
            if self._closed:
                raise BrokerAway("the connection to Kafka has ended")
            return self._at(partition, offset, time.monotonic() + seconds)

    def close(self) -> None:
        """Ends the connection, once a question that is under way has its answer."""
        with self._asking:
            self._closed = True
            self._consumer.close()

    def _at(self, partition: int, offset: int, deadline: float) -> Record | None:
        self._consumer.assign([TopicPartition(self._topic, partition, offset)])
        try:
            while (left := deadline - time.monotonic()) > 0:
                message = self._consumer.poll(left)
                error = None if message is None else message.error()
                if message is None or (error is not None and error.code() not in NOT_THERE):
                    continue
                self._link.is_back()
                if error is not None or message.offset() != offset:
                    return None
                return next(read([message]))
        finally:
            self._consumer.unassign()
        raise BrokerAway(f"Kafka did not say in time what stands at {self._topic}/{partition}/{offset}")
