"""Reports, events, operations, faults, quarantine entries and write-offs as rows of their tables."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from kmonitor.clickhouse.client import Columns
from kmonitor.clickhouse.instants import SECOND, micros
from kmonitor.domain.clock import BACKLOG_INTERVALS, Clock
from kmonitor.domain.completeness import is_in_a_row
from kmonitor.domain.faults.fault import FaultEvent
from kmonitor.domain.office.write_offs import WriteOff
from kmonitor.domain.terminal.register_names import register_of
from kmonitor.event_archive.judging import Judged
from kmonitor.events.codec import encode, event_type, operation_type
from kmonitor.events.operations import Operation, subject, without_password
from kmonitor.kafka.quarantine import QuarantineEntry, instant
from kmonitor.kafka.records import Record


class Place:
    """What a report's rows need to know besides it."""

    __slots__ = ("interval_s", "operations_up_to")

    def __init__(self, interval_s: int, operations_up_to: int) -> None:
        self.interval_s = interval_s
        self.operations_up_to = operations_up_to


def add_report(arrivals: Columns, events: Columns, judged: Judged, place: Place) -> None:
    """One arrival, and the events that are the first of their number."""
    heard, report = judged.heard, judged.heard.report
    clock = Clock(report.sent_at, report.received_at)
    sent, received = micros(report.sent_at), micros(report.received_at)
    said = [micros(event.at) for event in report.events]
    # `Clock.event_time` in whole microseconds: at, or received_at - (sent_at - at).
    shift = received - sent if clock.is_wrong else 0
    times = [at + shift for at in said]
    _add_events(events, judged, said, times, received)
    seqs = [event.seq for event in report.events]
    firsts, lasts, last_times = _ranges(seqs, times)
    # While its newest event is old, a terminal is still catching up.
    is_backlog = bool(said) and sent - max(said) > BACKLOG_INTERVALS * place.interval_s * SECOND
    arrivals.add(
        report.terminal,
        report.epoch,
        heard.partition,
        heard.offset,
        sent,
        received,
        report.queued,
        place.operations_up_to,
        place.interval_s,
        is_backlog,
        len(seqs),
        len(report.refused),
        firsts,
        lasts,
        last_times,
        [refusal.seq for refusal in report.refused if refusal.seq is not None],
        judged.refused_keys,
        judged.conflict_keys,
        judged.duplicates,
        report.is_redrive,
        judged.redriven.identity if judged.redriven else "",
        judged.redriven.by if judged.redriven else "",
        judged.released_keys,
        judged.uncounted,
    )


def _add_events(events: Columns, judged: Judged, said: list[int], times: list[int], received: int) -> None:
    report, raw = judged.heard.report, judged.heard.raw.events
    items = list(judged.applied)
    rows = len(items)
    values: tuple[Iterable[Any], ...] = (
        [report.terminal] * rows,
        [report.epoch] * rows,
        [report.events[item].seq for item in items],
        [event_type(report.events[item]) for item in items],
        [said[item] for item in items],
        [times[item] for item in items],
        [received] * rows,
        [judged.heard.partition] * rows,
        [judged.heard.offset] * rows,
        items,
        [register_of(report.events[item]) for item in items],
        [bytes(raw[item]) for item in items],
    )
    for column, more in zip(events.values, values, strict=True):
        column.extend(more)


def _ranges(seqs: list[int], times: list[int]) -> tuple[list[int], list[int], list[int]]:
    """First numbers, last numbers, and times of the last numbers of the ranges, in order."""
    if not seqs:
        return [], [], []
    if is_in_a_row(seqs):
        return [seqs[0]], [seqs[-1]], [times[-1]]
    first_times: dict[int, int] = {}
    for seq, time in zip(seqs, times, strict=True):
        first_times.setdefault(seq, time)
    firsts: list[int] = []
    lasts: list[int] = []
    for seq in sorted(first_times):
        if lasts and seq == lasts[-1] + 1:
            lasts[-1] = seq
        else:
            firsts.append(seq)
            lasts.append(seq)
    return firsts, lasts, [first_times[seq] for seq in lasts]


def add_operation(operations: Columns, record: Record, said: Operation) -> None:
    operations.add(
        record.offset,
        said.operation_id,
        said.author,
        micros(said.recorded_at),
        micros(said.body.effective_from or said.recorded_at),
        operation_type(said.body),
        subject(said.body),
        encode(without_password(said.body)),
    )


def add_fault(faults: Columns, record: Record, said: FaultEvent) -> None:
    fault = said.fault
    faults.add(
        fault.fault_id,
        said.kind,
        micros(said.at),
        fault.terminal,
        fault.rule,
        fault.device or "",
        fault.unit or "",
        fault.condition,
        fault.code or "",
        fault.severity,
        fault.effect,
        fault.money_risk,
        fault.acts,
        micros(fault.raised_at),
        micros(fault.since),
        fault.evidence,
        record.partition,
        record.offset,
        record.value,
    )


def add_quarantined(quarantine: Columns, record: Record, entry: QuarantineEntry) -> None:
    quarantine.add(
        entry.identity,
        entry.reason,
        entry.stage,
        entry.detail,
        entry.terminal or "",
        entry.epoch,
        entry.seq,
        entry.item_index,
        entry.original_topic or "",
        entry.original_partition,
        entry.original_offset,
        # The entry's own word, else the time that the log gave the record.
        micros(instant(entry.received_at) or datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)),
        micros(sent_at) if (sent_at := instant(entry.sent_at)) else None,
        entry.redacted,
        entry.key or b"",
        entry.value,
        record.offset,
    )


def add_write_off(write_offs: Columns, off: WriteOff) -> None:
    write_offs.add(
        off.terminal,
        off.epoch,
        off.from_seq,
        off.to_seq,
        off.reason,
        off.author,
        micros(off.recorded_at),
        off.number,
    )
