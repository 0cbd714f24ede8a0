"""POST /v1/redrives: an entry of the quarantine comes again through the front door, read by the present codec.

The bytes are taken from the quarantine topic, never from the caller: what is brought back is what was refused.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from kmonitor.events import codec
from kmonitor.events.codec import InvalidEvent, Unreadable
from kmonitor.events.log import RawReport, Redriven, ReportOf, Tick
from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.ingest_gateway.delivery import delivered, redacted_record
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.problems import Problem, not_now
from kmonitor.kafka.errors import BrokerAway
from kmonitor.kafka.lookup import Lookup
from kmonitor.kafka.producer import DurableProducer, Position
from kmonitor.kafka.quarantine import InvalidQuarantine, QuarantineEntry, instant
from kmonitor.kafka.topics import QUARANTINE, TERMINAL_EVENTS

LOOKUP_S = 3.0
DETAIL_AT_MOST = 300
CONFLICT = "identity_conflict"


class Wanted(Struct, frozen=True, kw_only=True):
    """Which entry, and where it stands in `kmonitor.quarantine.v1`: both as the query API says them."""

    identity: str
    offset: Annotated[int, Meta(ge=0, lt=2**62)]


class ReadItem(Struct, frozen=True):
    seq: int
    type: str


class Redone(Struct, frozen=True):
    """What can be read now; `position` in the log once it stands there, null when only asked."""

    identity: str
    terminal: str
    epoch: int
    events: list[ReadItem]
    position: Position | None


class _Again(Struct, frozen=True):
    """An entry read, and the record that brings it back."""

    read: Redone
    value: bytes
    redacted: int


class Redrives:
    """Brings entries of the quarantine back. Repeated it does no harm: each entry is settled once."""

    def __init__(self, producer: DurableProducer, office: Office, mask: CardMask, quarantine: Lookup) -> None:
        self._producer = producer
        self._office = office
        self._mask = mask
        self._quarantine = quarantine
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="quarantine")

    async def take(self, by: str, body: bytes, *, dry_run: bool) -> Redone:
        """Raises Problem: 404 no such entry, 409 it can never come again, 422 it still cannot be read."""
        try:
            wanted = codec.decode(body, Wanted)
        except Unreadable as unreadable:
            raise Problem(400, str(unreadable), field=unreadable.field) from unreadable
        entry = await self._entry(wanted)
        # An entry may be a whole record: read in the other thread, so that no report and no tick waits for it.
        again = await asyncio.get_running_loop().run_in_executor(
            self._aside, self._read, entry, by, datetime.now(UTC), self._office.registry.up_to
        )
        if dry_run:
            return again.read
        place = await delivered(
            lambda: self._producer.send(
                TERMINAL_EVENTS, again.read.terminal.encode(), again.value, redacted_record(again.redacted)
            )
        )
        return replace(again.read, position=place)

    def _read(self, entry: QuarantineEntry, by: str, now: datetime, operations_up_to: int) -> _Again:
        value, redacted = self._mask.mask(entry.value)
        report = brought_back(replace(entry, value=value), by, now, operations_up_to)
        record = codec.encode(report)
        return _Again(_checked(report, record), record, redacted)

    async def _entry(self, wanted: Wanted) -> QuarantineEntry:
        loop = asyncio.get_running_loop()
        try:
            record = await loop.run_in_executor(self._aside, self._quarantine.at, 0, wanted.offset, LOOKUP_S)
        except BrokerAway as away:
            raise not_now("the quarantine cannot be read now: send it again") from away
        missing = Problem(404, f"at {QUARANTINE}/0/{wanted.offset} stands no such entry", field="identity")
        if record is None:
            raise missing
        try:
            entry = QuarantineEntry.from_record(record.key, record.value, record.headers)
        except InvalidQuarantine as invalid:
            raise missing from invalid
        if entry.identity != wanted.identity:
            raise missing
        return entry


def brought_back(entry: QuarantineEntry, by: str, now: datetime, operations_up_to: int) -> RawReport:
    """The report that brings an entry back.

    Its clocks differ as the original ones did, so its events get the time that they would have had. Raises
    Problem where it cannot come again.
    """
    if entry.reason == CONFLICT:
        detail = (
            f"number {entry.seq} of epoch {entry.epoch} of {entry.terminal} is taken: what stands first in"
            " the log counts, and the query API shows it as `taken_by` of this entry"
        )
        raise Problem(409, detail, field="identity")
    said = _record(entry, by) if entry.original_topic is not None else _item(entry, by, now)
    try:
        sent_at = said.sent_at + (now - said.received_at)
        codec.refuse_impossible(sent_at, "sent_at")
    except (Unreadable, OverflowError) as error:
        raise Problem(422, f"the clocks of its report cannot be believed: {error}") from error
    return replace(said, sent_at=sent_at, received_at=now, operations_up_to=operations_up_to)


def _item(entry: QuarantineEntry, by: str, now: datetime) -> RawReport:
    """The one item, in a report with the clocks of the one that held it."""
    if entry.terminal is None or entry.epoch is None:
        raise Problem(422, "the entry does not say of which terminal and epoch it is")
    received_at = instant(entry.received_at) or now
    report: RawReport = ReportOf(
        terminal=entry.terminal,
        epoch=entry.epoch,
        # Entries from before the report's own clock was kept: taken for a right one.
        sent_at=instant(entry.sent_at) or received_at,
        received_at=received_at,
        queued=0,
        operations_up_to=-1,
        events=[Raw(entry.value)],
        redriven=Redriven(
            identity=entry.identity, by=by, index=entry.item_index, seq=entry.seq, reason=entry.reason
        ),
    )
    return report


def _record(entry: QuarantineEntry, by: str) -> RawReport:
    """The whole record of the log, now that it can be read."""
    if entry.original_topic != TERMINAL_EVENTS:
        raise Problem(409, f"only reports are re-driven, and this is a record of {entry.original_topic}")
    try:
        said = codec.decode_raw_record(entry.value)
    except Unreadable as unreadable:
        raise _still_unreadable(str(unreadable)) from unreadable
    if isinstance(said, Tick):
        raise Problem(409, "it is a tick, and time passes once")
    if said.is_redrive:
        raise Problem(409, "it is a re-drive itself: re-drive the entry that it is of")
    return replace(said, redriven=Redriven(identity=entry.identity, by=by))


def _still_unreadable(why: str) -> Problem:
    return Problem(422, f"it still cannot be read: {why[:DETAIL_AT_MOST]}")


def _checked(report: RawReport, record: bytes) -> Redone:
    """Every item decoded, and its record as all its readers will. Raises Problem 422 with the reason."""
    items: list[ReadItem] = []
    try:
        for raw in report.events:
            event = codec.decode_event(raw)
            items.append(ReadItem(event.seq, codec.event_type(event)))
        codec.decode_record(record)
    except InvalidEvent as invalid:
        raise _still_unreadable(f"{invalid.reason}: {invalid}") from invalid
    except Unreadable as unreadable:
        raise _still_unreadable(str(unreadable)) from unreadable
    identity = report.redriven.identity if report.redriven else ""
    return Redone(identity, report.terminal, report.epoch, items, None)
