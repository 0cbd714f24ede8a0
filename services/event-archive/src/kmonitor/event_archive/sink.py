"""The log into history: arrivals, events, operations, faults, the quarantine, and what was written off."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from kmonitor.clickhouse import tables
from kmonitor.clickhouse.client import ClickHouse, Columns
from kmonitor.clickhouse.patience import Patience
from kmonitor.domain.office.registry import UNDESCRIBED, Registry
from kmonitor.event_archive.comparing import Comparing
from kmonitor.event_archive.judging import Judged, judge
from kmonitor.event_archive.memory import Memory, Partition
from kmonitor.event_archive.reading import STAGE, Found, Heard
from kmonitor.event_archive.rows import (
    Place,
    add_fault,
    add_operation,
    add_quarantined,
    add_report,
    add_write_off,
)
from kmonitor.events.office.terminals import GapWrittenOff
from kmonitor.kafka.quarantine import QuarantineEntry, log_identity
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import TERMINAL_EVENTS

T = TypeVar("T")
RegistryAsOf = Callable[[int], Registry]
"""The registry, once it holds the operation with this number. Raises Stopped."""
Publish = Callable[[list[QuarantineEntry]], None]
"""Returns when the broker has all the entries. Raises Stopped."""


class ArchiveSink:
    """Writes what a batch holds. Raises Stopped when a stop is asked for while it waits."""

    def __init__(
        self, clickhouse: ClickHouse, patience: Patience, registry: RegistryAsOf, publish: Publish
    ) -> None:
        self._clickhouse = clickhouse
        self._patience = patience
        self._registry = registry
        self._publish = publish
        self._memory = Memory(clickhouse, patience)
        self._comparing = Comparing(clickhouse, patience)

    def write(self, found: Found) -> None:
        """All of it is kept when this returns; then the batch may be committed.

        What becomes of an item depends only on the log before it, so a repeated or otherwise cut batch
        writes the very same rows.
        """
        partitions = {number: self._memory.at(number, start) for number, start in found.starts.items()}
        judged = self._judge(found.reports, partitions)
        self._comparing.settle(judged, self._memory.recent, found.starts)
        arrivals, events = self._rows(judged, found, partitions)
        # 1. Publish what nobody can read, and what contradicts an earlier word.
        self._publish([*found.unreadable, *(entry for each in judged for entry in conflicts(each))])
        # 2. The events, before the arrivals that speak of them: a number that was seen can be looked up.
        self._insert(events)
        self._insert(_filled(tables.operations(), add_operation, found.operations))
        self._insert(_filled(tables.faults(), add_fault, found.faults))
        self._insert(_filled(tables.quarantine(), add_quarantined, found.quarantined))
        self._insert(self._write_offs(found))
        # 3. Remember that the reports came. Only then the caller commits.
        self._insert(arrivals)
        for number, end in found.ends.items():
            partitions[number].next_offset = end

    def _judge(self, reports: list[Heard], partitions: dict[int, Partition]) -> list[Judged]:
        terminals: defaultdict[int, list[str]] = defaultdict(list)
        for heard in reports:
            terminals[heard.partition].append(heard.report.terminal)
        for number, names in terminals.items():
            self._memory.learn(number, names)
        judged = [judge(heard, partitions[heard.partition].seen[heard.report.terminal]) for heard in reports]
        for each in judged:
            report = each.heard.report
            for item in each.applied:
                identity = (report.terminal, report.epoch, report.events[item].seq)
                self._memory.recent.add(identity, bytes(each.heard.raw.events[item]))
        return judged

    def _rows(
        self, judged: list[Judged], found: Found, partitions: dict[int, Partition]
    ) -> tuple[Columns, Columns]:
        arrivals, events = tables.arrivals(), tables.events()
        up_to = _operations_up_to(found, partitions)
        for each in judged:
            report = each.heard.report
            number = up_to[each.heard.partition, each.heard.offset]
            who = self._registry(number).attributes(report.terminal, report.received_at, number) or UNDESCRIBED
            add_report(arrivals, events, each, Place(who.interval_s, number))
        return arrivals, events

    def _write_offs(self, found: Found) -> Columns:
        rows = tables.write_offs()
        for record, operation in found.operations:
            if isinstance(operation.body, GapWrittenOff):
                # None where its operation id had come before: that one counts.
                off = self._registry(record.offset).write_offs.get(record.offset)
                if off is not None:
                    add_write_off(rows, off)
        return rows

    def _insert(self, rows: Columns) -> None:
        self._patience(partial(self._clickhouse.insert, rows))


def conflicts(judged: Judged) -> list[QuarantineEntry]:
    """Entries for the items that say something else under a taken number, with their bytes."""
    heard, report = judged.heard, judged.heard.report
    return [
        QuarantineEntry(
            identity=log_identity(TERMINAL_EVENTS, heard.partition, heard.offset, item),
            value=bytes(heard.raw.events[item]),
            key=report.terminal.encode(),
            reason="identity_conflict",
            stage=STAGE,
            detail="another content came before under the same terminal, epoch and seq: that one counts",
            received_at=report.received_at.isoformat(),
            terminal=report.terminal,
            epoch=report.epoch,
            seq=report.events[item].seq,
            item_index=item,
            original_topic=TERMINAL_EVENTS,
            original_partition=heard.partition,
            original_offset=heard.offset,
        )
        for item, _ in judged.conflicts
    ]


def _operations_up_to(found: Found, partitions: dict[int, Partition]) -> dict[tuple[int, int], int]:
    """By place, the highest that the partition had shown so far."""
    shown: dict[tuple[int, int], int] = {}
    for number, offset, said in found.operations_up_to:
        partition = partitions[number]
        partition.operations_up_to = max(partition.operations_up_to, said)
        shown[number, offset] = partition.operations_up_to
    return shown


def _filled(
    rows: Columns, add: Callable[[Columns, Record, T], None], said: Iterable[tuple[Record, T]]
) -> Columns:
    for record, each in said:
        add(rows, record, each)
    return rows
