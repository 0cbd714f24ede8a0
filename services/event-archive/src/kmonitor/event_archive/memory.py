"""What event-archive remembers between batches; whatever it does not know it reads from `arrivals`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries.seen import CHUNK, OperationsKnown, SeenBefore
from kmonitor.domain.sequences import Seen, seen_of
from kmonitor.event_archive.judging import Identity

TERMINALS_AT_MOST = 100_000
"""Remembered of one partition; above it everything is forgotten and read again as needed."""
RECENT = 50_000


@dataclass
class Partition:
    """A partition as it was left: the next offset, and what was known there."""

    next_offset: int
    operations_up_to: int
    seen: dict[str, dict[int, Seen]] = field(default_factory=dict)


class Recent:
    """Fingerprints of the bytes of the latest events: what is sent again is mostly sent again soon."""

    def __init__(self) -> None:
        self._new: dict[int, int] = {}
        self._old: dict[int, int] = {}

    def add(self, identity: Identity, raw: bytes) -> None:
        self._new[hash(identity)] = hash(raw)
        if len(self._new) >= RECENT:
            self._old, self._new = self._new, {}

    def holds(self, identity: Identity, raw: bytes) -> bool:
        """True only if these very bytes came under this identity; False may mean «forgotten»."""
        key = hash(identity)
        return self._new.get(key, self._old.get(key)) == hash(raw)


class Memory:
    """Raises Stopped when a stop is asked for while ClickHouse is away."""

    def __init__(self, clickhouse: ClickHouse, patience: Patience) -> None:
        self._clickhouse = clickhouse
        self._patience = patience
        self._partitions: dict[int, Partition] = {}
        self.recent = Recent()

    def at(self, number: int, offset: int) -> Partition:
        """The partition, as it stands before the record at this offset.

        After a restart, or when another member had it meanwhile, it is not as it was left: then all of it
        is read anew, as the arrivals below the offset tell it.
        """
        known = self._partitions.get(number)
        if known is None or known.next_offset != offset:
            query = OperationsKnown("arrivals", number, offset)
            (row,) = self._patience(partial(self._clickhouse.rows, query))
            known = self._partitions[number] = Partition(offset, row["operations_up_to"])
        return known

    def learn(self, number: int, terminals: Iterable[str]) -> None:
        """Know what came from these terminals before the partition's next offset."""
        partition = self._partitions[number]
        if len(partition.seen) > TERMINALS_AT_MOST:
            partition.seen.clear()
        unknown = [each for each in dict.fromkeys(terminals) if each not in partition.seen]
        for start in range(0, len(unknown), CHUNK):
            query = SeenBefore(number, partition.next_offset, unknown[start : start + CHUNK])
            for row in self._patience(partial(self._clickhouse.rows, query)):
                epochs = partition.seen.setdefault(row["terminal"], {})
                epochs[row["epoch"]] = seen_of(row["last"], row["gaps"])
        for each in unknown:
            partition.seen.setdefault(each, {})
