"""Bytes to events and back: decoded once, strictly, with the reason when they cannot be read."""

import hashlib
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from kmonitor.events.halves import as_they_came, made_whole
from kmonitor.events.log import RawReport, Reason, Refusal, Report, ReportBody, Tick
from kmonitor.events.occurrence import Occurrence
from kmonitor.events.operations import Operation, OperationBody
from kmonitor.events.payments import Payment
from kmonitor.events.strict import may_repeat_keys, repeated_keys
from kmonitor.events.types import Event
from kmonitor.events.upcasters import UPCASTERS, CannotUpcast, Upcasters, upcast

# A clock set to 1970 or 2100 is believable nonsense; outside these years no engine stores the time.
FIRST_YEAR, LAST_YEAR = 1901, 2261

T = TypeVar("T")
_body = msgspec.json.Decoder(ReportBody)
_event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_record: msgspec.json.Decoder[Report | Tick] = msgspec.json.Decoder(Report | Tick)
_raw_record: msgspec.json.Decoder[RawReport | Tick] = msgspec.json.Decoder(RawReport | Tick)
_operation = msgspec.json.Decoder(Operation)
_operation_body: msgspec.json.Decoder[OperationBody] = msgspec.json.Decoder(OperationBody)
_operation_parts = msgspec.json.Decoder(dict[str, Raw])
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_anything = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()
_sorted = msgspec.json.Encoder(order="sorted")


class InvalidEvent(Exception):
    """One item that can never be read: `reason` is the quarantine's word, the text is for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Unreadable(Exception):
    """A whole body or record that can never be read; the text says where and why, `field` where in it."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class TooManyEvents(Unreadable):
    """A report with more events than its reader takes at once."""


class Refused(Struct, frozen=True):
    refusal: Refusal
    raw: bytes


class ReadReport(Struct, frozen=True):
    """A posted report with its items told apart: those that can be read, as they came, and the others."""

    said: ReportBody
    accepted: list[Raw]
    refused: list[Refused]


def read_report(
    body: bytes, *, events_at_most: int | None = None, upcasters: Upcasters = UPCASTERS
) -> ReadReport:
    """Decode and validate a posted report.

    Raises `Unreadable` if the body itself is no report: then nothing is taken; `TooManyEvents` before any
    of them is looked at. An item that cannot be read is told apart with its bytes and the reason. All of
    an accepted item is valid JSON in valid UTF-8, fields that nobody knows included, and no object in it
    repeats a key.
    """
    said = _said(body)
    refuse_impossible(said.sent_at, "sent_at")
    if events_at_most is not None and len(said.events) > events_at_most:
        raise TooManyEvents(f"{len(said.events)} events in one report: send at most {events_at_most} at once")
    suspicious = _is_suspicious(body)
    if suspicious:
        inside = sum(len(repeated_keys(bytes(raw))) for raw in said.events)
        if len(repeated := repeated_keys(body)) > inside:
            raise Unreadable(f"a key is repeated in one object (one of {sorted(set(repeated))}): send it once")
    accepted: list[Raw] = []
    refused: list[Refused] = []
    for index, raw in enumerate(said.events):
        try:
            decode_event(raw, suspicious=suspicious, upcasters=upcasters)
        except InvalidEvent as invalid:
            refusal = Refusal(index=index, seq=_seq(raw), reason=invalid.reason, detail=str(invalid))
            refused.append(Refused(refusal, bytes(raw)))
        else:
            accepted.append(raw)
    return ReadReport(said, accepted, refused)


def _said(body: bytes) -> ReportBody:
    """The report with its items told apart. Half a character in one of them costs that item, not the others."""
    try:
        return _read(_body, body)
    except Unreadable:
        whole = made_whole(body)
        if whole == body:
            raise
        said = _read(_body, whole)
        events = as_they_came(said.events, whole, body)
        if events is None:
            raise
        return msgspec.structs.replace(said, events=events)


def decode_event(raw: Raw | bytes, *, suspicious: bool = True, upcasters: Upcasters = UPCASTERS) -> Event:
    """One event from its bytes, one of an old version as the present one. Raises `InvalidEvent` with the
    reason and the field.

    `suspicious=False` skips the search for repeated keys, when the caller knows that there are none.
    """
    try:
        event = _event.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        present = _present_event(raw, upcasters)
        if present is None:
            raise InvalidEvent(_reason(raw, error), str(error)) from error
        event = decode_event(present, upcasters={})
    if not FIRST_YEAR <= event.at.year <= LAST_YEAR:
        raise InvalidEvent("impossible_time", f"`at` is in the year {event.at.year}: check the clock")
    if suspicious:
        _inspect(raw)
    return event


def _present_event(raw: Raw | bytes, upcasters: Upcasters) -> bytes | None:
    try:
        return upcast(raw, upcasters)
    except CannotUpcast as error:
        raise InvalidEvent("invalid_field", str(error)) from error


def _inspect(raw: Raw | bytes) -> None:
    """The slow and complete look at one item, fields that nobody knows included."""
    try:
        _anything.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidEvent("invalid_json", str(error)) from error
    if repeated := repeated_keys(bytes(raw)):
        raise InvalidEvent("repeated_key", f"the key `{repeated[0]}` is repeated in one object: send it once")


def _is_suspicious(body: bytes) -> bool:
    """Whether some item may be unreadable in a place where its type has no field, or repeat a key."""
    try:
        return may_repeat_keys(body, _anything.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True


def refuse_impossible(time: datetime, field: str) -> None:
    """Raises `Unreadable` for a time that no store can hold."""
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise Unreadable(f"`{field}` is in the year {time.year}: check the clock", field)


def decode_record(value: bytes, *, upcasters: Upcasters = UPCASTERS) -> Report | Tick:
    """A record of the log with its events decoded, old versions as the present ones. Raises `Unreadable` if
    any part of it is not."""
    try:
        return _read(_record, value)
    except Unreadable:
        present = _present_record(value, upcasters) if upcasters else None
        if present is None:
            raise
        return _read(_record, present)


def _present_record(value: bytes, upcasters: Upcasters) -> bytes | None:
    record = decode_raw_record(value)
    if isinstance(record, Tick):
        return None
    try:
        events = [Raw(upcast(raw, upcasters) or raw) for raw in record.events]
    except CannotUpcast as error:
        raise Unreadable(str(error)) from error
    return _encoder.encode(msgspec.structs.replace(record, events=events))


def decode_raw_record(value: bytes) -> RawReport | Tick:
    """A record of the log with its events as the bytes that came. Raises `Unreadable`."""
    return _read(_raw_record, value)


def decode_operation(value: bytes, *, upcasters: Upcasters = UPCASTERS) -> Operation:
    """A record of `kmonitor.operations.v1`, an old version as the present one. Raises `Unreadable`."""
    try:
        return _read(_operation, value)
    except Unreadable:
        if not upcasters:
            raise
        record = _read(_operation_parts, value)
        present = _present_operation(bytes(record.get("body", b"")), upcasters)
        if present is None:
            raise
        return _read(_operation, _encoder.encode(record | {"body": Raw(present)}))


def read_operation(body: bytes, *, upcasters: Upcasters = UPCASTERS) -> OperationBody:
    """A posted operation, strictly, an old version as the present one. Raises `Unreadable` naming the field."""
    everything = _read(_anything, body)
    said = _read(_operation_body, _present_operation(body, upcasters) or body)
    if may_repeat_keys(body, everything) and (repeated := repeated_keys(body)):
        raise Unreadable(f"the key `{repeated[0]}` is repeated in one object: send it once")
    if said.effective_from is not None:
        refuse_impossible(said.effective_from, "effective_from")
    return said


def _present_operation(body: bytes, upcasters: Upcasters) -> bytes | None:
    try:
        return upcast(body, upcasters)
    except CannotUpcast as error:
        raise Unreadable(str(error)) from error


def decode(value: bytes, kind: type[T]) -> T:
    """One of our own structs from its JSON. Raises `Unreadable`."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    decoded: T = _read(decoder, value)
    return decoded


def encode(value: Any) -> bytes:
    """Any of our structs as JSON; raw events stay the bytes that came."""
    return _encoder.encode(value)


def content_hash(raw: Raw | bytes) -> int:
    """64 bits of an event's content: equal for any spelling (spaces, order of keys) of the same JSON."""
    return _digest(_sorted.encode(_anything.decode(raw)))


def payment_hash(payment: Payment) -> int:
    """64 bits of what a payment event says apart from its `seq`: a payment sent again under a new
    epoch is the same one."""
    return _digest(_encoder.encode(msgspec.structs.replace(payment, seq=1, at=payment.at.astimezone(UTC))))


def event_type(event: Occurrence) -> str:
    """The public name of an event's type, as `payment.accepted.v1`."""
    return _type_name(type(event))


def operation_type(body: OperationBody) -> str:
    """The public name of an operation's type, as `terminal.registered.v1`."""
    return _type_name(type(body))


@lru_cache
def _type_name(kind: type[Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def _read(decoder: "msgspec.json.Decoder[T]", value: bytes) -> T:
    try:
        return decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(str(error), _field(str(error))) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def _field(said: str) -> str | None:
    """The place that msgspec's message names, as `latitude` or `contents[2].count`."""
    path = re.search(r"`\$\.?([^`]*)`", said)
    missing = re.search(r"missing required field `([^`]+)`", said)
    parts = [found[1] for found in (path, missing) if found and found[1]]
    return ".".join(parts) or None


class _Glimpse(Struct):
    seq: Any = None
    type: Any = None


def _seq(raw: Raw) -> int | None:
    seq = _glimpse(raw).seq
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq < 2**53 else None


def _reason(raw: Raw | bytes, error: Exception) -> Reason:
    if bytes(raw).lstrip()[:1] != b"{":
        return "not_an_object"
    if "$.type" in str(error):
        return "unknown_type"
    return "invalid_field" if isinstance(error, msgspec.ValidationError) else "invalid_json"


def _glimpse(raw: Raw) -> _Glimpse:
    try:
        return msgspec.json.decode(raw, type=_Glimpse)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Glimpse()
