"""What could not be read, as a record of the quarantine: exact bytes, reason, and an identity of its own."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Self

import msgspec

from kmonitor.kafka.records import Headers, Record


class InvalidQuarantine(ValueError):
    """A record of the quarantine topic that none of our writers wrote."""


class QuarantineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that could not be read. `identity` is the same however often the step is repeated."""

    identity: str
    value: bytes
    key: bytes | None
    reason: str
    stage: str
    detail: str
    received_at: str
    sent_at: str | None = None
    """Of the report that held it, by the terminal's clock; older entries have none."""
    terminal: str | None = None
    epoch: int | None = None
    seq: int | None = None
    item_index: int | None = None
    original_topic: str | None = None
    original_partition: int | None = None
    original_offset: int | None = None
    redacted: bool = False
    """Whether what looked like a card number was replaced in `value`."""

    def to_record(self) -> tuple[bytes | None, bytes, Headers]:
        """Key, value and headers, ready to be sent; what is None has no header."""
        said = ((name, getattr(self, name)) for name in HEADERS)
        headers: Headers = [(name, _text(value)) for name, value in said if value is not None]
        return self.key, self.value, headers

    @classmethod
    def from_record(
        cls, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]
    ) -> Self:
        """The entry a record holds; InvalidQuarantine if it is none."""
        said = {name: text.decode("utf-8", "replace") for name, text in headers if text is not None}
        fields = {name: text for name, text in said.items() if name in HEADERS}
        try:
            # Headers are text, so a number or a boolean stands there as its text.
            return msgspec.convert(fields | {"key": key, "value": value}, cls, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidQuarantine(f"not a record of the quarantine: {error}") from error


HEADERS = tuple(name for name in QuarantineEntry.__struct_fields__ if name not in ("key", "value"))


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a terminal's report that the gateway could not take."""

    value: bytes
    reason: str
    detail: str
    terminal: str
    epoch: int
    item_index: int
    received_at: str
    sent_at: str | None = None
    seq: int | None = None
    redacted: bool = False


def refused_item(item: Refused) -> QuarantineEntry:
    """The same bytes of one terminal and epoch are one entry, in whatever report and place they come again."""
    return QuarantineEntry(
        identity=bytes_identity(item.terminal, item.epoch, item.value),
        key=item.terminal.encode(),
        stage="gateway",
        **msgspec.structs.asdict(item),
    )


def unreadable_record(record: Record, *, stage: str, reason: str, detail: str) -> QuarantineEntry:
    """A whole Kafka record that does not decode; its time is the one the log gave it."""
    return QuarantineEntry(
        identity=log_identity(record.topic, record.partition, record.offset),
        value=record.value or b"",
        key=record.key,
        reason=reason,
        stage=stage,
        detail=detail,
        received_at=_rfc3339(record.timestamp_ms),
        original_topic=record.topic,
        original_partition=record.partition,
        original_offset=record.offset,
    )


def bytes_identity(terminal: str, epoch: int, value: bytes) -> str:
    """SHA-256 over (terminal, epoch, bytes), each part told from the next by its length."""
    digest = hashlib.sha256()
    for part in (terminal.encode(), str(epoch).encode(), value):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def log_identity(topic: str, partition: int, offset: int, item_index: int | None = None) -> str:
    """The place in the log, and in the record where it is one item of it."""
    place = f"{topic}/{partition}/{offset}"
    return place if item_index is None else f"{place}/{item_index}"


def instant(text: str | None) -> datetime | None:
    """The instant that an entry says; None for what is none, as anybody may have written it."""
    try:
        said = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return said if said.tzinfo is not None else None


def _text(value: object) -> bytes:
    return ("true" if value else "false").encode() if isinstance(value, bool) else str(value).encode()


def _rfc3339(timestamp_ms: int) -> str:
    at = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
