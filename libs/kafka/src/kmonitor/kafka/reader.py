"""Reads whole topics without a group, and knows exactly how far it has come."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from confluent_kafka import (
    Consumer,
    KafkaError,
    Message,
    TopicPartition,
)

from kmonitor.kafka.client import LOG, Link, Say, configuration, groupless
from kmonitor.kafka.ends import ANSWER_S, Ends, Place
from kmonitor.kafka.errors import BrokerAway, ClientBroken, TopicRewritten
from kmonitor.kafka.records import Record, read

Start = Literal["beginning", "end"]

DENIED = frozenset({KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED})


class Portion(msgspec.Struct, frozen=True, gc=False):
    """What one read brought: records in log order, and for each place touched the next offset to read."""

    records: list[Record]
    positions: dict[Place, int]


class Extent(msgspec.Struct, frozen=True, gc=False):
    """Where the reading of each place begins, and where each ended then."""

    begin: dict[Place, int]
    ends: dict[Place, int]


class Reader:
    """All partitions of some topics, from the beginning or from the present end, for ever after.

    One thread reads; `ends` may be called from another.
    """

    def __init__(self, bootstrap: str, topics: Iterable[str], *, client_id: str, say: Say) -> None:
        self._topics = tuple(topics)
        self._link = Link(bootstrap, say)
        self._ends = Ends(bootstrap, client_id=f"{client_id}-ends", link=self._link)
        self._consumer = Consumer(_settings(bootstrap, client_id, self._link))
        self._positions: dict[Place, int] = {}

    def start(self, start: Start, seconds: float = ANSWER_S) -> Extent | None:
        """Begins to read. None: not yet, the broker or a topic is away; each question may take `seconds`."""
        try:
            places = self._ends.places(self._topics, seconds)
            ends = self._ends.ends(places, seconds)
            begin = ends if start == "end" else self._ends.beginnings(places, seconds)
        except BrokerAway as error:
            LOG.info("%s", error)
            return None
        self._positions = dict(begin)
        # At offsets, not at the logical beginning: that would be looked up again, half a second later.
        self._consumer.assign([TopicPartition(*place, offset) for place, offset in begin.items()])
        return Extent(begin=begin, ends=ends)

    def ends(self, seconds: float = ANSWER_S) -> dict[Place, int]:
        """The present end of each place read; may be called from another thread. Raises BrokerAway."""
        return self._ends.ends(self._positions, seconds)

    def read(self, most: int, seconds: float, gather_s: float = 0.0) -> Portion | None:
        """Waits that long for a first record, then takes what comes within `gather_s`; None if none came."""
        messages = self._consumer.consume(1, seconds)
        if messages:
            # One question with a long timeout would wait it out, however much is there.
            messages += self._consumer.consume(most - 1, gather_s)
        if not messages:
            if self._link.trouble is not None:
                self._ends.probe()
            return None
        records: list[Message] = []
        positions: dict[Place, int] = {}
        for message in messages:
            place = (message.topic(), message.partition())
            error = message.error()
            if error is None:
                records.append(message)
                positions[place] = message.offset() + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                # The end may lie beyond the last record: compaction leaves holes.
                positions[place] = message.offset()
            else:
                self._heed(error)
        if not positions:
            return None
        self._link.is_back()
        self._positions.update(positions)
        return Portion(list(read(records)), positions)

    def close(self) -> None:
        """Ends all reading."""
        self._consumer.close()
        self._ends.close()

    def _heed(self, error: KafkaError) -> None:
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise TopicRewritten(
                f"A topic of {', '.join(self._topics)} is not the one read so far: {error.str()}"
            )
        if error.fatal() or error.code() in DENIED:
            raise ClientBroken(f"{', '.join(self._topics)} cannot be read: {error.str()}")
        LOG.warning("a reader was told: %s", error.str())
        self._link.heard(error)


def _settings(bootstrap: str, client_id: str, link: Link) -> dict[str, object]:
    return (
        configuration(bootstrap, client_id, link)
        | groupless(client_id)
        | {
            "queued.max.messages.kbytes": 16_384,
            "fetch.max.bytes": 16_777_216,
            "fetch.wait.max.ms": 100,
        }
    )
