"""What revenue-rollup remembers between batches: per partition, how far each terminal has been counted.

It is a cache of `revenue_progress`: whatever it does not know it reads there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries.seen import CHUNK, OperationsKnown, RevenueProgress
from kmonitor.domain.sequences import Seen
from kmonitor.revenue_rollup.counting import Counted

TERMINALS_AT_MOST = 100_000
"""Remembered of one partition; above it everything is forgotten and read again as needed."""


@dataclass
class Partition:
    """A partition as it was left: the next offset, and what was known there."""

    next_offset: int
    operations_up_to: int
    counted: dict[str, Counted] = field(default_factory=dict)


class Progress:
    """Raises Stopped when a stop is asked for while ClickHouse is away."""

    def __init__(self, clickhouse: ClickHouse, patience: Patience) -> None:
        self._clickhouse = clickhouse
        self._patience = patience
        self._partitions: dict[int, Partition] = {}

    def at(self, number: int, offset: int) -> Partition:
        """The partition, as it stands before the record at this offset.

        After a restart, or when another member had it meanwhile, it is not as it was left: then all of it
        is read anew. `operations_up_to` is then the highest that the reports below the offset had shown.
        """
        known = self._partitions.get(number)
        if known is None or known.next_offset != offset:
            query = OperationsKnown("revenue_progress", number, offset)
            (row,) = self._patience(partial(self._clickhouse.rows, query))
            known = self._partitions[number] = Partition(offset, row["operations_up_to"])
        return known

    def learn(self, partition: Partition, terminals: Iterable[str]) -> None:
        """Know all these terminals of the partition."""
        if len(partition.counted) > TERMINALS_AT_MOST:
            partition.counted.clear()
        unknown = [each for each in dict.fromkeys(terminals) if each not in partition.counted]
        for start in range(0, len(unknown), CHUNK):
            query = RevenueProgress(unknown[start : start + CHUNK])
            for row in self._patience(partial(self._clickhouse.rows, query)):
                partition.counted[row["terminal"]] = _counted(row)
        for each in unknown:
            partition.counted.setdefault(each, Counted())


def _counted(row: Mapping[str, Any]) -> Counted:
    counted = Counted(row["revision"])
    for epoch, first, last in zip(row["epochs"], row["first_seqs"], row["last_seqs"], strict=True):
        counted.seen[epoch] = Seen((*counted.seen.get(epoch, Seen()).ranges, (first, last)))
    return counted
