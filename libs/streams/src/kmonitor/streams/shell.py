"""The order of effects: publish, then remember, then acknowledge."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiokafka import AIOKafkaProducer
from faust.types import TP

from kmonitor.kafka.tolerance import Tolerance
from kmonitor.streams.fold import Fold, Message, PreparingFold, UnreadableRecord
from kmonitor.streams.intake import Poll
from kmonitor.streams.table import PartitionedStore
from kmonitor.streams.writer import Record, Target, write


class LogGap(Exception):
    """Records between two polls were not handed over; a restart reads them from the last commit."""


class PollLeftUnfinished(Exception):
    """The poll before was given up half-way: nothing after it may be acknowledged; a restart reads it again."""


class Worker(Protocol):
    """What the shell needs of the running Faust worker."""

    def producer_client(self) -> AIOKafkaProducer:
        """The producer, once it is started."""
        ...

    async def starts(self, tps: Collection[TP]) -> Mapping[TP, int]:
        """Where reading these partitions has to begin."""
        ...

    def confirm(self, offsets: Mapping[TP, int]) -> None:
        """Lets Faust commit everything before these offsets."""
        ...


@dataclass(slots=True)
class Tally:
    """What has gone through the shell since the process started."""

    records: int = 0
    unreadable: int = 0
    published: int = 0
    remembered: int = 0
    applied_at: float = 0.0
    """The time of the last applied record, in seconds since 1970, as the broker has it."""


@dataclass(slots=True)
class _Effects:
    """What the records of a poll cause, by where it is written."""

    publish: defaultdict[Target, list[Record]] = field(default_factory=lambda: defaultdict(list))
    # A key written twice in a poll goes out once, with its last state and at its first place: so whatever
    # a later key says is kept (a checkpoint) is durable before it.
    remember: defaultdict[Target, dict[bytes, bytes | None]] = field(default_factory=lambda: defaultdict(dict))


class Shell:
    """Runs the records of a poll through the fold and makes what they cause durable, in the one right order."""

    def __init__(
        self, fold: Fold, *, store: PartitionedStore, table_topic: str, worker: Worker, tolerance: Tolerance
    ) -> None:
        self._fold = fold
        self._prepare = fold.prepare if isinstance(fold, PreparingFold) else None
        self._store = store
        self._table_topic = table_topic
        self._worker = worker
        self._tolerance = tolerance
        self._busy = asyncio.Lock()
        self._unfinished = False
        self._closed_generation: int | None = None
        self._next: dict[TP, int] = {}
        self._held: dict[TP, int] = {}
        self._unsettled: set[TP] = set()
        self._writing_since: float | None = None
        self.tally = Tally()

    @property
    def unconfirmed_s(self) -> float:
        """For how long the broker has not confirmed what is being written; 0.0 when nothing is."""
        return 0.0 if self._writing_since is None else time.monotonic() - self._writing_since

    @property
    def is_busy(self) -> bool:
        """Whether a poll is at hand."""
        return self._busy.locked()

    async def take(self, poll: Poll) -> None:
        """Applies a poll. When this returns, all it caused is durable and its records may be committed."""
        async with self._busy:
            if poll.generation == self._closed_generation:
                return  # its partitions are going; whoever gets them reads these records again
            if self._unfinished:
                raise PollLeftUnfinished("The poll before this one was not finished: starting again.")
            self._unfinished = True
            await self._check_continuity(poll)
            effects = await self._apply(poll)
            self._writing_since = time.monotonic()
            # 1. Publish. A crash from here on applies the records again and publishes the same once more:
            #    identities derive from the cause, so readers count it once.
            await write(self._worker.producer_client(), effects.publish)
            # 2. Remember. Were it first, a crash in between would skip the records, and never publish.
            states = {
                target: [Record(*each) for each in kept.items()] for target, kept in effects.remember.items()
            }
            written = await write(self._worker.producer_client(), states)
            # 3. Acknowledge. Were it first, a crash in between would lose the states for ever.
            self._acknowledge()
            self._writing_since = None
            self._count(poll, effects, written)
            self._unfinished = False

    async def close(self, generation: int) -> None:
        """Finishes the poll at hand and takes no more of this generation: its partitions go."""
        self._closed_generation = generation
        async with self._busy:
            self._next.clear()
            self._held.clear()
            self._unsettled.clear()
            self._fold.forget()

    async def _check_continuity(self, poll: Poll) -> None:
        if new := poll.records.keys() - self._next.keys():
            self._next.update(await self._worker.starts(new))
        for tp, records in poll.records.items():
            if records[0].offset > self._next[tp]:
                raise LogGap(
                    f"{tp.topic}/{tp.partition}: {records[0].offset} came where {self._next[tp]} was due."
                )
            self._next[tp] = records[-1].offset + 1

    async def _apply(self, poll: Poll) -> _Effects:
        effects = _Effects()
        for tp, records in poll.records.items():
            recall = self._store.recall_from(tp.partition)
            for record in records:
                message = Message(
                    tp.topic,
                    tp.partition,
                    record.offset,
                    record.key,
                    record.value or b"",
                    record.timestamp / 1000,
                )
                if self._prepare is not None:
                    await self._prepare(message)
                try:
                    caused = self._fold.apply(message, recall)
                except UnreadableRecord:
                    self.tally.unreadable += 1
                    self._tolerance.bad()
                    self._settle(tp, record.offset, tp not in self._unsettled)
                    continue
                self._tolerance.good()
                self._settle(tp, record.offset, caused.settled)
                for topic, key, value, headers in caused.publish:
                    effects.publish[topic, tp.partition].append(Record(key, value, headers))
                for key, state in caused.remember.items():
                    self._store.write(tp.partition, key, state)
                    effects.remember[self._table_topic, tp.partition][key] = state
        return effects

    def _settle(self, tp: TP, offset: int, settled: bool) -> None:
        if settled:
            self._held[tp] = offset + 1
            self._unsettled.discard(tp)
        else:
            self._unsettled.add(tp)

    def _acknowledge(self) -> None:
        # While unreadable records come in a run, nothing of it may be committed past.
        if self._tolerance.may_commit:
            self._worker.confirm(self._held)
            self._held = {}

    def _count(self, poll: Poll, effects: _Effects, written: Mapping[Target, int]) -> None:
        for (_, partition), offset in written.items():
            self._store.includes(partition, offset)
        self.tally.records += poll.size
        self.tally.published += sum(map(len, effects.publish.values()))
        self.tally.remembered += sum(map(len, effects.remember.values()))
        self.tally.applied_at = max(records[-1].timestamp for records in poll.records.values()) / 1000
