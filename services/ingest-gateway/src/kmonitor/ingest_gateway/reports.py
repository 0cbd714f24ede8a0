"""POST /v1/reports: what terminals say, into the log; 202 only after the log has it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from kmonitor.domain.office.registry import UNDESCRIBED, TerminalKey
from kmonitor.events import codec
from kmonitor.events.codec import ReadReport
from kmonitor.events.log import RawReport, Refusal, ReportOf
from kmonitor.ingest_gateway.answers import answer, answer_problem, redacted_header
from kmonitor.ingest_gateway.bodies import Gone, Headers, Receive, Scope, Send, read_body, require_json
from kmonitor.ingest_gateway.card_mask import PREFIX, CardMask
from kmonitor.ingest_gateway.credentials import known_key, learned_key
from kmonitor.ingest_gateway.delivery import CONFIRM_S, confirmed, not_taken, redacted_record
from kmonitor.ingest_gateway.encodings import unpack
from kmonitor.ingest_gateway.gate import Gate
from kmonitor.ingest_gateway.metrics import LATENCY, REDACTED, REFUSED_EVENTS
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.problems import Problem, not_now
from kmonitor.kafka.errors import KafkaTrouble
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.quarantine import Refused, bytes_identity, refused_item
from kmonitor.kafka.topics import QUARANTINE, TERMINAL_EVENTS
from kmonitor.runtime.metrics import EVENTS, RECORDS

EVENTS_AT_MOST = 10_000
DETAIL_AT_MOST = 300
# Above these a body is read in the other thread: nothing may keep the loop for long.
LARGE, LARGE_PACKED = 32 * 1024, 4 * 1024
# Who is turned away because it is full waits this long for it: else the turned away would knock again at
# once, and turning them away would be all we do.
PAUSE_S = 0.2
PAUSED_AT_MOST = 2_000
AT_ONCE = 100


class Accepted(Struct, frozen=True):
    """The body of a 202."""

    accepted: int
    rejected: list[Refusal]
    received_at: datetime
    report_interval_s: int


class Taken(Struct, frozen=True):
    """A report read: its items told apart, and how many card numbers were replaced in it."""

    report: ReadReport
    redacted: int


class Reports:
    """The ASGI application of the one hot path."""

    def __init__(self, producer: DurableProducer, office: Office, mask: CardMask, gate: Gate) -> None:
        self._producer = producer
        self._office = office
        self._mask = mask
        self._gate = gate
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="large-bodies")
        self._paused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body, redacted = await self._take(scope, receive)
        except Problem as problem:
            if problem.status == 503:
                self._gate.refused += 1
            await answer_problem(scope, send, problem)
        except Gone:
            return
        else:
            await answer(scope, send, 202, body, redacted_header(redacted))

    async def _take(self, scope: Scope, receive: Receive) -> tuple[bytes, int]:
        if scope["method"] != "POST":
            raise Problem(405, "only POST: a report is sent, never read here")
        self._gate.check_log()
        headers: Headers = dict(scope["headers"])
        key = known_key(self._office, headers.get(b"authorization"))
        if key is None:
            key = await learned_key(self._office, headers.get(b"authorization"))
        require_json(headers)
        body = await read_body(receive, headers, self._gate)
        try:
            if self._gate.full:
                await self._turn_away()
            return await self._take_body(key, body, headers.get(b"content-encoding", b""))
        finally:
            self._gate.release(len(body))

    async def _take_body(self, key: TerminalKey, body: bytes, encoding: bytes) -> tuple[bytes, int]:
        entered = self._gate.enter()
        is_large = len(body) > (LARGE_PACKED if encoding else LARGE)
        try:
            if is_large:
                loop = asyncio.get_running_loop()
                taken = await loop.run_in_executor(self._aside, self._read, body, encoding)
            else:
                taken = self._read(body, encoding)
            if taken.report.said.terminal != key.terminal:
                raise Problem(403, "the credential is another terminal's", field="terminal")
            return await self._record(taken, entered), taken.redacted
        finally:
            LATENCY.observe(self._gate.leave(entered, measured=not is_large))

    def _read(self, body: bytes, encoding: bytes) -> Taken:
        """Raises Problem if nothing of it can be taken."""
        body, redacted = self._mask.mask(unpack(body, encoding))
        try:
            return Taken(codec.read_report(body, events_at_most=EVENTS_AT_MOST), redacted)
        except codec.TooManyEvents as too_many:
            raise Problem(413, str(too_many), field="events") from too_many
        except codec.Unreadable as unreadable:
            raise Problem(400, str(unreadable), field=unreadable.field) from unreadable

    async def _record(self, taken: Taken, entered: float) -> bytes:
        """The order matters: the log has all of it, then the terminal hears that it has."""
        received_at = datetime.now(UTC)
        said, accepted, refused = taken.report.said, taken.report.accepted, taken.report.refused
        record: RawReport = ReportOf(
            terminal=said.terminal,
            epoch=said.epoch,
            sent_at=said.sent_at,
            received_at=received_at,
            queued=said.queued,
            operations_up_to=self._office.registry.up_to,
            events=accepted,
            refused=[
                Refusal(
                    index=each.refusal.index,
                    seq=each.refusal.seq,
                    reason=each.refusal.reason,
                    identity=bytes_identity(said.terminal, said.epoch, each.raw),
                )
                for each in refused
            ],
        )
        rejected = [_shortened(each.refusal) for each in refused]
        futures: list[asyncio.Future[Any]] = []
        try:
            futures.append(self._send_record(record, taken.redacted))
            for place, each in enumerate(refused):
                futures.append(self._send_refused(record, rejected[place], each.raw))
                if place % AT_ONCE == AT_ONCE - 1:
                    await asyncio.sleep(0)
            await confirmed(futures, entered + CONFIRM_S)
        except KafkaTrouble as trouble:
            for future in futures:
                future.cancel()
            raise not_taken() from trouble
        self._count(len(accepted), rejected, taken.redacted)
        return codec.encode(
            Accepted(len(accepted), rejected, received_at, self._interval_s(said.terminal, received_at))
        )

    def _send_record(self, record: RawReport, redacted: int) -> "asyncio.Future[Any]":
        return self._producer.send(
            TERMINAL_EVENTS, record.terminal.encode(), codec.encode(record), redacted_record(redacted)
        )

    def _send_refused(self, record: RawReport, refusal: Refusal, raw: bytes) -> "asyncio.Future[Any]":
        entry = refused_item(
            Refused(
                value=raw,
                reason=refusal.reason,
                detail=refusal.detail,
                terminal=record.terminal,
                epoch=record.epoch,
                item_index=refusal.index,
                received_at=record.received_at.isoformat().replace("+00:00", "Z"),
                sent_at=record.sent_at.isoformat().replace("+00:00", "Z"),
                seq=refusal.seq,
                redacted=PREFIX in raw,
            )
        )
        key, value, headers = entry.to_record()
        return self._producer.send(QUARANTINE, key, value, headers)

    async def _turn_away(self) -> None:
        """Raises Problem 503, after a while if few are waiting so."""
        if self._paused < PAUSED_AT_MOST:
            self._paused += 1
            try:
                await asyncio.sleep(PAUSE_S)
            finally:
                self._paused -= 1
        raise not_now("more reports come than can be taken: send it again")

    def _interval_s(self, terminal: str, now: datetime) -> int:
        return (self._office.registry.attributes(terminal, now) or UNDESCRIBED).interval_s

    @staticmethod
    def _count(accepted: int, rejected: list[Refusal], redacted: int) -> None:
        RECORDS.inc()
        EVENTS.inc(accepted)
        if redacted:
            REDACTED.inc(redacted)
        for each in rejected:
            REFUSED_EVENTS.labels(each.reason).inc()


def _shortened(refusal: Refusal) -> Refusal:
    detail = refusal.detail[:DETAIL_AT_MOST]
    return Refusal(index=refusal.index, seq=refusal.seq, reason=refusal.reason, detail=detail)
