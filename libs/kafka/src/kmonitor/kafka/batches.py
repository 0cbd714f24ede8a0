"""Reads a topic as a member of a group, batch by batch; what is committed has been dealt with."""

import threading
import time
from collections.abc import Iterable, Iterator

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from kmonitor.kafka.client import LOG, Link, Say, configuration, silence
from kmonitor.kafka.errors import ClientBroken
from kmonitor.kafka.records import Record, read

SLICE = 500
"""Records asked of the client at once."""
SLICE_S = 0.2
"""How long one question may take: so soon is a wish to stop noticed."""

HOPELESS = frozenset(
    {
        KafkaError._FENCED,
        KafkaError._FATAL,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
    }
)
"""What waiting does not mend."""
RETRY_S = 0.3


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Where a batch ends: whichever comes first. `seconds` counts from the first question."""

    records: int = 5_000
    bytes: int = 16_777_216
    seconds: float = 0.5


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Which group a consumer is of, and as whom: `instance` stays the same over restarts.

    A process that comes back under its name within `session_s` finds its partitions waiting; so may the broker.
    """

    name: str
    instance: str
    session_s: float = 30.0
    poll_interval_s: float = 300.0


class Batch:
    """Records of one or more partitions, each partition's in log order."""

    def __init__(self, records: tuple[Record, ...], consumer: "BatchConsumer", generation: int) -> None:
        self.records = records
        self._consumer = consumer
        self._generation = generation

    def commit(self) -> bool:
        """Remembers everything up to this batch's end, and returns when the broker has confirmed it.

        False: the partitions have moved meanwhile; their owner reads these records again. While the broker is
        away it waits and tries again, unless asked to stop: then False too.
        """
        return self._consumer._commit(self.ends(), self._generation)

    def ends(self) -> dict[tuple[str, int], int]:
        """The next offset to read of each (topic, partition) of the batch."""
        return {(record.topic, record.partition): record.offset + 1 for record in self.records}


class BatchConsumer:
    """A member of a consumer group for a plain loop in one thread; commits only when told to.

        for batch in consumer.batches():
            while not insert(batch.records):
                consumer.wait(backoff_s)
            batch.commit()

    It stays a member while the broker is away or while the loop waits, and says so through `say`.
    """

    def __init__(
        self,
        bootstrap: str,
        topics: Iterable[str],
        group: Group,
        *,
        stop: threading.Event,
        limits: Limits | None = None,
        say: Say = silence,
    ) -> None:
        self._stop = stop
        self._limits = limits or Limits()
        self._link = Link(bootstrap, say)
        self._consumer = Consumer(_settings(bootstrap, group, self._link))
        self._generation = 0
        self._held: list[Message] = []
        self._paused = False
        self._consumer.subscribe(list(topics), on_assign=self._assigned, on_revoke=self._revoked)

    @property
    def assigned(self) -> frozenset[tuple[str, int]]:
        """The (topic, partition)s that are this member's now."""
        return frozenset((place.topic, place.partition) for place in self._consumer.assignment())

    def batches(self) -> Iterator[Batch]:
        """Batches with at least one record, until asked to stop."""
        while not self._stop.is_set():
            batch = self.take()
            if batch is not None:
                yield batch

    def take(self) -> Batch | None:
        """The next batch, or None when nothing came within the limits' time or a stop was asked for."""
        generation, messages, size = self._generation, list[Message](), 0
        deadline = time.monotonic() + self._limits.seconds
        while len(messages) < self._limits.records and size < self._limits.bytes and not self._stop.is_set():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                break
            came = self._ask(min(SLICE, self._limits.records - len(messages)), min(left_s, SLICE_S))
            if generation != self._generation:
                # What was gathered before the partitions moved is read again by whoever has them now.
                generation, messages, size = self._generation, [], 0
            for at, message in enumerate(came):
                messages.append(message)
                size += len(message)
                if size >= self._limits.bytes:
                    self._held = came[at + 1 :] + self._held
                    break
        return Batch(tuple(read(messages)), self, generation) if messages else None

    def wait(self, seconds: float) -> bool:
        """Waits without reading and stays a member of the group. False: a stop was asked for."""
        self._pause()
        deadline = time.monotonic() + seconds
        while not self._stop.is_set() and (left_s := deadline - time.monotonic()) > 0:
            self._hold(self._poll(1, min(left_s, SLICE_S)))
        return not self._stop.is_set()

    def close(self) -> None:
        """Leaves without committing; a static member's partitions wait for its return."""
        self._consumer.close()

    def _ask(self, most: int, seconds: float) -> list[Message]:
        if self._held:
            came, self._held = self._held[:most], self._held[most:]
            return came
        self._resume()
        came = self._poll(most, seconds)
        if not came and self._link.trouble is not None:
            self._probe()
        return came

    def _poll(self, most: int, seconds: float) -> list[Message]:
        generation = self._generation
        came = [message for message in self._consumer.consume(most, seconds) if self._is_record(message)]
        if self._link.fatal is not None:
            raise ClientBroken(f"The consumer cannot go on: {self._link.fatal}")
        if came:
            self._link.is_back()
        # New partitions start paused, so all that came in a poll that moved them belongs to the old ones.
        return came if generation == self._generation else []

    def _hold(self, came: list[Message]) -> None:
        # Not `self._held += self._poll(…)`: a poll may empty it, and that would put the old list back.
        self._held += came

    def _is_record(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            return True
        if error.fatal() or error.code() in HOPELESS:
            raise ClientBroken(f"The consumer cannot go on: {error.str()}")
        LOG.warning("the consumer was told: %s", error.str())
        self._link.heard(error)
        return False

    def _probe(self) -> None:
        """Nothing comes: because there is nothing, or because the broker is away?"""
        try:
            self._consumer.list_topics(timeout=1)
        except KafkaException:
            return
        self._link.is_back()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.assign(partitions)
        consumer.pause(partitions)
        self._paused = True

    def _revoked(self, _: Consumer, __: list[TopicPartition]) -> None:
        self._generation += 1
        self._held = []

    def _pause(self) -> None:
        if not self._paused:
            self._consumer.pause(self._consumer.assignment())
            self._paused = True

    def _resume(self) -> None:
        if self._paused:
            self._consumer.resume(self._consumer.assignment())
            self._paused = False

    def _commit(self, ends: dict[tuple[str, int], int], generation: int) -> bool:
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]
        while self._still_has(generation):
            if self._link.trouble is not None:
                self._probe()
            elif self._try_commit(offsets):
                return True
            if not self.wait(RETRY_S):
                return False
        return False

    def _still_has(self, generation: int) -> bool:
        """Hears first whether the partitions have moved: a commit sent across that fences this very member."""
        self._hold(self._poll(SLICE, 0))
        return generation == self._generation

    def _try_commit(self, offsets: list[TopicPartition]) -> bool:
        try:
            answers = self._consumer.commit(offsets=offsets, asynchronous=False)
            refusals = [answer.error for answer in answers if answer.error is not None]
        except KafkaException as error:
            refusals = [error.args[0]]
        for refusal in refusals:
            if refusal.fatal() or refusal.code() in HOPELESS:
                raise ClientBroken(f"The consumer cannot commit: {refusal.str()}")
            # Whatever else it is: either it passes, or the partitions have moved and the next poll says so.
            LOG.warning("a commit is tried again: %s", refusal.str())
        return not refusals


def _settings(bootstrap: str, group: Group, link: Link) -> dict[str, object]:
    return configuration(bootstrap, f"{group.name}-{group.instance}", link) | {
        "group.id": group.name,
        # A restart is no rebalance: the same instance finds its partitions waiting.
        "group.instance.id": group.instance,
        "session.timeout.ms": int(group.session_s * 1000),
        "heartbeat.interval.ms": int(min(group.session_s / 3, 3) * 1000),
        "max.poll.interval.ms": int(group.poll_interval_s * 1000),
        # Eager, and by range: topics of one partition count give one terminal to one member,
        # and a rebalance has two states only, all or nothing.
        "partition.assignment.strategy": "range",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "queued.max.messages.kbytes": 32_768,
        "fetch.max.bytes": 16_777_216,
        "fetch.wait.max.ms": 100,
    }
