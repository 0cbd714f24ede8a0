"""Reads single records by their place in a topic."""

import time

from confluent_kafka import Consumer, KafkaError, TopicPartition

from kmonitor.kafka.client import Link, Say, configuration, silence
from kmonitor.kafka.errors import BrokerAway
from kmonitor.kafka.records import Record, read

NOT_THERE = frozenset(
    {KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}
)


class Lookup:
    """Asked now and then; it holds no more than a connection meanwhile. For one thread at a time."""

    def __init__(self, bootstrap: str, topic: str, *, client_id: str, say: Say = silence) -> None:
        self._topic = topic
        link = Link(bootstrap, say)
        self._consumer = Consumer(
            configuration(bootstrap, client_id, link)
            | {
                # The client demands a name; no group is ever joined and nothing is committed.
                "group.id": f"{client_id}-no-group",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "queued.min.messages": 1,
                "queued.max.messages.kbytes": 4_096,
                "fetch.wait.max.ms": 100,
            }
        )

    def at(self, partition: int, offset: int, seconds: float) -> Record | None:
        """The record at this place, None if there is none. Raises BrokerAway if that is not known in time."""
        deadline = time.monotonic() + seconds
        self._consumer.assign([TopicPartition(self._topic, partition, offset)])
        try:
            while (left := deadline - time.monotonic()) > 0:
                message = self._consumer.poll(left)
                error = None if message is None else message.error()
                if message is None or (error is not None and error.code() not in NOT_THERE):
                    continue
                if error is not None or message.offset() != offset:
                    return None
                return next(read([message]))
        finally:
            self._consumer.unassign()
        raise BrokerAway(f"Kafka did not say in time what stands at {self._topic}/{partition}/{offset}")

    def close(self) -> None:
        """Ends the connection."""
        self._consumer.close()
