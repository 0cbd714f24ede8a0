"""What comes in: Faust's consumer, handing over all records of a poll as one event.

Faust spends 150 µs on each event it carries from its consumer to a stream (two tasks, a lock, a queue,
sensors), and does the same for each changelog record it restores. Carrying a poll instead of a record divides
that by the number of records in it, and leaves Faust's group membership, flow control and recovery as they are.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import faust
import uvloop
from aiokafka import AIOKafkaConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage
from mode.threads import WorkerThread

POLL_RECORDS = 500
"""As many records at most are one poll: the unit of work between two acknowledgements, 25 ms or so."""

REBALANCING_POLL_S = 0.05
LOST_AFTER_S = 5.0

FAUST_SAYS = logging.getLogger("faust")


class Pace(NamedTuple):
    """What the broker waits for before it answers a fetch."""

    min_bytes: int
    max_wait_ms: int


QUIET = Pace(min_bytes=1, max_wait_ms=100)
"""At once, with whatever there is. (A partition emptied while a fetch of the others waits is asked again only
after it: Faust's 1500 ms would be the latency of a quiet topic.)"""

BUSY = Pace(min_bytes=65_536, max_wait_ms=20)
"""Once polls follow each other within two such waits, let records gather: a poll costs 2 ms (a fetch, a batch
for each partition touched), a record in it 15 µs."""


class PollLost(Exception):
    """A poll was handed to Faust and never reached the shell, although that is idle."""


class Poll(NamedTuple):
    """The records of one poll of the source, by partition, and the group's generation they were read in."""

    records: Mapping[TP, Sequence[Any]]
    generation: int

    @property
    def size(self) -> int:
        """How many records."""
        return sum(map(len, self.records.values()))


class Restorable(Protocol):
    """Where changelog records go."""

    def restore(self, partition: int, records: Sequence[Any]) -> None:
        """Applies them."""
        ...


class PollSchema(faust.Schema):  # type: ignore[misc]
    """Takes the value of a message as it is: a Poll, or the bytes of a changelog record."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        """The key, untouched."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        """The value, untouched."""
        return message.value


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer thread; heartbeats run in its loop, so a busy fold does not stop them."""

    logger = FAUST_SAYS

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = QUIET.max_wait_ms  # Faust has no setting for it
        return consumer

    def go(self, pace: Pace) -> None:
        """Fetches go out at this pace from the next one on."""
        fetcher = self._consumer._fetcher
        fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms = pace

    def last_answer_ms(self) -> int:
        """When the broker last answered a fetch; 0 if it has not been asked."""
        subscription = self._consumer._subscription.subscription if self._consumer else None
        assignment = subscription.assignment if subscription else None
        if assignment is None:
            return 0
        states = (assignment.state_value(tp) for tp in assignment.tps)
        return max((state.timestamp or 0 for state in states), default=0)


class _Readable:
    """The partitions a poll may read, asked when records are there: it may have waited through a rebalance."""

    def __init__(self, active: set[TP], consumer: "Consumer") -> None:
        self._active = active  # Faust's own set, which changes while partitions are paused and resumed
        self._consumer = consumer

    def __contains__(self, tp: TP) -> bool:
        return tp in self._active and self._consumer.may_read(tp)


class _DaemonThread(WorkerThread):  # type: ignore[misc]
    """Does not keep a process alive whose main thread has ended."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.daemon = True


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's consumer: polls instead of records, offsets confirmed by the shell instead of acks."""

    logger = FAUST_SAYS

    def __post_init__(self) -> None:
        self._source: str = self.app.source_topic
        self._store: Restorable = self.app.store
        self._taken = asyncio.Event()
        self._handed_in: int | None = None
        self._durable: dict[TP, int] = {}
        self._polled_at = 0.0
        self._untaken_s = 0.0

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(
            self, loop=self.loop, beacon=self.beacon, thread_loop=uvloop.new_event_loop(), Worker=_DaemonThread
        )

    def silent_s(self) -> float:
        """For how long the broker has answered no fetch; 0.0 while nothing is assigned."""
        answered_ms = self._thread.last_answer_ms()
        return time.time() - answered_ms / 1000 if answered_ms else 0.0

    def take(self) -> None:
        """The poll handed over last is being processed: fetch the next, one is kept ready."""
        self._taken.set()

    def confirm(self, offsets: Mapping[TP, int]) -> None:
        """Everything before these offsets is durable in all it caused: commit them when it is time."""
        self._durable.update(offsets)

    async def starts(self, tps: Collection[TP]) -> dict[TP, int]:
        """Where reading these partitions has to begin: at the last commit, or where the log begins."""
        earliest = await self.earliest_offsets(*tps)
        return {tp: max(earliest[tp], self._committed_offset[tp] or 0) for tp in tps}

    async def _getmany(  # (Faust asks for it with a timeout)
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109
    ) -> dict[TP, list[Any]]:
        if self.app.rebalancing:
            timeout = REBALANCING_POLL_S
        elif not await self._may_poll(within_s=timeout):
            return {}
        readable = _Readable(active_partitions or set(), self)
        return self._hand_over(await super()._getmany(readable, timeout))

    def may_read(self, tp: TP) -> bool:
        """Whether records of this partition would reach the shell now.

        Faust resumes the source a moment before it seeks to the last commit and empties the queues of its
        streams: what was read in between would be thrown away, and never read again.
        """
        return tp.topic != self._source or not self.app.rebalancing

    def _hand_over(self, fetched: Mapping[TP, Sequence[Any]]) -> dict[TP, list[Any]]:
        source: dict[TP, Sequence[Any]] = {}
        handed: dict[TP, list[Any]] = {}
        for tp, records in fetched.items():
            if tp.topic == self._source:
                source[tp] = records
            else:
                # Faust counts by the last one when recovery is complete.
                self._store.restore(tp.partition, records)
                handed[tp] = [records[-1]]
        if source:
            poll = Poll(source, self.app.consumer_generation_id)
            handed[next(iter(source))] = [poll]
            self._taken.clear()
            self._handed_in = poll.generation
            now = time.monotonic()
            busy = now - self._polled_at < 2 * BUSY.max_wait_ms / 1000
            self._polled_at = now
            self._thread.go(BUSY if busy else QUIET)
        return handed

    async def _may_poll(self, within_s: float) -> bool:
        # A poll of an older generation is dropped on its way, and nobody will take it.
        if self._handed_in == self.app.consumer_generation_id and not self._taken.is_set():
            try:
                await asyncio.wait_for(self._taken.wait(), within_s)
            except TimeoutError:
                if not self.app.shell.is_busy:
                    self._untaken_s += within_s
                    if self._untaken_s > LOST_AFTER_S:
                        raise PollLost(
                            "Faust dropped a poll on its way: starting again from the last commit."
                        ) from None
                return False
        self._untaken_s = 0.0
        return True

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        if not isinstance(record, Poll):
            return super()._to_message(tp, record)
        # Faust would drop a message below what it has read of this partition, and with it the other partitions.
        self._read_offset.pop(tp, None)
        last = record.records[tp][-1]
        return ConsumerMessage(
            last.topic, last.partition, last.offset, last.timestamp / 1000.0, last.timestamp_type, (),
            None, record, None, 0, 0, tp, generation_id=record.generation,
        )  # fmt: skip

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Faust remembers offsets it did not see, to commit past them; here a commit is a high mark."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> list[TP]:
        return list(self._durable)

    def _new_offset(self, tp: TP) -> int | None:
        return self._durable.get(tp)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Confirmed offsets of partitions that go are void: another may be further when they return."""
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._durable.pop(tp, None)


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's producer, idempotent: it retries for ever, in order, and never doubles a batch."""

    logger = FAUST_SAYS

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's Kafka transport with the two above."""

    Consumer = Consumer
    Producer = Producer
