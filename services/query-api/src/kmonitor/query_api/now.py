"""What is true now, followed from the broker: the fleet, and what changes in it, told to those who listen."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.fault import Fault, FaultEvent
from kmonitor.domain.office.registry import UNDESCRIBED, Registry, TerminalAttributes
from kmonitor.events.codec import Unreadable, decode, decode_operation
from kmonitor.events.office.upkeep import FaultAcknowledged, FaultAssigned, FaultClosed, FaultCommented
from kmonitor.kafka.follower import Follower
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.kafka.topics import FAULT_EVENTS, TERMINAL_STATES
from kmonitor.query_api.fault_list import fault_item
from kmonitor.query_api.fleet import Fleet
from kmonitor.query_api.live.frames import Change
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.live.payments import RecentPayments
from kmonitor.query_api.live.vector import Place
from kmonitor.query_api.rows import TerminalRow
from kmonitor.runtime.metrics import POISON, RECORDS

T = TypeVar("T")
CHECKPOINT = b"~"
CARE = (FaultAcknowledged, FaultAssigned, FaultCommented, FaultClosed)
RECENTLY_CLEARED = 5_000


class Now:
    """Takes records in the order of the log. Until everything that was there has been read, `hub` is None."""

    def __init__(self, clock: Callable[[], datetime], dictionary: Dictionary) -> None:
        self.clock = clock
        self.registry = Registry()
        self.fleet = Fleet(self.registry, clock, dictionary)
        self.hub: Hub | None = None
        self.office: Follower | None = None
        self.cleared: deque[Fault] = deque(maxlen=RECENTLY_CLEARED)
        self._payments = RecentPayments()
        self._told_faults: dict[tuple[str, str], None] = {}
        self._tolerances: dict[str, Tolerance] = {}
        self._learned = asyncio.Event()

    async def knows(self, operation_id: str, seconds: float) -> bool:
        """Whether, within that time, the registry has this operation."""
        try:
            async with asyncio.timeout(seconds):
                while operation_id not in self.registry.operations:
                    await self._learned.wait()
                return True
        except TimeoutError:
            return False

    async def heard_all(self, seconds: float) -> bool:
        """Whether, within that time, everything that the office had said before this call is known."""
        return self.office is not None and await self.office.caught_up(seconds)

    def take_operations(self, records: list[Record]) -> None:
        changes: list[Change] = []
        for record in records:
            changes += self._attempt(record, self._operation) or ()
        self._learned.set()
        self._learned = asyncio.Event()
        self._tell(changes, records)

    def take_present(self, records: list[Record]) -> None:
        """Records of the compacted topics; of several about one terminal only the last is looked at."""
        latest: dict[tuple[str, bytes], Record] = {}
        for record in records:
            if record.key and not record.key.startswith(CHECKPOINT):
                # Taken out first, so that what stays is in the order of the offsets.
                latest.pop((record.topic, record.key), None)
                latest[record.topic, record.key] = record
        changes = [change for record in latest.values() for change in self._present(record)]
        for row in self.fleet.turn_pages():
            changes.append(Change("terminal", *_cause(records[-1]), row.terminal, row, dealer=row.dealer))
        self._tell(changes, records)

    def take_happening(self, records: list[Record]) -> None:
        """Records from the present end on: fault events, and the log for its payments."""
        told: list[Change] = []
        is_attended = self.hub is not None and self.hub.is_attended
        for record in records:
            if record.topic == FAULT_EVENTS:
                told += self._attempt(record, self._fault_event) or ()
            elif is_attended and record.key is not None:
                told += self._attempt(record, self._paid) or ()
        if is_attended or self.hub is None:
            self._tell(told, records)
        else:
            self.hub.skip(_ends(records))
            RECORDS.inc(len(records))

    def described(self, terminal: str) -> TerminalAttributes:
        known = self.fleet.get(terminal)
        return known.attributes if known is not None else UNDESCRIBED

    def described_at(self, terminal: str, time: datetime) -> TerminalAttributes:
        return self.registry.attributes(terminal, time) or UNDESCRIBED

    def _operation(self, record: Record) -> list[Change]:
        """What an operation changes of what is shown."""
        operation = decode_operation(record.value or b"")
        body = operation.body
        # Asked first: whom a plan was for is forgotten with it.
        meant = self.fleet.meant_by(body)
        self.registry.learn(record.offset, operation)
        if isinstance(body, CARE):
            fault = self.fleet.open_fault(body.fault_id)
            return [] if fault is None else self._fault_change(record, fault)
        return [change for row in map(self.fleet.describe, meant) for change in _row_change(record, row)]

    def _present(self, record: Record) -> list[Change]:
        take = self.fleet.take_state if record.topic == TERMINAL_STATES else self.fleet.take_faults

        def read(record: Record) -> TerminalRow | None:
            return take((record.key or b"").decode(), record.value)

        return _row_change(record, self._attempt(record, read))

    def _fault_event(self, record: Record) -> list[Change]:
        event = decode(record.value or b"", FaultEvent)
        if (event.fault.fault_id, event.kind) in self._told_faults:
            return []
        self._told_faults[event.fault.fault_id, event.kind] = None
        if len(self._told_faults) > RECENTLY_CLEARED:
            del self._told_faults[next(iter(self._told_faults))]
        if event.kind == "cleared":
            self.cleared.append(event.fault)
        return self._fault_change(record, event.fault)

    def _fault_change(self, record: Record, fault: Fault) -> list[Change]:
        who, item = fault.terminal, fault_item(fault, self.registry.upkeep.care)
        return [Change("fault", *_cause(record), who, item, dealer=self.described(who).dealer)]

    def _paid(self, record: Record) -> list[Change]:
        items = self._payments.take(record.value or b"", self.described_at)
        last = len(items) - 1
        # Only the last lets a reader go on behind the record.
        return [
            Change("payment", *_cause(record), item.terminal, item, is_last=at == last, dealer=item.dealer)
            for at, item in enumerate(items)
        ]

    def _attempt(self, record: Record, read: Callable[[Record], T]) -> T | None:
        """What a record says; one that cannot be read is counted and passed over."""
        tolerance = self._tolerances.get(record.topic)
        if tolerance is None:
            tolerance = self._tolerances[record.topic] = Tolerance(record.topic)
        try:
            said = read(record)
        except (Unreadable, UnicodeDecodeError):
            POISON.labels(record.topic).inc()
            tolerance.bad()
            return None
        tolerance.good()
        return said

    def _tell(self, changes: list[Change], records: list[Record]) -> None:
        RECORDS.inc(len(records))
        if self.hub is not None:
            self.hub.tell(changes, _ends(records))


def _cause(record: Record) -> tuple[Place, int]:
    return (record.topic, record.partition), record.offset


def _row_change(record: Record, row: TerminalRow | None) -> list[Change]:
    return [] if row is None else [Change("terminal", *_cause(record), row.terminal, row, dealer=row.dealer)]


def _ends(records: list[Record]) -> dict[Place, int]:
    """The next offset of each place that the records touch."""
    return {(record.topic, record.partition): record.offset + 1 for record in records}
