"""What happens in the office: the operations, as they are said and as the log records them."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from kmonitor.events.scalars import Currency, Instant, Name, Text

TerminalId = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[^\s~/?#\x00-\x20][^\s/?#\x00-\x1f]*$")
]


class OperationSaid(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every operation says; without `effective_from` it holds from the moment it was recorded."""

    effective_from: Instant | None = None


class TerminalDescribed(OperationSaid, frozen=True, kw_only=True):
    """The attributes of a terminal: absent means unchanged, null means cleared."""

    terminal: TerminalId
    name: Text | None | UnsetType = UNSET
    address: Text | None | UnsetType = UNSET
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None | UnsetType = UNSET
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None | UnsetType = UNSET
    region: Name | None | UnsetType = UNSET
    dealer: Name | None | UnsetType = UNSET
    timezone: Name | None | UnsetType = UNSET
    currency: Currency | None | UnsetType = UNSET
    report_interval_s: Annotated[int, Meta(ge=1, le=86_400)] | None | UnsetType = UNSET
    working_hours: Text | None | UnsetType = UNSET
    model: Text | None | UnsetType = UNSET
    tags: list[Name] | None | UnsetType = UNSET


class TerminalRegistered(TerminalDescribed, frozen=True, tag="terminal.registered.v1"):
    """A terminal joins the network; said again it is an update."""


class TerminalUpdated(TerminalDescribed, frozen=True, tag="terminal.updated.v1"):
    """Some attributes of a known terminal change."""


class TerminalKeyIssued(OperationSaid, frozen=True, tag="terminal_key.issued.v1"):
    terminal: TerminalId


class TerminalKeyRevoked(OperationSaid, frozen=True, tag="terminal_key.revoked.v1"):
    """One key, or without `key_id` every key of the terminal, stops being believed."""

    terminal: TerminalId
    key_id: Name | None = None


OperationBody = TerminalRegistered | TerminalUpdated | TerminalKeyIssued | TerminalKeyRevoked


class IssuedKey(Struct, frozen=True, kw_only=True):
    """What the log keeps of an issued key: its name and the SHA-256 of its secret, never the secret."""

    key_id: str
    secret_sha256: str


class Operation(Struct, frozen=True, kw_only=True):
    """One record of `kmonitor.operations.v1`; its offset there is its number.

    `operation_id` derives from the author and the Idempotency-Key; among two records with one id the
    first in the log counts. `body_sha256` tells a repeated request from another one under the same key.
    """

    operation_id: str
    author: str
    recorded_at: Instant
    body_sha256: str
    body: OperationBody
    key: IssuedKey | None = None
