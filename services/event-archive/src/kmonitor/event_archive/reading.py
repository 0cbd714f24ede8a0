"""Records of every topic, told from what nobody can read: that goes to quarantine, once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from kmonitor.domain.faults.fault import FaultEvent
from kmonitor.events.codec import Unreadable, decode, decode_operation, decode_raw_record, decode_record
from kmonitor.events.log import RawReport, Report, Tick
from kmonitor.events.operations import Operation
from kmonitor.kafka.quarantine import InvalidQuarantine, QuarantineEntry, unreadable_record
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.kafka.topics import FAULT_EVENTS, OPERATIONS, QUARANTINE, TERMINAL_EVENTS
from kmonitor.runtime.metrics import EVENTS, POISON, RECORDS

STAGE = "archive"
T = TypeVar("T")


class Heard(Struct, frozen=True):
    """A report of the log twice: decoded, and with its events as the bytes that came."""

    partition: int
    offset: int
    report: Report
    raw: RawReport


class Found(Struct, frozen=True):
    """What a batch holds, by kind; `starts` and `ends` are the extent of `terminal-events` in it."""

    reports: list[Heard] = []
    operations: list[tuple[Record, Operation]] = []
    faults: list[tuple[Record, FaultEvent]] = []
    quarantined: list[tuple[Record, QuarantineEntry]] = []
    unreadable: list[QuarantineEntry] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    operations_up_to: list[tuple[int, int, int]] = []


def read(records: Sequence[Record], tolerances: Mapping[str, Tolerance]) -> Found:
    """Tell the records apart. Raises TooMuchPoison."""
    found = Found()
    for record in records:
        try:
            _READERS[record.topic](record, found)
        except (Unreadable, InvalidQuarantine) as error:
            POISON.labels(record.topic).inc()
            tolerances[record.topic].bad()
            if record.topic != QUARANTINE:
                entry = unreadable_record(record, stage=STAGE, reason="unreadable_record", detail=str(error))
                found.unreadable.append(entry)
        else:
            tolerances[record.topic].good()
    RECORDS.inc(len(records))
    EVENTS.inc(sum(len(heard.raw.events) for heard in found.reports))
    return found


def _terminal_event(record: Record, found: Found) -> None:
    found.starts.setdefault(record.partition, record.offset)
    found.ends[record.partition] = record.offset + 1
    value = record.value or b""
    # The same judgement as every other reader of the log: a record with one unreadable part is none.
    said = decode_record(value)
    found.operations_up_to.append((record.partition, record.offset, said.operations_up_to))
    if isinstance(said, Tick):
        return
    raw = decode_raw_record(value)
    if not isinstance(raw, Tick):
        found.reports.append(Heard(record.partition, record.offset, said, raw))


def _operation(record: Record, found: Found) -> None:
    found.operations.append((record, decode_operation(record.value or b"")))


def _fault_event(record: Record, found: Found) -> None:
    found.faults.append((record, decode(record.value or b"", FaultEvent)))


def _quarantined(record: Record, found: Found) -> None:
    entry = QuarantineEntry.from_record(record.key, record.value, record.headers)
    found.quarantined.append((record, entry))


_READERS: dict[str, Callable[[Record, Found], None]] = {
    TERMINAL_EVENTS: _terminal_event,
    OPERATIONS: _operation,
    FAULT_EVENTS: _fault_event,
    QUARANTINE: _quarantined,
}
TOPICS = tuple(_READERS)
