"""Records of the log, told from what nobody can read."""

from collections.abc import Sequence

from msgspec import Struct

from kmonitor.events.codec import Unreadable, decode_record
from kmonitor.events.log import Report, Tick
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.runtime.metrics import EVENTS, POISON, RECORDS


class Entry(Struct, frozen=True):
    """A record that can be read, and its place."""

    partition: int
    offset: int
    said: Report | Tick


class Stretch(Struct, frozen=True):
    """A piece of the log: by partition, the first offset and the one after the last."""

    entries: list[Entry]
    starts: dict[int, int]
    ends: dict[int, int]


def read(records: Sequence[Record], tolerance: Tolerance) -> Stretch:
    """What can be read, in order. The rest is skipped and counted; event-archive keeps its bytes.

    Raises TooMuchPoison.
    """
    stretch = Stretch([], {}, {})
    for record in records:
        stretch.starts.setdefault(record.partition, record.offset)
        stretch.ends[record.partition] = record.offset + 1
        try:
            said = decode_record(record.value or b"")
        except Unreadable:
            POISON.labels(record.topic).inc()
            tolerance.bad()
        else:
            tolerance.good()
            stretch.entries.append(Entry(record.partition, record.offset, said))
    RECORDS.inc(len(records))
    EVENTS.inc(sum(len(each.said.events) for each in stretch.entries if not isinstance(each.said, Tick)))
    return stretch
